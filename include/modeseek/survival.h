/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file survival.h
 * Statistics of right-censored discovery times. A chain that has not discovered within its budget is data. */
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

/** Median by Kaplan-Meier: the first time at which the survival estimate is <= 1/2; the interval is where the
 * log-log Greenwood band of that level covers 1/2 (Brookmeyer and Crowley 1982; Kalbfleisch and Prentice
 * 1980).
 * @param time      [n] discovery time, or MS_CENSORED (-1)
 * @param observed  [n] iterations through which the chain was observed (used for the censored ones)
 * @param confidence e.g. 0.95
 * Errors: MS_ERROR_MEMORY, MS_ERROR_ARGUMENT when n = 0. */
ms_status ms_kaplan_meier_median(size_t n, const int64_t *time, const uint64_t *observed, double confidence,
                                 ms_interval *median, ms_error *error);

/** Mean of an exponential law by maximum likelihood, iterations_at_risk / discovered, with its chi-square
 * interval for observation up to a fixed time: (2R/chi2_{1-a/2, 2D+2}, 2R/chi2_{a/2, 2D}). Without a
 * discovery the value and the upper end are INFINITY and the lower end still bounds it. */
ms_interval ms_exponential_mean(uint64_t discovered, double iterations_at_risk, double confidence);

MS_END_API
#endif
