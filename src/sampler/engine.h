/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How chains are held: engines. The run (run.c) goes through passes, patches and levels, notices events and
 * takes snapshots; an engine moves groups of eight chains, one a lane, on one patch at a time. */
#ifndef MS_ENGINE_H
#define MS_ENGINE_H

#include "sampler/condition.h"
#include "sampler/kernel.h"
#include "sampler/passes.h"
#include "target/target_type.h"

/* A lane without a chain: never active, its contents are of no meaning. */
#define MS_NO_CHAIN SIZE_MAX

typedef struct ms_engine_type ms_engine_type;

typedef struct ms_group {
    ms_lanes_u chain;        /* numbers for the random counters */
    ms_lanes_i active;       /* mask: the chain has not ended */
    ms_lanes_i *pending;     /* [events] mask: active, and the event has not happened */
    size_t member[MS_LANES]; /* index of the chain in the run, or MS_NO_CHAIN */
    void *state;             /* the engine's */
} ms_group;

/* What the groups of a run share. */
typedef struct ms_context {
    const ms_run_params *params; /* of the run; patch_size resolved */
    const ms_engine_type *engine;
    const ms_kernel *kernel;
    ms_passes passes;
    ms_conditions conditions;
    void *shared; /* the engine's */
} ms_context;

/* What is asked for before anything is made. */
typedef struct ms_shape {
    size_t dimension, patch_size, components;
    size_t width;            /* chains that move together; 0: each group by itself */
    bool about_origin;       /* the start is normal about the origin */
    size_t vectors, numbers; /* that the sampler keeps beside the position */
} ms_shape;

typedef struct ms_engine_size {
    size_t saved;                     /* rows of a group that are saved */
    double group_bytes, shared_bytes; /* of memory: of a group, and what all share */
    double updates;                   /* of a chain's numbers in an iteration, about */
} ms_engine_size;

/* A chain at a snapshot, for observables. */
typedef struct ms_view {
    const ms_target *target;
    uint64_t iteration;
    const double *squared_distance; /* [components] */
    const double *log_weight;       /* [components] l_i, un-smoothed; NaN where it is no mixture */
    double log_density;             /* log P, un-smoothed, normalised if that is known */
    double kinetic_energy;          /* of the sampler's momentum, 0 without */
    double acceptance;              /* share of proposals accepted so far; NaN where there are none */
    const double *position;         /* [dimension]; NULL unless the observable needs it */
    const uint32_t *mode_of;        /* [components] the modes' numbers, from 1; 0: of none; NULL: not known */
} ms_view;

struct ms_engine_type {
    const char *name;
    ms_engine engine;
    /* Why it cannot do it, to follow "the engine NAME ", or NULL. */
    const char *(*refuses)(const ms_run_params *params);
    void (*size)(const ms_shape *shape, ms_engine_size *size);

    ms_status (*prepare)(ms_context *context, ms_error *error); /* `shared`; errors: MEMORY */
    void (*release)(ms_context *context);
    /* Rows of measures, and a clause in terms of them. */
    size_t (*measures)(const ms_context *context);
    ms_condition (*condition)(const ms_context *context, const ms_clause *clause);

    /* NULL, or how many groups a run has, which then all move together: where a group is handed over to begin
     * a pass, enter or leave a patch, or advance, it is the first of them, and stands for all. They are never
     * compacted. */
    size_t (*team)(const ms_run_params *params);
    /* NULL, or how many lanes without a chain are before the first one. */
    size_t (*lead)(const ms_run_params *params);

    bool (*alloc)(ms_group *group, const ms_context *context); /* `state`; false: out of memory */
    void (*free)(ms_group *group);
    bool (*start)(ms_group *group, const ms_context *context); /* draws; false: out of memory */
    /* Sets up what follows from the positions, as if a pass had just ended. */
    void (*measure)(ms_group *group, const ms_context *context);
    void (*begin_pass)(ms_group *group, const ms_context *context);
    void (*enter_patch)(ms_group *group, const ms_context *context, size_t patch);
    void (*leave_patch)(ms_group *group, const ms_context *context, size_t patch);
    /* [measures] rows of the whole vector while at `patch`. Unless `all`, functions of a user's target are
     * not called for rows that no event needs, which are left as they are. */
    void (*totals)(const ms_group *group, const ms_context *context, size_t patch, bool all, ms_lanes *total);
    /* NULL, or whether a pending event may hold now; if not, totals need not be asked for. */
    bool (*may_hold)(const ms_group *group, const ms_context *context);
    /* Up to `count` iterations on `patch`, all on `level` of the schedule, the first of them number
     * `iteration`. Returns how many were done: it stops after one at which a pending event holds, or the
     * target fails. */
    uint64_t (*advance)(ms_group *group, const ms_context *context, size_t patch, size_t level,
                        uint64_t iteration, uint64_t count);
    /* Copies a chain from one lane to another, of any groups, all but the group's own part. NULL where groups
     * move together. */
    void (*move)(ms_group *to, int to_lane, const ms_group *from, int from_lane, const ms_context *context);
    /* The rows that are saved; all else is computed from these, to the same bits, by `restore` while at
     * `patch`. */
    size_t (*saved_rows)(const ms_context *context);
    void (*save)(const ms_group *group, const ms_context *context, unsigned char *to);
    void (*restore)(ms_group *group, const ms_context *context, size_t patch, const unsigned char *from);

    /* NULL, or whether all positions of active chains are finite, else totals tell. */
    bool (*is_finite)(const ms_group *group, const ms_context *context);

    void (*position)(const ms_group *group, const ms_context *context, int lane, uint64_t iteration,
                     double *x);
    /* Fills in what observables see, from the lane's measures; `log_weight` [components] is room. */
    void (*view)(const ms_group *group, const ms_context *context, int lane, const ms_lanes *total,
                 double *squared_distance, double *log_weight, ms_view *view);
};

extern const ms_engine_type ms_engine_full, ms_engine_reduced, ms_engine_generic, ms_engine_batched;

/* The engine of that number; NULL for AUTO. */
const ms_engine_type *ms_engine_find(ms_engine engine);

/* Aligned and zeroed; NULL also when the size overflows. */
ms_lanes *ms_rows_alloc(size_t count);

#endif
