/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The denoiser of empirical distributions, and parts of it for others that measure distances to their data.
 */
#ifndef MS_EMPIRICAL_DENOISER_H
#define MS_EMPIRICAL_DENOISER_H

#include "random/width.h"

#include "target/denoiser.h"
#include "target/family/empirical.h"
#include "target/target_type.h"

extern const ms_denoiser_type MS_TYPE_NAME(ms_empirical_denoiser);

/* `least` of ms_denoiser_type.denoise, by the state of this denoiser. */
void MS_TYPE_NAME(ms_empirical_find_least)(void *state, const ms_place *place, ms_groups x, double *least);

/* Functions of the family (target_type.h) that need nothing but the data. */
void MS_TYPE_NAME(ms_empirical_find_distances)(const ms_empirical *e, const ms_place *place, const double *x,
                                               double *distance); /* squared, [components] rows */
void MS_TYPE_NAME(ms_empirical_measure)(const void *content, const double *statistics, double *distance,
                                        double *log_weight, double *log_density);
void MS_TYPE_NAME(ms_empirical_draw)(const void *content, size_t component, const double *normal,
                                     const double *uniform, double *x);

#endif
