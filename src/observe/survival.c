/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/survival.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <modeseek/run.h>
#include <stdbool.h>
#include <stdlib.h>

#define ROWS_FIRST 1024
#define ROUNDING   1e-12 /* relative; of a curve that has been through many censored chains */

ms_status ms_confidence_check(double confidence, ms_error *error)
{
    if (confidence > 0 && confidence < 1)
        return MS_OK;
    return ms_error_set(error, MS_ERROR_ARGUMENT, "confidence is %g; it must lie in (0, 1)", confidence);
}

ms_status ms_survival_alloc(ms_survival **survival, ms_error *error)
{
    *survival = calloc(1, sizeof **survival);
    return *survival ? MS_OK : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for discovery times");
}

void ms_survival_free(ms_survival *survival)
{
    if (survival)
        free(survival->row);
    free(survival);
}

void ms_survival_clear(ms_survival *survival)
{
    survival->count = survival->settled = survival->recent = 0;
    survival->chains = survival->discovered = 0;
}

static int compare(const void *a, const void *b)
{
    const ms_survival_row *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time;
}

void ms_survival_settle(ms_survival *survival)
{
    if (survival->settled == survival->count)
        return;
    ms_survival_row *row = survival->row;
    size_t last = 0;
    qsort(row, survival->count, sizeof *row, compare);
    for (size_t i = 1; i < survival->count; i++) {
        if (row[i].time == row[last].time) {
            row[last].discovered += row[i].discovered;
            row[last].censored += row[i].censored;
        } else {
            row[++last] = row[i];
        }
    }
    survival->count = survival->settled = last + 1;
    survival->recent = 0;
}

/* The row of a time among the settled ones, or NULL. */
static ms_survival_row *find(ms_survival *survival, uint64_t time)
{
    size_t low = 0, high = survival->settled;
    if (survival->recent < high && survival->row[survival->recent].time == time)
        return &survival->row[survival->recent];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (survival->row[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == survival->settled || survival->row[low].time != time)
        return NULL;
    survival->recent = low;
    return &survival->row[low];
}

/* Room for one more row: by joining those with the same time, or, where that does not halve them, by more
 * memory. */
static bool make_room(ms_survival *survival)
{
    if (survival->count < survival->capacity)
        return true;
    ms_survival_settle(survival);
    if (survival->capacity > 0 && survival->count <= survival->capacity / 2)
        return true;
    size_t wanted = survival->capacity > 0 ? survival->capacity + survival->capacity / 2 : ROWS_FIRST;
    ms_survival_row *row =
        wanted <= SIZE_MAX / sizeof *row ? realloc(survival->row, wanted * sizeof *row) : NULL;
    if (!row)
        return false;
    survival->row = row;
    survival->capacity = wanted;
    return true;
}

ms_status ms_survival_add(ms_survival *survival, int64_t time, uint64_t observed, ms_error *error)
{
    if (time < 0 && time != MS_CENSORED)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a discovery time of %lld", (long long)time);
    bool discovered = time != MS_CENSORED;
    uint64_t end = discovered ? (uint64_t)time : observed;
    ms_survival_row *row = find(survival, end);
    if (!row) {
        if (!make_room(survival))
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu different discovery times",
                                survival->count);
        row = &survival->row[survival->count++];
        *row = (ms_survival_row){.time = end};
    }
    row->discovered += discovered;
    row->censored += !discovered;
    survival->discovered += discovered;
    survival->chains++;
    return MS_OK;
}

uint64_t ms_survival_chains(const ms_survival *survival)
{
    return survival->chains;
}

uint64_t ms_survival_discovered(const ms_survival *survival)
{
    return survival->discovered;
}

double ms_survival_iterations_at_risk(ms_survival *survival)
{
    double sum = 0;
    ms_survival_settle(survival); /* so that rounding does not depend on the order of adding */
    for (size_t i = 0; i < survival->count; i++)
        sum +=
            (double)survival->row[i].time * (double)(survival->row[i].discovered + survival->row[i].censored);
    return sum;
}

/* Both ends of a normal law's central part. */
static double normal_quantile(double confidence)
{
    return gsl_cdf_ugaussian_Pinv(0.5 + confidence / 2); /* never calls an error handler */
}

/* The same of Student's t, by its expansion (Abramowitz and Stegun 26.7.5): within 1 % from 4 degrees of
 * freedom on. */
static double student_quantile(double confidence, double freedom)
{
    double z = normal_quantile(confidence), s = z * z;
    return z * (1 + ((s + 1) / 4 +
                     (((5 * s + 16) * s + 3) / 96 + (((3 * s + 19) * s + 17) * s - 15) / 384 / freedom) /
                         freedom) /
                        freedom);
}

static ms_status check(const ms_survival *survival, double confidence, ms_error *error)
{
    if (survival->chains == 0)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "no chains to compute statistics from");
    return ms_confidence_check(confidence, error);
}

ms_status ms_survival_median(ms_survival *survival, double confidence, ms_interval *median, ms_error *error)
{
    ms_status status = check(survival, confidence, error);
    if (status != MS_OK)
        return status;
    ms_survival_settle(survival);
    *median = (ms_interval){INFINITY, INFINITY, INFINITY};
    bool has_low = false, has_value = false;
    double z = normal_quantile(confidence), curve = 1, greenwood = 0;
    double at_risk = (double)survival->chains, curve_before = 1, at_risk_before = at_risk;
    for (size_t i = 0; i < survival->count; i++) {
        const ms_survival_row *row = &survival->row[i];
        double discovered = (double)row->discovered, t = (double)row->time;
        /* between censored chains the factors cancel: a product of each would miss 1/2 by its rounding */
        curve = curve_before * ((at_risk - discovered) / at_risk_before);
        double low = curve, high = curve; /* of the survival function at t */
        if (curve > 0 && curve < 1) {
            greenwood += discovered / (at_risk * (at_risk - discovered));
            double deviation = z * sqrt(greenwood) / fabs(log(curve));
            low = pow(curve, exp(deviation));
            high = pow(curve, exp(-deviation));
        }
        at_risk -= discovered + (double)row->censored;
        if (row->censored > 0) {
            curve_before = curve;
            at_risk_before = at_risk;
        }
        if (row->discovered == 0)
            continue;
        if (!has_low && low <= 0.5) {
            median->low = t;
            has_low = true;
        }
        if (!has_value && curve <= 0.5 * (1 + ROUNDING)) {
            median->value = t;
            has_value = true;
        }
        if (high <= 0.5) {
            median->high = t;
            break;
        }
    }
    if (!has_low) /* the band never comes down to 1/2: the median lies beyond the last observation */
        median->low = (double)survival->row[survival->count - 1].time;
    /* all of so few chains may well be on one side of the median: no time bounds it */
    if (pow(0.5, (double)survival->chains) > (1 - confidence) / 2) {
        median->low = 0;
        median->high = INFINITY;
    }
    return MS_OK;
}

/* Area under the Kaplan-Meier curve up to the horizon, and its variance by Greenwood: each discovery
 * contributes by the area that lies behind it. */
static double area(const ms_survival *survival, double horizon, double *variance)
{
    double at_risk = (double)survival->chains, curve = 1, before = 0, total = 0;
    for (size_t i = 0; i < survival->count && (double)survival->row[i].time < horizon; i++) {
        total += curve * ((double)survival->row[i].time - before);
        before = (double)survival->row[i].time;
        curve *= 1 - (double)survival->row[i].discovered / at_risk;
        at_risk -= (double)(survival->row[i].discovered + survival->row[i].censored);
    }
    total += curve * (horizon - before);

    double behind = total;
    *variance = before = 0;
    at_risk = (double)survival->chains;
    curve = 1;
    for (size_t i = 0; i < survival->count && (double)survival->row[i].time < horizon; i++) {
        double discovered = (double)survival->row[i].discovered;
        behind = fmax(behind - curve * ((double)survival->row[i].time - before), 0);
        before = (double)survival->row[i].time;
        if (at_risk > discovered)
            *variance += behind * behind * discovered / (at_risk * (at_risk - discovered));
        curve *= 1 - discovered / at_risk;
        at_risk -= discovered + (double)survival->row[i].censored;
    }
    return total;
}

ms_status ms_survival_restricted_mean(ms_survival *survival, uint64_t horizon, double confidence,
                                      ms_interval *mean, ms_error *error)
{
    ms_status status = check(survival, confidence, error);
    if (status == MS_OK && horizon == 0)
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "a restricted mean with horizon 0");
    if (status != MS_OK)
        return status;
    ms_survival_settle(survival);
    double variance, end = (double)horizon, n = (double)survival->chains;
    double value = area(survival, end, &variance);
    *mean = (ms_interval){value, value, value};
    double rest = end - value;
    if (n < 2 || !(variance > 0) || !(value > 0) || !(rest > 0)) {
        double agree = pow((1 - confidence) / 2, 1 / n);
        mean->low = value * agree;
        mean->high = mean->low + end * (1 - agree);
        return MS_OK;
    }
    /* the derivative of logit(value / end) is end / (value rest) */
    double spread =
        exp(student_quantile(confidence, n - 1) * sqrt(variance * n / (n - 1)) * end / (value * rest));
    mean->low = end * value / (value + rest * spread);
    mean->high = end * value / (value + rest / spread);
    return MS_OK;
}

double ms_survival_coefficient_of_variation(ms_survival *survival)
{
    double n = (double)survival->chains;
    if (survival->chains < 2 || survival->discovered < survival->chains)
        return NAN;
    double mean = ms_survival_iterations_at_risk(survival) / n, square = 0;
    for (size_t i = 0; i < survival->count; i++) {
        double difference = (double)survival->row[i].time - mean;
        square += difference * difference * (double)survival->row[i].discovered;
    }
    return mean > 0 ? sqrt(square / (n - 1)) / mean : (double)NAN;
}
