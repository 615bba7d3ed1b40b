/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a family of targets provides. Instances share the mixture's description; the operations are the
 * family's. */
#ifndef MS_TARGET_TYPE_H
#define MS_TARGET_TYPE_H

#include <modeseek/target.h>

struct ms_target {
    const ms_target_type *type;
    size_t dimension, components;
    double *weight;   /* [components] */
    double *variance; /* [components] */
    double *mean;     /* [components][dimension] */
};

struct ms_target_type {
    const char *name;
    /* Components are N(mean_i, variance_i I): the samplers' kernels need nothing but squared distances. */
    bool is_isotropic;
    /* log N(x; mean_i, v_i) of coordinates first..first+length-1 for every component, constants dropped. */
    void (*log_density)(const ms_target *target, double noise_level, size_t first, size_t length,
                        const double *x, double *log_density);
    /* Adds sum_i responsibility_i grad log P_i of those coordinates to score[0..length-1]. */
    void (*add_score)(const ms_target *target, double noise_level, size_t first, size_t length,
                      const double *x, const double *responsibility, double *score);
    void (*sample)(const ms_target *target, size_t component, gsl_rng *rng, double *x);
};

#endif
