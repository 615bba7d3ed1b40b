/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/digest.h"

#include "base/text.h"
#include "cli/command.h"
#include "farm/display.h"
#include "farm/progress.h"
#include "results/results.h"

#include <modeseek/random.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* These columns come in an order of their own, others after them by name: digests of files without others
 * stay what they are. */
static const char *const first[] = {"discovery_time", "observed", "squared_distance", "responsibility"};
#define FIRST (sizeof first / sizeof *first)

static bool is_among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

/* The next other column behind `after` in the order of names; SIZE_MAX: none. */
static size_t next_column(const ms_block_results *block, const char *after)
{
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < block->columns; i++) {
        const char *name = block->column[i]->name;
        if (!is_among(name, first, FIRST) && strcmp(name, after) > 0 &&
            (next == SIZE_MAX || strcmp(name, block->column[next]->name) < 0))
            next = i;
    }
    return next;
}

/* 8 bytes each: NaN and other doubles by their bits, as the slot's checksum does. */
static void hash_words(ms_hash *hash, const void *values, size_t count)
{
    const unsigned char *at = values;
    uint64_t word;
    for (size_t i = 0; i < count; i++, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        ms_hash_u64(hash, word);
    }
}

static void hash_doubles(ms_hash *hash, const double *value, size_t count)
{
    for (size_t i = 0; value && i < count; i++)
        ms_hash_double(hash, value[i]);
}

/* But for coordinates beyond the point's own dimension: how many of these there are is not up to the point.
 */
static void hash_row(ms_hash *hash, const ms_block_results *block, const ms_column *column,
                     const uint64_t *row, size_t length, size_t dimension)
{
    bool has_coordinates = column->extent[column->rank - 1] == MS_EXTENT_COORDINATE;
    size_t whole = has_coordinates ? block->extent[MS_EXTENT_COORDINATE] : length;
    size_t own = has_coordinates && dimension < whole ? dimension : whole;
    for (size_t at = 0; at < length; at += whole)
        hash_words(hash, row + at, own);
}

static void hash_others(ms_hash *hash, const ms_block_results *block, size_t chain, size_t dimension)
{
    size_t column;
    for (const char *name = ""; (column = next_column(block, name)) < SIZE_MAX;) {
        ms_column_shape shape = ms_block_column_shape(block, column);
        const uint64_t *value = block->value[column];
        name = block->column[column]->name;
        ms_hash_bytes(hash, name, strlen(name));
        for (size_t o = 0; o < shape.outer; o++)
            hash_row(hash, block, block->column[column], value + (o * block->chains + chain) * shape.inner,
                     shape.inner, dimension);
    }
}

/* Axes beside the four that every file has, in the order of their names. */
static void hash_axes(ms_hash *hash, const ms_results_info *info, size_t point)
{
    static const char *const known[] = {"dimension", "patch_size", "noise_level", "seed"};
    const char *after = "";
    for (const ms_results_axis *next;; after = next->name) {
        next = NULL;
        for (size_t i = 0; i < info->axes; i++) {
            const ms_results_axis *axis = &info->axis[i];
            if (!is_among(axis->name, known, 4) && strcmp(axis->name, after) > 0 &&
                (!next || strcmp(axis->name, next->name) < 0))
                next = axis;
        }
        if (!next)
            return;
        ms_hash_bytes(hash, next->name, strlen(next->name));
        if (next->number)
            ms_hash_double(hash, next->number[point]);
        else if (next->count)
            ms_hash_u64(hash, next->count[point]);
        else
            ms_hash_bytes(hash, next->text[point], strlen(next->text[point]));
    }
}

/* What one chain of a block is and found, in the order of docs/command-line.md. */
static uint64_t chain_digest(const ms_results_info *info, const ms_block *range,
                             const ms_block_results *block, size_t chain)
{
    size_t point = range->point, times = info->rules * info->modes;
    const int64_t *time = ms_block_int64(block, first[0]), *observed = ms_block_int64(block, first[1]);
    const double *distance = ms_block_double(block, first[2]), *share = ms_block_double(block, first[3]);
    ms_hash hash = ms_hash_init();
    ms_hash_u64(&hash, info->dimension[point]);
    ms_hash_u64(&hash, info->patch_size[point]);
    ms_hash_double(&hash, info->noise_level[point]);
    ms_hash_u64(&hash, info->seed[point]);
    ms_hash_u64(&hash, range->first_chain + chain);
    if (time)
        hash_words(&hash, time + chain * times, times);
    if (observed)
        hash_words(&hash, observed + chain, 1);
    for (size_t s = 0; s < info->snapshots; s++) {
        size_t at = (s * block->chains + chain) * info->components;
        ms_hash_u64(&hash, info->snapshot_iteration[s]);
        hash_doubles(&hash, distance ? distance + at : NULL, info->components);
        hash_doubles(&hash, share ? share + at : NULL, info->components);
    }
    hash_others(&hash, block, chain, info->dimension[point]);
    hash_axes(&hash, info, point);
    return ms_hash_value(&hash);
}

ms_status ms_digest_of_results(ms_results *results, const volatile sig_atomic_t *stop, uint64_t *digest,
                               size_t *done, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    ms_status status = MS_OK;
    *digest = 0; /* a sum: in whichever order points and blocks stand */
    *done = 0;
    for (size_t b = 0; status == MS_OK && b < info->blocks; b++) {
        const ms_block_results *block;
        const ms_block range = ms_results_block(results, b);
        status = stop && *stop ? ms_error_set(error, MS_STOPPED, "stopped while reading %s", info->path)
                               : ms_results_read_block(results, b, &block, NULL, error);
        if (status != MS_OK)
            break;
        *done += block->status == MS_BLOCK_DONE || block->status == MS_BLOCK_NOT_NEEDED;
        for (size_t chain = 0; block->status == MS_BLOCK_DONE && chain < block->chains; chain++)
            *digest += chain_digest(info, &range, block, chain);
        ms_share_progress_show(&display, "reading", info->path, (double)b / (double)info->blocks);
    }
    ms_display_close(&display);
    return status;
}

static ms_status print_digest(const char *path, ms_error *error)
{
    ms_results *results;
    uint64_t digest;
    size_t done;
    ms_status status = ms_results_open(&results, path, error);
    if (status != MS_OK)
        return status;
    size_t blocks = ms_results_get_info(results)->blocks;
    status = ms_digest_of_results(results, NULL, &digest, &done, error);
    if (status == MS_OK) {
        printf("%016llx  %s\n", (unsigned long long)digest, ms_printable_copy(path).text);
        if (done < blocks)
            fprintf(stderr,
                    "warning: %s: only %zu of %zu blocks are in the digest, the others are not done\n",
                    ms_printable_copy(path).text, done, blocks);
    }
    ms_results_close(results, NULL);
    return status;
}

/* Of several files, one that cannot be read keeps no other from being told. */
static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; i <= arguments->more_count; i++) {
        ms_status now = print_digest(i == 0 ? arguments->operand : arguments->more[i - 1], error);
        if (now == MS_OK)
            continue;
        fflush(stdout);
        fprintf(stderr, "modeseek: %s\n", error->message);
        status = ms_error_set(error, now, "%s", "");
    }
    return status;
}

const ms_command ms_command_digest = {
    .name = "digest",
    .operand = "FILE...",
    .purpose =
        "Prints a fingerprint of the results: 16 digits that depend on every bit of them.\n\n"
        "It does not depend on the machine, the compiler, the number of ranks, the file's format or the\n"
        "order of points, nor on who computed what and when. Two files with the same digest have the\n"
        "same results.",
    .example = "  modeseek digest quickstart.h5",
    .several = true,
    .run = run};
