/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of sweeps share: a small correct sweep whose parts can be replaced. */
#ifndef SWEEP_SUPPORT_H
#define SWEEP_SUPPORT_H

#include "cmocka_all.h"
#include "sweep/sweep.h"
#include "target/family/gaussian_mixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TWO_COMPONENTS "[{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]"

/* Each part is what follows its key, in flow style; NULL stands for the one below. */
typedef struct sweep_parts {
    const char *components, *start, *sampler, *budget, *discovery, *snapshots, *grid;
} sweep_parts;

/* A component of a gaussian_mixture, as it was read. */
static inline ms_gaussian_component *component_of(const ms_settings *settings, size_t component)
{
    const ms_gaussian_mixture_params *mixture = settings->target.params;
    return (ms_gaussian_component *)mixture->components.item + component;
}

static inline const char *part_or(const char *part, const char *otherwise)
{
    return part ? part : otherwise;
}

static inline ms_sweep *try_sweep(sweep_parts parts, ms_diagnostics *diagnostics)
{
    static char text[16384];
    int length =
        snprintf(text, sizeof text,
                 "name: test\ntarget: {family: gaussian_mixture, components: %s}\nstart: %s\nsampler: %s\n"
                 "budget: %s\ndiscovery: %s\nsnapshots: %s\ngrid: %s\n",
                 part_or(parts.components, TWO_COMPONENTS), part_or(parts.start, "{component: 0}"),
                 part_or(parts.sampler, "{step_size: 0.1}"),
                 part_or(parts.budget, "{iterations: 1000, chains: 16}"), part_or(parts.discovery, "{}"),
                 part_or(parts.snapshots, "[]"), part_or(parts.grid, "{dimension: 4}"));
    assert_true(length > 0 && (size_t)length < sizeof text);
    ms_sweep *sweep;
    memset(diagnostics, 0, sizeof *diagnostics);
    ms_status status = ms_sweep_parse(&sweep, "test.yaml", text, (size_t)length, diagnostics);
    assert_int_equal(status, sweep ? MS_OK : MS_ERROR_SWEEP);
    assert_true((sweep == NULL) == (diagnostics->count > 0));
    return sweep;
}

/* A sweep that must be correct. */
static inline ms_sweep *make_sweep(sweep_parts parts)
{
    ms_diagnostics diagnostics;
    ms_sweep *sweep = try_sweep(parts, &diagnostics);
    if (!sweep)
        fail_msg("%s", diagnostics.message[0]);
    return sweep;
}

#endif
