/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What families made of data share: their schemas, and the functions of a family (target_type.h) that are no
 * inner loops. Params begin with ms_empirical_params, contents with ms_empirical. */
#ifndef MS_EMPIRICAL_CONTENT_H
#define MS_EMPIRICAL_CONTENT_H

#include "target/family/empirical.h"
#include "target/target_type.h"

extern const ms_schema ms_empirical_schema, ms_learned_schema;

/* Of the params. */
size_t ms_empirical_count(const void *params);
ms_component ms_empirical_describe(const void *params, size_t component, size_t dimension);
bool ms_empirical_is_isotropic(const void *params, size_t dimension);
size_t ms_empirical_modes(const void *params);
size_t ms_empirical_mode_of(const void *params, size_t component);
ms_status ms_empirical_fits(const void *params, size_t dimension, ms_error *error);

/* Of the content. */
ms_status ms_empirical_make(void **content, const void *params, size_t dimension, ms_error *error);
void ms_empirical_destroy(void *content);
size_t ms_empirical_components(const void *content);
double ms_empirical_weight(const void *content, size_t component);
const double *ms_empirical_mean(const void *content, size_t component);
double ms_empirical_variance(const void *content, size_t component);
size_t ms_empirical_label(const void *content, size_t component);
void ms_empirical_hash(const void *content, ms_hash *hash);
bool ms_empirical_isotropic(const void *content, ms_isotropic *view);

#endif
