/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/splitting_state.h"
#include "sampler/engine.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

#define DECAYS      30      /* of the slowest rate, as burn-in */
#define PATIENCE    1000    /* burn-ins until a chain is given up */
#define STARTS_MAX  1000000 /* in the discovery set, at once */
#define BURN_IN_MAX (UINT64_C(1) << 40)
#define BULK        0.75 /* quantiles of the coordinate */
#define THRESHOLD   0.9

void ms_splitting_params_init(ms_splitting_params *params)
{
    *params = (ms_splitting_params){.coordinate = MS_COORDINATE_FORECAST, .particles = 1000, .killed = 50};
}

static ms_status number(ms_splitting *s, ms_walker *walker, ms_error *error)
{
    if (s->progress.chains > UINT32_MAX)
        return ms_error_set(error, MS_ERROR_NUMERIC,
                            "more than 2^32 chains in a replicate; ask for fewer particles");
    walker->chain = s->progress.chains++;
    return MS_OK;
}

static ms_status check_target(const ms_splitting *s, ms_error *error)
{
    const char *failure = s->law->type->take_failure ? s->law->type->take_failure(s->law) : NULL;
    return failure ? ms_error_set(error, MS_ERROR_NUMERIC, "%s; correct it, or reduce step_size", failure)
                   : MS_OK;
}

static void place(ms_splitting *s, size_t lane, const double *x, size_t stride)
{
    for (size_t i = 0; i < s->law->rows; i++)
        s->x[i * MS_LANES + lane] = x[i * stride];
}

/* The next start, into a lane. */
static double draw(ms_splitting *s, size_t lane)
{
    uint64_t next = s->progress.starts++;
    if (next / MS_LANES != s->start_block) {
        s->start_block = next / MS_LANES;
        s->law->type->start(s->law, s->start_block, s->start);
        s->law->type->coordinate(s->law, 0, s->start, s->start_coordinate);
    }
    place(s, lane, s->start + next % MS_LANES, MS_LANES);
    return s->start_coordinate[next % MS_LANES];
}

/* The next start that is not in the discovery set. */
static ms_status draw_outside(ms_splitting *s, size_t lane, double *coordinate, ms_error *error)
{
    int draws = 0;
    do
        *coordinate = draw(s, lane);
    while (*coordinate == INFINITY && ++draws < STARTS_MAX);
    return isfinite(*coordinate)
               ? MS_OK
               : ms_error_set(error, MS_ERROR_NUMERIC, "no start is outside of the discovery set");
}

static ms_status begin_pilot(ms_splitting *s, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t lane = 0; lane < MS_LANES && status == MS_OK; lane++) {
        double coordinate;
        s->walker[lane] = (ms_walker){.is_active = true};
        status = number(s, &s->walker[lane], error);
        if (status == MS_OK)
            status = draw_outside(s, lane, &coordinate, error);
    }
    return status;
}

/* Which iterations the pilot looks at: so that there is room for all. */
static uint64_t stride_of(const ms_splitting *s)
{
    return s->params.burn_in / (MS_SPLITTING_SAMPLES_MAX / MS_LANES) + 1;
}

static ms_status step_of_pilot(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_walker *w = &s->walker[lane];
    ms_status status = MS_OK;
    if (coordinate == INFINITY)
        status = draw_outside(s, lane, &coordinate, error);
    w->since++;
    if (w->since > s->params.burn_in && w->since % stride_of(s) == 0)
        s->sample[s->progress.samples++] = coordinate;
    w->is_active = w->since < 2 * s->params.burn_in;
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void end_pilot(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    qsort(s->sample, p->samples, sizeof *s->sample, by_value);
    p->bulk = s->sample[(size_t)((double)(p->samples - 1) * BULK)];
    p->threshold = s->sample[(size_t)((double)(p->samples - 1) * THRESHOLD)];
    p->samples = 0;
    for (size_t lane = 0; lane < MS_LANES; lane++)
        s->walker[lane] = (ms_walker){.is_active = true, .chain = s->walker[lane].chain};
    p->phase = MS_SPLITTING_ENTRANCES;
}

static uint32_t level_of(const ms_splitting *s, double coordinate)
{
    double from = s->progress.threshold, length = from < 0 ? -from : from - s->progress.bulk;
    double level = floor((coordinate - from) / length * MS_SPLITTING_LEVELS);
    return level > 0 ? level < MS_SPLITTING_LEVELS ? (uint32_t)level : MS_SPLITTING_LEVELS - 1 : 0;
}

/* The clock begins at the first entrance of a trajectory, and each later one is a particle's. */
static ms_status enter(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    ms_walker *w = &s->walker[lane];
    if (w->entrances++ > 0) {
        bool is_in = coordinate == INFINITY;
        uint32_t level = is_in ? MS_SPLITTING_LEVELS : level_of(s, coordinate);
        ms_particle *particle = &s->particle[p->entrances];
        *particle = (ms_particle){{MS_NO_RECORD, MS_NO_RECORD}, level, (uint32_t)p->entrances, !is_in};
        if (!ms_records_add(&s->records, &particle->records, (ms_record){.level = level}, s->x + lane,
                            MS_LANES))
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for entrances");
        p->entrances++;
        p->time += w->since;
        p->longest = w->since > p->longest ? w->since : p->longest;
    }
    w->since = 0;
    w->was_bulk = false;
    w->is_active = w->entrances <= s->params.particles / MS_LANES;
    return MS_OK;
}

static bool is_lost(ms_splitting *s, ms_walker *w)
{
    if (w->since < s->params.burn_in * PATIENCE)
        return false;
    s->progress.lost++;
    w->is_active = false;
    return true;
}

static ms_status step_of_trajectory(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_splitting_progress *p = &s->progress;
    ms_walker *w = &s->walker[lane];
    ms_status status = MS_OK;
    w->since++;
    if (w->was_bulk && coordinate > p->threshold)
        status = enter(s, lane, coordinate, error);
    else if (is_lost(s, w)) {
        p->longest = w->since;
        p->time += w->since;
    }
    if (status == MS_OK && coordinate == INFINITY)
        status = draw_outside(s, lane, &coordinate, error);
    if (coordinate <= p->bulk)
        w->was_bulk = true;
    return status;
}

/* Whether a chain from a start has come to the bulk or, which is counted, to the discovery set. */
static bool is_settled(ms_splitting *s, double coordinate)
{
    s->progress.returns += coordinate == INFINITY;
    return coordinate == INFINITY || coordinate <= s->progress.bulk;
}

static ms_status begin_start(ms_splitting *s, size_t lane, ms_error *error)
{
    while (s->progress.tried < s->params.particles) {
        s->progress.tried++;
        double coordinate = draw(s, lane);
        if (isnan(coordinate))
            return ms_error_set(error, MS_ERROR_NUMERIC, "a start is not finite");
        if (is_settled(s, coordinate))
            continue;
        s->walker[lane] = (ms_walker){.is_active = true};
        return number(s, &s->walker[lane], error);
    }
    return MS_OK;
}

static void step_of_start(ms_splitting *s, size_t lane, double coordinate)
{
    ms_walker *w = &s->walker[lane];
    w->since++;
    w->is_active = !is_settled(s, coordinate) && !is_lost(s, w);
}

static void begin_rounds(ms_splitting *s)
{
    ms_splitting_progress *p = &s->progress;
    p->phase = MS_SPLITTING_ROUNDS;
    p->probability = 1;
    s->queue_first = s->queue_end = 0;
    for (uint32_t i = 0; i < p->entrances; i++)
        if (s->particle[i].is_waiting)
            s->queue[s->queue_end++] = i;
    p->waiting = s->queue_end;
}

/* A particle that goes on from where as many pieces of the step have been done as now. */
static ms_status begin_excursion(ms_splitting *s, size_t lane, ms_error *error)
{
    size_t at = s->queue_first;
    for (; at < s->queue_end; at++) {
        uint32_t i = s->queue[at];
        if (i != MS_NO_RECORD && s->records.record[s->particle[i].records.last].piece == s->progress.clock)
            break;
    }
    if (at == s->queue_end)
        return MS_OK;
    uint32_t i = s->queue[at], record = s->particle[i].records.last;
    s->queue[at] = MS_NO_RECORD;
    while (s->queue_first < s->queue_end && s->queue[s->queue_first] == MS_NO_RECORD)
        s->queue_first++;
    s->progress.waiting--;
    s->particle[i].is_waiting = false;
    place(s, lane, s->records.x + record * s->law->rows, 1);
    s->walker[lane] = (ms_walker){.is_active = true, .particle = i};
    return number(s, &s->walker[lane], error);
}

static ms_status piece_of_excursion(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    ms_walker *w = &s->walker[lane];
    ms_particle *particle = &s->particle[w->particle];
    if (s->progress.clock == 0) {
        w->since++;
        w->is_active = coordinate > s->progress.bulk && coordinate < INFINITY && !is_lost(s, w);
    }
    uint32_t level = coordinate == INFINITY ? MS_SPLITTING_LEVELS : level_of(s, coordinate);
    if (level <= particle->level)
        return MS_OK;
    particle->level = level;
    ms_record record = {.level = level, .piece = (uint32_t)s->progress.clock};
    if (!ms_records_add(&s->records, &particle->records, record, s->x + lane, MS_LANES))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for what particles go on from");
    return MS_OK;
}

static ms_status settle(ms_splitting *s, size_t lane, double coordinate, ms_error *error)
{
    if (isnan(coordinate))
        return ms_error_set(error, MS_ERROR_NUMERIC, "a chain diverges; is the step size too large?");
    if (s->progress.phase == MS_SPLITTING_ROUNDS)
        return piece_of_excursion(s, lane, coordinate, error);
    if (s->progress.clock > 0)
        return MS_OK;
    if (s->progress.phase == MS_SPLITTING_PILOT)
        return step_of_pilot(s, lane, coordinate, error);
    if (s->progress.phase == MS_SPLITTING_ENTRANCES)
        return step_of_trajectory(s, lane, coordinate, error);
    step_of_start(s, lane, coordinate);
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
            status = begin_start(s, lane, error);
        else if (p->phase == MS_SPLITTING_ROUNDS && p->waiting > 0)
            status = begin_excursion(s, lane, error);
    }
    return status;
}

/* When no chain moves and none waits. */
static ms_status end_phase(ms_splitting *s, ms_error *error)
{
    if (s->progress.phase == MS_SPLITTING_PILOT)
        end_pilot(s);
    else if (s->progress.phase == MS_SPLITTING_ENTRANCES)
        s->progress.phase = MS_SPLITTING_STARTS;
    else if (s->progress.phase == MS_SPLITTING_STARTS)
        begin_rounds(s);
    else if (!ms_splitting_round(s))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for what particles go on from");
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
            place(s, lane, s->x + first, MS_LANES);
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
    return begin_pilot(s, error);
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
