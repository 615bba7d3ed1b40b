/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file survival.h
 * Statistics of right-censored discovery times. A chain that has not discovered within its budget is data.
 *
 * Times are added chain by chain; what is kept is how many chains have each time, so memory grows with the
 * number of different times, not with that of chains. No function here calls GSL's error handler. */
#ifndef MODESEEK_SURVIVAL_H
#define MODESEEK_SURVIVAL_H

#include <modeseek/export.h>
#include <modeseek/status.h>
#include <stddef.h>
#include <stdint.h>

MS_BEGIN_API

/** An estimate with its confidence interval. INFINITY where the data do not bound it from above, NAN where
 * there is no estimate. */
typedef struct ms_interval {
    double value, low, high;
} ms_interval;

/** The times of a set of chains, in iterations. */
typedef struct ms_survival ms_survival;

/** Makes an empty set. `*survival` is the caller's. MS_ERROR_MEMORY. */
ms_status ms_survival_alloc(ms_survival **survival, ms_error *error);
/** Frees a set; NULL is allowed. */
void ms_survival_free(ms_survival *survival);
/** Makes a set empty again. */
void ms_survival_clear(ms_survival *survival);
/** Adds a chain.
 * @param time      iteration of the discovery, or MS_CENSORED (-1)
 * @param observed  iterations through which the chain was observed; counts only if it is censored
 * Errors: MS_ERROR_MEMORY; MS_ERROR_ARGUMENT for another negative time. The set is then as before. */
ms_status ms_survival_add(ms_survival *survival, int64_t time, uint64_t observed, ms_error *error);

/** Number of chains, and of those that discovered. */
uint64_t ms_survival_chains(const ms_survival *survival);
uint64_t ms_survival_discovered(const ms_survival *survival);
/** Sum over the chains of the iterations until discovery, or until the end of observation. */
double ms_survival_iterations_at_risk(ms_survival *survival);

/** Median by Kaplan-Meier: the first time at which the survival estimate is <= 1/2; the interval is where the
 * log-log Greenwood band of that level covers 1/2 (Brookmeyer and Crowley 1982; Kalbfleisch and Prentice
 * 1980). Where so few chains, up to five for 0.95, may well all be on one side of the median, it is (0,
 * INFINITY).
 * @param confidence e.g. 0.95
 * Errors: MS_ERROR_ARGUMENT for a set without chains, or a confidence outside (0, 1). */
ms_status ms_survival_median(ms_survival *survival, double confidence, ms_interval *median, ms_error *error);

/** Restricted mean, E min(time, horizon): the area under the Kaplan-Meier curve from 0 to `horizon`. It
 * assumes no law, and is a lower bound of the mean. Where nothing is censored and the horizon is not before
 * the last time it is the plain mean. With all chains observed up to the horizon it is unbiased; else the
 * curve is taken to stay where the last observation leaves it.
 *
 * The interval is Greenwood's (Klein and Moeschberger, Survival Analysis, 2nd ed., section 4.5) with the
 * factor n/(n-1) and Student's t with n-1 degrees of freedom, on the scale of the logit of value / horizon,
 * which keeps it between 0 and the horizon. Where all chains agree (nothing was discovered, say) there is no
 * variance to go by: then the chains that differ are at most a share 1 - ((1 - confidence)/2)^(1/n), and the
 * interval is what these could make of the mean.
 * @param horizon in iterations, > 0; usually the budget
 * Errors: as ms_survival_median(), and MS_ERROR_ARGUMENT for horizon 0. */
ms_status ms_survival_restricted_mean(ms_survival *survival, uint64_t horizon, double confidence,
                                      ms_interval *mean, ms_error *error);

/** Standard deviation over mean, both plain; 1 for an exponential law. NAN where a chain is censored, where
 * there are fewer than two chains, or where all times are 0. */
double ms_survival_coefficient_of_variation(ms_survival *survival);

/** Mean of an exponential law by maximum likelihood, iterations_at_risk / discovered, with its chi-square
 * interval for observation up to a fixed time: (2R/chi2_{1-a/2, 2D+2}, 2R/chi2_{a/2, 2D}) for R iterations at
 * risk, D discoveries and a = 1 - confidence. The lower end has 2D + 2 degrees of freedom because the
 * observation ends at a time fixed beforehand, not at a discovery (Meeker and Escobar, Statistical Methods
 * for Reliability Data, section 7.6); the interval is then conservative. Without a discovery the value and
 * the upper end are INFINITY, and the lower end still bounds the mean.
 *
 * All of it relies on the exponential law: where times are not exponential and chains are censored, the value
 * can be wrong by any factor. See ms_survival_exponentiality().
 * Errors: MS_ERROR_ARGUMENT for a confidence outside (0, 1) or negative iterations. */
ms_status ms_exponential_mean(uint64_t discovered, double iterations_at_risk, double confidence,
                              ms_interval *mean, ms_error *error);

/** What a test of exponentiality says. */
typedef enum ms_verdict {
    MS_UNTESTED,    /**< too few discoveries to tell */
    MS_EXPONENTIAL, /**< nothing speaks against the law */
    MS_REJECTED     /**< the times are not exponential */
} ms_verdict;

/** "untested", "yes" or "no": is the law exponential? */
const char *ms_verdict_name(ms_verdict verdict);

#define MS_EXPONENTIALITY_LEVEL       0.01 /**< probability to reject a law that is exponential */
#define MS_EXPONENTIALITY_DISCOVERIES 5    /**< with fewer it stays untested */

/** Tests whether discoveries come at a rate that does not change: exponential times, counted in whole
 * iterations (the geometric law). In the clock that counts iterations at risk the discoveries are then spread
 * evenly (the total time on test; Barlow and Campo 1975). Two statistics are taken: their mean (Laplace's
 * test, against rates that rise or fall), and, from ten discoveries on, chi-square over up to ten equal parts
 * of that clock. The p-value is twice the smaller of the two (Bonferroni).
 * @param p_value out, NAN if untested; may be NULL */
ms_verdict ms_survival_exponentiality(ms_survival *survival, double *p_value);

MS_END_API
#endif
