/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep in the making: what the keys of the file are read into, before the grid becomes points. */
#ifndef MS_SWEEP_DRAFT_H
#define MS_SWEEP_DRAFT_H

#include "sweep/axis.h"
#include "sweep/sweep.h"

typedef struct ms_draft {
    ms_sweep sweep; /* first: destinations are offsets from here */
    const ms_node *component_node[MS_SWEEP_COMPONENTS_MAX];
    const ms_node *component_list;
    const ms_node *start_node; /* of `component`, or of `file` */
    ms_axis snapshots, dimension, patch_size, noise_level, seed;
} ms_draft;

/* The whole sweep file; its destination is a ms_draft. */
extern const ms_schema ms_sweep_schema;

/* Readers of the sections that are more than keys and values (MS_FIELD_CUSTOM; destination: the draft). */
void ms_read_family(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
void ms_read_components(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
void ms_read_start(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);
void ms_read_sampler(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);

extern const ms_schema ms_component_schema, ms_mean_schema, ms_start_schema, ms_start_normal_schema,
    ms_sampler_schema, ms_schedule_schema, ms_grid_schema;

/* Reads the positions file named by `node` into the draft's start. */
void ms_read_positions(ms_reader *reader, const ms_node *node, ms_sweep *sweep);

/* Checks that concern several sections; `root` tells places. */
void ms_draft_check(ms_reader *reader, const ms_draft *draft, const ms_node *root);
/* Makes the points from the axes, if those were read without a message. */
void ms_draft_points(ms_reader *reader, ms_draft *draft, const ms_node *root);
/* Fills sweep.identity. */
ms_status ms_draft_identity(ms_draft *draft);

#endif
