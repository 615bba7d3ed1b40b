/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Product mixtures for tests. Failures end the test. */
#ifndef MS_PRODUCT_H
#define MS_PRODUCT_H

#include "fixtures.h"
#include "target/family/product_mixture.h"
#include "target/marginal.h"
#include "target/target_type.h"

#include <string.h>

static inline const ms_marginal_type *marginal_type(const char *name)
{
    for (size_t i = 0; ms_marginal_kind(i); i++)
        if (strcmp(ms_marginal_kind(i)->name, name) == 0)
            return (const ms_marginal_type *)ms_marginal_kind(i);
    fail_msg("no marginal is called %s", name);
    return NULL;
}

/* A component; params of a marginal of any type are at most two numbers. */
typedef struct product_part {
    double weight;
    const char *marginal;
    double params[2];
    ms_vector mean;
} product_part;

static inline ms_target *product_target(const product_part *part, size_t components, size_t dimension)
{
    ms_product_component *component = calloc(components, sizeof *component);
    assert_non_null(component);
    for (size_t i = 0; i < components; i++)
        component[i] = (ms_product_component){
            part[i].weight,
            part[i].mean,
            {&marginal_type(part[i].marginal)->kind, (double *)part[i].params}}; /* which are only read */
    const ms_product_mixture_params params = {.components = {.item = component, .count = components}};
    ms_target *target = NULL;
    ms_error error = {0};
    if (ms_target_make(&target, ms_target_type_find("product_mixture"), &params, dimension, &error) != MS_OK)
        fail_msg("%s", error.message);
    free(component);
    return target;
}

/* The reference target with other laws of variance 1 in the concentrated modes. */
static inline ms_target *product_reference(const char *marginal, double size, double weight_0,
                                           size_t dimension)
{
    const product_part part[3] = {{weight_0, "gaussian", {3}, {.value = 0}},
                                  {(1 - weight_0) / 2, marginal, {size, 0.4}, {.value = 1}},
                                  {(1 - weight_0) / 2, marginal, {size, 0.4}, {.value = -1}}};
    return product_target(part, 3, dimension);
}

#endif
