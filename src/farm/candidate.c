/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/candidate.h"

#include "base/clock.h"
#include "sweep/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE    0.95
#define TRIAL_CHAINS  64
#define TRIAL_FEW     8 /* where so many need too much memory */
#define MEMORY_MAX    5e8
#define FIRST         128   /* iterations of a trial's first piece; each further one doubles them */
#define PIECE_SECONDS 0.05  /* between looks at the watch */
#define TIMED_LEAST   0.001 /* seconds of a piece whose time says something */
#define TIME_KNOWN_TO 0.03  /* times are never taken to be known better */
#define TIME_GUESSED  0.3   /* after one timing */
#define PASSES_LEAST  3     /* fewer cannot tell whether the rate changes from pass to pass */
#define BEYOND        16    /* times the last time: a horizon far from it, so that the interval may be, too */
#define CHAINS_MOST   ((size_t)1 << 22)

void ms_candidate_begin(ms_candidate *c, const ms_sweep *sweep, size_t point)
{
    *c = (ms_candidate){.sweep = sweep,
                        .point = point,
                        .coordinate_updates = ms_sweep_coordinate_updates(sweep, point),
                        .pass_iterations = ms_sweep_pass_iterations(sweep, point),
                        .seconds = {(double)NAN, 0, (double)INFINITY}};
}

void ms_candidate_end(ms_candidate *c)
{
    for (size_t i = 0; i < c->trials; i++)
        ms_job_free(&c->trial[i].job);
    free(c->trial);
    free(c->time[MS_UNTIL_ANY]);
    free(c->time[MS_UNTIL_ALL]);
    free(c->observed);
}

/* Room for another trial of so many chains. */
static ms_status make_room(ms_candidate *c, size_t chains, ms_error *error)
{
    bool failed = false;
    if (c->trials == c->room) {
        ms_trial *grown = realloc(c->trial, (2 * c->room + 4) * sizeof *grown);
        failed = !grown;
        c->trial = grown ? grown : c->trial;
        c->room = grown ? 2 * c->room + 4 : c->room;
    }
    if (c->chains + chains > c->chains_room) {
        size_t room = 2 * c->chains_room + chains;
        int64_t **const array[] = {&c->time[MS_UNTIL_ANY], &c->time[MS_UNTIL_ALL], &c->observed};
        for (size_t i = 0; i < 3; i++) {
            int64_t *grown = realloc(*array[i], room * sizeof *grown);
            failed |= !grown;
            *array[i] = grown ? grown : *array[i];
        }
        c->chains_room = failed ? c->chains_room : room;
    }
    return failed ? ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains", c->chains + chains)
                  : MS_OK;
}

static ms_status begin_trial(ms_candidate *c, ms_kept *kept, ms_error *error)
{
    ms_block block = {.point = c->point, .first_chain = c->chains, .chains = TRIAL_CHAINS};
    if (ms_sweep_block_memory(c->sweep, block) > MEMORY_MAX)
        block.chains = TRIAL_FEW;
    ms_status status = make_room(c, block.chains, error);
    if (status != MS_OK)
        return status;
    ms_trial *trial = &c->trial[c->trials];
    *trial = (ms_trial){.first = c->chains, .chains = block.chains};
    status = ms_sweep_job_alloc(c->sweep, block, MS_SIMD_AUTO, kept, &trial->job, error);
    if (status != MS_OK)
        return status;
    c->trials++;
    c->chains += block.chains;
    for (size_t i = trial->first; i < c->chains; i++)
        c->time[MS_UNTIL_ANY][i] = c->time[MS_UNTIL_ALL][i] = MS_CENSORED;
    memset(c->observed + trial->first, 0, block.chains * sizeof *c->observed);
    c->effort += (double)block.chains;
    return MS_OK;
}

/* What the trial's chains have come to. */
static ms_status note(ms_candidate *c, ms_trial *trial, ms_error *error)
{
    size_t modes = ms_sweep_modes(c->sweep);
    int64_t *time = malloc(trial->chains * modes * sizeof *time);
    if (!time)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu chains", trial->chains);
    const ms_job_type *type = trial->job.type;
    int64_t *observed = c->observed + trial->first;
    for (size_t i = 0; i < trial->chains; i++)
        c->effort -= (double)observed[i];
    type->fill(trial->job.state, &(ms_job_slot){.column = ms_column_find("discovery_time"),
                                                .value = time,
                                                .rows = 1,
                                                .units = trial->chains,
                                                .width = modes});
    type->fill(trial->job.state, &(ms_job_slot){.column = ms_column_find("observed"),
                                                .value = observed,
                                                .rows = 1,
                                                .units = trial->chains,
                                                .width = 1});
    trial->has_all_any = true;
    for (size_t i = 0; i < trial->chains; i++) {
        int64_t any = ms_discovery_any(time + i * modes, modes);
        c->time[MS_UNTIL_ANY][trial->first + i] = any;
        c->time[MS_UNTIL_ALL][trial->first + i] = ms_discovery_all(time + i * modes, modes);
        trial->has_all_any &= any != MS_CENSORED;
        c->effort += (double)observed[i];
    }
    trial->reached = type->iteration(trial->job.state);
    free(time);
    if (type->done(trial->job.state))
        ms_job_free(&trial->job);
    return MS_OK;
}

/* Of a piece in which most of the trial's chains moved: what is left of it takes longer for each. */
static void note_time(ms_candidate *c, const ms_trial *trial, double seconds, double chains,
                      uint64_t iterations)
{
    if (chains * 2 < (double)trial->chains || iterations == 0)
        return;
    c->timed_seconds += seconds;
    c->timed_work += chains * (double)iterations;
    if (seconds < TIMED_LEAST)
        return;
    double rate = seconds / (chains * (double)iterations);
    c->timings++;
    c->rate_sum += rate;
    c->rate_squares += rate * rate;
}

/* Until iteration `target`, or all chains have ended. */
static ms_status advance(ms_candidate *c, ms_trial *trial, uint64_t target, const ms_race_watch *watch,
                         ms_error *error)
{
    const ms_job_type *type = trial->job.type;
    ms_status status = MS_OK;
    uint64_t piece = 1;
    do {
        uint64_t at = type->iteration(trial->job.state), left = target - at;
        double chains = type->work(trial->job.state), began = ms_processor_clock(), clock = ms_clock();
        status = type->advance(trial->job.state, piece < left ? piece : left, error);
        note_time(c, trial, ms_processor_clock() - began, chains, type->iteration(trial->job.state) - at);
        clock = ms_clock() - clock;
        if (clock < PIECE_SECONDS / 2)
            piece *= 2;
        else if (clock > PIECE_SECONDS && piece > 1)
            piece /= 2;
    } while (status == MS_OK && !type->done(trial->job.state) && type->iteration(trial->job.state) < target &&
             !watch->is_over(watch->argument));
    return status;
}

/* The one to be prolonged: the least far, of those with chains that have discovered nothing if there are any.
 */
static ms_trial *least_far(const ms_candidate *c)
{
    ms_trial *chosen = NULL;
    for (ms_trial *t = c->trial; t < c->trial + c->trials; t++)
        if (t->job.state && (!chosen || (chosen->has_all_any && !t->has_all_any) ||
                             (chosen->has_all_any == t->has_all_any && t->reached < chosen->reached)))
            chosen = t;
    return chosen;
}

/* What fails is the candidate, unless there is no memory. */
static ms_status conclude(ms_candidate *c, ms_status status, ms_error *error)
{
    if (status == MS_OK || status == MS_ERROR_MEMORY)
        return status;
    c->failure = *error;
    c->is_out = true;
    return MS_OK;
}

/* Its first piece, or twice as far as it is. */
static ms_status prolong(ms_candidate *c, ms_trial *trial, const ms_race_watch *watch, ms_error *error)
{
    ms_status status = MS_OK;
    if (!trial->job.type->done(trial->job.state))
        status = advance(c, trial, trial->reached > 0 ? 2 * trial->reached : FIRST, watch, error);
    return status == MS_OK ? note(c, trial, error) : status;
}

ms_status ms_candidate_turn(ms_candidate *c, ms_kept *kept, const ms_race_watch *watch, ms_error *error)
{
    ms_status status = MS_OK;
    ms_trial *trial = least_far(c);
    /* chains that discover all only late must not keep `any` from getting more exact */
    bool is_new = !trial || (trial->has_all_any && c->wants_chains && c->turns % 2 == 1);
    c->turns++;
    if (is_new && c->chains >= CHAINS_MOST) {
        c->effort += FIRST * TRIAL_CHAINS; /* there is no end to it otherwise */
        return MS_OK;
    }
    if (is_new) {
        status = begin_trial(c, kept, error);
        trial = status == MS_OK ? &c->trial[c->trials - 1] : NULL;
    }
    if (status == MS_OK)
        status = prolong(c, trial, watch, error);
    return conclude(c, status, error);
}

ms_status ms_candidate_prolong(ms_candidate *c, const ms_race_watch *watch, ms_error *error)
{
    ms_trial *trial = least_far(c);
    return trial ? conclude(c, prolong(c, trial, watch, error), error) : MS_OK;
}

double ms_candidate_prolonging(const ms_candidate *c)
{
    const ms_trial *trial = least_far(c);
    double chains = 0;
    for (size_t i = 0; trial && i < trial->chains; i++)
        chains += c->time[MS_UNTIL_ALL][trial->first + i] == MS_CENSORED;
    return trial ? chains * (double)trial->reached : (double)INFINITY;
}

/* The last iteration at which a chain was observed, and whether all chains have discovered by then: a chain
 * that is censored was still at risk. */
static uint64_t last_seen(const ms_candidate *c, ms_until until, bool *is_whole)
{
    int64_t discovered = 0, censored = MS_CENSORED;
    for (size_t i = 0; i < c->chains; i++) {
        int64_t time = c->time[until][i];
        if (time != MS_CENSORED)
            discovered = time > discovered ? time : discovered;
        else
            censored = c->observed[i] > censored ? c->observed[i] : censored;
    }
    *is_whole = censored == MS_CENSORED || censored < discovered;
    int64_t last = *is_whole ? discovered : censored;
    return last > 0 ? (uint64_t)last : 1;
}

/* Where the survival curve comes down to 0 the area under it, which is the plain mean if nothing is censored.
 * Else that of an exponential law, if nothing speaks against it, or no more than a bound. */
static ms_status find_mean(const ms_candidate *c, ms_until until, ms_survival *survival, ms_figure *f,
                           ms_error *error)
{
    bool is_whole;
    uint64_t last = last_seen(c, until, &is_whole);
    f->is_law = !is_whole && f->verdict == MS_EXPONENTIAL &&
                !((double)last < PASSES_LEAST * c->pass_iterations); /* without passes, too */
    if (f->is_law)
        return ms_exponential_mean(f->discovered, ms_survival_iterations_at_risk(survival), CONFIDENCE,
                                   &f->mean, error);
    f->is_bound = !is_whole;
    ms_status status =
        ms_survival_restricted_mean(survival, is_whole ? BEYOND * last : last, CONFIDENCE, &f->mean, error);
    if (f->is_bound)
        f->mean.high = (double)INFINITY;
    return status;
}

static ms_status find_figure(const ms_candidate *c, ms_until until, ms_survival *survival, ms_figure *f,
                             ms_error *error)
{
    ms_status status = MS_OK;
    ms_survival_clear(survival);
    for (size_t i = 0; i < c->chains && status == MS_OK; i++)
        status = ms_survival_add(survival, c->time[until][i], (uint64_t)c->observed[i], error);
    if (status != MS_OK)
        return status;
    *f = (ms_figure){.chains = ms_survival_chains(survival), .discovered = ms_survival_discovered(survival)};
    f->verdict = ms_survival_exponentiality(survival, &f->p_value);
    return find_mean(c, until, survival, f, error);
}

static void find_seconds(ms_candidate *c)
{
    double n = c->timings, mean = c->timed_seconds / c->timed_work;
    double variance = n > 1 ? (c->rate_squares - c->rate_sum * c->rate_sum / n) / (n - 1) : 0;
    double error = n > 1 ? 2 * sqrt(fmax(variance, 0) / n) : TIME_GUESSED * mean;
    if (!(c->timed_seconds > 0 && c->timed_work > 0))
        return;
    /* by a factor, as times vary: beside other programs a few pieces can differ by more than their mean */
    double factor = 1 + fmax(error / mean, TIME_KNOWN_TO);
    c->seconds = (ms_interval){mean, mean / factor, mean * factor};
}

ms_status ms_candidate_judge(ms_candidate *c, ms_error *error)
{
    ms_survival *survival;
    if (c->chains == 0)
        return MS_OK;
    ms_status status = ms_survival_alloc(&survival, error);
    for (int until = 0; until < MS_UNTIL_COUNT && status == MS_OK; until++)
        status = find_figure(c, (ms_until)until, survival, &c->figure[until], error);
    ms_survival_free(survival);
    find_seconds(c);
    return status;
}
