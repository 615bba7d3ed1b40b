/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep in the making: what the keys of the file are read into, before the grid becomes points. */
#ifndef MS_SWEEP_DRAFT_H
#define MS_SWEEP_DRAFT_H

#include "sweep/axis.h"
#include "sweep/sweep.h"

typedef struct ms_draft {
    ms_settings settings; /* of the variant that is read */
    ms_sweep sweep;       /* what does not vary */
    ms_axis snapshots;
    bool has_no_chains;  /* the estimator that the file names simulates none */
    bool stops_by_width; /* the budget has a width of intervals */
} ms_draft;

/* The whole sweep file; its destination is a ms_draft. */
extern const ms_schema ms_sweep_schema;

/* Readers of the sections that are more than keys and values (MS_FIELD_CUSTOM; destination: the draft). */
void ms_read_start(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination);

/* Reads the axes, and where patch sizes may not divide. */
void ms_read_grid(ms_reader *reader, const ms_node *root, ms_draft *draft);
/* Reads the document once for each combination of the further axes' values, which take the places of its own,
 * into draft->sweep.variant. */
void ms_draft_variants(ms_reader *reader, ms_draft *draft, const ms_node *root);

/* Two keys of the section `sampler` exclude each other. */
void ms_check_sampler(ms_reader *reader, ms_draft *draft, const ms_node *node);

extern const ms_schema ms_start_schema, ms_sampler_schema, ms_grid_schema;

/* Reads the file of positions at `path` into the draft's start. */
void ms_read_positions(ms_reader *reader, const char *path, ms_draft *draft);

/* Checks of the settings that concern several sections; `root` tells places. */
void ms_draft_check_variant(ms_reader *reader, ms_draft *draft, const ms_node *root);
/* The same of a sweep without any other fault. */
void ms_draft_check_size(ms_reader *reader, const ms_draft *draft, const ms_node *root);
void ms_draft_check_engines(ms_reader *reader, const ms_draft *draft, const ms_node *root);
/* Makes the points from the axes, if those were read without a message. */
void ms_draft_points(ms_reader *reader, ms_draft *draft, const ms_node *root);
/* Decides what computes each point, and numbers the blocks. */
void ms_draft_estimators(ms_reader *reader, ms_draft *draft, const ms_node *root);
/* Fills sweep.identity. */
ms_status ms_draft_identity(ms_draft *draft);

#endif
