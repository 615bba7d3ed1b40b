/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a results file holds of a sweep, as data: columns and how long their dimensions are, names, and the
 * values of every point. The results room loops over these and knows none of them by name. */
#ifndef MS_SWEEP_COLUMNS_H
#define MS_SWEEP_COLUMNS_H

#include "base/column.h"
#include "sweep/sweep.h"

/* Stated limits. */
#define MS_SWEEP_NAME_MAX  64 /* bytes of a name of a column, an axis, a rule, an estimator, NUL included */
#define MS_SWEEP_AXES_MAX  32
#define MS_SWEEP_RULES_MAX 64

/* The columns that are recorded, in the order of the file; none has an empty dimension. */
size_t ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX]);

/* How long a dimension of a column is: CHAIN that of a point, COORDINATE the largest dimension. */
size_t ms_sweep_extent(const ms_sweep *sweep, ms_extent extent);

/* The name of discovery rule 0, 1, ... and the number of mode 0, 1, ...: of so many as their extents say. */
const char *ms_sweep_rule(const ms_sweep *sweep, size_t rule);
int64_t ms_sweep_mode(const ms_sweep *sweep, size_t mode);

/* How a block is computed, and why a point cannot be computed so: "" if it can. */
size_t ms_sweep_estimators(const ms_sweep *sweep);
const char *ms_sweep_estimator(const ms_sweep *sweep, size_t estimator);
const char *ms_sweep_validity(const ms_sweep *sweep, size_t point, size_t estimator);

/* Variants: what points share of target, sampler and budget. */
size_t ms_sweep_variants(const ms_sweep *sweep);
size_t ms_sweep_variant(const ms_sweep *sweep, size_t point);
/* A component's weight, and its variance in each coordinate: NaN where these differ, or there is no such
 * component. */
void ms_sweep_component(const ms_sweep *sweep, size_t variant, size_t component, double *weight,
                        double *variance);

uint64_t ms_sweep_point_iterations(const ms_sweep *sweep, size_t point);
/* r^2 of the ball rule; NaN where there is no such rule. */
double ms_sweep_radius_squared(const ms_sweep *sweep, size_t point);

/* What an iteration of a chain costs, on average over a pass: evaluations of the score and of the
 * log-density, on a patch, and coordinates that are moved. */
double ms_sweep_score_evaluations(const ms_sweep *sweep, size_t point);
double ms_sweep_density_evaluations(const ms_sweep *sweep, size_t point);
double ms_sweep_coordinate_updates(const ms_sweep *sweep, size_t point);

/* Iterations of a pass over the patches, or noise levels, of a point; NaN where there is one of each. */
double ms_sweep_pass_iterations(const ms_sweep *sweep, size_t point);

/* --- axes: what tells points apart --- */

typedef enum ms_point_axis_type {
    MS_POINT_NUMBER, /* double */
    MS_POINT_COUNT,  /* 0 to 2^53 */
    MS_POINT_WORD,   /* any 64 bits */
    MS_POINT_TEXT    /* at most MS_SWEEP_NAME_MAX - 1 bytes */
} ms_point_axis_type;

typedef struct ms_point_axis {
    const char *name; /* as in the file, "/name": dimension, patch_size, noise_level, seed, or a path */
    ms_point_axis_type type;
    const char *units, *long_name;
} ms_point_axis;

typedef union ms_point_value {
    double number;
    uint64_t count; /* and word */
    const char *text;
} ms_point_value;

size_t ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX]);
ms_point_value ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point);

#endif
