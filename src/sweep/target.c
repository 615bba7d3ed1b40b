/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What targets there are, and their settings. */
#include "sweep/draft.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ms_field component_fields[] = {
    {.key = "weight",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .doc = "its share of the mixture",
     .required = true,
     .offset = offsetof(ms_component, weight),
     .low = 0,
     .above_low = true,
     .high = 1},
    {.key = "variance",
     .type = MS_FIELD_VECTOR,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .is_usually_constant = true,
     .doc = "nu^2, per coordinate",
     .required = true,
     .offset = offsetof(ms_component, variance),
     .low = 0,
     .above_low = true,
     .high = 1e100},
    {.key = "mean",
     .type = MS_FIELD_VECTOR,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "its centre",
     .required = true,
     .offset = offsetof(ms_component, mean),
     .low = -1e100,
     .high = 1e100},
};
static const ms_schema component_schema = {"a component", component_fields, COUNT(component_fields)};

static const ms_field mixture_fields[] = {
    {.key = "components",
     .type = MS_FIELD_LIST,
     .role = MS_ROLE_LAW,
     .doc = "the mixture's: number 0, the spread mode, and the modes to discover",
     .required = true,
     .offset = offsetof(ms_mixture_settings, components),
     .size = sizeof(ms_component),
     .least = 2,
     .most = MS_SWEEP_COMPONENTS_MAX,
     .schema = &component_schema},
};
static const ms_schema mixture_schema = {"target: gaussian_mixture", mixture_fields, COUNT(mixture_fields)};

static const ms_kind gaussian_mixture = {"gaussian_mixture", "mixture of Gaussians", &mixture_schema,
                                         sizeof(ms_mixture_settings)};

const ms_kind *ms_target_kind(size_t number)
{
    return number == 0 ? &gaussian_mixture : NULL;
}
