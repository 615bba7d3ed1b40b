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

static const ms_choice engine_choices[] = {
    {"auto", MS_ENGINE_AUTO}, {"full", MS_ENGINE_FULL}, {"reduced", MS_ENGINE_REDUCED}, {NULL, 0}};

static const ms_field schedule_fields[] = {
    {.key = "type",
     .type = MS_FIELD_CHOICE,
     .doc = "constant or geometric",
     .required = true,
     .offset = IN(sweep.schedule.type),
     .choices = schedule_choices},
    {.key = "noise_level_min",
     .type = MS_FIELD_NUMBER,
     .doc = "the last noise level",
     .offset = IN(sweep.schedule.noise_level_min),
     .low = 0,
     .above_low = true,
     .high = 1e50},
    {.key = "levels",
     .type = MS_FIELD_COUNT,
     .doc = "number of noise levels",
     .offset = IN(sweep.schedule.levels),
     .least = 1,
     .most = MS_LEVELS_MAX},
};
const ms_schema ms_schedule_schema = {"schedule", schedule_fields, COUNT(schedule_fields)};

static void read_schedule_mapping(ms_reader *reader, const ms_node *node, ms_draft *draft)
{
    size_t before = reader->diagnostics->count;
    ms_schema_read(reader, &ms_schedule_schema, node, draft);
    if (reader->diagnostics->count > before)
        return;
    const ms_node *optional[2] = {ms_node_get(node, "noise_level_min"), ms_node_get(node, "levels")};
    static const char *const name[2] = {"noise_level_min", "levels"};
    bool geometric = draft->sweep.schedule.type == MS_SCHEDULE_GEOMETRIC;
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
        draft->sweep.schedule.type = (ms_schedule_type)type;
        if (type == MS_SCHEDULE_GEOMETRIC)
            ms_complain(
                reader, node,
                "a geometric schedule needs more; write {type: geometric, noise_level_min: ..., levels: "
                "...}");
    }
}

static const ms_field sampler_fields[] = {
    {.key = "step_size",
     .type = MS_FIELD_NUMBER,
     .doc = "delta of the Langevin step",
     .required = true,
     .offset = IN(sweep.schedule.step_size),
     .low = 0,
     .above_low = true,
     .high = 1e100},
    {.key = "step_rule",
     .type = MS_FIELD_CHOICE,
     .doc = "how the step size follows the noise level",
     .fallback = "constant",
     .offset = IN(sweep.schedule.step_rule),
     .choices = step_rule_choices},
    {.key = "schedule",
     .type = MS_FIELD_CUSTOM,
     .doc = "how the noise level goes down",
     .fallback = "constant",
     .read = read_schedule},
    {.key = "iterations_per_patch",
     .type = MS_FIELD_COUNT,
     .doc = "iterations of one visit to a patch",
     .fallback = "100",
     .offset = IN(sweep.iterations_per_patch),
     .least = 1,
     .most = ITERATIONS_PER_PATCH_MAX},
    {.key = "iterations_per_pass",
     .type = MS_FIELD_COUNT,
     .doc = "iterations of one pass over all patches",
     .offset = IN(sweep.iterations_per_pass),
     .least = 1,
     .most = MS_SWEEP_ITERATIONS_MAX},
    {.key = "conditioning",
     .type = MS_FIELD_CHOICE,
     .doc = "noise level of the patches before",
     .fallback = "final",
     .offset = IN(sweep.conditioning),
     .choices = conditioning_choices},
    {.key = "engine",
     .type = MS_FIELD_CHOICE,
     .doc = "how chains are computed",
     .fallback = "auto",
     .offset = IN(sweep.engine),
     .choices = engine_choices},
};
const ms_schema ms_sampler_schema = {"sampler", sampler_fields, COUNT(sampler_fields)};

void ms_read_sampler(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    (void)field;
    ms_draft *draft = destination;
    ms_schema_read(reader, &ms_sampler_schema, node, draft);
    const ms_node *per_pass = ms_node_get(node, "iterations_per_pass");
    if (per_pass && ms_node_get(node, "iterations_per_patch"))
        ms_complain(reader, per_pass->key,
                    "iterations_per_pass and iterations_per_patch exclude each other; remove one of them");
    if (per_pass)
        draft->sweep.iterations_per_patch = 0;
}
