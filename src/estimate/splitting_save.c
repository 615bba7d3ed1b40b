/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved form of a replicate: header, walkers, what moves, samples, particles, their records one particle
 * after the other. */
#include "estimate/splitting_state.h"

#include <modeseek/random.h>
#include <stdlib.h>
#include <string.h>

/* "\nmssplt1" */
#define MAGIC UINT64_C(0x31746c7073736d0a)

typedef struct header {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters and the replicate */
    uint64_t checksum;    /* of all that follows */
    uint64_t records;
    ms_splitting_progress progress;
    ms_walker walker[MS_LANES];
} header;

typedef struct saved_particle {
    uint32_t level, ancestor, is_waiting, records;
} saved_particle;

typedef struct saved_record {
    uint32_t level, piece;
} saved_record;

static uint64_t checksum_of(const unsigned char *state, size_t size)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, state + offsetof(header, records), size - offsetof(header, records));
    return ms_hash_value(&hash);
}

static size_t record_size(size_t rows)
{
    return sizeof(saved_record) + rows * sizeof(double);
}

/* One that is done has no use for particles. */
static size_t particles_of(const ms_splitting_progress *p)
{
    return p->phase == MS_SPLITTING_DONE ? 0 : p->entrances;
}

static size_t size_with(size_t rows, const ms_splitting_progress *p, size_t records)
{
    return sizeof(header) + (rows * MS_LANES + p->samples) * sizeof(double) +
           particles_of(p) * sizeof(saved_particle) + records * record_size(rows);
}

#define RECORDS_USUAL 10                   /* of a particle: twice what has been seen on average */
#define STATE_CAP     (UINT64_C(16) << 20) /* beyond, starting over costs less than keeping */

ms_splitting_size ms_splitting_size_of(const ms_run_shape *shape, size_t particles)
{
    double rows = (double)ms_law_rows_most(shape), k = (double)shape->components,
           d = (double)shape->dimension, n = (double)particles;
    double record = (double)sizeof(saved_record) + rows * (double)sizeof(double);
    double all = n * (RECORDS_USUAL * record + (double)sizeof(saved_particle));
    double state =
        (double)sizeof(header) + all + (rows * MS_LANES + MS_SPLITTING_SAMPLES_MAX) * (double)sizeof(double);
    /* rows that move and start, and as many for the sampler; of the target as in an engine */
    double lanes = (4 * rows + (k + 5) * d + 8 * k) * MS_LANES * (double)sizeof(double);
    return (ms_splitting_size){.state = (size_t)(state < (double)STATE_CAP ? state : (double)STATE_CAP),
                               .memory = (double)sizeof(ms_splitting) + 2 * all + lanes + 2 * k * d * 8};
}

size_t ms_splitting_state_size(const ms_splitting *s)
{
    return size_with(s->law->rows, &s->progress, particles_of(&s->progress) > 0 ? s->records.used : 0);
}

static unsigned char *put(unsigned char *at, const void *what, size_t size)
{
    memcpy(at, what, size);
    return at + size;
}

static unsigned char *put_records(const ms_splitting *s, const ms_particle *particle, unsigned char *at)
{
    const ms_records *r = &s->records;
    for (uint32_t i = particle->records.first; i != MS_NO_RECORD; i = r->record[i].next) {
        const saved_record saved = {r->record[i].level, r->record[i].piece};
        at = put(at, &saved, sizeof saved);
        at = put(at, r->x + i * r->rows, r->rows * sizeof *r->x);
    }
    return at;
}

static uint32_t count_records(const ms_splitting *s, const ms_particle *particle)
{
    uint32_t count = 0;
    for (uint32_t i = particle->records.first; i != MS_NO_RECORD; i = s->records.record[i].next)
        count++;
    return count;
}

void ms_splitting_save(const ms_splitting *s, void *buffer)
{
    unsigned char *state = buffer, *at = state + sizeof(header);
    size_t particles = particles_of(&s->progress);
    header head = {.magic = MAGIC,
                   .fingerprint = s->fingerprint,
                   .records = particles > 0 ? s->records.used : 0,
                   .progress = s->progress};
    memcpy(head.walker, s->walker, sizeof s->walker);
    memcpy(state, &head, sizeof head);
    at = put(at, s->x, s->law->rows * MS_LANES * sizeof *s->x);
    at = put(at, s->sample, s->progress.samples * sizeof *s->sample);
    for (size_t i = 0; i < particles; i++) {
        const ms_particle *p = &s->particle[i];
        const saved_particle saved = {p->level, p->ancestor, p->is_waiting, count_records(s, p)};
        at = put(at, &saved, sizeof saved);
    }
    for (size_t i = 0; i < particles; i++)
        at = put_records(s, &s->particle[i], at);
    head.checksum = checksum_of(state, (size_t)(at - state));
    memcpy(state, &head, sizeof head);
}

/* Numbers that are used as indices, and sizes, but for particles and records. */
static bool is_plausible(const ms_splitting *s, const header *head, size_t size)
{
    const ms_splitting_progress *p = &head->progress;
    if (p->phase > MS_SPLITTING_DONE || p->clock >= s->law->pieces || p->samples > MS_SPLITTING_SAMPLES_MAX ||
        p->entrances > s->params.particles || head->records >= size / record_size(s->law->rows) ||
        size != size_with(s->law->rows, p, head->records))
        return false;
    bool any_active = false;
    for (size_t lane = 0; lane < MS_LANES; lane++) {
        const ms_walker *w = &head->walker[lane];
        any_active = any_active || w->is_active;
        if (p->phase == MS_SPLITTING_ROUNDS && w->is_active && w->particle >= p->entrances)
            return false;
    }
    return any_active == (p->phase != MS_SPLITTING_DONE);
}

/* What is put in the place of a replicate's own once all of it is there. */
typedef struct parts {
    ms_particle *particle;
    uint32_t *queue;
    size_t waiting;
    ms_records records;
} parts;

static ms_status damaged(ms_error *error)
{
    return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is damaged");
}

/* One particle's records; `x` is room for [rows]. */
static ms_status get_records(const ms_splitting *s, parts *to, ms_particle *p, const unsigned char *at,
                             size_t count, double *x, ms_error *error)
{
    uint32_t before = 0;
    for (size_t j = 0; j < count; j++, at += record_size(s->law->rows)) {
        saved_record r;
        memcpy(&r, at, sizeof r);
        memcpy(x, at + sizeof r, s->law->rows * sizeof *x);
        /* ascending up to the particle's own, so that survivors of a round keep one */
        bool follows = j == 0 || r.level > before;
        if (!follows || (j + 1 == count ? r.level != p->level : r.level >= p->level) ||
            r.piece >= s->law->pieces)
            return damaged(error);
        before = r.level;
        const ms_record record = {.level = r.level, .piece = r.piece};
        if (!ms_records_add(&to->records, &p->records, record, x, 1))
            return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for records of particles");
    }
    return MS_OK;
}

static ms_status get_particles(const ms_splitting *s, const header *head, const unsigned char *at, parts *to,
                               double *x, ms_error *error)
{
    const size_t count = particles_of(&head->progress);
    const unsigned char *record = at + count * sizeof(saved_particle);
    size_t left = head->records;
    ms_status status = MS_OK;
    for (size_t i = 0; i < count && status == MS_OK; i++) {
        saved_particle saved;
        memcpy(&saved, at + i * sizeof saved, sizeof saved);
        if (saved.records < 1 || saved.records > left || saved.level > MS_SPLITTING_LEVELS ||
            saved.ancestor >= count)
            return damaged(error);
        const ms_record_list none = {MS_NO_RECORD, MS_NO_RECORD};
        to->particle[i] = (ms_particle){none, saved.level, saved.ancestor, saved.is_waiting > 0};
        status = get_records(s, to, &to->particle[i], record, saved.records, x, error);
        record += saved.records * record_size(s->law->rows);
        left -= saved.records;
        if (head->progress.phase == MS_SPLITTING_ROUNDS && to->particle[i].is_waiting)
            to->queue[to->waiting++] = (uint32_t)i;
    }
    if (status == MS_OK && (left > 0 || to->waiting != head->progress.waiting))
        return damaged(error);
    return status;
}

/* Exchanges both ways: what is left in `from` is to be freed. */
static void exchange(ms_splitting *s, parts *from)
{
    parts own = {s->particle, s->queue, 0, s->records};
    s->particle = from->particle;
    s->queue = from->queue;
    s->queue_first = 0;
    s->queue_end = from->waiting;
    s->records = from->records;
    *from = own;
}

ms_status ms_splitting_restore(ms_splitting *s, const void *buffer, size_t size, ms_error *error)
{
    const unsigned char *state = buffer, *at = state + sizeof(header);
    const size_t rows = s->law->rows;
    header head;
    if (size < sizeof head)
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is cut off");
    memcpy(&head, state, sizeof head);
    if (head.magic != MAGIC || head.checksum != checksum_of(state, size))
        return damaged(error);
    if (head.fingerprint != s->fingerprint)
        return ms_error_set(error, MS_ERROR_MISMATCH, "the saved replicate is of other parameters");
    if (!is_plausible(s, &head, size))
        return damaged(error);
    parts to = {calloc(s->params.particles, sizeof *to.particle),
                calloc(s->params.particles, sizeof *to.queue),
                0,
                {.rows = rows, .unused = MS_NO_RECORD}};
    double *x = malloc(rows * sizeof *x);
    const unsigned char *particles = at + (rows * MS_LANES + head.progress.samples) * sizeof *x;
    ms_status status = to.particle && to.queue && x
                           ? get_particles(s, &head, particles, &to, x, error)
                           : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for particles");
    if (status == MS_OK) {
        s->progress = head.progress;
        memcpy(s->walker, head.walker, sizeof s->walker);
        memcpy(s->x, at, rows * MS_LANES * sizeof *x);
        memcpy(s->sample, at + rows * MS_LANES * sizeof *x, head.progress.samples * sizeof *x);
        exchange(s, &to);
    }
    free(x);
    free(to.particle);
    free(to.queue);
    ms_records_free(&to.records);
    return status;
}
