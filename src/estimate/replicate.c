/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block of replicates: one after the other, of each one rule after the other. */
#include "estimate/replicate.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

#define PER_RULE(symbol, title, unit, part, text)                                                            \
    const ms_column symbol = {.name = (title),                                                               \
                              .units = (unit),                                                               \
                              .long_name = (text),                                                           \
                              .type = MS_COLUMN_DOUBLE,                                                      \
                              .rank = 2,                                                                     \
                              .extent = {MS_EXTENT_CHAIN, MS_EXTENT_RULE},                                   \
                              .role = (part)}

PER_RULE(ms_column_iterations_at_risk, "iterations_at_risk", "iterations", MS_COLUMN_AMOUNT,
         "iterations in which the replicate could have discovered; the mean first-passage time is the sum of "
         "these over replicates / that of discoveries");
PER_RULE(ms_column_discoveries, "discoveries", "1", MS_COLUMN_AMOUNT,
         "expected number of discoveries, of any of the modes, in the iterations at risk");
PER_RULE(ms_column_late_discoveries, "late_discoveries", "1", MS_COLUMN_AMOUNT,
         "the part of discoveries in the second half of the iterations at risk");
PER_RULE(ms_column_relative_error, "relative_error", "1", MS_COLUMN_ERROR,
         "error that the mean first-passage time may have beside chance, relative to it");
PER_RULE(ms_column_transitions, "transitions", "1", MS_COLUMN_AMOUNT,
         "what the replicate has cost: moves of a chain, or entries of transitions applied");

#define SURVIVAL(symbol, title, part, text)                                                                  \
    const ms_column symbol = {.name = (title),                                                               \
                              .units = "1",                                                                  \
                              .long_name = (text),                                                           \
                              .type = MS_COLUMN_DOUBLE,                                                      \
                              .rank = 3,                                                                     \
                              .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_RULE},               \
                              .role = (part)}

SURVIVAL(ms_column_survival, "survival", MS_COLUMN_SHARE,
         "probability that no mode has been discovered by the snapshot");
SURVIVAL(ms_column_survival_error, "survival_error", MS_COLUMN_ERROR, "stated error of survival");

typedef struct replicates {
    const ms_job_type *type;
    ms_job_params params;   /* clauses and snapshots belong to the job; units of the block */
    size_t finished, items; /* replicates times rules */
    uint64_t iterations;    /* of those finished */
    void *now;              /* the one in work, or NULL */
    ms_replicate_result *result;
    double *survival; /* [items][snapshots][2], with its error; NULL without snapshots, or where not told */
} replicates;

/* The clauses of a rule: every rule has as many events as the others. */
static void of_rule(const ms_job_params *params, size_t rule, ms_run_params *run)
{
    size_t events = 0, from = 0, to = 0, count = params->run.clause_count;
    for (size_t i = 0; i < count; i++)
        events += params->run.clauses[i].joint == MS_ALONE;
    size_t first = rule * (events / params->rules), end = first + events / params->rules;
    for (size_t i = 0, event = 0; i < count; i++) {
        from += event < first;
        to += event < end;
        event += params->run.clauses[i].joint == MS_ALONE;
    }
    run->clauses = params->run.clauses + from;
    run->clause_count = to - from;
}

static ms_job_params params_of(const ms_job_params *params, size_t item)
{
    ms_job_params one = *params;
    of_rule(params, item % params->rules, &one.run);
    one.run.first_chain = params->run.first_chain + item / params->rules;
    one.run.chains = 1;
    return one;
}

ms_job_params ms_replicates_params_of_rule(const ms_job_params *params, size_t rule)
{
    return params_of(params, rule);
}

ms_job_size ms_replicates_size(const ms_job_shape *shape, const ms_replicate_type *type)
{
    ms_job_size one = type->size(shape);
    size_t items = shape->run.chains * shape->rules;
    size_t results = items * (sizeof(ms_replicate_result) + 2 * shape->run.snapshots * sizeof(double));
    return (ms_job_size){.state = one.state + results + 4 * sizeof(uint64_t),
                         .memory = one.memory + (double)results,
                         .cost = one.cost * (double)items};
}

ms_status ms_replicates_check(const ms_job_params *params, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t rule = 0; status == MS_OK && rule < params->rules; rule++) {
        void *replicate = NULL;
        const ms_job_params one = params_of(params, rule);
        status = params->type->replicate->alloc(&replicate, &one, error);
        params->type->replicate->free(replicate);
    }
    return status;
}

static bool copy_params(replicates *r, const ms_job_params *params)
{
    const ms_run_params *run = &params->run;
    ms_clause *clauses = calloc(run->clause_count + 1, sizeof *clauses);
    uint64_t *snapshots = calloc(run->snapshot_count + 1, sizeof *snapshots);
    r->params = *params;
    r->params.run.clauses = clauses;
    r->params.run.snapshots = snapshots;
    if (!clauses || !snapshots)
        return false;
    if (run->clause_count > 0)
        memcpy(clauses, run->clauses, run->clause_count * sizeof *clauses);
    if (run->snapshot_count > 0)
        memcpy(snapshots, run->snapshots, run->snapshot_count * sizeof *snapshots);
    return true;
}

static ms_status begin(replicates *r, ms_error *error)
{
    const ms_job_params one = params_of(&r->params, r->finished);
    return r->type->replicate->alloc(&r->now, &one, error);
}

ms_status ms_replicates_alloc(void **job, const ms_job_params *params, ms_error *error)
{
    *job = NULL;
    replicates *r = calloc(1, sizeof *r);
    bool good = r && copy_params(r, params);
    if (good) {
        r->type = params->type;
        r->items = params->run.chains * params->rules;
        r->result = calloc(r->items + 1, sizeof *r->result);
        r->survival = calloc(r->items * 2 * params->run.snapshot_count + 1, sizeof *r->survival);
        good = r->result && r->survival;
    }
    ms_status status =
        good ? begin(r, error)
             : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu replicates", params->run.chains);
    if (status != MS_OK) {
        ms_replicates_free(r);
        return status;
    }
    *job = r;
    return MS_OK;
}

void ms_replicates_free(void *job)
{
    replicates *r = job;
    if (!r)
        return;
    if (r->now)
        r->type->replicate->free(r->now);
    free((ms_clause *)r->params.run.clauses);
    free((uint64_t *)r->params.run.snapshots);
    free(r->result);
    free(r->survival);
    free(r);
}

static void note(replicates *r)
{
    const ms_replicate_type *type = r->type->replicate;
    size_t snapshots = r->params.run.snapshot_count;
    r->result[r->finished] = type->result(r->now);
    for (size_t s = 0; type->survival && s < snapshots; s++) {
        double *at = r->survival + 2 * (r->finished * snapshots + s);
        at[0] = type->survival(r->now, s, &at[1]);
    }
    r->iterations += type->iteration(r->now);
    r->finished++;
    type->free(r->now);
    r->now = NULL;
}

ms_status ms_replicates_advance(void *job, uint64_t iterations, ms_error *error)
{
    replicates *r = job;
    uint64_t end = ms_replicates_iteration(job) + iterations;
    if (end < iterations)
        end = UINT64_MAX;
    ms_status status = MS_OK;
    while (status == MS_OK && r->finished < r->items && ms_replicates_iteration(job) < end) {
        status = r->type->replicate->advance(r->now, end - ms_replicates_iteration(job), error);
        if (status == MS_OK && r->type->replicate->done(r->now)) {
            note(r);
            if (r->finished < r->items)
                status = begin(r, error);
        }
    }
    return status;
}

bool ms_replicates_done(const void *job)
{
    const replicates *r = job;
    return r->finished == r->items;
}

uint64_t ms_replicates_iteration(const void *job)
{
    const replicates *r = job;
    return r->iterations + (r->now ? r->type->replicate->iteration(r->now) : 0);
}

/* --- saved states: what is finished, then the replicate in work --- */

typedef struct header {
    uint64_t finished, iterations, checksum;
} header;

static size_t survival_size(const replicates *r)
{
    return 2 * r->finished * r->params.run.snapshot_count * sizeof *r->survival;
}

static size_t finished_size(const replicates *r)
{
    return r->finished * sizeof *r->result + survival_size(r);
}

static uint64_t checksum_of(const header *h, const unsigned char *finished, size_t size)
{
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, h->finished);
    ms_hash_u64(&hash, h->iterations);
    ms_hash_bytes(&hash, finished, size);
    return ms_hash_value(&hash);
}

size_t ms_replicates_state_size(const void *job)
{
    const replicates *r = job;
    return sizeof(header) + finished_size(r) + (r->now ? r->type->replicate->state_size(r->now) : 0);
}

ms_status ms_replicates_save(const void *job, void *buffer, size_t size, size_t *used, ms_error *error)
{
    const replicates *r = job;
    unsigned char *to = buffer;
    header h = {.finished = r->finished, .iterations = r->iterations};
    *used = ms_replicates_state_size(job);
    if (size < *used)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "a saved state takes %zu bytes, not %zu", *used, size);
    memcpy(to + sizeof h, r->result, r->finished * sizeof *r->result);
    memcpy(to + sizeof h + r->finished * sizeof *r->result, r->survival, survival_size(r));
    h.checksum = checksum_of(&h, to + sizeof h, finished_size(r));
    memcpy(to, &h, sizeof h);
    if (r->now)
        r->type->replicate->save(r->now, to + sizeof h + finished_size(r));
    return MS_OK;
}

static ms_status restore_now(replicates *r, const unsigned char *from, size_t size, ms_error *error)
{
    if (r->finished == r->items)
        return MS_OK;
    ms_status status = begin(r, error);
    return status == MS_OK ? r->type->replicate->restore(r->now, from, size, error) : status;
}

/* A job that cannot be put there begins anew. */
static ms_status begin_anew(replicates *r, ms_status status, ms_error *error)
{
    if (r->now)
        r->type->replicate->free(r->now);
    r->now = NULL;
    r->finished = 0;
    r->iterations = 0;
    return begin(r, error) == MS_OK ? status : MS_ERROR_MEMORY;
}

ms_status ms_replicates_restore(void *job, const void *buffer, size_t size, ms_error *error)
{
    replicates *r = job;
    const unsigned char *from = buffer;
    header h;
    if (size < sizeof h)
        return ms_error_set(error, MS_ERROR_FORMAT, "a saved state is cut off");
    memcpy(&h, from, sizeof h);
    if (h.finished > r->items)
        return ms_error_set(error, MS_ERROR_FORMAT, "a saved state has %llu replicates",
                            (unsigned long long)h.finished);
    if (r->now)
        r->type->replicate->free(r->now);
    r->now = NULL;
    r->finished = h.finished;
    r->iterations = h.iterations;
    if (size < sizeof h + finished_size(r) ||
        checksum_of(&h, from + sizeof h, finished_size(r)) != h.checksum)
        return begin_anew(r, ms_error_set(error, MS_ERROR_FORMAT, "a saved state is damaged"), NULL);
    memcpy(r->result, from + sizeof h, r->finished * sizeof *r->result);
    memcpy(r->survival, from + sizeof h + r->finished * sizeof *r->result, survival_size(r));
    size_t before = sizeof h + finished_size(r);
    ms_status status = restore_now(r, from + before, size - before, error);
    return status == MS_OK ? MS_OK : begin_anew(r, status, NULL);
}

/* --- results --- */

static double number_of(const ms_replicate_result *result, const ms_column *column)
{
    const struct {
        const ms_column *column;
        double value;
    } number[] = {{&ms_column_iterations_at_risk, result->iterations_at_risk},
                  {&ms_column_discoveries, result->discoveries},
                  {&ms_column_late_discoveries, result->late_discoveries},
                  {&ms_column_relative_error, result->relative_error},
                  {&ms_column_transitions, result->transitions}};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        if (strcmp(number[i].column->name, column->name) == 0)
            return number[i].value;
    return (double)NAN;
}

static void fill_survival(const replicates *r, const ms_job_slot *slot, bool is_error)
{
    double *value = slot->value;
    size_t rules = r->params.rules, snapshots = r->params.run.snapshot_count;
    for (size_t s = 0; s < slot->rows && s < snapshots; s++)
        for (size_t i = 0; i < r->finished; i++)
            value[(s * slot->units + slot->first + i / rules) * slot->width + i % rules] =
                r->survival[2 * (i * snapshots + s) + is_error];
}

void ms_replicates_fill(const void *job, const ms_job_slot *slot)
{
    const replicates *r = job;
    double *value = slot->value;
    bool records = false;
    for (const ms_column *const *own = r->type->columns; *own; own++)
        records |= strcmp((*own)->name, slot->column->name) == 0;
    if (!records)
        return;
    if (slot->column->rank == 3) {
        fill_survival(r, slot, strcmp(slot->column->name, ms_column_survival_error.name) == 0);
        return;
    }
    for (size_t i = 0; i < r->finished; i++)
        value[(slot->first + i / r->params.rules) * slot->width + i % r->params.rules] =
            number_of(&r->result[i], slot->column);
}

/* --- how long it takes: a replicate counts as a chain that has ended, one in work in part --- */

double ms_replicates_work(const void *job)
{
    return ms_replicates_done(job) ? 0 : 1;
}

void ms_replicates_tell_ends(const void *job, ms_ends *ends)
{
    const replicates *r = job;
    ends->chains += (double)r->items;
    ends->ended += (double)r->finished + (r->now ? r->type->replicate->progress(r->now) : 0);
    ends->observed += (double)ms_replicates_iteration(job);
}

double ms_replicates_expected_work(const ms_job_shape *shape, const ms_ends *ends)
{
    double items = (double)(shape->run.chains * shape->rules);
    return ends && ends->ended > 0 ? items * ends->observed / ends->ended : items;
}
