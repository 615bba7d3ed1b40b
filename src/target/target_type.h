/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a family of targets provides: one file, target/FAMILY.c, with one object of this type, and a line in
 * registry.c. Families are compiled once per instruction set, as the samplers' inner loops are (see
 * random/lanes.h); all give the same bits. Chains come eight together, a row of MS_LANES numbers for each
 * coordinate. */
#ifndef MS_TARGET_TYPE_H
#define MS_TARGET_TYPE_H

#include "base/field.h"
#include "target/denoiser.h"

#include <gsl/gsl_rng.h>
#include <modeseek/random.h>
#include <modeseek/target.h>

/* Which coordinates are looked at, and through which noise. */
typedef struct ms_place {
    size_t first, length; /* coordinates first..first+length-1 */
    double noise_level;   /* at which the score is wanted */
    double conditioning;  /* the noise level at which the coordinates before them were left */
} ms_place;

/* What is asked of eight chains at a place. Rows are aligned; NULL: not asked for. */
typedef struct ms_evaluation {
    const double *x;       /* [length] rows: the coordinates of the place */
    const double *context; /* [context_rows]: what `absorb` made of the coordinates before them */
    double *score;         /* [length]: of the smoothed law of these coordinates given those before */
    double *log_density;   /* [1]: its logarithm, but for a constant */
    double *statistics;    /* [statistics]: the place's share, see `statistics` */
    double *scratch;       /* [scratch] */
    bool skips_distance_0; /* the statistics need not have the squared distance to component 0 */
    /* mask of the lanes that hold a chain, of which alone numbers are needed; NULL: all */
    const int64_t *active;
} ms_evaluation;

/* A mixture of isotropic Gaussians, as the fused engines need it. */
typedef struct ms_isotropic {
    size_t components;
    const double *weight, *variance; /* [components] */
    const double *mean;              /* [components][dimension] */
} ms_isotropic;

enum {
    MS_GIVES_LOG_DENSITY = 1, /* and not only a score */
    MS_GIVES_SMOOTHED = 2,    /* at noise levels above 0 */
    MS_GIVES_CONDITIONAL = 4, /* of a patch, given the patches before it */
    MS_GIVES_DRAWS = 8,       /* of components */
    MS_NEEDS_NOISE = 16       /* there is no density without noise */
};

/* A component of a mixture, or a point that counts as a mode. */
typedef struct ms_component {
    double weight;       /* NaN where there is none */
    double variance;     /* of each coordinate; NaN where they differ, or there is none */
    double variance_max; /* the largest of a coordinate */
} ms_component;

struct ms_target_type {
    ms_kind kind; /* the params that its schema describes are what `alloc` gets */
    /* Of the params alone, before there is a target: how many components, one of them, and whether they are
     * Gaussians with the same variance in all coordinates. */
    size_t (*count)(const void *params);
    ms_component (*component)(const void *params, size_t component, size_t dimension);
    bool (*is_isotropic)(const void *params, size_t dimension);
    /* How many modes are to be discovered by default, and the number, 1.., of the one that a component is of;
     * 0: of none. NULL: each component but 0 is a mode. */
    size_t (*modes)(const void *params);
    size_t (*mode_of)(const void *params, size_t component);
    /* The target in `dimension` dimensions. MS_ERROR_ARGUMENT for what does not exist there. */
    ms_status (*alloc)(void **content, const void *params, size_t dimension, ms_error *error);
    void (*free)(void *content);
    unsigned (*gives)(const void *content);
    /* Components of a mixture, or points that count as modes. */
    size_t (*components)(const void *content);
    double (*weight)(const void *content, size_t component);      /* NAN where there is none */
    const double *(*mean)(const void *content, size_t component); /* [dimension]; NULL: not kept */
    double (*variance)(const void *content, size_t component); /* of each coordinate; NAN where they differ */
    double (*variance_max)(const void *content, size_t component); /* the largest of a coordinate */
    size_t (*label)(const void *content, size_t component); /* of its vector, from 0; NULL: there are none */
    void (*hash)(const void *content, ms_hash *hash);       /* everything that its numbers follow from */
    /* The view of an isotropic mixture; false where it is none. */
    bool (*isotropic)(const void *content, ms_isotropic *view);

    /* Rows that sum up what the coordinates before a place have to say; 0: there is no conditional. */
    size_t (*context_rows)(const void *content);
    /* Rows that add up over the coordinates, un-smoothed: those of the whole vector are what rules and
     * observables see, through `measure`. */
    size_t (*statistics)(const void *content);
    size_t (*scratch)(const void *content, size_t length); /* rows */
    /* Numbers that follow from the place alone; aligned, and zeros at first, for `prepare` may keep some of
     * other places. */
    size_t (*constants)(const void *content, size_t length);
    void (*prepare)(const void *content, const ms_place *place, double *constants);
    /* Constants may be NULL where nothing but statistics are asked for. */
    void (*evaluate)(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *evaluation);
    /* Adds coordinates that have been left to the context. `constants` are those of a place with these
     * coordinates whose noise level is the conditioning one. */
    void (*absorb)(const void *content, const ms_place *place, const double *constants, const double *x,
                   double *scratch, double *context);
    /* From the statistics of the whole vector: [components] rows of squared distances to the means, and of
     * log-weights l_i, where it is a mixture, and a row log P, but for a constant; each may be NULL. */
    void (*measure)(const void *content, const double *statistics, double *distance, double *log_weight,
                    double *log_density);
    /* NULL, or the log-weights (NaN where it is no mixture) and log P of whole vectors [dimension], for
     * targets where these do not follow from sums over coordinates. `active` as in ms_evaluation. */
    void (*measure_whole)(const void *content, const double *x, const int64_t *active, double *log_weight,
                          double *log_density);
    /* NULL where evaluations cannot fail; else what has failed since this was last called, or NULL. The
     * numbers that were to be found are then NaN. */
    const char *(*take_failure)(const void *content);
    /* The same for the asking: whether something has failed, which is not forgotten. */
    bool (*has_failed)(const void *content);
    double (*log_constant)(const void *content); /* which `measure` leaves out of log P; NAN: not known */
    /* A draw from a component, from [dimension] rows of standard normals, and of uniforms on (0, 1) if it
     * says that it uses those. */
    bool draws_uniforms;
    void (*draw)(const void *content, size_t component, const double *normal, const double *uniform,
                 double *x);
    const ms_denoiser_type *denoiser; /* NULL: it denoises no chains together */
};

struct ms_target {
    const ms_target_type *type; /* the portable one */
    size_t dimension, components;
    uint64_t digest; /* of family, dimension and content */
    void *content;
};

/* The same family for the instructions number `simd`, see ms_kernel. */
const ms_target_type *ms_target_type_for(const ms_target_type *type, unsigned simd);

/* A target of a family that is described by its params. On success `*target` is the caller's. */
ms_status ms_target_make(ms_target **target, const ms_target_type *type, const void *params, size_t dimension,
                         ms_error *error);

/* Family 0, 1, ..., NULL past the last: the kinds that sweeps choose from. */
const ms_kind *ms_target_kind(size_t number);

#endif
