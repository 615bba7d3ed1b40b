/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors: a number, a list, or a mapping that names a pattern. */
#include "base/vector.h"
#include "sweep/schema.h"

#include <string.h>

/* A vector given as a mapping. */
typedef struct mapping {
    unsigned pattern;
    const ms_node *value, *values;
} mapping;

static const ms_choice pattern_choices[] = {
    {"constant", MS_PATTERN_CONSTANT}, {"alternating", MS_PATTERN_ALTERNATING}, {"halves", MS_PATTERN_HALVES},
    {"ramp", MS_PATTERN_RAMP},         {"repeat", MS_PATTERN_REPEAT},           {NULL, 0}};

static const ms_field vector_fields[] = {
    {.key = "pattern",
     .type = MS_FIELD_CHOICE,
     .doc = "name of the pattern",
     .required = true,
     .offset = offsetof(mapping, pattern),
     .choices = pattern_choices},
    {.key = "value", .type = MS_FIELD_NODE, .doc = "its number", .offset = offsetof(mapping, value)},
    {.key = "values",
     .type = MS_FIELD_NODE,
     .doc = "the numbers to repeat",
     .offset = offsetof(mapping, values)},
};
const ms_schema ms_vector_schema = {"a vector", vector_fields, sizeof vector_fields / sizeof *vector_fields};

static void read_mapping(ms_reader *reader, const ms_field *field, const ms_node *node, ms_vector *vector)
{
    mapping m = {.pattern = MS_PATTERN_LIST}; /* which no name stands for */
    ms_schema_read(reader, &ms_vector_schema, node, &m);
    if (m.pattern == MS_PATTERN_LIST)
        return;
    const char *name = ms_choice_name(pattern_choices, m.pattern);
    bool repeat = m.pattern == MS_PATTERN_REPEAT;
    const ms_node *superfluous = repeat ? m.value : m.values;
    if (superfluous)
        ms_complain(reader, superfluous->key, "the pattern '%s' takes %s; remove %s", name,
                    repeat ? "values" : "value", superfluous->key->text);
    vector->pattern = (ms_pattern)m.pattern;
    if (repeat && m.values)
        ms_read_numbers(reader, m.values, "values", field->low, field->above_low, field->high,
                        &vector->values, &vector->value_count);
    else if (repeat || !m.value)
        ms_complain(reader, node, "the pattern '%s' needs %s; add `%s`", name, repeat ? "values" : "value",
                    repeat ? "values: [...]" : "value: ...");
    else if (!repeat && m.pattern != MS_PATTERN_CONSTANT && field->low >= 0)
        ms_complain(reader, node,
                    "the pattern '%s' has numbers below 0, which %s must not have; use 'constant' or "
                    "'repeat', or a list",
                    name, field->key);
    else
        ms_read_number(reader, m.value, "value", field->low, field->above_low, field->high, &vector->value);
}

void ms_read_vector(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_vector *vector = (ms_vector *)((char *)destination + field->offset);
    if (node->type == MS_NODE_MAPPING) {
        read_mapping(reader, field, node, vector);
    } else if (node->type == MS_NODE_LIST) {
        vector->pattern = MS_PATTERN_LIST;
        ms_read_numbers(reader, node, field->key, field->low, field->above_low, field->high, &vector->values,
                        &vector->value_count);
    } else {
        vector->pattern = MS_PATTERN_CONSTANT;
        ms_read_number(reader, node, field->key, field->low, field->above_low, field->high, &vector->value);
    }
}
