/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of the sweep file. docs/sweep-file.md documents each; a test compares the two. */
#include "estimate/job_type.h"
#include "observe/observables.h"
#include "observe/rule.h"
#include "sampler/sampler_type.h"
#include "sweep/columns.h"
#include "sweep/draft.h"
#include "target/target_type.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(member)   offsetof(ms_draft, member)

static const ms_axis_kind snapshots_kind = {.name = "snapshots",
                                            .is_ascending = true,
                                            .most = MS_SWEEP_ITERATIONS_MAX,
                                            .values_max = MS_SWEEP_SNAPSHOTS_MAX};

static void read_snapshots(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    (void)field;
    ms_draft *draft = destination;
    ms_axis_free(&draft->snapshots); /* of the variant before */
    ms_axis_read(reader, &snapshots_kind, node, &draft->snapshots);
    const ms_node *first = draft->snapshots.count > 0 ? draft->snapshots.value[0].node : NULL;
    if (first && !first->where) { /* of a variant, the nodes go with it */
        draft->sweep.snapshots_line = first->line;
        draft->sweep.snapshots_column = first->column;
    }
}

static void write_snapshots(FILE *out, const void *draft)
{
    const ms_sweep *sweep = &((const ms_draft *)draft)->sweep;
    for (size_t i = 0; i < sweep->snapshot_count; i++)
        fprintf(out, "%s%" PRIu64, i > 0 ? " " : "", sweep->snapshots[i]);
}

static const ms_schema target_schema = {"target", NULL, 0}, estimator_schema = {"estimator", NULL, 0};

static const ms_choice radius_words[] = {{"auto", 0}, {NULL, 0}};

/* Replicates have a number of their own, and no budget. */
static bool has_no_chains(const void *draft)
{
    return ((const ms_draft *)draft)->has_no_chains;
}

static bool has_at_most(const void *draft)
{
    return ((const ms_draft *)draft)->sweep.at_most > 0;
}

static bool has_chains(const void *draft)
{
    return !has_at_most(draft);
}

static bool has_relative_width(const void *draft)
{
    return ((const ms_draft *)draft)->sweep.relative_width > 0;
}

/* A number of their own, or `at_most` stands for it. */
static bool spares_chains(const void *draft)
{
    return has_no_chains(draft) || ((const ms_draft *)draft)->stops_by_width;
}

static const ms_field budget_fields[] = {
    {.key = "iterations",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .sweepable = true,
     .doc = "iterations of a chain",
     .required = true,
     .spares = has_no_chains,
     .offset = IN(settings.iterations),
     .least = 1,
     .most = MS_SWEEP_ITERATIONS_MAX},
    {.key = "chains",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .doc = "chains of a point",
     .required = true,
     .spares = spares_chains,
     .counts = has_chains,
     .offset = IN(sweep.chains),
     .least = 1,
     .most = MS_SWEEP_CHAINS_MAX},
    {.key = "relative_width",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_BUDGET,
     .shrinks = true,
     .doc = "width of a mean's 95 % interval over the mean, at which a point has chains enough",
     .counts = has_relative_width,
     .offset = IN(sweep.relative_width),
     .low = 0.001,
     .high = 10},
    {.key = "at_most",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_BUDGET,
     .doc = "chains, or replicates, of a point whose interval stays wider",
     .counts = has_at_most,
     .offset = IN(sweep.at_most),
     .least = 1,
     .most = MS_SWEEP_CHAINS_MAX},
    {.key = "block",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_RECORD,
     .doc = "chains that are computed together",
     .fallback = "32",
     .offset = IN(sweep.block_chains),
     .least = 1,
     .most = MS_SWEEP_BLOCK_MAX},
    {.key = "stop_when_discovered",
     .type = MS_FIELD_BOOL,
     .role = MS_ROLE_RECORD,
     .doc = "whether a chain ends with its last discovery",
     .fallback = "true",
     .offset = IN(sweep.stop_when_discovered)},
};
static const ms_schema budget_schema = {"budget", budget_fields, COUNT(budget_fields)};

static const ms_field discovery_fields[] = {
    {.key = "radius_squared",
     .type = MS_FIELD_NUMBER,
     .role = MS_ROLE_RECORD,
     .sweepable = true,
     .doc = "r^2 of the ball rule",
     .fallback = "auto",
     .offset = IN(settings.radius_squared),
     .low = 0,
     .above_low = true,
     .high = 1e100,
     .choices = radius_words},
    {.key = "rules",
     .type = MS_FIELD_SEVERAL,
     .role = MS_ROLE_RECORD,
     .doc = "rules that are recorded",
     .fallback = "[ball, switch]",
     .offset = IN(settings.rules),
     .least = 0,
     .most = MS_SWEEP_RULES_MAX,
     .tag = "rule",
     .kinds = ms_rule_kind},
    {.key = "modes",
     .type = MS_FIELD_SETS,
     .role = MS_ROLE_RECORD,
     .doc = "components that are to be discovered, or sets of them",
     .fallback = "auto",
     .offset = IN(settings.modes),
     .most = 2 * MS_DATA_COUNT_MAX - 1},
};
static const ms_schema discovery_schema = {"discovery", discovery_fields, COUNT(discovery_fields)};

/* Direct simulation is what sweeps meant before they could say so: their identities stay as they were. */
static bool is_not_direct(const void *draft)
{
    return ((const ms_draft *)draft)->settings.estimator.kind != ms_job_kind(0);
}

/* Read before all else, by ms_read_grid(). */
static void pass_over(ms_reader *reader, const ms_field *field, const ms_node *node, void *draft)
{
    (void)reader;
    (void)field;
    (void)node;
    (void)draft;
}

static const ms_field sweep_fields[] = {
    {.key = "name",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_NONE,
     .doc = "name of the sweep",
     .required = true,
     .offset = IN(sweep.name),
     .size = sizeof((ms_sweep *)0)->name},
    {.key = "target",
     .type = MS_FIELD_CHOSEN,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "what is sampled",
     .required = true,
     .offset = IN(settings.target),
     .schema = &target_schema,
     .tag = "family",
     .kinds = ms_target_kind},
    {.key = "start",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_LAW,
     .doc = "where chains start",
     .fallback = "{component: 0}",
     .read = ms_read_start,
     .schema = &ms_start_schema},
    {.key = "sampler",
     .type = MS_FIELD_CHOSEN,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "how chains move",
     .required = true,
     .offset = IN(settings.sampler),
     .schema = &ms_sampler_schema,
     .tag = "name",
     .tag_fallback = "langevin",
     .kinds = ms_sampler_kind},
    {.key = "budget",
     .type = MS_FIELD_SECTION,
     .role = MS_ROLE_BUDGET,
     .doc = "how long and how many",
     .required = true,
     .spares = has_no_chains,
     .schema = &budget_schema},
    {.key = "discovery",
     .type = MS_FIELD_SECTION,
     .role = MS_ROLE_RECORD,
     .doc = "when a mode counts as discovered",
     .fallback = "{}",
     .schema = &discovery_schema},
    {.key = "snapshots",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_RECORD,
     .doc = "iterations at which distances are recorded",
     .fallback = "[]",
     .read = read_snapshots,
     .write = write_snapshots},
    {.key = "observables",
     .type = MS_FIELD_SEVERAL,
     .role = MS_ROLE_RECORD,
     .doc = "what is recorded at snapshots",
     .fallback = "[squared_distance, responsibility]",
     .offset = IN(settings.observables),
     .least = 1,
     .most = MS_COLUMNS_MAX - 2,
     .tag = "observable",
     .kinds = ms_observable_kind},
    {.key = "estimator",
     .counts = is_not_direct,
     .type = MS_FIELD_CHOSEN,
     .role = MS_ROLE_RECORD,
     .doc = "how times are found",
     .fallback = "direct",
     .offset = IN(settings.estimator),
     .schema = &estimator_schema,
     .tag = "name",
     .kinds = ms_job_kind},
    {.key = "grid",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_GRID,
     .doc = "the axes of the sweep",
     .required = true,
     .read = pass_over,
     .schema = &ms_grid_schema},
};
const ms_schema ms_sweep_schema = {"the sweep file", sweep_fields, COUNT(sweep_fields)};

typedef struct search {
    const char *key;
    const ms_schema *found;
} search;

static void look_for_key(const ms_schema *schema, const char *tag, void *argument)
{
    search *s = argument;
    if (!s->found && ((tag && strcmp(tag, s->key) == 0) || ms_schema_field(schema, s->key)))
        s->found = schema;
}

const ms_schema *ms_schema_with(const char *key)
{
    search s = {.key = key};
    ms_schema_visit(&ms_sweep_schema, look_for_key, &s);
    look_for_key(&ms_axis_range_schema, NULL, &s);
    return s.found;
}
