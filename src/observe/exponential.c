/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/gamma.h"
#include "observe/survival.h"

#include <math.h>

#define PARTS_MAX        10 /* of the clock of iterations at risk, for chi-square */
#define DISCOVERIES_PART 5  /* expected in each, at least: the usual rule for chi-square */

ms_status ms_exponential_mean(uint64_t discovered, double iterations_at_risk, double confidence,
                              ms_interval *mean, ms_error *error)
{
    ms_status status = ms_confidence_check(confidence, error);
    if (status == MS_OK && !(iterations_at_risk >= 0 && isfinite(iterations_at_risk)))
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "%g iterations at risk", iterations_at_risk);
    if (status != MS_OK)
        return status;
    /* half a chi-square variate with 2 a degrees of freedom is a Gamma(a) variate */
    double events = (double)discovered, tail = (1 - confidence) / 2;
    *mean = (ms_interval){INFINITY, iterations_at_risk / ms_gamma_Q_inverse(events + 1, tail), INFINITY};
    if (discovered > 0) {
        mean->value = iterations_at_risk / events;
        mean->high = iterations_at_risk / ms_gamma_P_inverse(events, tail);
    }
    return MS_OK;
}

const char *ms_verdict_name(ms_verdict verdict)
{
    return verdict == MS_EXPONENTIAL ? "yes" : verdict == MS_REJECTED ? "no" : "untested";
}

/* The clock counts trials: a chain at risk in an iteration, 0 included, is one. */
typedef struct clock_parts {
    double rate;          /* discoveries a trial */
    double part;          /* trials of a part */
    double end;           /* of the part that is open, in trials */
    double begun, events; /* since when, and discoveries in it */
    double chi_square;
    int count; /* parts that are over */
} clock_parts;

static void close_part(clock_parts *p, double now)
{
    double expected = p->rate * (now - p->begun), excess = p->events - expected;
    if (expected > 0)
        p->chi_square += excess * excess / (expected * (1 - p->rate));
    p->count++;
    p->begun = now;
    p->events = 0;
}

static double two_sided(double z)
{
    return erfc(fabs(z) * 0.70710678118654752);
}

ms_verdict ms_survival_exponentiality(ms_survival *survival, double *p_value)
{
    double n = (double)survival->chains, found = (double)survival->discovered;
    double trials = ms_survival_iterations_at_risk(survival) + n, rate = found / trials;
    if (p_value)
        *p_value = NAN;
    /* all found at iteration 0: no clock */
    if (survival->discovered < MS_EXPONENTIALITY_DISCOVERIES || !(rate < 1))
        return MS_UNTESTED;
    double wanted = fmin(PARTS_MAX, floor(found / DISCOVERIES_PART));
    clock_parts p = {.rate = rate, .part = trials / wanted, .end = trials / wanted};
    double now = 0, moment = 0, cubes = 0, at_risk = n,
           next = 0; /* `next` iteration is the first not counted */
    for (size_t i = 0; i < survival->count; i++) {
        const ms_survival_row *row = &survival->row[i];
        double discovered = (double)row->discovered, share = at_risk / trials;
        double quiet = (double)row->time - next; /* iterations without a discovery */
        cubes += (quiet + 1) * share * share * share;
        now += quiet * at_risk;
        while (p.end < now) {
            close_part(&p, p.end);
            p.end += p.part;
        }
        /* the iteration itself is not divided: its trials are in the part in which it begins */
        moment += discovered * ((now + 0.5 * at_risk) / trials - 0.5);
        p.events += discovered;
        now += at_risk;
        if (p.end <= now && i + 1 < survival->count) {
            close_part(&p, now);
            while (p.end <= now)
                p.end += p.part;
        }
        at_risk -= discovered + (double)row->censored;
        next = (double)row->time + 1;
    }
    close_part(&p, now);
    /* the place of a trial on the clock, taken at its iteration's middle, has variance (1 - sum share^3) / 12
     */
    double smallest = two_sided(moment / sqrt(found * (1 - rate) * (1 - cubes) / 12)), tests = 1;
    if (p.count > 1) {
        smallest = fmin(smallest, ms_gamma_Q(0.5 * (p.count - 1), 0.5 * p.chi_square));
        tests = 2;
    }
    double p_both = fmin(1, tests * smallest);
    if (p_value)
        *p_value = p_both;
    return p_both < MS_EXPONENTIALITY_LEVEL ? MS_REJECTED : MS_EXPONENTIAL;
}
