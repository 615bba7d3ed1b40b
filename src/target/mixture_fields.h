/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields that components of every mixture have; `component` is the struct that they are read into. */
#ifndef MS_MIXTURE_FIELDS_H
#define MS_MIXTURE_FIELDS_H

#include "base/field.h"

#define MS_WEIGHT_FIELD(component)                                                                           \
    {                                                                                                        \
        .key = "weight", .type = MS_FIELD_NUMBER, .role = MS_ROLE_LAW, .doc = "its share of the mixture",    \
        .required = true,                                                                                    \
        .no_axis =                                                                                           \
            "weights sum to 1, so none changes alone: list targets, `target: [{as: NAME, ...}, ...]`",       \
        .offset = offsetof(component, weight), .low = 0, .above_low = true, .high = 1                        \
    }

#define MS_MEAN_FIELD(component)                                                                             \
    {                                                                                                        \
        .key = "mean", .type = MS_FIELD_VECTOR, .role = MS_ROLE_LAW, .sweepable = true, .doc = "its centre", \
        .required = true, .offset = offsetof(component, mean), .low = -1e100, .high = 1e100                  \
    }

#endif
