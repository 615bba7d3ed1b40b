/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saved form of a replicate: header, progress, levels, samples, branches, their chains. */
#include "estimate/restart_state.h"

#include <modeseek/random.h>
#include <string.h>

/* "\nmsrest2" */
#define MAGIC UINT64_C(0x3274736572736d0a)

typedef struct header {
    uint64_t magic;
    uint64_t fingerprint; /* of the parameters and the replicate */
    uint64_t checksum;    /* of all that follows */
    ms_restart_progress progress;
} header;

static uint64_t checksum_of(const unsigned char *state, size_t size)
{
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, state + offsetof(header, progress), size - offsetof(header, progress));
    return ms_hash_value(&hash);
}

static size_t branch_size(const ms_restart *r)
{
    return sizeof(ms_branch) + r->law->rows * sizeof(double);
}

static size_t size_with(const ms_restart *r, const ms_restart_progress *p)
{
    return sizeof(header) + (p->levels + p->samples) * sizeof(double) + p->branches * branch_size(r);
}

#define BRANCHES_USUAL 16                   /* for each lane and copy: twice what a mean of e^50 took */
#define STATE_CAP      (UINT64_C(16) << 20) /* beyond, starting over costs less than keeping */

ms_restart_size ms_restart_size_of(const ms_run_shape *shape, unsigned copies)
{
    double rows = (double)ms_law_rows_most(shape), k = (double)shape->components,
           d = (double)shape->dimension;
    double branches = BRANCHES_USUAL * MS_LANES * (double)copies;
    double all = branches * ((double)sizeof(ms_branch) + rows * (double)sizeof(double));
    double state = (double)sizeof(header) +
                   (double)((MS_RESTART_LEVELS_MAX + MS_RESTART_SAMPLES_MAX) * sizeof(double)) + all;
    /* rows that move and start, and as many for the sampler; of the target as in an engine */
    double lanes = (4 * rows + (k + 5) * d + 8 * k) * MS_LANES * (double)sizeof(double);
    return (ms_restart_size){.state = (size_t)(state < (double)STATE_CAP ? state : (double)STATE_CAP),
                             .memory = (double)sizeof(ms_restart) + 2 * all + lanes + 2 * k * d * 8};
}

size_t ms_restart_state_size(const ms_restart *r)
{
    return size_with(r, &r->progress);
}

void ms_restart_save(const ms_restart *r, void *buffer)
{
    const ms_restart_progress *p = &r->progress;
    unsigned char *state = buffer, *at = state + sizeof(header);
    header head = {.magic = MAGIC, .fingerprint = r->fingerprint, .progress = *p};
    memcpy(state, &head, sizeof head);
    memcpy(at, r->level, p->levels * sizeof *r->level);
    at += p->levels * sizeof *r->level;
    memcpy(at, r->sample, p->samples * sizeof *r->sample);
    at += p->samples * sizeof *r->sample;
    if (p->branches > 0) {
        memcpy(at, r->branch, p->branches * sizeof *r->branch);
        at += p->branches * sizeof *r->branch;
        memcpy(at, r->x, p->branches * r->law->rows * sizeof *r->x);
    }
    head.checksum = checksum_of(state, size_with(r, p));
    memcpy(state, &head, sizeof head);
}

/* What numbers are used as indices, and sizes. */
static bool is_plausible(const ms_restart *r, const ms_restart_progress *p, const unsigned char *branches,
                         size_t size)
{
    if (p->levels > MS_RESTART_LEVELS_MAX || p->samples > MS_RESTART_SAMPLES_MAX || p->stride < 1 ||
        p->branches > size / branch_size(r) || size != size_with(r, p) || p->is_done != (p->branches == 0))
        return false;
    branches += (p->levels + p->samples) * sizeof(double);
    for (size_t i = 0; i < p->branches; i++) {
        ms_branch b;
        memcpy(&b, branches + i * sizeof b, sizeof b);
        if (b.level > p->levels || b.reach > p->levels || b.born > b.level)
            return false;
    }
    return true;
}

ms_status ms_restart_restore(ms_restart *r, const void *buffer, size_t size, ms_error *error)
{
    const unsigned char *state = buffer, *at = state + sizeof(header);
    header head;
    if (size < sizeof head)
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is cut off");
    memcpy(&head, state, sizeof head);
    const ms_restart_progress *p = &head.progress;
    if (head.magic != MAGIC || head.checksum != checksum_of(state, size) || !is_plausible(r, p, at, size))
        return ms_error_set(error, MS_ERROR_FORMAT, "the saved replicate is damaged");
    if (head.fingerprint != r->fingerprint)
        return ms_error_set(error, MS_ERROR_MISMATCH, "the saved replicate is of other parameters");
    ms_status status = ms_restart_reserve(r, p->branches, error);
    if (status != MS_OK)
        return status;
    r->progress = *p;
    memcpy(r->level, at, p->levels * sizeof *r->level);
    at += p->levels * sizeof *r->level;
    memcpy(r->sample, at, p->samples * sizeof *r->sample);
    at += p->samples * sizeof *r->sample;
    if (p->branches > 0) {
        memcpy(r->branch, at, p->branches * sizeof *r->branch);
        at += p->branches * sizeof *r->branch;
        memcpy(r->x, at, p->branches * r->law->rows * sizeof *r->x);
    }
    return MS_OK;
}
