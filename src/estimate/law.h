/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain as estimators of rare events see it: how it starts and moves, and how near to the discovery set it
 * is. Chains come MS_LANES together, their numbers in rows aligned to MS_ALIGNMENT, as in sampler/kernel.h.
 * These numbers are the whole state of a chain: a branch is a copy of them. */
#ifndef MS_LAW_H
#define MS_LAW_H

#include "base/field.h"
#include "sampler/kernel.h"
#include "sampler/run_size.h"

typedef struct ms_law ms_law;

typedef struct ms_law_type {
    const char *name;
    /* Draws start number MS_LANES * block and those after it, a lane each. @param x out [rows] */
    void (*start)(ms_law *law, uint64_t block, double *x);
    /* The same from component 0..components-1; blocks that starts are drawn of are others. */
    void (*start_in)(ms_law *law, size_t component, uint64_t block, double *x);
    /* A piece of a step: piece 0 of `pieces`, then 1, ... The random numbers are those of the chains and the
     * iteration; none has two moves in an iteration. @param chain [MS_LANES] @param x [rows] */
    void (*move)(ms_law *law, uint64_t iteration, unsigned piece, const uint64_t *chain, double *x);
    /* When so many pieces of a step have been done, 0 of them where it is between two steps. Infinite in the
     * discovery set, which a chain comes to at whole steps alone; NaN where it diverges; else, below 0 for
     * the most part, how near to the set it is. @param x [rows] @param coordinate out [MS_LANES] */
    void (*coordinate)(ms_law *law, unsigned piece, const double *x, double *coordinate);
    /* All that its numbers follow from. */
    void (*hash)(const ms_law *law, ms_hash *hash);
    void (*free)(ms_law *law);
    /* NULL where moves cannot fail; else what has failed since this was last called, or NULL. */
    const char *(*take_failure)(ms_law *law);
} ms_law_type;

/* What a law of any type begins with. */
struct ms_law {
    const ms_law_type *type;
    size_t rows;         /* numbers of a chain */
    size_t components;   /* that chains can be drawn from; 0: from none */
    unsigned pieces;     /* of a step, in which it can be looked at; 1: none but the step itself */
    double slowest_rate; /* at which a chain forgets, per iteration; 0: it is not known */
};

/* What of a chain is followed. All laws are about one noise level and all coordinates at once. */
typedef enum ms_law_choice {
    MS_LAW_AUTO,    /* reduced where that is possible, else generic */
    MS_LAW_REDUCED, /* Langevin dynamics on mixtures of isotropic Gaussians, on the span of the means, and the
                       distance from it (sampler/reduction.h); rules about distances and log-weights */
    MS_LAW_GENERIC /* any sampler on any target: every coordinate; up to MS_LAW_ROWS_MAX numbers of a chain */
} ms_law_choice;

/* Which coordinate says how near a chain is to the discovery set, per dimension. Below, components are those
 * that clauses want the chain to be near to. */
typedef enum ms_coordinate {
    MS_COORDINATE_RULE, /* what the nearest event's clauses are short of their bounds, less than 0: for the
                           rule ball r^2 - min |x - mean_i|^2 / d, for the rule switch max (l_i - l_0) / d */
    MS_COORDINATE_RESPONSIBILITY, /* max (l_i - l_s) / d, s the component that chains start in, or 0 */
    MS_COORDINATE_DISTANCE,       /* - min |x - mean_i|^2 / d */
    MS_COORDINATE_FORECAST        /* of the law reduced: a bound of the logarithm of the probability (not per
                                     dimension) that the chain is in the discovery set some time from now.
                                     Of the law generic: `rule` */
} ms_coordinate;

/* Their names: "auto", "reduced", "generic"; "rule", "responsibility", "distance", "forecast". */
extern const ms_choice ms_law_choices[], ms_coordinate_choices[];

#define MS_LAW_ROWS_MAX   4096
#define MS_LAW_PIECES_MAX 64

/* Of what `run` points to, target and start positions must outlive the law. Its random numbers are those of
 * `key`. `*law` is the caller's, to be freed with ms_law_free(). MS_ERROR_ARGUMENT with the reason where the
 * law cannot be that of the run, MS_ERROR_MEMORY. */
ms_status ms_law_alloc(ms_law **law, ms_law_choice choice, ms_coordinate coordinate, const ms_run_params *run,
                       uint64_t key, ms_error *error);

/* The same in pieces of steps, 1 to MS_LAW_PIECES_MAX, 0: as many as serve well. Where the law is reduced and
 * the coordinate `forecast` there may be several. */
ms_status ms_law_alloc_in_pieces(ms_law **law, ms_law_choice choice, ms_coordinate coordinate,
                                 unsigned pieces, const ms_run_params *run, uint64_t key, ms_error *error);

/* Whether there is a component that chains neither start in nor are wanted to be near to: where it holds them
 * for longer than they are followed, their law never becomes stationary. */
bool ms_law_may_trap(const ms_run_params *run);

/* NULL is allowed. */
static inline void ms_law_free(ms_law *law)
{
    if (law)
        law->type->free(law);
}

/* Numbers of a chain, at most, before there is a target. */
size_t ms_law_rows_most(const ms_run_shape *shape);

#endif
