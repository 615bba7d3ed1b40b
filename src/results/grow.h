/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which block of a sweep a block of a file is. */
#ifndef MS_RESULTS_GROW_H
#define MS_RESULTS_GROW_H

#include "results/file.h"

typedef struct ms_block_map ms_block_map;

typedef struct ms_indexed_point {
    const ms_point_value *value; /* [axes] */
    size_t index;
    const ms_block_map *map;
} ms_indexed_point;

struct ms_block_map {
    const ms_sweep *sweep;
    ms_indexed_point *point; /* [count], sorted by their values of the axes */
    size_t count;
    size_t axes;
    ms_point_axis axis[MS_SWEEP_AXES_MAX];
    ms_point_value *value; /* [count][axes] */
};

/* MS_ERROR_MEMORY; the map can then only be freed. */
ms_status ms_block_map_init(ms_block_map *map, const ms_sweep *sweep, ms_error *error);
void ms_block_map_free(ms_block_map *map);

/* The point of the sweep that is a point of the file. False where there is none, or where the file has other
 * axes. */
bool ms_block_map_point(const ms_block_map *map, const ms_results *results, size_t point, size_t *index);
/* False where the sweep has no block of these very chains; `*index` is then that of the block that begins
 * with the first of them, SIZE_MAX if there is none. */
bool ms_block_map_find(const ms_block_map *map, const ms_results *results, size_t block, size_t *index);

/* Whether a block that is loaded from the file, and is block `index` of the sweep, has chains that the budget
 * has cut off, and which go on at that of the sweep. */
bool ms_block_is_cut_off(const ms_results *results, const ms_sweep *sweep, size_t index,
                         const ms_block_results *slot);

#endif
