/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved form of a quadrature: header, progress, what has been found, and the law on the grid in work, which
 * is made anew, for it follows from the parameters. */
#include "estimate/quadrature_state.h"

#include <modeseek/random.h>
#include <string.h>

/* "\nmsquad1" */
#define MAGIC UINT64_C(0x3164617571736d0a)

typedef struct header {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters */
    uint64_t checksum;    /* of all that follows */
    ms_quadrature_progress progress;
} header;

static uint64_t fingerprint(const ms_quadrature *q)
{
    const ms_line_chain *c = &q->params.chain;
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, c->components);
    for (size_t i = 0; i < 3 * c->components; i++)
        ms_hash_double(&hash, q->numbers[i]);
    ms_hash_u64(&hash, c->dimension);
    ms_hash_double(&hash, c->step_size);
    ms_hash_double(&hash, c->start_position);
    ms_hash_double(&hash, c->start_variance);
    ms_hash_u64(&hash, q->params.region.count);
    for (size_t i = 0; i < q->params.region.count; i++) {
        ms_hash_double(&hash, q->bounds[i].square);
        ms_hash_double(&hash, q->bounds[i].linear);
        ms_hash_double(&hash, q->bounds[i].constant);
        ms_hash_u64(&hash, q->bounds[i].ends);
    }
    ms_hash_u64(&hash, q->params.time_count);
    for (size_t i = 0; i < q->params.time_count; i++)
        ms_hash_u64(&hash, q->times[i]);
    ms_hash_double(&hash, q->params.tolerance);
    ms_hash_double(&hash, q->params.memory);
    return ms_hash_value(&hash);
}

static uint64_t checksum_of(const unsigned char *state, size_t size)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, state + offsetof(header, progress), size - offsetof(header, progress));
    return ms_hash_value(&hash);
}

static size_t found_size(const ms_quadrature *q)
{
    return (1 + q->params.time_count) * sizeof(double);
}

size_t ms_quadrature_state_size(const ms_quadrature *q)
{
    return sizeof(header) + 3 * found_size(q) +
           (q->progress.has_grid ? q->transition.nodes : 0) * sizeof(double);
}

void ms_quadrature_save(const ms_quadrature *q, void *buffer)
{
    unsigned char *state = buffer, *at = state + sizeof(header);
    size_t size = ms_quadrature_state_size(q), found = found_size(q);
    header head = {.magic = MAGIC, .fingerprint = fingerprint(q), .progress = q->progress};
    memcpy(state, &head, sizeof head);
    memcpy(at, q->value, found);
    memcpy(at + found, q->error, found);
    memcpy(at + 2 * found, q->found, found);
    if (q->progress.has_grid)
        memcpy(at + 3 * found, q->x, q->transition.nodes * sizeof *q->x);
    head.checksum = checksum_of(state, size);
    memcpy(state, &head, sizeof head);
}

static bool is_plausible(const ms_quadrature *q, const ms_quadrature_progress *p)
{
    return p->grids + (p->is_done ? 0 : 1) <= MS_QUADRATURE_GRIDS && !(p->is_done && p->has_grid) &&
           p->times_done <= q->params.time_count && p->steps < MS_QUADRATURE_STEPS_MAX;
}

ms_status ms_quadrature_restore(ms_quadrature *q, const void *buffer, size_t size, ms_error *error)
{
    const unsigned char *state = buffer, *at = state + sizeof(header);
    size_t found = found_size(q);
    header head;
    if (size < sizeof head + 3 * found)
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved quadrature is cut off");
    memcpy(&head, state, sizeof head);
    if (head.magic != MAGIC || head.checksum != checksum_of(state, size) || !is_plausible(q, &head.progress))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved quadrature is damaged");
    if (head.fingerprint != fingerprint(q))
        return ms_error_set(error, MS_ERROR_MISMATCH, "the saved quadrature is of other parameters");
    if (q->progress.has_grid)
        ms_quadrature_drop_grid(q);
    q->progress.grids = head.progress.grids;
    ms_status status = head.progress.has_grid ? ms_quadrature_make_grid(q, error) : MS_OK;
    if (status != MS_OK)
        return status;
    size_t nodes = head.progress.has_grid ? q->transition.nodes : 0;
    if (size != sizeof head + 3 * found + nodes * sizeof(double))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved quadrature has another grid");
    q->progress = head.progress;
    memcpy(q->value, at, found);
    memcpy(q->error, at + found, found);
    memcpy(q->found, at + 2 * found, found);
    if (nodes > 0)
        memcpy(q->x, at + 3 * found, nodes * sizeof *q->x);
    return MS_OK;
}
