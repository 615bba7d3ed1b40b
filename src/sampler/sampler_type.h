/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an algorithm provides: one file, sampler/algorithm/NAME.c, with one object of this type, and a line in
 * registry.c. It knows neither the target nor how chains are held, and is compiled once per instruction set;
 * all give the same bits. Chains come eight together, a row of MS_LANES numbers for each coordinate. */
#ifndef MS_SAMPLER_TYPE_H
#define MS_SAMPLER_TYPE_H

#include "base/field.h"
#include "sampler/kernel.h"
#include "target/target_type.h"

/* Eight chains on one patch, about to do iteration number `iteration`. */
typedef struct ms_batch {
    const ms_kernel *kernel;
    uint64_t key;
    const uint64_t *chain; /* [MS_LANES] */
    uint64_t iteration;
    size_t length;    /* coordinates of the patch */
    double step_size; /* of the noise level */
    /* Rows, aligned. Score, log-density and statistics are those at x; a step keeps them so. */
    double *x;           /* [length] */
    double *score;       /* [length] */
    double *log_density; /* [1]; only for types that need it */
    double *statistics;  /* [statistics] */
    double *vector[2];   /* [length] each: what the type keeps beside the position */
    double *number[2];   /* [1] each */
    double *scratch;     /* [scratch] */
    size_t statistic_rows;
    /* the target */
    const ms_target_type *type;
    const void *content;
    const ms_place *place;
    const double *constants;
    const double *context;
    double *target_scratch;
    bool skips_distance_0;
    const int64_t *active; /* as in ms_evaluation */
} ms_batch;

/* Score and, where they are not NULL, log-density and statistics at x. */
static inline void ms_batch_evaluate(const ms_batch *b, const double *x, double *score, double *log_density,
                                     double *statistics)
{
    const ms_evaluation e = {
        x, b->context, score, log_density, statistics, b->target_scratch, b->skips_distance_0, b->active};
    b->type->evaluate(b->content, b->place, b->constants, &e);
}

/* What an iteration costs. */
typedef struct ms_cost {
    double score_evaluations, density_evaluations;
    double updates; /* of each coordinate of the patch */
} ms_cost;

#define MS_NO_NUMBER SIZE_MAX

struct ms_sampler_type {
    ms_kind kind; /* its params begin with `double step_size`, of which a run's schedule has a copy */
    bool needs_log_density;
    bool step_is_length; /* the step size is a length, not a variance: under the rule ncsn it follows sigma */
    size_t vectors, numbers; /* kept beside the position, at most 2 */
    size_t momentum;         /* which vector it is, or MS_NO_NUMBER */
    size_t accepted;         /* which number counts the proposals accepted, or MS_NO_NUMBER */
    size_t (*scratch)(const void *params, size_t length, size_t statistics); /* rows */
    /* The vectors of chains that start, all coordinates of them; NULL: they are 0. */
    void (*start)(const void *params, ms_batch *batch);
    void (*step)(const void *params, ms_batch *batch);
    ms_cost (*cost)(const void *params);
    /* How fast chains forget: by which fraction an iteration brings the mean of one on N(0, variance) nearer
     * to 0, about. The step size is as in ms_batch. */
    double (*forgets)(const void *params, double step_size, double variance);
};

/* The same type for the instructions number `simd`, see ms_kernel. */
const ms_sampler_type *ms_sampler_for(const ms_sampler_type *type, unsigned simd);

/* Type 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_sampler_kind(size_t number);

#endif
