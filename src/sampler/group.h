/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight chains that move together, one a lane. */
#ifndef MS_GROUP_H
#define MS_GROUP_H

#include "sampler/kernel.h"
#include "sampler/passes.h"
#include "sampler/reduction.h"

/* A lane without a chain: never active, its contents are of no meaning. */
#define MS_NO_CHAIN SIZE_MAX

typedef struct ms_group {
    ms_lanes_u chain;        /* numbers for the random counters */
    ms_lanes_i active;       /* mask: the chain has not ended */
    ms_lanes_i *pending;     /* [events] mask: active, and the event has not happened */
    size_t member[MS_LANES]; /* index of the chain in the run, or MS_NO_CHAIN */
    ms_lanes *x; /* full engine: [dimension], relative to mean_0; reduced: [patches][span_max+1], u, rho */
    ms_lanes *distance; /* [components] squared distances of the current patch */
    ms_lanes *before;   /* [components] of the patches before it, in this pass */
    ms_lanes *after;    /* [patches+1][components] from row p on: sums over patches p, p+1, ... as this pass
                           found them. A row that has been passed holds its patch's own distances instead. */
} ms_group;

/* What the groups of a run share. */
typedef struct ms_group_context {
    const ms_target *target;
    const ms_kernel *kernel;
    ms_passes passes;
    const ms_reduction *reduction;
    bool reduced; /* the engine */
    ms_schedule schedule;
    ms_conditioning conditioning;
    uint64_t key;
    const ms_event *events;
    size_t event_count;
} ms_group_context;

/* Allocates the arrays, zeroed; false when memory is out (the group can then only be freed). */
bool ms_group_alloc(ms_group *group, const ms_group_context *context);
void ms_group_free(ms_group *group);

/* The saved form of a group while at `patch`: which chains it holds, what they wait for, and x; all else is
 * computed from these, to the same bits. Restoring gives lanes without an active chain MS_NO_CHAIN. */
size_t ms_group_saved_size(const ms_group_context *context);
void ms_group_save(const ms_group *group, const ms_group_context *context, unsigned char *to);
void ms_group_restore(ms_group *group, const ms_group_context *context, size_t patch, uint64_t first_chain,
                      const unsigned char *from);
/* Whether the saved form names no other chains than 0..chains-1. */
bool ms_group_saved_is_plausible(const unsigned char *from, size_t chains);

/* The rows of x that belong to a patch. */
ms_lanes *ms_group_rows(const ms_group *group, const ms_group_context *context, size_t patch);

/* Draws the starts of the lanes' chains into x. */
void ms_group_start(ms_group *group, const ms_group_context *context, const ms_start *start);

/* Copies a lane's position to x [dimension]. */
void ms_group_position(const ms_group *group, const ms_group_context *context, int lane, uint64_t iteration,
                       double *x);

/* Distances of every patch for a group whose x has been set: as if a pass had just ended. */
void ms_group_measure(ms_group *group, const ms_group_context *context);

void ms_group_begin_pass(ms_group *group, const ms_group_context *context);
void ms_group_enter_patch(ms_group *group, const ms_group_context *context, size_t patch);
void ms_group_leave_patch(ms_group *group, const ms_group_context *context, size_t patch);

/* Squared distances [components] of the whole vector while at `patch`. */
void ms_group_distances(const ms_group *group, const ms_group_context *context, size_t patch,
                        ms_lanes *total);

/* Up to `count` iterations on `patch`, all on `level` of the schedule, the first of them number `iteration`.
 * Returns how many were done: it stops after one at which a pending event holds. */
uint64_t ms_group_advance(ms_group *group, const ms_group_context *context, size_t patch, size_t level,
                          uint64_t iteration, uint64_t count);

/* Copies a chain from one lane to another, of any groups; the source lane becomes empty. */
void ms_group_move(ms_group *to, int to_lane, ms_group *from, int from_lane, const ms_group_context *context);

#endif
