/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain as estimators of rare events see it: how it starts and moves, and how near to the discovery set it
 * is. Chains come MS_LANES together, their numbers in rows aligned to MS_ALIGNMENT, as in sampler/kernel.h.
 * These numbers are the whole state of a chain: a branch is a copy of them. */
#ifndef MS_LAW_H
#define MS_LAW_H

#include "sampler/kernel.h"

typedef struct ms_law ms_law;

typedef struct ms_law_type {
    const char *name;
    /* Draws start number MS_LANES * block and those after it, a lane each. @param x out [rows] */
    void (*start)(ms_law *law, uint64_t block, double *x);
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
} ms_law_type;

/* What a law of any type begins with. */
struct ms_law {
    const ms_law_type *type;
    size_t rows;         /* numbers of a chain */
    unsigned pieces;     /* of a step, in which it can be looked at; 1: none but the step itself */
    double slowest_rate; /* at which a chain forgets, per iteration; 0: it is not known */
};

/* Langevin dynamics at one noise level on mixtures of isotropic Gaussians, reduced to the span of the means
 * (sampler/reduction.h); any dimension, any span, any rules about distances and log-weights. The coordinate
 * is what of the clause is wanting, per dimension: for the rule ball r^2 - min |x - mean_i|^2 / d, for the
 * rule switch max log(gamma_i / gamma_0) / d.
 *
 * Of what `run` points to, the target must outlive the law. Its random numbers are those of `key`. `*law` is
 * the caller's, to be freed with ms_law_free(). MS_ERROR_ARGUMENT where the run is of another kind,
 * MS_ERROR_MEMORY. */
ms_status ms_law_reduced_alloc(ms_law **law, const ms_run_params *run, uint64_t key, ms_error *error);

/* NULL is allowed. */
static inline void ms_law_free(ms_law *law)
{
    if (law)
        law->type->free(law);
}

#endif
