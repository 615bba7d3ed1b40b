/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/reversible_flux.h"

#include "estimate/flux_check.h"
#include "random/elementary.h"

#include <math.h>
#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX (UINT64_C(1) << 32)
/* "\nmsflux1" */
#define MAGIC UINT64_C(0x3178756c66736d0a)

/* A path, saved as it stands: all members take 8 bytes. */
typedef struct flux_path {
    uint64_t number, is_moving;
    uint64_t time;     /* iterations since it has left its start */
    double share;      /* 1 / (number of balls with its start) */
    double log_weight; /* log W */
    double weight;     /* share W */
} flux_path;

/* Saved as it stands, too. */
typedef struct flux_progress {
    double x[MS_FLUX_ROWS_MAX * MS_LANES];
    uint64_t iteration, started, moving, moves;
    double early;               /* sum over paths and t < T of share W_t while they have not returned */
    double escaped, unweighted; /* the same of t = T */
    flux_path path[MS_LANES];
} flux_progress;

struct ms_reversible_flux {
    ms_flux_law law;
    uint64_t fingerprint, paths, horizon;
    _Alignas(MS_ALIGNMENT) flux_progress progress;
};

void ms_reversible_flux_params_init(ms_reversible_flux_params *params)
{
    *params = (ms_reversible_flux_params){.paths = 10000};
}

/* The next path, if there is one, in a lane. */
static void start(ms_reversible_flux *f, int lane)
{
    flux_progress *p = &f->progress;
    flux_path *path = &p->path[lane];
    path->is_moving = p->started < f->paths;
    if (!path->is_moving)
        return;
    p->moving++;
    *path = (flux_path){.number = p->started++, .is_moving = true};
    path->share = ms_flux_law_start(&f->law, path->number, lane, p->x);
    path->weight = path->share;
    p->early += path->weight;
}

/* What a move means for a path. */
static bool settle(ms_reversible_flux *f, flux_path *path, bool is_inside, double log_ratio)
{
    flux_progress *p = &f->progress;
    p->moves++;
    path->time++;
    if (log_ratio != 0) {
        path->log_weight += log_ratio;
        if (!(path->log_weight < 700))
            return false;
        path->weight = path->share * ms_exp(path->log_weight);
    }
    if (!is_inside && path->time < f->horizon) {
        p->early += path->weight;
        return true;
    }
    if (!is_inside) {
        p->escaped += path->weight;
        p->unweighted += path->share;
    }
    p->moving--;
    path->is_moving = false;
    return true;
}

static ms_status iterate(ms_reversible_flux *f, ms_error *error)
{
    flux_progress *p = &f->progress;
    _Alignas(MS_ALIGNMENT) uint64_t number[MS_LANES];
    bool is_inside[MS_LANES];
    double log_ratio[MS_LANES];
    for (int lane = 0; lane < MS_LANES; lane++)
        number[lane] = p->path[lane].number;
    ms_flux_law_move(&f->law, p->iteration++, number, p->x, is_inside, log_ratio);
    for (int lane = 0; lane < MS_LANES; lane++) {
        if (!p->path[lane].is_moving)
            continue;
        if (!settle(f, &p->path[lane], is_inside[lane], log_ratio[lane]))
            return ms_error_set(error, MS_ERROR_NUMERIC, "the weight of a path is beyond doubles");
        if (!p->path[lane].is_moving)
            start(f, lane);
    }
    return MS_OK;
}

ms_status ms_reversible_flux_advance(ms_reversible_flux *f, uint64_t iterations, ms_error *error)
{
    ms_status status = MS_OK;
    for (uint64_t i = 0; i < iterations && !ms_reversible_flux_done(f) && status == MS_OK; i++)
        status = iterate(f, error);
    return status;
}

bool ms_reversible_flux_done(const ms_reversible_flux *f)
{
    return f->progress.moving == 0;
}

uint64_t ms_reversible_flux_iteration(const ms_reversible_flux *f)
{
    return f->progress.iteration;
}

double ms_reversible_flux_progress_of(const ms_reversible_flux *f)
{
    return (double)(f->progress.started - f->progress.moving) / (double)f->paths;
}

ms_reversible_flux_result ms_reversible_flux_result_of(const ms_reversible_flux *f)
{
    const flux_progress *p = &f->progress;
    double paths = (double)f->paths, mass = ms_exp(f->law.log_mass), late = 1 - mass * p->early / paths;
    double discoveries = mass * p->escaped;
    return (ms_reversible_flux_result){paths * (late * late) + (double)(f->horizon - 1) * discoveries,
                                       discoveries, mass * p->unweighted, p->moves};
}

static uint64_t key_of(const ms_run_params *run, uint64_t replicate)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, "reversible_flux", 15);
    ms_hash_u64(&hash, run->key);
    ms_hash_u64(&hash, replicate);
    return ms_hash_value(&hash);
}

static uint64_t fingerprint_of(const ms_reversible_flux *f, const ms_run_params *run)
{
    const ms_flux_law *law = &f->law;
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, law->key);
    run->target->type->hash(run->target->content, &hash);
    ms_hash_u64(&hash, law->span);
    ms_hash_double(&hash, law->step_size);
    ms_hash_double(&hash, law->inverse_variance[0]);
    for (size_t i = 0; i < law->balls; i++) {
        ms_hash_u64(&hash, law->ball[i].component);
        ms_hash_double(&hash, law->ball[i].radius_square);
    }
    ms_hash_u64(&hash, f->paths);
    ms_hash_u64(&hash, f->horizon);
    return ms_hash_value(&hash);
}

ms_status ms_reversible_flux_alloc(ms_reversible_flux **flux, const ms_reversible_flux_params *params,
                                   uint64_t replicate, ms_error *error)
{
    *flux = NULL;
    if (params->paths < 1 || params->paths > PATHS_MAX)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "reversible_flux needs 1 to 2^32 paths");
    ms_reversible_flux *f = aligned_alloc(MS_ALIGNMENT, sizeof *f);
    if (!f)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a replicate");
    memset(f, 0, sizeof *f);
    ms_status status = ms_flux_law_set(&f->law, params->run, key_of(params->run, replicate), error);
    if (status == MS_OK)
        status = ms_flux_law_check(&f->law, error);
    if (status != MS_OK) {
        ms_reversible_flux_free(f);
        return status;
    }
    f->paths = params->paths;
    f->horizon = ms_flux_law_horizon(&f->law);
    f->fingerprint = fingerprint_of(f, params->run);
    for (int lane = 0; lane < MS_LANES; lane++)
        start(f, lane);
    *flux = f;
    return MS_OK;
}

void ms_reversible_flux_free(ms_reversible_flux *f)
{
    if (!f)
        return;
    ms_flux_law_free(&f->law);
    free(f);
}

typedef struct saved_form {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters and the replicate */
    uint64_t checksum;    /* of the progress */
    flux_progress progress;
} saved_form;

static uint64_t checksum_of(const flux_progress *progress)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, progress, sizeof *progress);
    return ms_hash_value(&hash);
}

size_t ms_reversible_flux_state_size(const ms_reversible_flux *f)
{
    (void)f;
    return sizeof(saved_form);
}

void ms_reversible_flux_save(const ms_reversible_flux *f, void *buffer)
{
    saved_form saved;
    memset(&saved, 0, sizeof saved);
    saved.magic = MAGIC;
    saved.fingerprint = f->fingerprint;
    memcpy(&saved.progress, &f->progress, sizeof saved.progress);
    saved.checksum = checksum_of(&saved.progress);
    memcpy(buffer, &saved, sizeof saved);
}

/* Whether it comes to an end. */
static bool is_plausible(const ms_reversible_flux *f, const flux_progress *p)
{
    uint64_t moving = 0;
    for (int lane = 0; lane < MS_LANES; lane++)
        moving += p->path[lane].is_moving != 0;
    return p->moving == moving && p->moving <= p->started && p->started <= f->paths;
}

ms_status ms_reversible_flux_restore(ms_reversible_flux *f, const void *buffer, size_t size, ms_error *error)
{
    saved_form saved;
    if (size != sizeof saved)
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is cut off");
    memcpy(&saved, buffer, sizeof saved);
    if (saved.magic != MAGIC || saved.checksum != checksum_of(&saved.progress))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is damaged");
    if (saved.fingerprint != f->fingerprint)
        return ms_error_set(error, MS_ERROR_MISMATCH, "the saved replicate is of other parameters");
    if (!is_plausible(f, &saved.progress))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is damaged");
    memcpy(&f->progress, &saved.progress, sizeof f->progress);
    return MS_OK;
}
