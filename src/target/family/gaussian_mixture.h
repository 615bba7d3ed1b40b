/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_GAUSSIAN_MIXTURE_H
#define MS_GAUSSIAN_MIXTURE_H

#include "base/field.h"
#include "base/vector.h"

/* What the schema of the family describes. */
typedef struct ms_gaussian_component {
    double weight;
    ms_vector mean, variance;
} ms_gaussian_component;

typedef struct ms_gaussian_mixture_params {
    ms_list components; /* of ms_gaussian_component */
} ms_gaussian_mixture_params;

#endif
