/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/splitting_state.h"
#include "sampler/engine.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

#define DECAYS      30   /* of the slowest rate, as burn-in */
#define PATIENCE    1000 /* burn-ins until a chain is given up */
#define BURN_IN_MAX (UINT64_C(1) << 40)

void ms_splitting_params_init(ms_splitting_params *params)
{
    *params = (ms_splitting_params){.coordinate = MS_COORDINATE_FORECAST, .particles = 2000, .killed = 100};
}

ms_status ms_splitting_number(ms_splitting *s, ms_walker *walker, ms_error *error)
{
    if (s->progress.chains > UINT32_MAX)
        return ms_error_set(error, MS_ERROR_NUMERIC,
                            "more than 2^32 chains in a replicate; ask for fewer particles");
    walker->chain = s->progress.chains++;
    return MS_OK;
}

bool ms_splitting_is_lost(ms_splitting *s, ms_walker *w)
{
    if (w->since < s->params.burn_in * PATIENCE)
        return false;
    s->progress.lost++;
    w->is_active = false;
    return true;
}

ms_status ms_splitting_full(ms_error *error)
{
    return ms_error_set(error, MS_ERROR_MEMORY,
                        "particles do not fit into memory, or into %d MB; ask for fewer",
                        (int)(MS_RECORDS_BYTES_MAX >> 20));
}

void ms_splitting_place(ms_splitting *s, size_t lane, const double *x, size_t stride)
{
    for (size_t i = 0; i < s->law->rows; i++)
        s->x[i * MS_LANES + lane] = x[i * stride];
}

static ms_status check_target(const ms_splitting *s, ms_error *error)
{
    const char *failure = s->law->type->take_failure ? s->law->type->take_failure(s->law) : NULL;
    return failure ? ms_error_set(error, MS_ERROR_NUMERIC, "%s; correct it, or reduce step_size", failure)
                   : MS_OK;
}

static ms_status settle(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    if (isnan(coordinate))
        return ms_error_set(error, MS_ERROR_NUMERIC, "a chain diverges; is the step size too large?");
    if (s->progress.phase == MS_SPLITTING_ROUNDS)
        return ms_splitting_piece_of_excursion(s, lane, coordinate, error);
    if (s->progress.clock > 0)
        return MS_OK;
    if (s->progress.phase == MS_SPLITTING_PILOT)
        return ms_splitting_step_of_pilot(s, lane, coordinate, error);
    if (s->progress.phase == MS_SPLITTING_ENTRANCES)
        return ms_splitting_step_of_trajectory(s, lane, coordinate, error);
    if (s->progress.phase == MS_SPLITTING_STARTS)
        ms_splitting_step_of_start(s, lane, coordinate);
    else
        ms_splitting_step_of_probe(s, lane, coordinate);
    return MS_OK;
}

static bool any_active(const ms_splitting *s)
{
    bool any = false;
    for (size_t lane = 0; lane < MS_LANES; lane++)
        any = any || s->walker[lane].is_active;
    return any;
}

/* Chains for the lanes that have none, if there are any. */
static ms_status fill(ms_splitting *s, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    ms_status status = MS_OK;
    if (p->phase == MS_SPLITTING_ROUNDS && p->waiting > 0 && !any_active(s))
        p->clock = s->records.record[s->particle[s->queue[s->queue_first]].records.last].piece;
    for (size_t lane = 0; lane < MS_LANES && status == MS_OK; lane++) {
        if (s->walker[lane].is_active)
            continue;
        if (p->phase == MS_SPLITTING_STARTS && p->clock == 0)
            status = ms_splitting_begin_start(s, lane, error);
        else if (p->phase == MS_SPLITTING_ROUNDS && p->waiting > 0)
            status = ms_splitting_begin_excursion(s, lane, error);
    }
    return status;
}

/* When no chain moves and none waits. */
static ms_status end_phase(ms_splitting *s, ms_error *error)
{
    if (s->progress.phase == MS_SPLITTING_PILOT)
        ms_splitting_end_pilot(s);
    else if (s->progress.phase == MS_SPLITTING_ENTRANCES)
        s->progress.phase = MS_SPLITTING_STARTS;
    else if (s->progress.phase < MS_SPLITTING_ROUNDS)
        return ms_splitting_next_probe(s, error);
    else if (!ms_splitting_round(s))
        return ms_splitting_full(error);
    return MS_OK;
}

static ms_status get_ready(ms_splitting *s, ms_error *error)
{
    ms_status status = fill(s, error);
    while (status == MS_OK && !any_active(s) && s->progress.phase != MS_SPLITTING_DONE) {
        status = end_phase(s, error);
        if (status == MS_OK)
            status = fill(s, error);
    }
    return status;
}

/* Lanes without a chain do what the first one with a chain does. */
static void move(ms_splitting *s)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    size_t first = 0;
    while (!s->walker[first].is_active)
        first++;
    for (size_t lane = 0; lane < MS_LANES; lane++) {
        bool is_active = s->walker[lane].is_active;
        chain[lane] = s->walker[is_active ? lane : first].chain;
        s->progress.moves += is_active;
        if (!is_active)
            ms_splitting_place(s, lane, s->x + first, MS_LANES);
    }
    ms_splitting_progress *p = &s->progress;
    s->law->type->move(s->law, p->iteration++, (unsigned)p->clock, chain, s->x);
    p->clock = (p->clock + 1) % s->law->pieces;
}

static ms_status iterate(ms_splitting *s, ms_error *error)
{
    _Alignas(MS_ALIGNMENT) double coordinate[MS_LANES];
    move(s);
    s->law->type->coordinate(s->law, (unsigned)s->progress.clock, s->x, coordinate);
    ms_status status = check_target(s, error);
    for (size_t lane = 0; lane < MS_LANES && status == MS_OK; lane++)
        if (s->walker[lane].is_active)
            status = settle(s, lane, coordinate[lane], error);
    return status == MS_OK ? get_ready(s, error) : status;
}

ms_status ms_splitting_advance(ms_splitting *s, uint64_t iterations, ms_error *error)
{
    ms_status status = MS_OK;
    for (uint64_t i = 0; i < iterations && !ms_splitting_done(s) && status == MS_OK; i++)
        status = iterate(s, error);
    return status;
}

bool ms_splitting_done(const ms_splitting *s)
{
    return s->progress.phase == MS_SPLITTING_DONE;
}

uint64_t ms_splitting_iteration(const ms_splitting *s)
{
    return s->progress.iteration;
}

ms_splitting_result ms_splitting_result_of(const ms_splitting *s)
{
    const ms_splitting_progress *p = &s->progress;
    double share = (double)p->returns / (double)p->tried;
    return (ms_splitting_result){.time = (double)p->time * (1 - share),
                                 .discoveries = (double)p->entrances * p->probability,
                                 .probability = p->probability,
                                 .start_share = share,
                                 .longest = (double)p->longest / (double)p->time,
                                 .lost = p->lost,
                                 .traps = p->traps,
                                 .ancestors = p->ancestors,
                                 .rounds = p->rounds,
                                 .moves = p->moves};
}

static uint64_t key_of(const ms_run_params *run, uint64_t replicate)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, "splitting", 9);
    ms_hash_u64(&hash, run->key);
    ms_hash_u64(&hash, replicate);
    return ms_hash_value(&hash);
}

static uint64_t fingerprint_of(const ms_splitting *s)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, s->law->type->name, strlen(s->law->type->name) + 1);
    s->law->type->hash(s->law, &hash);
    ms_hash_u64(&hash, s->params.particles);
    ms_hash_u64(&hash, s->params.killed);
    ms_hash_u64(&hash, s->params.burn_in);
    return ms_hash_value(&hash);
}

static uint64_t default_burn_in(const ms_law *law)
{
    double iterations = ceil(DECAYS / law->slowest_rate);
    return iterations >= 1 && iterations < (double)BURN_IN_MAX ? (uint64_t)iterations : BURN_IN_MAX;
}

static ms_status set_up(ms_splitting *s, const ms_splitting_params *params, ms_error *error)
{
    ms_status status = ms_law_alloc_in_pieces(&s->law, params->law, params->coordinate, params->pieces,
                                              params->run, s->key, error);
    if (status != MS_OK)
        return status;
    if (params->burn_in == 0 && !(s->law->slowest_rate > 0))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "how fast chains of this sampler forget on this target is not known; set burn_in");
    s->params = *params;
    s->params.run = NULL;
    if (params->burn_in == 0)
        s->params.burn_in = default_burn_in(s->law);
    s->x = (double *)ms_rows_alloc(s->law->rows);
    s->start = (double *)ms_rows_alloc(s->law->rows);
    s->particle = calloc(params->particles, sizeof *s->particle);
    s->queue = calloc(params->particles, sizeof *s->queue);
    if (!s->x || !s->start || !s->particle || !s->queue)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu particles", params->particles);
    s->records = (ms_records){.rows = s->law->rows, .unused = MS_NO_RECORD};
    s->fingerprint = fingerprint_of(s);
    s->start_block = UINT64_MAX;
    (void)check_target(s, NULL); /* what others that use the target have left */
    return ms_splitting_begin_pilot(s, error);
}

ms_status ms_splitting_alloc(ms_splitting **splitting, const ms_splitting_params *params, uint64_t replicate,
                             ms_error *error)
{
    *splitting = NULL;
    if (params->particles < 16 || params->particles > MS_SPLITTING_PARTICLES_MAX ||
        params->particles % MS_LANES != 0 || params->killed < 1 || params->killed > params->particles / 2 ||
        params->burn_in > BURN_IN_MAX)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "splitting needs particles, a multiple of %d from 16 to %u, of which 1 to half are "
            "killed, and a burn-in of up to 2^40",
            MS_LANES, MS_SPLITTING_PARTICLES_MAX);
    ms_splitting *s = aligned_alloc(MS_ALIGNMENT, sizeof *s);
    if (!s)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a replicate");
    memset(s, 0, sizeof *s);
    s->key = key_of(params->run, replicate);
    ms_status status = set_up(s, params, error);
    if (status != MS_OK) {
        ms_splitting_free(s);
        return status;
    }
    *splitting = s;
    return MS_OK;
}

void ms_splitting_free(ms_splitting *s)
{
    if (!s)
        return;
    ms_law_free(s->law);
    free(s->x);
    free(s->start);
    free(s->particle);
    free(s->queue);
    ms_records_free(&s->records);
    free(s);
}
