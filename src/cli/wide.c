/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/wide.h"

#include "cli/report.h"
#include "farm/precision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the sweep that a file keeps fits what else the file says. */
static bool fits(const ms_sweep *sweep, const ms_results_info *info)
{
    bool is_alike = sweep->point_count == info->points && ms_sweep_block_count(sweep) == info->blocks &&
                    ms_sweep_rules(sweep) == info->rules && ms_sweep_modes(sweep) == info->modes;
    for (size_t p = 0; is_alike && p < info->points; p++)
        is_alike = ms_sweep_is_direct(sweep, p) == ms_results_is_direct(info, p);
    return is_alike && info->rules <= MS_SWEEP_RULES_LOOKED_AT;
}

static ms_status note_blocks(ms_precision *precision, const ms_sweep *sweep, ms_results *results,
                             ms_error *error)
{
    ms_status status = MS_OK;
    ms_tally tally[MS_SWEEP_RULES_LOOKED_AT];
    for (size_t b = 0; status == MS_OK && b < ms_sweep_block_count(sweep); b++) {
        const ms_block_results *block;
        status = ms_results_read_block(results, b, &block, NULL, error);
        if (status != MS_OK || block->status == MS_BLOCK_NOT_DONE || block->status == MS_BLOCK_NOT_NEEDED)
            continue;
        if (block->status == MS_BLOCK_DONE)
            ms_precision_tally(sweep, block, tally);
        ms_precision_note(precision, b, block->status == MS_BLOCK_DONE ? tally : NULL);
    }
    return status;
}

static ms_status read_of_sweep(ms_wide *wide, const ms_sweep *sweep, ms_results *results, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_precision *precision;
    ms_status status = ms_precision_alloc(&precision, sweep, error);
    if (status != MS_OK || !precision)
        return status;
    wide->relative_width = sweep->relative_width;
    wide->rule = ms_array_alloc(info->points, info->rules, 1, sizeof *wide->rule);
    status = wide->rule ? note_blocks(precision, sweep, results, error)
                        : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu points", info->points);
    for (size_t i = 0; status == MS_OK && i < info->points * info->rules; i++)
        wide->rule[i] = ms_precision_is_wide(precision, i / info->rules, i % info->rules);
    wide->points = status == MS_OK ? ms_precision_wide_points(precision) : 0;
    ms_precision_free(precision);
    return status;
}

ms_status ms_wide_read(ms_wide *wide, ms_results *results, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_sweep *sweep;
    ms_error unread = {0};
    *wide = (ms_wide){0};
    if (!strstr(info->identity, "budget.relative_width ="))
        return MS_OK;
    ms_status status = ms_sweep_of_results(&sweep, info, NULL, &unread);
    if (status == MS_ERROR_MEMORY)
        *error = unread;
    if (status != MS_OK)
        return status == MS_ERROR_MEMORY ? status : MS_OK;
    if (fits(sweep, info))
        status = read_of_sweep(wide, sweep, results, error);
    ms_sweep_free(sweep);
    return status;
}

void ms_wide_free(ms_wide *wide)
{
    free(wide->rule);
    *wide = (ms_wide){0};
}

bool ms_wide_has(const ms_wide *wide, const ms_results_info *info, size_t first, size_t end, size_t rule)
{
    for (size_t p = first; wide->rule && p < end; p++)
        if (wide->rule[p * info->rules + rule])
            return true;
    return false;
}

void ms_wide_print(const char *mark, size_t points, double relative_width)
{
    if (points > 0)
        printf(
            "%s%zu point%s come to at_most with an interval wider than relative_width %g; a larger at_most "
            "goes on from there\n",
            mark, points, points > 1 ? "s have" : " has", relative_width);
}
