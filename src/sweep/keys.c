/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of the sweep file. docs/sweep-file.md documents each; a test compares the two. */
#include "sweep/draft.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(member)   offsetof(ms_draft, member)

static const ms_choice indivisible_choices[] = {{"error", MS_INDIVISIBLE_ERROR},
                                                {"skip", MS_INDIVISIBLE_SKIP},
                                                {"shorter_last_patch", MS_INDIVISIBLE_SHORTER_LAST_PATCH},
                                                {NULL, 0}};

static const ms_axis_kind dimension_kind = {
    .name = "dimension", .least = 1, .most = MS_SWEEP_DIMENSION_MAX, .values_max = MS_SWEEP_AXIS_MAX};
static const ms_axis_kind patch_size_kind = {.name = "patch_size",
                                             .has_full = true,
                                             .least = 1,
                                             .most = MS_SWEEP_DIMENSION_MAX,
                                             .values_max = MS_SWEEP_AXIS_MAX};
static const ms_axis_kind noise_level_kind = {
    .name = "noise_level", .is_real = true, .low = 0, .high = 1e50, .values_max = MS_SWEEP_AXIS_MAX};
static const ms_axis_kind seed_kind = {
    .name = "seed", .from_count = true, .most = UINT64_MAX, .values_max = MS_SWEEP_AXIS_MAX};
static const ms_axis_kind snapshots_kind = {.name = "snapshots",
                                            .is_ascending = true,
                                            .most = MS_SWEEP_ITERATIONS_MAX,
                                            .values_max = MS_SWEEP_SNAPSHOTS_MAX};

#define AXIS_READER(axis)                                                                                    \
    static void read_##axis(ms_reader *reader, const ms_field *field, const ms_node *node, void *draft)      \
    {                                                                                                        \
        (void)field;                                                                                         \
        ms_axis_read(reader, &axis##_kind, node, &((ms_draft *)draft)->axis);                                \
    }
AXIS_READER(dimension)
AXIS_READER(patch_size)
AXIS_READER(noise_level)
AXIS_READER(seed)
AXIS_READER(snapshots)

static void read_radius_squared(ms_reader *reader, const ms_field *field, const ms_node *node, void *draft)
{
    ms_sweep *sweep = draft;
    if (node->type == MS_NODE_SCALAR && !node->quoted && strcmp(node->text, "auto") == 0)
        sweep->radius_squared = 0;
    else
        ms_read_number(reader, node, field->key, 0, true, 1e100, &sweep->radius_squared);
}

static const ms_field target_fields[] = {
    {.key = "family",
     .type = MS_FIELD_CUSTOM,
     .doc = "family of targets",
     .required = true,
     .read = ms_read_family},
    {.key = "components",
     .type = MS_FIELD_CUSTOM,
     .doc = "list of the mixture's components",
     .required = true,
     .read = ms_read_components},
};
static const ms_schema target_schema = {"target", target_fields, COUNT(target_fields)};

static const ms_field budget_fields[] = {
    {.key = "iterations",
     .type = MS_FIELD_COUNT,
     .doc = "iterations of a chain",
     .required = true,
     .offset = IN(sweep.iterations),
     .least = 1,
     .most = MS_SWEEP_ITERATIONS_MAX},
    {.key = "chains",
     .type = MS_FIELD_COUNT,
     .doc = "chains of a point",
     .required = true,
     .offset = IN(sweep.chains),
     .least = 1,
     .most = MS_SWEEP_CHAINS_MAX},
    {.key = "block",
     .type = MS_FIELD_COUNT,
     .doc = "chains that are computed together",
     .fallback = "32",
     .offset = IN(sweep.block_chains),
     .least = 1,
     .most = MS_SWEEP_BLOCK_MAX},
    {.key = "stop_when_discovered",
     .type = MS_FIELD_BOOL,
     .doc = "whether a chain ends with its last discovery",
     .fallback = "true",
     .offset = IN(sweep.stop_when_discovered)},
};
static const ms_schema budget_schema = {"budget", budget_fields, COUNT(budget_fields)};

static const ms_field discovery_fields[] = {
    {.key = "radius_squared",
     .type = MS_FIELD_CUSTOM,
     .doc = "r^2 of the ball rule",
     .fallback = "auto",
     .read = read_radius_squared},
};
static const ms_schema discovery_schema = {"discovery", discovery_fields, COUNT(discovery_fields)};

static const ms_field grid_fields[] = {
    {.key = "dimension",
     .type = MS_FIELD_CUSTOM,
     .doc = "dimensions of the space",
     .required = true,
     .read = read_dimension},
    {.key = "patch_size",
     .type = MS_FIELD_CUSTOM,
     .doc = "coordinates of a patch",
     .fallback = "full",
     .read = read_patch_size},
    {.key = "noise_level",
     .type = MS_FIELD_CUSTOM,
     .doc = "first noise level",
     .fallback = "0",
     .read = read_noise_level},
    {.key = "seed",
     .type = MS_FIELD_CUSTOM,
     .doc = "seeds of the random numbers",
     .fallback = "1",
     .read = read_seed},
    {.key = "indivisible",
     .type = MS_FIELD_CHOICE,
     .doc = "what to do where a patch size does not divide",
     .fallback = "error",
     .offset = IN(sweep.indivisible),
     .choices = indivisible_choices},
};
const ms_schema ms_grid_schema = {"grid", grid_fields, COUNT(grid_fields)};

static const ms_field sweep_fields[] = {
    {.key = "name",
     .type = MS_FIELD_TEXT,
     .doc = "name of the sweep",
     .required = true,
     .offset = IN(sweep.name),
     .size = sizeof((ms_sweep *)0)->name},
    {.key = "target",
     .type = MS_FIELD_SECTION,
     .doc = "what is sampled",
     .required = true,
     .schema = &target_schema},
    {.key = "start",
     .type = MS_FIELD_CUSTOM,
     .doc = "where chains start",
     .fallback = "{component: 0}",
     .read = ms_read_start},
    {.key = "sampler",
     .type = MS_FIELD_CUSTOM,
     .doc = "how chains move",
     .required = true,
     .read = ms_read_sampler},
    {.key = "budget",
     .type = MS_FIELD_SECTION,
     .doc = "how long and how many",
     .required = true,
     .schema = &budget_schema},
    {.key = "discovery",
     .type = MS_FIELD_SECTION,
     .doc = "when a mode counts as discovered",
     .fallback = "{}",
     .schema = &discovery_schema},
    {.key = "snapshots",
     .type = MS_FIELD_CUSTOM,
     .doc = "iterations at which distances are recorded",
     .fallback = "[]",
     .read = read_snapshots},
    {.key = "grid",
     .type = MS_FIELD_SECTION,
     .doc = "the axes of the sweep",
     .required = true,
     .schema = &ms_grid_schema},
};
const ms_schema ms_sweep_schema = {"the sweep file", sweep_fields, COUNT(sweep_fields)};

const ms_schema *ms_schema_number(size_t index)
{
    static const ms_schema *const schemas[] = {&ms_sweep_schema,
                                               &target_schema,
                                               &ms_component_schema,
                                               &ms_mean_schema,
                                               &ms_start_schema,
                                               &ms_start_normal_schema,
                                               &ms_sampler_schema,
                                               &ms_schedule_schema,
                                               &budget_schema,
                                               &discovery_schema,
                                               &ms_grid_schema,
                                               &ms_axis_range_schema,
                                               NULL};
    size_t i = 0;
    while (i < index && schemas[i])
        i++;
    return schemas[i];
}
