/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/race.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EFFORT_FIRST     16384.0 /* of a candidate: 64 chains, 256 iterations each */
#define EXACT            0.02    /* who is known so well, and still not told apart, is as good */
#define EXACT_ITERATIONS 0.5
#define CLOSING          0.75 /* of the effort */
#define FULL_SECONDS     0.02
#define FULL_CHAINS      8 /* a group */
#define FULL_KNOWN_TO    0.1

ms_status ms_race_begin(ms_race *race, const ms_sweep *sweep, const size_t *points, size_t count,
                        ms_error *error)
{
    *race = (ms_race){.sweep = sweep, .effort_most = (double)INFINITY};
    race->candidate = calloc(count, sizeof *race->candidate);
    if (!race->candidate)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu patch sizes", count);
    race->candidates = count;
    for (size_t i = 0; i < count; i++)
        ms_candidate_begin(&race->candidate[i], sweep, points[i]);
    return MS_OK;
}

void ms_race_end(ms_race *race)
{
    for (size_t i = 0; i < race->candidates; i++)
        ms_candidate_end(&race->candidate[i]);
    free(race->candidate);
    free(race->full_seconds);
    ms_kept_free(&race->kept);
    *race = (ms_race){.candidates = 0};
}

double ms_race_effort(const ms_race *race)
{
    double effort = 0;
    for (size_t i = 0; i < race->candidates; i++)
        effort += race->candidate[i].effort;
    return effort;
}

/* Of positive quantities. */
static ms_interval product(ms_interval a, ms_interval b)
{
    return (ms_interval){a.value * b.value, a.low * b.low, a.high * b.high};
}

ms_interval ms_race_spent(const ms_candidate *c, ms_until until, ms_spent spent)
{
    const double updates = c->coordinate_updates;
    const ms_interval each[] = {{1, 1, 1}, {updates, updates, updates}, c->seconds};
    return product(c->figure[until].mean, each[spent]);
}

static bool has_mean(const ms_candidate *c, ms_until until)
{
    return c->chains > 0 && c->failure.status == MS_OK && !c->figure[until].is_bound;
}

/* Whether b spends less until then, of iterations as of coordinates, and so of any mixture of them, such as
 * time. */
static bool beats(const ms_candidate *b, const ms_candidate *c, ms_until until)
{
    for (int s = MS_SPENT_ITERATIONS; s <= MS_SPENT_UPDATES; s++)
        if (!(ms_race_spent(b, until, (ms_spent)s).high < ms_race_spent(c, until, (ms_spent)s).low))
            return false;
    return has_mean(b, until);
}

static bool is_beaten(const ms_race *race, const ms_candidate *c)
{
    for (int until = 0; until < MS_UNTIL_COUNT; until++) {
        bool by_one = false;
        for (size_t i = 0; i < race->candidates && !by_one; i++)
            by_one = beats(&race->candidate[i], c, (ms_until)until);
        if (!by_one)
            return false;
    }
    return true;
}

bool ms_race_standings(const ms_race *race, ms_until until, ms_spent spent, ms_standing *standing)
{
    const ms_candidate *best = NULL;
    for (size_t i = 0; i < race->candidates; i++) {
        const ms_candidate *c = &race->candidate[i];
        double value = ms_race_spent(c, until, spent).value; /* NaN: it has not been timed */
        if (has_mean(c, until) && !isnan(value) && (!best || value < ms_race_spent(best, until, spent).value))
            best = c;
    }
    for (size_t i = 0; i < race->candidates; i++) {
        const ms_candidate *c = &race->candidate[i];
        bool is_apart = best && ms_race_spent(best, until, spent).high < ms_race_spent(c, until, spent).low;
        standing[i] = c->failure.status != MS_OK ? MS_STANDS_FAILED
                      : c == best                ? MS_STANDS_BEST
                      : is_apart                 ? MS_STANDS_WORSE
                      : has_mean(c, until)       ? MS_STANDS_EQUAL
                                                 : MS_STANDS_OPEN;
    }
    return best;
}

static bool is_exact(const ms_candidate *c, ms_until until)
{
    const ms_interval *mean = &c->figure[until].mean;
    return mean->high - mean->low < fmax(2 * EXACT * mean->value, EXACT_ITERATIONS);
}

/* Whether more would tell nothing that is asked: who is best and, if others are as good, that they are. Marks
 * those that are not known well enough for that. Times are not asked, which would make what comes out depend
 * on the machine's mood. */
static bool is_settled(const ms_race *race, ms_until until, ms_spent spent, ms_standing *standing,
                       bool *is_rough)
{
    bool is_tied = false, is_known = ms_race_standings(race, until, spent, standing);
    for (size_t i = 0; i < race->candidates; i++)
        is_tied |=
            standing[i] == MS_STANDS_EQUAL || (standing[i] == MS_STANDS_OPEN && !race->candidate[i].is_out);
    for (size_t i = 0; i < race->candidates && is_tied; i++) {
        bool is_in_it = standing[i] != MS_STANDS_WORSE && !race->candidate[i].is_out;
        is_rough[i] |= is_in_it && !is_exact(&race->candidate[i], until);
        is_known &= !is_in_it || is_exact(&race->candidate[i], until);
    }
    return is_known;
}

static bool is_decided(ms_race *race, ms_standing *standing, bool *is_rough)
{
    bool is_all = true;
    for (int until = 0; until < MS_UNTIL_COUNT; until++) {
        memset(is_rough, 0, race->candidates * sizeof *is_rough);
        for (int s = MS_SPENT_ITERATIONS; s <= MS_SPENT_UPDATES; s++)
            is_all &= is_settled(race, (ms_until)until, (ms_spent)s, standing, is_rough);
        for (size_t i = 0; i < race->candidates && until == MS_UNTIL_ANY; i++)
            race->candidate[i].wants_chains = is_rough[i];
    }
    return is_all;
}

static size_t racing(const ms_race *race)
{
    size_t count = 0;
    for (size_t i = 0; i < race->candidates; i++)
        count += !race->candidate[i].is_out;
    return count;
}

/* Whether it is over, or nothing new is to be begun any more. */
static bool is_over(const ms_race *race, const ms_race_watch *watch)
{
    return watch->is_over(watch->argument) || ms_race_effort(race) >= race->effort_most;
}

static bool is_closing(const ms_race *race, const ms_race_watch *watch)
{
    return watch->is_closing(watch->argument) || ms_race_effort(race) >= CLOSING * race->effort_most ||
           is_over(race, watch);
}

/* Each that is still in the race spends as much as `effort` in all. */
static ms_status run_round(ms_race *race, double effort, const ms_race_watch *watch, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i < race->candidates && status == MS_OK; i++) {
        ms_candidate *c = &race->candidate[i];
        while (!c->is_out && c->effort < effort && status == MS_OK &&
               !(c->chains > 0 ? is_closing(race, watch) : is_over(race, watch)))
            status = ms_candidate_turn(c, &race->kept, watch, error);
    }
    return status;
}

/* Brings to an end what takes the fewest iterations: a few chains that have not discovered would leave no
 * more than a bound. */
static ms_status close_race(ms_race *race, const ms_race_watch *watch, ms_error *error)
{
    ms_status status = MS_OK;
    while (status == MS_OK && !is_over(race, watch)) {
        ms_candidate *next = NULL;
        for (ms_candidate *c = race->candidate; c < race->candidate + race->candidates; c++)
            if (!c->is_out && isfinite(ms_candidate_prolonging(c)) &&
                (!next || ms_candidate_prolonging(c) < ms_candidate_prolonging(next)))
                next = c;
        if (!next)
            break;
        status = ms_candidate_prolong(next, watch, error);
    }
    return status;
}

static ms_status judge(ms_race *race, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i < race->candidates && status == MS_OK; i++)
        if (!race->candidate[i].is_out)
            status = ms_candidate_judge(&race->candidate[i], error);
    for (size_t i = 0; i < race->candidates && status == MS_OK; i++)
        race->candidate[i].is_out |= is_beaten(race, &race->candidate[i]);
    return status;
}

ms_status ms_race_run(ms_race *race, const ms_race_watch *watch, ms_error *error)
{
    ms_standing *standing = calloc(race->candidates, sizeof *standing);
    bool *is_rough = calloc(race->candidates, sizeof *is_rough), is_last = false;
    ms_status status =
        standing && is_rough
            ? MS_OK
            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu patch sizes", race->candidates);
    double effort = EFFORT_FIRST;
    while (status == MS_OK && !is_last && !race->is_decided) {
        status = run_round(race, effort, watch, error);
        is_last = is_closing(race, watch);
        if (status == MS_OK && is_last)
            status = close_race(race, watch, error);
        if (status == MS_OK)
            status = judge(race, error);
        race->is_decided = racing(race) == 0 || is_decided(race, standing, is_rough);
        effort *= 2;
    }
    free(standing);
    free(is_rough);
    return status;
}

/* How long an iteration of a chain takes: of a group, which moves as long as any of its chains does. */
static ms_status time_point(const ms_sweep *sweep, size_t point, ms_kept *kept, ms_interval *seconds,
                            ms_error *error)
{
    ms_job job;
    const ms_block block = {.point = point, .chains = FULL_CHAINS};
    *seconds = (ms_interval){(double)NAN, 0, (double)INFINITY};
    ms_status status = ms_sweep_job_alloc(sweep, block, MS_SIMD_AUTO, kept, &job, error);
    double began = ms_processor_clock();
    for (uint64_t piece = 1;
         status == MS_OK && ms_processor_clock() - began < FULL_SECONDS && !job.type->done(job.state);
         piece *= 2)
        status = job.type->advance(job.state, piece, error);
    double used = ms_processor_clock() - began;
    if (status == MS_OK && job.type->iteration(job.state) > 0) {
        double each = used / FULL_CHAINS / (double)job.type->iteration(job.state);
        *seconds = (ms_interval){each, (1 - FULL_KNOWN_TO) * each, (1 + FULL_KNOWN_TO) * each};
    }
    ms_job_free(&job);
    return status == MS_ERROR_MEMORY ? status : MS_OK; /* else its time stays unknown */
}

ms_status ms_race_time_full(ms_race *race, ms_error *error)
{
    const ms_point *point = &race->sweep->points[race->candidate[0].point];
    if (ms_settings_engine(&race->sweep->variant[point->variant], point->dimension) != MS_ENGINE_REDUCED)
        return MS_OK;
    ms_sweep sweep = *race->sweep; /* what it owns stays the other one's, but for this: */
    sweep.variant = malloc(sweep.variants * sizeof *sweep.variant);
    race->full_seconds = calloc(race->candidates, sizeof *race->full_seconds);
    ms_status status =
        sweep.variant && race->full_seconds
            ? MS_OK
            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu variants", sweep.variants);
    if (status == MS_OK) {
        memcpy(sweep.variant, race->sweep->variant, sweep.variants * sizeof *sweep.variant);
        sweep.variant[point->variant].engine = MS_ENGINE_FULL;
    }
    for (size_t i = 0; i < race->candidates && status == MS_OK; i++)
        status = time_point(&sweep, race->candidate[i].point, &race->kept, &race->full_seconds[i], error);
    free(sweep.variant);
    return status;
}
