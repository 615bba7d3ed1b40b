/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "farm/display.h"
#include "farm/progress.h"
#include "results/results.h"

#include <modeseek/random.h>
#include <stdio.h>
#include <unistd.h>

static void hash_values(ms_hash *hash, const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ms_hash_double(hash, value[i]);
}

/* What one chain of a block is and found, in the order of docs/command-line.md. */
static uint64_t chain_digest(const ms_results_info *info, const ms_block *range,
                             const ms_block_results *block, size_t chain)
{
    size_t point = range->point, times = info->rules * info->modes;
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, info->dimension[point]);
    ms_hash_u64(&hash, info->patch_size[point]);
    ms_hash_double(&hash, info->noise_level[point]);
    ms_hash_u64(&hash, info->seed[point]);
    ms_hash_u64(&hash, range->first_chain + chain);
    for (size_t i = 0; i < times; i++)
        ms_hash_u64(&hash, (uint64_t)block->time[chain * times + i]);
    ms_hash_u64(&hash, block->observed[chain]);
    for (size_t s = 0; s < info->snapshots; s++) {
        size_t at = (s * block->chains + chain) * info->components;
        ms_hash_u64(&hash, info->snapshot_iteration[s]);
        hash_values(&hash, block->squared_distance + at, info->components);
        hash_values(&hash, block->responsibility + at, info->components);
    }
    return ms_hash_value(&hash);
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    const char *path = arguments->operand;
    ms_results *results;
    ms_status status = ms_results_open(&results, path, error);
    if (status != MS_OK)
        return status;
    const ms_results_info *info = ms_results_get_info(results);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    uint64_t digest = 0; /* a sum: in whichever order points and blocks stand */
    size_t done = 0;
    for (size_t b = 0; status == MS_OK && b < info->blocks; b++) {
        const ms_block_results *block;
        const ms_block range = ms_results_block(results, b);
        status = ms_results_read_block(results, b, &block, NULL, error);
        if (status != MS_OK)
            break;
        done += block->status == MS_BLOCK_DONE;
        for (size_t chain = 0; block->status == MS_BLOCK_DONE && chain < block->chains; chain++)
            digest += chain_digest(info, &range, block, chain);
        ms_share_progress_show(&display, "reading", path, (double)b / (double)info->blocks);
    }
    ms_display_close(&display);
    if (status == MS_OK) {
        printf("%016llx  %s\n", (unsigned long long)digest, ms_printable_copy(path).text);
        if (done < info->blocks)
            fprintf(stderr,
                    "warning: %s: only %zu of %zu blocks are in the digest, the others are not done\n",
                    ms_printable_copy(path).text, done, info->blocks);
    }
    ms_results_close(results, NULL);
    return status;
}

const ms_command ms_command_digest = {
    .name = "digest",
    .operand = "FILE",
    .purpose = "Prints a number that tells results apart: 16 digits that depend on every bit of them.\n\n"
               "It does not depend on the machine, the compiler, the number of ranks, the file's format or "
               "the order of\n"
               "points, nor on who computed what and when. Two files with the same digest have the same "
               "results.",
    .example = "  modeseek digest quickstart.h5",
    .run = run};
