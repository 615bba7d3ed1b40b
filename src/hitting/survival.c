/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <modeseek/run.h>
#include <modeseek/survival.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct observation {
    uint64_t iteration;
    bool discovered;
} observation;

/* a chain censored at t was still at risk of a discovery at t: discoveries come first */
static int compare(const void *a, const void *b)
{
    const observation *x = a, *y = b;
    if (x->iteration != y->iteration)
        return x->iteration < y->iteration ? -1 : 1;
    return (int)y->discovered - (int)x->discovered;
}

ms_status ms_kaplan_meier_median(size_t n, const int64_t *time, const uint64_t *observed, double confidence,
                                 ms_interval *median, ms_error *error)
{
    if (n == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no chains to take a median of");
    if (!(confidence > 0 && confidence < 1))
        return ms_error_set(error, MS_ERROR_ARGUMENT, "confidence is %g; it must lie in (0, 1)", confidence);
    observation *sorted = calloc(n, sizeof *sorted);
    if (!sorted)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains", n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = time[i] == MS_CENSORED ? (observation){observed[i], false}
                                           : (observation){(uint64_t)time[i], true};
    qsort(sorted, n, sizeof *sorted, compare);

    *median = (ms_interval){INFINITY, INFINITY, INFINITY};
    bool has_low = false, has_value = false;
    double z = gsl_cdf_ugaussian_Pinv(0.5 + confidence / 2);
    double survival = 1, greenwood = 0;
    for (size_t i = 0; i < n;) {
        size_t at_risk = n - i, discovered = 0, next = i;
        uint64_t t = sorted[i].iteration;
        for (; next < n && sorted[next].iteration == t; next++)
            discovered += sorted[next].discovered;
        i = next;
        if (discovered == 0)
            continue;
        survival *= 1 - (double)discovered / (double)at_risk;
        double low = 0, high = 0; /* of the survival function at t */
        if (survival > 0) {
            greenwood += (double)discovered / ((double)at_risk * (double)(at_risk - discovered));
            double deviation = z * sqrt(greenwood) / fabs(log(survival));
            low = pow(survival, exp(deviation));
            high = pow(survival, exp(-deviation));
        }
        if (!has_low && low <= 0.5) {
            median->low = (double)t;
            has_low = true;
        }
        if (!has_value && survival <= 0.5) {
            median->value = (double)t;
            has_value = true;
        }
        if (high <= 0.5) {
            median->high = (double)t;
            break;
        }
    }
    if (!has_low) {
        /* the band never comes down to 1/2: the median lies beyond the last observation */
        median->low = (double)sorted[n - 1].iteration;
    }
    free(sorted);
    return MS_OK;
}

ms_interval ms_exponential_mean(uint64_t discovered, double iterations_at_risk, double confidence)
{
    double events = (double)discovered, tail = (1 - confidence) / 2;
    ms_interval mean = {INFINITY, 2 * iterations_at_risk / gsl_cdf_chisq_Qinv(tail, 2 * events + 2),
                        INFINITY};
    if (discovered > 0) {
        mean.value = iterations_at_risk / events;
        mean.high = 2 * iterations_at_risk / gsl_cdf_chisq_Pinv(tail, 2 * events);
    }
    return mean;
}
