/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections `target` and its components. */
#include "sweep/draft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array)  (sizeof(array) / sizeof *(array))
#define MEAN_MAX      1e100
#define WEIGHTS_SLACK 1e-9 /* of their sum; the target's own */

/* A mean given as a mapping. */
typedef struct mean {
    unsigned pattern;
    const ms_node *value, *values;
} mean;

static const ms_choice pattern_choices[] = {
    {"constant", MS_MEAN_CONSTANT}, {"alternating", MS_MEAN_ALTERNATING}, {"halves", MS_MEAN_HALVES},
    {"ramp", MS_MEAN_RAMP},         {"repeat", MS_MEAN_REPEAT},           {NULL, 0}};

static const ms_field mean_fields[] = {
    {.key = "pattern",
     .type = MS_FIELD_CHOICE,
     .doc = "name of the pattern",
     .required = true,
     .offset = offsetof(mean, pattern),
     .choices = pattern_choices},
    {.key = "value", .type = MS_FIELD_NODE, .doc = "its number", .offset = offsetof(mean, value)},
    {.key = "values",
     .type = MS_FIELD_NODE,
     .doc = "the numbers to repeat",
     .offset = offsetof(mean, values)},
};
const ms_schema ms_mean_schema = {"a mean", mean_fields, COUNT(mean_fields)};

static void read_mean_mapping(ms_reader *reader, const ms_node *node, ms_component *component)
{
    mean m = {.pattern = MS_MEAN_LIST}; /* which no name stands for */
    ms_schema_read(reader, &ms_mean_schema, node, &m);
    if (m.pattern == MS_MEAN_LIST)
        return;
    component->pattern = (ms_mean_pattern)m.pattern;
    bool repeat = m.pattern == MS_MEAN_REPEAT;
    const ms_node *superfluous = repeat ? m.value : m.values;
    if (superfluous)
        ms_complain(reader, superfluous->key, "the pattern '%s' takes %s; remove %s",
                    ms_node_get(node, "pattern")->text, repeat ? "values" : "value", superfluous->key->text);
    if (repeat && m.values)
        ms_read_numbers(reader, m.values, "values", MEAN_MAX, &component->values, &component->value_count);
    else if (!repeat && m.value)
        ms_read_number(reader, m.value, "value", -MEAN_MAX, false, MEAN_MAX, &component->value);
    else
        ms_complain(reader, node, "the pattern '%s' needs %s; add `%s`", ms_node_get(node, "pattern")->text,
                    repeat ? "values" : "value", repeat ? "values: [...]" : "value: ...");
}

static void read_mean(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_component *component = destination;
    if (node->type == MS_NODE_MAPPING) {
        read_mean_mapping(reader, node, component);
    } else if (node->type == MS_NODE_LIST) {
        component->pattern = MS_MEAN_LIST;
        ms_read_numbers(reader, node, field->key, MEAN_MAX, &component->values, &component->value_count);
    } else {
        component->pattern = MS_MEAN_CONSTANT;
        ms_read_number(reader, node, field->key, -MEAN_MAX, false, MEAN_MAX, &component->value);
    }
}

static const ms_field component_fields[] = {
    {.key = "weight",
     .type = MS_FIELD_NUMBER,
     .doc = "its share of the mixture",
     .required = true,
     .offset = offsetof(ms_component, weight),
     .low = 0,
     .above_low = true,
     .high = 1},
    {.key = "mean", .type = MS_FIELD_CUSTOM, .doc = "its centre", .required = true, .read = read_mean},
    {.key = "variance",
     .type = MS_FIELD_NUMBER,
     .doc = "nu^2, per coordinate",
     .required = true,
     .offset = offsetof(ms_component, variance),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
const ms_schema ms_component_schema = {"a component", component_fields, COUNT(component_fields)};

void ms_read_family(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_choice choices[MS_SCHEMA_FIELDS_MAX] = {{NULL, 0}};
    unsigned count = 0, choice;
    while (count + 1 < COUNT(choices) && ms_target_type_name(count)) {
        choices[count] = (ms_choice){ms_target_type_name(count), count};
        count++;
    }
    if (ms_read_choice(reader, node, field->key, choices, &choice))
        ((ms_draft *)destination)->sweep.family = ms_target_type_find(ms_target_type_name(choice));
}

void ms_read_components(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    ms_sweep *sweep = &draft->sweep;
    if (node->type != MS_NODE_LIST) {
        ms_complain(reader, node, "%s must be a list of {weight, mean, variance}", field->key);
        return;
    }
    if (node->count < 2 || node->count > MS_SWEEP_COMPONENTS_MAX) {
        ms_complain(
            reader, node,
            "%zu component%s; a mixture has 2 to %d: number 0, the spread mode, and the modes to discover",
            node->count, node->count == 1 ? "" : "s", MS_SWEEP_COMPONENTS_MAX);
        return;
    }
    size_t before = reader->diagnostics->count;
    double sum = 0;
    draft->component_list = node;
    for (const ms_node *child = node->first; child; child = child->next) {
        size_t index = sweep->component_count++;
        draft->component_node[index] = child;
        ms_schema_read(reader, &ms_component_schema, child, &sweep->component[index]);
        sum += sweep->component[index].weight;
    }
    if (reader->diagnostics->count == before && !(fabs(sum - 1) <= WEIGHTS_SLACK))
        ms_complain(reader, node, "the weights sum to %.12g, not 1; change them (to within 1e-9)", sum);
}
