/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `grid`: axes that every sweep has, and any other field that may have several values, under its
 * path. */
#include "sweep/draft.h"
#include "sweep/path.h"

#include <stdlib.h>
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
    .name = "noise_level", .type = MS_AXIS_REAL, .low = 0, .high = 1e50, .values_max = MS_SWEEP_AXIS_MAX};
static const ms_axis_kind seed_kind = {
    .name = "seed", .from_count = true, .most = UINT64_MAX, .values_max = MS_SWEEP_AXIS_MAX};

static void read_known(ms_reader *reader, const ms_axis_kind *kind, const ms_node *node, ms_axis *axis)
{
    axis->name = strdup(kind->name);
    reader->out_of_memory |= !axis->name;
    axis->node = node;
    ms_axis_read(reader, kind, node, axis);
}

#define AXIS_READER(axis_name, number)                                                                       \
    static void read_##axis_name(ms_reader *reader, const ms_field *field, const ms_node *node, void *draft) \
    {                                                                                                        \
        (void)field;                                                                                         \
        read_known(reader, &axis_name##_kind, node, &((ms_draft *)draft)->sweep.axis[number]);               \
    }
AXIS_READER(dimension, MS_AXIS_DIMENSION)
AXIS_READER(patch_size, MS_AXIS_PATCH_SIZE)
AXIS_READER(noise_level, MS_AXIS_NOISE_LEVEL)
AXIS_READER(seed, MS_AXIS_SEED)

static const ms_field grid_fields[] = {
    {.key = "dimension",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_GRID,
     .doc = "dimensions of the space",
     .required = true,
     .read = read_dimension},
    {.key = "patch_size",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_GRID,
     .doc = "coordinates of a patch",
     .fallback = "full",
     .read = read_patch_size},
    {.key = "noise_level",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_GRID,
     .doc = "first noise level",
     .fallback = "0",
     .read = read_noise_level},
    {.key = "seed",
     .type = MS_FIELD_CUSTOM,
     .role = MS_ROLE_GRID,
     .doc = "seeds of the random numbers",
     .fallback = "1",
     .read = read_seed},
    {.key = "indivisible",
     .type = MS_FIELD_CHOICE,
     .role = MS_ROLE_GRID,
     .doc = "what to do where a patch size does not divide",
     .fallback = "error",
     .offset = IN(sweep.indivisible),
     .choices = indivisible_choices},
};
const ms_schema ms_grid_schema = {"grid", grid_fields, COUNT(grid_fields)};

/* What values the field may have on an axis. */
static ms_axis_kind kind_of(const ms_field *field, const char *path)
{
    ms_axis_kind kind = {.name = path,
                         .above_low = field->above_low,
                         .low = field->low,
                         .high = field->high,
                         .least = field->least,
                         .most = field->most,
                         .values_max = MS_SWEEP_AXIS_MAX};
    switch (field->type) {
    case MS_FIELD_NUMBER:
    case MS_FIELD_VECTOR:
        kind.type = MS_AXIS_REAL;
        break;
    case MS_FIELD_BOOL:
    case MS_FIELD_CHOICE:
        kind.type = MS_AXIS_TEXT;
        kind.words = field->type == MS_FIELD_BOOL ? ms_bool_choices : field->choices;
        break;
    case MS_FIELD_CHOSEN:
        kind.type = MS_AXIS_TEXT;
        kind.mappings = field;
        break;
    default:
        kind.type = MS_AXIS_WHOLE;
        break;
    }
    return kind;
}

static void read_further(ms_reader *reader, const ms_field *field, const ms_node *node, const ms_node *root,
                         ms_sweep *sweep)
{
    const char *path = node->key->text;
    const ms_node *replaced = field->type == MS_FIELD_CHOSEN ? ms_node_get(root, path) : NULL;
    if (replaced)
        ms_complain(reader, replaced->key,
                    "the grid has the axis %s (line %zu), so this section is not used; remove it", path,
                    node->key->line);
    for (size_t i = 0; i < sweep->further_axes; i++)
        if (strcmp(sweep->further[i].name, path) == 0) {
            ms_complain(reader, node->key, "%s is given twice, first in line %zu; remove one of them", path,
                        sweep->further[i].node->line);
            return;
        }
    if (sweep->further_axes == MS_SWEEP_FURTHER_MAX) {
        ms_complain(reader, node->key, "more than %u axes besides the usual four; remove some",
                    MS_SWEEP_FURTHER_MAX);
        return;
    }
    ms_axis *axis = &sweep->further[sweep->further_axes];
    const ms_axis_kind kind = kind_of(field, path);
    *axis = (ms_axis){.name = strdup(path), .node = node};
    if (!axis->name) {
        reader->out_of_memory = true;
        return;
    }
    sweep->further_axes++;
    ms_axis_read(reader, &kind, node, axis);
}

typedef struct place {
    ms_sweep *sweep;
    const ms_node *root;
} place;

/* A key of `grid` that is not one of the usual: a path. */
static const char *read_other(ms_reader *reader, const ms_node *node, void *argument)
{
    const place *in = argument;
    const char *path = node->key->text;
    const ms_field *field = ms_path_find(&ms_sweep_schema, path, in->root);
    if (field && field->sweepable && strlen(path) <= MS_AXIS_NAME_MAX) {
        read_further(reader, field, node, in->root, in->sweep);
        return NULL;
    }
    if (field) {
        ms_complain(reader, node->key, "%s cannot be an axis; %s", ms_show(node->key).text,
                    field->no_axis ? field->no_axis : "give it one value in its own section");
        return NULL;
    }
    const char *names[COUNT(grid_fields)];
    for (size_t i = 0; i < COUNT(grid_fields); i++)
        names[i] = grid_fields[i].key;
    const char *meant = ms_did_you_mean(path, names, COUNT(names));
    ms_path_text near;
    const ms_schema *other;
    if (meant)
        ms_complain(reader, node->key, "unknown key '%s'; did you mean '%s'?", ms_show(node->key).text,
                    meant);
    else if (reader->diagnostics->count < MS_DIAGNOSTICS_MAX &&
             ms_path_meant(&ms_sweep_schema, path, in->root, &near))
        ms_complain(reader, node->key, "unknown axis '%s'; did you mean '%s'?", ms_show(node->key).text,
                    near.text);
    else if ((other = ms_schema_with(path)))
        ms_complain(reader, node->key, "unknown key '%s' here; it belongs in %s", ms_show(node->key).text,
                    other->path);
    else
        ms_complain(
            reader, node->key,
            "unknown axis '%s'; grid takes dimension, patch_size, noise_level, seed, indivisible, and "
            "paths as sampler.step_size",
            ms_show(node->key).text);
    return meant;
}

void ms_read_grid(ms_reader *reader, const ms_node *root, ms_draft *draft)
{
    const ms_node *grid = ms_node_get(root, "grid");
    place in = {&draft->sweep, root};
    if (!grid)
        return;
    draft->sweep.further = calloc(MS_SWEEP_FURTHER_MAX, sizeof *draft->sweep.further);
    if (draft->sweep.further)
        ms_schema_read_open(reader, &ms_grid_schema, grid, draft, read_other, &in);
    else
        reader->out_of_memory = true;
}
