/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether there are engines for a sweep's samplers on its targets, and its rules fit them: asked of a target
 * in the lowest dimension, of each kind of point. */
#include "sweep/data.h"

#include <stdio.h>

#define NUMBERS_MAX 1000000 /* of a target that is made for asking */

/* Chained or not, with noise or without. */
static unsigned kind_of(const ms_point *point)
{
    return 2u * (point->patch_size < point->dimension) + (point->noise_level > 0);
}

static void complain(ms_reader *reader, const ms_sweep *sweep, size_t variant, const ms_node *node,
                     const char *message)
{
    char where[256];
    ms_sweep_describe_variant(sweep, variant, where, sizeof where);
    ms_complain(reader, node, "%s%s%s%s", message, where[0] ? " (where " : "", where, where[0] ? ")" : "");
}

void ms_draft_check_engines(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_sweep *sweep = &draft->sweep;
    for (size_t p = 0, end; p < sweep->point_count && reader->diagnostics->count < MS_DIAGNOSTICS_MAX;
         p = end) {
        size_t variant = sweep->points[p].variant, lowest = p;
        bool asked[4] = {false};
        for (end = p; end < sweep->point_count && sweep->points[end].variant == variant; end++)
            if (sweep->points[end].dimension < sweep->points[lowest].dimension)
                lowest = end;
        ms_target *target;
        ms_error error = {0};
        const ms_settings *settings = ms_sweep_settings(sweep, p);
        size_t dimension = sweep->points[lowest].dimension;
        if (reader->is_kept && (settings->target.kind->look || sweep->lacks_numbers))
            continue; /* it was asked when the sweep was read that results keep */
        if (!ms_settings_data(settings) && dimension > NUMBERS_MAX / ms_sweep_components(sweep))
            continue; /* it shows when the first block is begun */
        ms_status status = ms_settings_target_alloc(settings, dimension, &target, &error);
        for (size_t q = p; q < end && status == MS_OK; q++) {
            unsigned kind = kind_of(&sweep->points[q]);
            if (asked[kind] || sweep->points[q].dimension != dimension || !ms_sweep_is_direct(sweep, q))
                continue;
            asked[kind] = true;
            status = ms_sweep_check_point(sweep, q, target, &error);
        }
        const ms_node *section = ms_node_get(root, target ? "sampler" : "target");
        ms_target_free(target);
        if (status == MS_ERROR_MEMORY)
            reader->out_of_memory = true;
        else if (status != MS_OK)
            complain(reader, sweep, variant, section ? section : ms_node_get(root, "grid"), error.message);
    }
}
