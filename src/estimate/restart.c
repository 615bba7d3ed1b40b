/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/restart_state.h"
#include "sampler/engine.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

#define DECAYS      30      /* of the slowest rate, as burn-in */
#define PILOT_LEAST 256     /* iterations of a pilot trajectory */
#define RETURNS_MAX 1000000 /* at once: starts that are all in the discovery set */
#define STEPS_MAX   (UINT64_C(1) << 48)

void ms_restart_params_init(ms_restart_params *params)
{
    *params = (ms_restart_params){.steps = 100000, .copies = 4};
}

/* Iterations of a main trajectory that are not counted, and all of them. */
static uint64_t uncounted(const ms_restart *r)
{
    return r->progress.is_pilot ? r->params.burn_in / 8 : r->params.burn_in;
}

static uint64_t horizon(const ms_restart *r)
{
    if (r->progress.is_pilot)
        return r->params.burn_in / 2 > PILOT_LEAST ? r->params.burn_in / 2 : PILOT_LEAST;
    return r->params.burn_in + 2 * ((r->params.steps - 1) / (UINT64_C(2) * MS_LANES) + 1); /* two halves */
}

static bool grow(void **array, size_t count, size_t size)
{
    void *grown = realloc(*array, count * size);
    if (grown)
        *array = grown;
    return grown;
}

ms_status ms_restart_reserve(ms_restart *r, size_t branches, ms_error *error)
{
    size_t most = MS_RESTART_BYTES_MAX / (sizeof *r->branch + r->law->rows * sizeof *r->x);
    if (branches <= r->capacity)
        return MS_OK;
    if (branches > most)
        return ms_error_set(error, MS_ERROR_MEMORY,
                            "more than %zu branches, each of %zu numbers: over %d MB; ask for fewer copies",
                            most, r->law->rows, (int)(MS_RESTART_BYTES_MAX >> 20));
    size_t capacity = branches > 2 * r->capacity ? branches : 2 * r->capacity;
    if (capacity > most)
        capacity = most;
    if (!grow((void **)&r->branch, capacity, sizeof *r->branch) ||
        !grow((void **)&r->x, capacity, r->law->rows * sizeof *r->x))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu branches", capacity);
    r->capacity = capacity;
    return MS_OK;
}

static double *chain_of(const ms_restart *r, size_t branch)
{
    return r->x + branch * r->law->rows;
}

/* A branch whose chain is in a lane of `rows`. */
static ms_status push(ms_restart *r, const ms_branch *branch, const double *rows, size_t lane,
                      ms_error *error)
{
    ms_status status = ms_restart_reserve(r, r->progress.branches + 1, error);
    if (status != MS_OK)
        return status;
    double *x = chain_of(r, r->progress.branches);
    for (size_t i = 0; i < r->law->rows; i++)
        x[i] = rows[i * MS_LANES + lane];
    r->branch[r->progress.branches++] = *branch;
    return MS_OK;
}

static ms_status number(ms_restart *r, ms_branch *branch, ms_error *error)
{
    if (r->progress.chains > UINT32_MAX)
        return ms_error_set(error, MS_ERROR_NUMERIC,
                            "more than 2^32 branches in a replicate; ask for fewer steps");
    branch->chain = r->progress.chains++;
    return MS_OK;
}

/* Counts a return to the start law. */
static void pay(ms_restart *r, const ms_branch *branch)
{
    ms_restart_progress *p = &r->progress;
    if (branch->time <= uncounted(r))
        return;
    bool is_late = branch->time - uncounted(r) > (horizon(r) - uncounted(r)) / 2;
    if (!p->is_pilot) {
        p->reward += r->weight[branch->level];
        p->late_reward += is_late ? r->weight[branch->level] : 0;
    } else if (branch->level == p->levels)
        ms_restart_sample(r, INFINITY);
}

static uint64_t reach_of(const ms_restart *r, double coordinate)
{
    uint64_t reach = 0;
    while (reach < r->progress.levels && coordinate >= r->level[reach])
        reach++;
    return reach;
}

static ms_status check_target(const ms_restart *r, ms_error *error)
{
    const char *failure = r->law->type->take_failure ? r->law->type->take_failure(r->law) : NULL;
    return failure ? ms_error_set(error, MS_ERROR_NUMERIC, "%s; correct it, or reduce step_size", failure)
                   : MS_OK;
}

/* Takes the next start; each that is in the discovery set is a return of its own. */
static ms_status start(ms_restart *r, const ms_branch *branch, size_t *lane, ms_error *error)
{
    for (int returns = 0; returns < RETURNS_MAX; returns++) {
        uint64_t next = r->progress.starts++;
        if (next / MS_LANES != r->start_block) {
            r->start_block = next / MS_LANES;
            r->law->type->start(r->law, r->start_block, r->start);
            r->law->type->coordinate(r->law, 0, r->start, r->start_coordinate);
            ms_status status = check_target(r, error);
            if (status != MS_OK)
                return status;
        }
        *lane = next % MS_LANES;
        if (isnan(r->start_coordinate[*lane]))
            break;
        if (r->start_coordinate[*lane] < INFINITY)
            return MS_OK;
        pay(r, branch);
    }
    return ms_error_set(error, MS_ERROR_NUMERIC, "no start is outside of the discovery set");
}

/* Main trajectories at time 0. */
static ms_status begin(ms_restart *r, ms_error *error)
{
    r->progress.samples = r->progress.skipped = 0;
    r->progress.stride = 1;
    ms_status status = MS_OK;
    for (int i = 0; i < MS_LANES && status == MS_OK; i++) {
        ms_branch branch = {0};
        size_t lane = 0;
        status = number(r, &branch, error);
        if (status == MS_OK)
            status = start(r, &branch, &lane, error);
        branch.reach = reach_of(r, r->start_coordinate[lane]);
        if (status == MS_OK)
            status = push(r, &branch, r->start, lane, error);
    }
    return status;
}

/* When all branches have ended. */
static ms_status end(ms_restart *r, ms_error *error)
{
    ms_restart_progress *p = &r->progress;
    if (p->is_pilot)
        p->is_pilot = ms_restart_place_level(r);
    else
        p->is_done = true;
    return p->is_done ? MS_OK : begin(r, error);
}

/* Where the top branch has come up a level it stays, and has copies, above it on the stack: it does not move
 * again before (all but a few of) these have ended, so that the stack stays small. */
static ms_status split(ms_restart *r, ms_error *error)
{
    size_t top = r->progress.branches - 1;
    ms_status status = ms_restart_reserve(r, top + r->params.copies, error);
    if (status != MS_OK)
        return status;
    ms_branch copy = r->branch[top];
    r->branch[top].level = copy.born = ++copy.level;
    for (unsigned i = 1; i < r->params.copies; i++) {
        status = number(r, &copy, error);
        if (status != MS_OK)
            return status;
        memcpy(chain_of(r, top + i), chain_of(r, top), r->law->rows * sizeof *r->x);
        r->branch[top + i] = copy;
        r->progress.branches++;
    }
    return MS_OK;
}

/* Takes branches that are to move off the stack, each into a lane of its own. */
static ms_status take(ms_restart *r, ms_branch *taken, size_t *count, ms_error *error)
{
    ms_status status = MS_OK;
    for (*count = 0; *count < MS_LANES && r->progress.branches > 0 && status == MS_OK;) {
        size_t top = r->progress.branches - 1;
        if (r->branch[top].level < r->branch[top].reach) {
            status = split(r, error);
            continue;
        }
        for (size_t i = 0; i < r->law->rows; i++)
            r->moving[i * MS_LANES + *count] = chain_of(r, top)[i];
        taken[(*count)++] = r->branch[top];
        r->progress.branches--;
    }
    return status;
}

/* What the move of a branch in a lane means; it is put back unless it ends. */
static ms_status settle(ms_restart *r, ms_branch *branch, size_t lane, double coordinate, ms_error *error)
{
    const double *rows = r->moving;
    branch->time++;
    r->progress.transitions++;
    if (isnan(coordinate))
        return ms_error_set(error, MS_ERROR_NUMERIC, "a chain diverges; is the step size too large?");
    if (coordinate == INFINITY) {
        pay(r, branch);
        ms_status status = start(r, branch, &lane, error);
        if (status != MS_OK)
            return status;
        rows = r->start;
        coordinate = r->start_coordinate[lane];
    }
    branch->reach = reach_of(r, coordinate);
    if (branch->reach < branch->born || branch->time >= horizon(r))
        return MS_OK;
    if (branch->level > branch->reach)
        branch->level = branch->reach;
    return push(r, branch, rows, lane, error);
}

/* A pilot learns from where its branches above the last level are. */
static void learn(ms_restart *r, const ms_branch *taken, size_t count)
{
    _Alignas(MS_ALIGNMENT) double coordinate[MS_LANES];
    r->law->type->coordinate(r->law, 0, r->moving, coordinate);
    for (size_t i = 0; i < count; i++)
        if (taken[i].level == r->progress.levels && taken[i].time > uncounted(r))
            ms_restart_sample(r, coordinate[i]);
}

static ms_status iterate(ms_restart *r, ms_error *error)
{
    ms_branch taken[MS_LANES];
    _Alignas(MS_ALIGNMENT) double coordinate[MS_LANES];
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    size_t count;
    ms_status status = take(r, taken, &count, error);
    if (status != MS_OK || count == 0) /* the latter never is */
        return status;
    for (size_t lane = count; lane < MS_LANES; lane++) /* those without a branch do what the first one does */
        for (size_t i = 0; i < r->law->rows; i++)
            r->moving[i * MS_LANES + lane] = r->moving[i * MS_LANES];
    for (size_t lane = 0; lane < MS_LANES; lane++)
        chain[lane] = taken[lane < count ? lane : 0].chain;
    if (r->progress.is_pilot)
        learn(r, taken, count);
    r->law->type->move(r->law, r->progress.iteration++, 0, chain, r->moving);
    r->law->type->coordinate(r->law, 0, r->moving, coordinate);
    status = check_target(r, error);
    for (size_t lane = count; lane-- > 0 && status == MS_OK;) /* the first one comes to the top again */
        status = settle(r, &taken[lane], lane, coordinate[lane], error);
    return status == MS_OK && r->progress.branches == 0 ? end(r, error) : status;
}

ms_status ms_restart_advance(ms_restart *r, uint64_t iterations, ms_error *error)
{
    ms_status status = MS_OK;
    (void)check_target(r, NULL); /* what others that use the target have left */
    for (uint64_t i = 0; i < iterations && !r->progress.is_done && status == MS_OK; i++)
        status = iterate(r, error);
    return status;
}

bool ms_restart_done(const ms_restart *r)
{
    return r->progress.is_done;
}

uint64_t ms_restart_iteration(const ms_restart *r)
{
    return r->progress.iteration;
}

/* As far as its main trajectories are; the pilot is short beside them. */
double ms_restart_progress_of(const ms_restart *r)
{
    double all = (double)horizon(r), left = 0;
    for (size_t i = 0; i < r->progress.branches; i++)
        left += r->branch[i].born == 0 ? all - (double)r->branch[i].time : 0;
    return r->progress.is_done    ? 1
           : r->progress.is_pilot ? 0.01
                                  : 0.01 + 0.99 * (1 - left / (MS_LANES * all));
}

ms_restart_result ms_restart_result_of(const ms_restart *r)
{
    return (ms_restart_result){.steps = (double)(MS_LANES * (horizon(r) - uncounted(r))),
                               .reward = r->progress.reward,
                               .late_reward = r->progress.late_reward,
                               .transitions = r->progress.transitions,
                               .level = r->level,
                               .levels = r->progress.levels};
}

static uint64_t key_of(const ms_run_params *run, uint64_t replicate)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, "restart", 7);
    ms_hash_u64(&hash, run->key);
    ms_hash_u64(&hash, replicate);
    return ms_hash_value(&hash);
}

static uint64_t fingerprint_of(const ms_restart *r)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, r->law->type->name, strlen(r->law->type->name) + 1);
    r->law->type->hash(r->law, &hash);
    ms_hash_u64(&hash, r->params.steps);
    ms_hash_u64(&hash, r->params.burn_in);
    ms_hash_u64(&hash, r->params.copies);
    return ms_hash_value(&hash);
}

static uint64_t default_burn_in(const ms_law *law)
{
    double iterations = ceil(DECAYS / law->slowest_rate);
    return iterations >= 1 && iterations < (double)STEPS_MAX ? (uint64_t)iterations : STEPS_MAX;
}

static ms_status set_up(ms_restart *r, const ms_restart_params *params, ms_error *error)
{
    ms_status status = ms_law_alloc(&r->law, params->law, params->coordinate, params->run,
                                    key_of(params->run, r->replicate), error);
    if (status != MS_OK)
        return status;
    if (params->burn_in == 0 && !(r->law->slowest_rate > 0))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "how fast chains of this sampler forget on this target is not known; set burn_in");
    r->moving = (double *)ms_rows_alloc(r->law->rows);
    r->start = (double *)ms_rows_alloc(r->law->rows);
    if (!r->moving || !r->start)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for chains of %zu numbers", r->law->rows);
    r->params = *params;
    r->params.run = NULL;
    if (params->burn_in == 0)
        r->params.burn_in = default_burn_in(r->law);
    r->weight[0] = 1;
    for (size_t i = 1; i <= MS_RESTART_LEVELS_MAX; i++)
        r->weight[i] = r->weight[i - 1] / params->copies;
    r->fingerprint = fingerprint_of(r);
    r->start_block = UINT64_MAX;
    r->progress.is_pilot = true;
    (void)check_target(r, NULL); /* what others that use the target have left */
    return begin(r, error);
}

ms_status ms_restart_alloc(ms_restart **restart, const ms_restart_params *params, uint64_t replicate,
                           ms_error *error)
{
    *restart = NULL;
    if (params->steps < 1 || params->steps > STEPS_MAX || params->burn_in > STEPS_MAX || params->copies < 2 ||
        params->copies > MS_RESTART_COPIES_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "restart needs 1 to 2^48 steps, a burn-in of up to 2^48 and 2 to %d copies",
                            MS_RESTART_COPIES_MAX);
    ms_restart *r = aligned_alloc(MS_ALIGNMENT, sizeof *r);
    if (!r)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a replicate");
    memset(r, 0, sizeof *r);
    r->replicate = replicate;
    ms_status status = set_up(r, params, error);
    if (status != MS_OK) {
        ms_restart_free(r);
        return status;
    }
    *restart = r;
    return MS_OK;
}

void ms_restart_free(ms_restart *r)
{
    if (!r)
        return;
    ms_law_free(r->law);
    free(r->branch);
    free(r->x);
    free(r->moving);
    free(r->start);
    free(r);
}
