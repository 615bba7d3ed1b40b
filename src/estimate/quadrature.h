/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first-passage times without chance: the law of a chain on a line (estimate/line_chain.h), outside of a
 * region, by quadrature. For rare discoveries, too: a mean of e^500 iterations is as exact as one of 2.
 *
 * With x the stationary law of the chain that starts anew whenever it has come to the region, the mean is
 * P(it does not start there) * mass of x / flow of x into the region. It is found on one grid after the
 * other, each finer, wider and with transitions of longer reach than the one before; twice the difference
 * between the last two, and what iterating on could change, is stated as the error.
 *
 * A quadrature is a state machine that is advanced by iterations, one of which applies the transition once.
 * Results are functions of the parameters alone, and have the same bits everywhere: they come from IEEE
 * operations in a fixed order, ms_exp() and ms_log(). */
#ifndef MS_QUADRATURE_H
#define MS_QUADRATURE_H

#include "estimate/line_chain.h"
#include "estimate/line_region.h"

#include <modeseek/run.h>

typedef struct ms_quadrature_params {
    ms_line_chain chain;
    ms_line_region region;
    const uint64_t *times; /* [time_count] ascending: P(tau > t) is wanted for these */
    size_t time_count;
    double tolerance; /* relative error of the mean that is good enough */
    double memory;    /* bytes that may be used, about */
} ms_quadrature_params;

typedef struct ms_estimate {
    double value, error;
} ms_estimate;

typedef struct ms_quadrature_result {
    ms_estimate mean;  /* iterations */
    bool is_tolerable; /* the error is within the tolerance; else memory or grids have run out */
    double leak;       /* probability that quadrature loses or invents in an iteration, of what there is */
    double exit;       /* potential of the exit: the mean grows about like its exponential */
    size_t grids;      /* how many were used */
    size_t nodes;      /* of the last */
    size_t entries;    /* numbers of the last one's transition */
} ms_quadrature_result;

typedef struct ms_quadrature ms_quadrature;

/* What `params` points to is copied. MS_ERROR_ARGUMENT where the chain or the region is none,
 * MS_ERROR_MEMORY. */
ms_status ms_quadrature_alloc(ms_quadrature **quadrature, const ms_quadrature_params *params,
                              ms_error *error);
/* That of a run (modeseek/run.h): the time to the first of its events, and P(tau > t) at its snapshots.
 * Budget, key and chains do not matter. MS_ERROR_ARGUMENT where the run is no Langevin dynamics at one noise
 * level, of all coordinates at once, on isotropic Gaussians with means on a line, started about a point of
 * it. */
ms_status ms_quadrature_alloc_run(ms_quadrature **quadrature, const ms_run_params *run, double tolerance,
                                  double memory, ms_error *error);
void ms_quadrature_free(ms_quadrature *quadrature); /* NULL is allowed */

/* By up to so many iterations. MS_ERROR_MEMORY where memory does not suffice for two grids, MS_ERROR_ARGUMENT
 * where the region cannot be come to or discoveries are too rare for doubles, MS_ERROR_NUMERIC where the law
 * does not become stationary; the quadrature can then only be freed. */
ms_status ms_quadrature_advance(ms_quadrature *quadrature, uint64_t iterations, ms_error *error);
bool ms_quadrature_done(const ms_quadrature *quadrature);
uint64_t ms_quadrature_iteration(const ms_quadrature *quadrature);

/* Bytes that the state takes now: some hundred, and the law on the grid in work. */
size_t ms_quadrature_state_size(const ms_quadrature *quadrature);
/* Writes the state, for this machine's byte order. @param buffer [ms_quadrature_state_size()] */
void ms_quadrature_save(const ms_quadrature *quadrature, void *buffer);
/* Puts a quadrature with the same parameters into a saved state. MS_ERROR_FORMAT where it is damaged,
 * MS_ERROR_MISMATCH where it is of other parameters, errors of ms_quadrature_advance(): the quadrature can
 * then only be freed. */
ms_status ms_quadrature_restore(ms_quadrature *quadrature, const void *buffer, size_t size, ms_error *error);

/* Of one that is done. */
ms_quadrature_result ms_quadrature_result_of(const ms_quadrature *quadrature);
/* P(tau > times[i]) */
ms_estimate ms_quadrature_survival(const ms_quadrature *quadrature, size_t i);

#endif
