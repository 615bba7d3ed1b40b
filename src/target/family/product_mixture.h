/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_PRODUCT_MIXTURE_H
#define MS_PRODUCT_MIXTURE_H

#include "base/field.h"
#include "base/vector.h"

#include <modeseek/target.h>

extern const ms_target_type *const ms_target_product_mixture;

/* What the schema of the family describes. */
typedef struct ms_product_component {
    double weight;
    ms_vector mean;
    ms_chosen marginal; /* of ms_marginal_kind() */
} ms_product_component;

typedef struct ms_product_mixture_params {
    ms_list components; /* of ms_product_component */
} ms_product_mixture_params;

#endif
