/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variants: the document with other values in the places that further axes name, read as a whole each time.
 */
#include "sweep/additions.h"
#include "sweep/data.h"
#include "sweep/draft.h"
#include "sweep/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The node that stands for a value in the document. */
static ms_node *make_node(const ms_axis *axis, size_t index)
{
    char text[32];
    if (axis->count == 0) {
        ms_node *unknown = ms_node_scalar("", axis->node);
        if (unknown)
            unknown->is_unknown = true;
        return unknown;
    }
    const ms_axis_value *value = &axis->value[index];
    if (value->mapping)
        return ms_node_copy(value->node, MS_AXIS_AS);
    if (value->text)
        return ms_node_scalar(value->text, value->node);
    if (axis->type == MS_AXIS_REAL)
        snprintf(text, sizeof text, "%.17g", value->real);
    else
        snprintf(text, sizeof text, "%" PRIu64, value->whole);
    return ms_node_scalar(text, value->node);
}

static size_t depth_of(const char *path)
{
    size_t dots = 0;
    for (; *path; path++)
        dots += *path == '.';
    return dots;
}

/* The document of a variant; NULL without memory. */
static ms_node *make_document(ms_reader *reader, const ms_sweep *sweep, const ms_node *root, size_t variant)
{
    const ms_node *grid = ms_node_get(root, "grid");
    ms_node *document = ms_node_copy(root, NULL), *no_grid = document ? ms_node_mapping(grid) : NULL;
    if (!no_grid || !ms_node_put(document, "grid", no_grid)) {
        reader->out_of_memory = true;
        ms_node_free(document);
        return NULL;
    }
    /* what is further out first: other axes reach into it */
    for (size_t depth = 0; depth < MS_NODE_DEPTH_MAX; depth++)
        for (size_t i = 0; i < sweep->further_axes; i++) {
            const ms_axis *axis = &sweep->further[i];
            if (depth_of(axis->name) != depth)
                continue;
            ms_node *value = make_node(axis, ms_sweep_further_value(sweep, i, variant));
            if (value)
                ms_path_put(reader, document, axis->name, value, axis->node->key);
            else
                reader->out_of_memory = true;
        }
    return document;
}

static void forget_defaults(ms_reader *reader, const ms_node *before)
{
    while (reader->kept != before) {
        ms_node *node = reader->kept;
        reader->kept = node->next;
        node->next = NULL;
        ms_node_free(node);
    }
}

/* What `estimator` names, before it is read: other keys depend on it, wherever they stand. One that is
 * misspelt is complaint enough. */
static bool names_replicates(const ms_node *root)
{
    const ms_node *estimator = ms_node_get(root, "estimator");
    const ms_node *name =
        estimator && estimator->type == MS_NODE_MAPPING ? ms_node_get(estimator, "name") : estimator;
    const ms_job_type *type = name && name->type == MS_NODE_SCALAR
                                  ? (const ms_job_type *)ms_kind_find(ms_job_kind, name->text)
                                  : NULL;
    return name && (!type || type->units);
}

static void read_variant(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    ms_sweep *sweep = &draft->sweep;
    const ms_node *kept_before = reader->kept;
    ms_node *own = sweep->further_axes > 0 ? make_document(reader, sweep, root, sweep->variants) : NULL;
    const ms_node *document = sweep->further_axes > 0 ? own : root;
    draft->has_no_chains = names_replicates(root);
    draft->stops_by_width = ms_node_get(ms_node_get(root, "budget"), "relative_width") != NULL;
    if (!reader->out_of_memory)
        ms_schema_read(reader, &ms_sweep_schema, document, draft);
    if (!reader->out_of_memory && reader->diagnostics->count == 0)
        ms_draft_look(reader, draft, document);
    if (!reader->out_of_memory)
        ms_draft_data(reader, draft, document);
    if (!reader->out_of_memory)
        ms_draft_check_variant(reader, draft, document);
    sweep->variant[sweep->variants++] = draft->settings;
    draft->settings = (ms_settings){.iterations = 0};
    forget_defaults(reader, kept_before);
    ms_node_free(own);
}

/* Which variants a message is of. */
typedef struct tally {
    size_t first, variants;
} tally;

/* Adds what has not been said of another variant. */
static void collect(ms_diagnostics *all, tally *of, const ms_diagnostics *found, size_t variant)
{
    size_t kept = found->count < MS_DIAGNOSTICS_MAX ? found->count : MS_DIAGNOSTICS_MAX;
    for (size_t i = 0; i < kept; i++) {
        size_t same = 0;
        while (same < all->count && same < MS_DIAGNOSTICS_MAX &&
               strcmp(all->message[same], found->message[i]) != 0)
            same++;
        if (same == all->count && same < MS_DIAGNOSTICS_MAX) {
            memcpy(all->message[all->count++], found->message[i], sizeof *found->message);
            of[same] = (tally){.first = variant};
        }
        if (same < MS_DIAGNOSTICS_MAX)
            of[same].variants++;
    }
    if (variant == 0)
        all->count += found->count - kept;
}

/* Says in which variant a message arose that is not of all of them. */
static void name_variant(const ms_sweep *sweep, size_t variant, char *message, size_t size)
{
    char text[256];
    ms_sweep_describe_variant(sweep, variant, text, sizeof text);
    size_t used = strlen(message);
    if (used + strlen(text) + sizeof " (where )" <= size)
        snprintf(message + used, size - used, " (where %s)", text);
}

/* How many variants are to be read; 0 after a message. One that could not be read leaves the others unread.
 */
static size_t count_variants(ms_reader *reader, const ms_sweep *sweep, const ms_node *root)
{
    uint64_t count = 1;
    bool all_read = true;
    for (size_t i = 0; i < sweep->further_axes; i++) {
        all_read = all_read && sweep->further[i].count > 0;
        if (count <= MS_SWEEP_VARIANTS_MAX)
            count *= sweep->further[i].count; /* at most 10^4 */
    }
    if (!all_read)
        return 1;
    const ms_node *grid = ms_node_get(root, "grid");
    size_t values = sweep->further_axes > 0 ? ms_node_count(root) : 0;
    if (count > MS_SWEEP_VARIANTS_MAX)
        ms_complain(reader, grid,
                    "the axes besides dimension, patch_size, noise_level and seed have more than %u "
                    "combinations; shorten one",
                    MS_SWEEP_VARIANTS_MAX);
    else if (count * values > MS_SWEEP_VARYING_MAX)
        ms_complain(reader, grid,
                    "%" PRIu64
                    " variants of a file of %zu values are more than a sweep may hold (2^22 values); "
                    "shorten an axis",
                    count, values);
    else
        return count;
    return 0;
}

void ms_draft_variants(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    ms_sweep *sweep = &draft->sweep;
    ms_diagnostics *all = reader->diagnostics, found;
    tally of[MS_DIAGNOSTICS_MAX] = {{0}};
    size_t count = count_variants(reader, sweep, root), before = all->count;
    sweep->variant = calloc(count + 1, sizeof *sweep->variant);
    if (!sweep->variant) {
        reader->out_of_memory = true;
        return;
    }
    reader->diagnostics = &found;
    for (size_t v = 0; v < count && !reader->out_of_memory && !reader->is_file_wrong; v++) {
        found = (ms_diagnostics){0};
        read_variant(reader, draft, root);
        collect(all, of, &found, v);
    }
    reader->diagnostics = all;
    for (size_t i = before; i < all->count && i < MS_DIAGNOSTICS_MAX; i++)
        if (of[i].variants < sweep->variants)
            name_variant(sweep, of[i].first, all->message[i], sizeof all->message[i]);
}
