/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `sampler` and its schedule. */
#include "sweep/draft.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(member)   offsetof(ms_draft, member)

/* A pass over 10^7 patches then stays below 2^62 iterations. */
#define ITERATIONS_PER_PATCH_MAX (UINT64_C(1) << 38)

static const ms_choice schedule_choices[] = {
    {"constant", MS_SCHEDULE_CONSTANT}, {"geometric", MS_SCHEDULE_GEOMETRIC}, {NULL, 0}};
static const ms_choice step_rule_choices[] = {
    {"constant", MS_STEP_CONSTANT}, {"ncsn", MS_STEP_NCSN}, {NULL, 0}};
static const ms_choice conditioning_choices[] = {
    {"final", MS_CONDITIONING_FINAL}, {"same", MS_CONDITIONING_SAME}, {NULL, 0}};

static const ms_choice engine_choices[] = {{"auto", MS_ENGINE_AUTO},       {"full", MS_ENGINE_FULL},
                                           {"reduced", MS_ENGINE_REDUCED}, {"generic", MS_ENGINE_GENERIC},
                                           {"batched", MS_ENGINE_BATCHED}, {NULL, 0}};

static bool is_geometric(const void *draft)
{
    return ((const ms_draft *)draft)->settings.schedule.type == MS_SCHEDULE_GEOMETRIC;
}

static bool is_per_patch(const void *draft)
{
    return ((const ms_draft *)draft)->settings.iterations_per_patch > 0;
}

static bool is_per_pass(const void *draft)
{
    return !is_per_patch(draft);
}

static const ms_field schedule_fields[] = {
    {.key = "type",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_LAW,
     .doc = "constant or geometric",
     .required = true,
     .no_axis = "a constant schedule has none of the keys of a geometric one: list samplers, `sampler: [{as: "
                "NAME, ...}, ...]`",
     .offset = IN(settings.schedule.type),
     .choices = schedule_choices},
    {.key = "noise_level_min",
     .counts = is_geometric,
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "the last noise level",
     .offset = IN(settings.schedule.noise_level_min),
     .low = 0,
     .above_low = true,
     .high = 1e50},
    {.key = "levels",
     .counts = is_geometric,
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "number of noise levels",
     .offset = IN(settings.schedule.levels),
     .least = 1,
     .most = MS_LEVELS_MAX},
};
static const ms_schema schedule_schema = {"schedule", schedule_fields, COUNT(schedule_fields)};

static void read_schedule_mapping(ms_reader *reader, const ms_node *node, ms_draft *draft)
{
    size_t before = reader->diagnostics->count;
    ms_schema_read(reader, &schedule_schema, node, draft);
    if (reader->diagnostics->count > before)
        return;
    const ms_node *optional[2] = {ms_node_get(node, "noise_level_min"), ms_node_get(node, "levels")};
    static const char *const name[2] = {"noise_level_min", "levels"};
    bool geometric = draft->settings.schedule.type == MS_SCHEDULE_GEOMETRIC;
    for (size_t i = 0; i < 2; i++) {
        if (geometric && !optional[i])
            ms_complain(reader, node, "a geometric schedule needs %s; add `%s: ...`", name[i], name[i]);
        if (!geometric && optional[i])
            ms_complain(reader, optional[i]->key, "a constant schedule has no %s; remove it", name[i]);
    }
}

static void read_schedule(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    unsigned type;
    if (node->type == MS_NODE_MAPPING) {
        read_schedule_mapping(reader, node, draft);
    } else if (ms_read_choice(reader, node, field->key, schedule_choices, &type)) {
        draft->settings.schedule.type = (ms_schedule_type)type;
        if (type == MS_SCHEDULE_GEOMETRIC)
            ms_complain(
                reader, node,
                "a geometric schedule needs more; write {type: geometric, noise_level_min: ..., levels: "
                "...}");
    }
}

static const ms_field sampler_fields[] = {
    {.key = "step_rule",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "how the step size follows the noise level",
     .fallback = "constant",
     .offset = IN(settings.schedule.step_rule),
     .choices = step_rule_choices},
    {.key = "schedule",
     .type = MS_FIELD_CUSTOM,
     .doc = "how the noise level goes down",
     .fallback = "constant",
     .role = MS_ROLE_LAW,
     .read = read_schedule,
     .schema = &schedule_schema},
    {.key = "iterations_per_patch",
     .counts = is_per_patch,
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "iterations of one visit to a patch",
     .fallback = "100",
     .offset = IN(settings.iterations_per_patch),
     .least = 1,
     .most = ITERATIONS_PER_PATCH_MAX},
    {.key = "iterations_per_pass",
     .counts = is_per_pass,
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "iterations of one pass over all patches",
     .offset = IN(settings.iterations_per_pass),
     .least = 1,
     .most = MS_SWEEP_ITERATIONS_MAX},
    {.key = "conditioning",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "noise level of the patches before",
     .fallback = "final",
     .offset = IN(settings.conditioning),
     .choices = conditioning_choices},
    {.key = "engine",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "how chains are computed",
     .fallback = "auto",
     .offset = IN(settings.engine),
     .choices = engine_choices},
};
const ms_schema ms_sampler_schema = {"sampler", sampler_fields, COUNT(sampler_fields)};

void ms_check_sampler(ms_reader *reader, ms_draft *draft, const ms_node *node)
{
    const ms_node *per_pass = ms_node_get(node, "iterations_per_pass");
    if (per_pass && ms_node_get(node, "iterations_per_patch"))
        ms_complain(
            reader, per_pass->key,
            "iterations_per_pass and iterations_per_patch are mutually exclusive; remove one of them");
    if (per_pass)
        draft->settings.iterations_per_patch = 0;
}
