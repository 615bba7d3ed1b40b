/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `start`. */
#include "sweep/additions.h"
#include "sweep/draft.h"

#include <modeseek/random.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Which of the keys was given. */
static bool is_of(const void *draft, ms_start_type type)
{
    return ((const ms_draft *)draft)->settings.start.type == type;
}

static bool is_component(const void *draft)
{
    return is_of(draft, MS_START_COMPONENT);
}

static bool is_uniform(const void *draft)
{
    return is_of(draft, MS_START_UNIFORM);
}

static bool is_normal(const void *draft)
{
    return is_of(draft, MS_START_NORMAL);
}

static bool is_file(const void *draft)
{
    return is_of(draft, MS_START_POSITIONS);
}

static bool is_data(const void *draft)
{
    return is_of(draft, MS_START_DATA);
}

static const ms_choice data_choices[] = {{"train", false}, {"test", true}, {NULL, 0}};

static void read_data(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    unsigned is_of_test;
    if (ms_read_choice(reader, node, field->key, data_choices, &is_of_test))
        ((ms_draft *)destination)->settings.start.is_of_test = is_of_test;
}

static void write_data(FILE *out, const void *draft)
{
    fputs(ms_choice_name(data_choices, ((const ms_draft *)draft)->settings.start.is_of_test), out);
}

static const ms_field normal_fields[] = {
    {.key = "variance",
     .type = MS_FIELD_NUMBER,
     .doc = "of each coordinate",
     .required = true,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .offset = offsetof(ms_draft, settings.start.variance),
     .low = 0,
     .above_low = true,
     .high = 1e100},
};
static const ms_schema normal_schema = {"start: normal", normal_fields, COUNT(normal_fields)};

static void read_uniform(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_start *start = &((ms_draft *)destination)->settings.start;
    double *ends;
    size_t count;
    if (!ms_read_numbers(reader, node, field->key, field->low, false, field->high, &ends, &count))
        return;
    if (count != 2 || !(ends[0] < ends[1]))
        ms_complain(reader, node, "uniform needs two numbers [low, high], the lower first");
    else {
        start->low = ends[0];
        start->high = ends[1];
    }
    free(ends);
}

static void write_uniform(FILE *out, const void *draft)
{
    const ms_start *start = &((const ms_draft *)draft)->settings.start;
    fprintf(out, "%.17g %.17g", start->low, start->high);
}

/* No axis has another file: it is read once. */
static void read_file(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    ms_draft *draft = destination;
    ms_start *start = &draft->settings.start;
    if (node->type != MS_NODE_SCALAR || node->text[0] == '\0') {
        ms_complain(reader, node, "%s must be the path of a file of start positions", field->key);
        return;
    }
    char *path = ms_input_path(reader, node, field->key);
    if (reader->skips_tables)
        reader->lacks_numbers = true;
    else if (path && !reader->is_file_wrong && !draft->sweep.positions)
        ms_read_positions(reader, path, draft);
    reader->out_of_memory |= !path;
    free(path);
    start->positions = draft->sweep.positions;
    start->rows = draft->sweep.position_rows;
}

/* As identities have them: how many, and a digest. */
static void describe_positions(const ms_sweep *sweep, char text[MS_POSITIONS_TEXT])
{
    ms_hash hash = ms_hash_init();
    for (size_t i = 0; i < sweep->position_rows * sweep->positions_dimension; i++)
        ms_hash_double(&hash, sweep->positions[i]);
    snprintf(text, MS_POSITIONS_TEXT, "%zu x %zu, hash %016" PRIx64, sweep->position_rows,
             sweep->positions_dimension, ms_hash_value(&hash));
}

static void write_file(FILE *out, const void *draft)
{
    fputs(((const ms_draft *)draft)->sweep.positions_text, out);
}

static const ms_field start_fields[] = {
    {.key = "component",
     .type = MS_FIELD_COUNT,
     .role = MS_ROLE_LAW,
     .sweepable = true,
     .doc = "number of the component to draw from",
     .offset = offsetof(ms_draft, settings.start.component),
     .most = 2 * MS_DATA_COUNT_MAX - 1,
     .counts = is_component},
    {.key = "uniform",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_LAW,
     .doc = "[low, high] of each coordinate",
     .low = -1e100,
     .high = 1e100,
     .read = read_uniform,
     .write = write_uniform,
     .counts = is_uniform},
    {.key = "normal",
     .type = MS_FIELD_SECTION,
     .role = MS_ROLE_LAW,
     .doc = "normal about 0",
     .schema = &normal_schema,
     .counts = is_normal},
    {.key = "data",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_LAW,
     .doc = "test or train: vectors of the target's data",
     .read = read_data,
     .write = write_data,
     .counts = is_data},
    {.key = "flipped",
     .type = MS_FIELD_BOOL,
     .role = MS_ROLE_LAW,
     .doc = "whether 1 less each of their numbers",
     .offset = offsetof(ms_draft, settings.start.is_flipped),
     .counts = is_data},
    {.key = "file",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_LAW,
     .doc = "path of a file of positions",
     .read = read_file,
     .write = write_file,
     .counts = is_file},
    {.key = "positions",
     .type = MS_FIELD_TEXT,
     .role = MS_ROLE_NONE,
     .doc = "their number, dimension and digest",
     .found = true,
     .offset = offsetof(ms_draft, sweep.positions_text),
     .size = MS_POSITIONS_TEXT,
     .counts = is_file},
};
const ms_schema ms_start_schema = {"start", start_fields, COUNT(start_fields)};

/* The file holds what the sweep says of it, if it says anything. */
static void check_positions(ms_reader *reader, const ms_node *node, ms_draft *draft)
{
    char *wanted = draft->sweep.positions_text, found[MS_POSITIONS_TEXT];
    describe_positions(&draft->sweep, found);
    if (wanted[0] != '\0' && strcmp(wanted, found) != 0)
        ms_complain(reader, node, "the file of start positions holds %s, not %s", found, wanted);
    memcpy(wanted, found, sizeof found);
    ms_additions_note(reader, &ms_start_schema, draft, node);
}

void ms_read_start(ms_reader *reader, const ms_field *field, const ms_node *node, void *destination)
{
    (void)field;
    static const ms_choice types[] = {{"component", MS_START_COMPONENT},
                                      {"uniform", MS_START_UNIFORM},
                                      {"normal", MS_START_NORMAL},
                                      {"data", MS_START_DATA},
                                      {"file", MS_START_POSITIONS}};
    ms_draft *draft = destination;
    size_t before = reader->diagnostics->count, found = ms_node_get(node, "positions") != NULL;
    for (size_t i = 0; i < COUNT(types); i++)
        if (ms_node_get(node, types[i].name))
            draft->settings.start.type = (ms_start_type)types[i].value;
    ms_schema_read(reader, &ms_start_schema, node, draft);
    found = found && draft->settings.start.type == MS_START_POSITIONS;
    const ms_node *flipped = ms_node_get(node, "flipped");
    if (flipped && reader->diagnostics->count == before && draft->settings.start.type != MS_START_DATA)
        ms_complain(reader, flipped, "flipped goes with data: {data: test, flipped: true}");
    if (reader->diagnostics->count == before && node->count - found - (flipped != NULL) != 1)
        ms_complain(reader, node, "start has %zu keys; give one of component, uniform, normal, data or file",
                    node->count);
    else if (draft->sweep.positions)
        check_positions(reader, node, draft);
}
