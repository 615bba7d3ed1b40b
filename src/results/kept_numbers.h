/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the numbers of components: a sweep that results keep need not know these (see
 * ms_sweep_parse_kept()). A file that is made of such results takes it over from them. */
#ifndef MS_RESULTS_KEPT_NUMBERS_H
#define MS_RESULTS_KEPT_NUMBERS_H

#include "results/grow.h"

typedef struct ms_kept_numbers {
    const ms_block_map *map;   /* of the sweep; must outlive this */
    bool *is_known;            /* [points] */
    uint64_t *key;             /* [points] */
    double *radius_squared;    /* [points] */
    double *weight, *variance; /* [variants][components] */
} ms_kept_numbers;

/* MS_ERROR_MEMORY; what there is can then only be freed. */
ms_status ms_kept_numbers_init(ms_kept_numbers *numbers, const ms_block_map *map, ms_error *error);
void ms_kept_numbers_free(ms_kept_numbers *numbers);

/* Takes over those of the points that the file has. */
ms_status ms_kept_numbers_take(ms_kept_numbers *numbers, const ms_results *from, ms_error *error);

/* MS_ERROR_MISMATCH where no file had a point of the sweep. */
ms_status ms_kept_numbers_check(const ms_kept_numbers *numbers, const char *path, ms_error *error);

#endif
