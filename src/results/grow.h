/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which block of a sweep a block of a file is. */
#ifndef MS_RESULTS_GROW_H
#define MS_RESULTS_GROW_H

#include "results/file.h"

typedef struct ms_indexed_point {
    ms_point point;
    size_t index;
} ms_indexed_point;

typedef struct ms_block_map {
    const ms_sweep *sweep;
    ms_indexed_point *point; /* [count], sorted */
    size_t count, blocks_of_a_point;
} ms_block_map;

/* MS_ERROR_MEMORY; the map can then only be freed. */
ms_status ms_block_map_init(ms_block_map *map, const ms_sweep *sweep, ms_error *error);
void ms_block_map_free(ms_block_map *map);

ms_point ms_file_point(const ms_results *results, size_t point);
bool ms_block_map_point(const ms_block_map *map, ms_point point, size_t *index);
/* False where the sweep has no block of these very chains; `*index` is then that of the block that begins
 * with the first of them, SIZE_MAX if there is none. */
bool ms_block_map_find(const ms_block_map *map, const ms_results *results, size_t block, size_t *index);

#endif
