/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to expect of a run before anything is computed: how long its first discovery takes on average, and
 * what each estimator would cost. Rough, but always the same. */
#ifndef MS_OUTLOOK_H
#define MS_OUTLOOK_H

#include <modeseek/run.h>

/* I, such that the mean time to the first of a run's events is about e^(I d) in many dimensions: the least of
 * what leads to them. An event's own exponent is that of ms_exit_exponent(), along the line through mean_0
 * and the means that it is about, in as many dimensions as they may span together: rules look at squared
 * distances from points, so that only a component's distance from mean_0 and its variance matter. Where
 * component i outweighs component 0 before, and its typical points are discoveries, the chain comes there
 * first.
 *
 * For Langevin dynamics at one noise level, of all coordinates at once, on mixtures of up to 64 isotropic
 * Gaussians, started in component 0, for rules of distances and log-weights (ball, switch). MS_ERROR_ARGUMENT
 * with the reason where it is another run, where what joined clauses are about is on no line with mean_0,
 * where another component outweighs component 0 from the start on, where a ball is smaller than the mode
 * that the chain is in before it comes to it, or where the chain comes to discoveries through a component
 * that none of them is about. MS_ERROR_MEMORY. Takes some milliseconds for each clause. */
ms_status ms_exit_exponent_of_run(const ms_run_params *run, double *exponent, ms_error *error);

typedef enum ms_way { MS_WAY_DIRECT, MS_WAY_RESTART, MS_WAY_FLUX, MS_WAY_QUADRATURE, MS_WAYS } ms_way;

typedef struct ms_outlook {
    double exponent; /* I; NaN where it is not known */
    /* Logarithm of the mean, within about 1 from e^3 iterations on; NaN where it is not known. */
    double log_mean;
    ms_error unknown;        /* why they are not known */
    bool has_stepping_stone; /* because of a component on the way to discoveries */
    struct {
        bool is_possible; /* and can be trusted */
        double seconds; /* on a core, for the standard error asked for, within a factor of 5 or so; NaN where
                           it depends on a mean that is not known */
        ms_error refused; /* why it is not possible */
    } way[MS_WAYS];
    ms_way best; /* the cheapest that is possible; direct where nothing is known */
} ms_outlook;

/* @param relative_error standard error of the mean / mean. MS_ERROR_MEMORY. */
ms_status ms_outlook_of(const ms_run_params *run, double relative_error, ms_outlook *outlook,
                        ms_error *error);

#endif
