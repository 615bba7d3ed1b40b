/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets that are made of data: files of vectors, read once for all variants, and what follows from them. */
#ifndef MS_SWEEP_DATA_H
#define MS_SWEEP_DATA_H

#include "sweep/draft.h"
#include "sweep/schema.h"
#include "target/family/empirical.h"

/* MS_FIELD_DATA, and the mappings that it may be. */
void ms_read_data(ms_reader *reader, const ms_field *field, const ms_node *node, ms_data *data);
extern const ms_schema ms_data_idx_schema, ms_data_hdf5_schema;

/* MS_FIELD_NETWORK. */
void ms_read_network(ms_reader *reader, const ms_field *field, const ms_node *node,
                     const ms_network **network);

/* A data set, or a network, that has been read. The list is freed with the sweep that uses it. */
struct ms_known_data {
    ms_data_set *set;
    ms_network *network;
    ms_known_data *next;
    char key[]; /* by which it is found again */
};
void ms_known_data_free(ms_known_data *list);
/* An entry of the reader's list, or NULL; a new one, NULL without memory. */
ms_known_data *ms_known_data_find(const ms_reader *reader, const char *key);
ms_known_data *ms_known_data_add(ms_reader *reader, const char *key);

/* The params of a target that is made of data, or NULL. */
ms_empirical_params *ms_settings_data(const ms_settings *settings);

/* What follows from the data of the variant that has been read from `document`: contents, count, dimension,
 * starts, and what is recorded where the document does not say it. Failures are messages. */
void ms_draft_data(ms_reader *reader, ms_draft *draft, const ms_node *document);

/* Describes the target's network, where it has one, or complains that it is not the one described. */
void ms_draft_network(ms_reader *reader, ms_settings *settings, const ms_node *section);

#endif
