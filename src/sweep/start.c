/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `start`. */
#include "sweep/draft.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ms_field normal_fields[] = {
    {.key = "variance",
     .type = MS_FIELD_NUMBER,
     .doc = "of each coordinate",
     .required = true,
     .offset = offsetof(ms_draft, sweep.start.variance),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
const ms_schema ms_start_normal_schema = {"start: normal", normal_fields, COUNT(normal_fields)};

static void read_component(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    uint64_t component;
    draft->sweep.start.type = MS_START_COMPONENT;
    if (ms_read_count(reader, node, field->key, 0, MS_SWEEP_COMPONENTS_MAX - 1, &component)) {
        draft->sweep.start.component = component;
        draft->start_node = node;
    }
}

static void read_uniform(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    ms_start *start = &draft->sweep.start;
    double *ends;
    size_t count;
    start->type = MS_START_UNIFORM;
    if (!ms_read_numbers(reader, node, field->key, 1e100, &ends, &count))
        return;
    if (count != 2 || !(ends[0] < ends[1]))
        ms_complain(reader, node, "uniform needs two numbers [low, high], the lower first");
    else {
        start->low = ends[0];
        start->high = ends[1];
        draft->start_node = node;
    }
    free(ends);
}

static void read_normal(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ((ms_draft *)destination)->sweep.start.type = MS_START_NORMAL;
    ms_schema_read(reader, field->schema, node, destination);
}

static void read_file(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    draft->sweep.start.type = MS_START_POSITIONS;
    if (node->type != MS_NODE_SCALAR || node->text[0] == '\0') {
        ms_complain(reader, node, "%s must be the path of a file of start positions", field->key);
    } else if (!draft->sweep.start.positions) {
        draft->start_node = node;
        ms_read_positions(reader, node, &draft->sweep);
    }
}

static const ms_field start_fields[] = {
    {.key = "component",
     .type = MS_FIELD_CUSTOM,
     .doc = "number of the component to draw from",
     .read = read_component},
    {.key = "uniform",
     .type = MS_FIELD_CUSTOM,
     .doc = "[low, high] of each coordinate",
     .read = read_uniform},
    {.key = "normal",
     .type = MS_FIELD_CUSTOM,
     .doc = "normal about 0",
     .read = read_normal,
     .schema = &ms_start_normal_schema},
    {.key = "file", .type = MS_FIELD_CUSTOM, .doc = "path of a file of positions", .read = read_file},
};
const ms_schema ms_start_schema = {"start", start_fields, COUNT(start_fields)};

void ms_read_start(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    (void)field;
    size_t before = reader->diagnostics->count;
    ms_schema_read(reader, &ms_start_schema, node, destination);
    if (reader->diagnostics->count == before && node->count != 1)
        ms_complain(reader, node, "start has %zu keys; give one of component, uniform, normal or file",
                    node->count);
}
