/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a sweep file. A form feed, which no sweep file may hold, ends it: what follows is another
 * sweep file, which is compared and united with the first, and after one more form feed the file of start
 * positions `p`. */
#include "base/text.h"
#include "fuzz.h"
#include "sweep/sweep.h"

#include <math.h>

static char folder[200], name[220];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    make_fuzz_file(folder, sizeof folder, "p");
    snprintf(name, sizeof name, "%s/fuzz.yaml", folder);
    return 0;
}

static ms_sweep *parse_as(ms_status (*read)(ms_sweep **, const char *, const char *, size_t,
                                            ms_diagnostics *),
                          const char *text, size_t length)
{
    ms_sweep *sweep = NULL;
    ms_diagnostics diagnostics = {0};
    ms_status status = read(&sweep, name, text, length, &diagnostics);
    HOLDS((status == MS_OK) == (sweep != NULL));
    HOLDS((status == MS_OK) == (diagnostics.count == 0));
    for (size_t i = 0; i < diagnostics.count && i < MS_DIAGNOSTICS_MAX; i++)
        HOLDS(memchr(diagnostics.message[i], '\0', sizeof diagnostics.message[i]) &&
              ms_is_printable(diagnostics.message[i]));
    return sweep;
}

/* A user's file, or else what results would keep: there are no plugins here. */
static ms_sweep *parse(const char *text, size_t length)
{
    ms_sweep *given = parse_as(ms_sweep_parse, text, length);
    ms_sweep *kept = given ? parse_as(ms_sweep_parse_kept, given->text, given->text_length)
                           : parse_as(ms_sweep_parse_kept, text, length);
    HOLDS(!given || kept);
    if (!given)
        return kept;
    HOLDS(strcmp(given->identity, kept->identity) == 0);
    ms_sweep_free(kept);
    return given;
}

static void check_point(const ms_sweep *sweep, size_t point)
{
    const ms_point *p = &sweep->points[point];
    HOLDS(p->dimension >= 1 && p->dimension <= MS_SWEEP_DIMENSION_MAX);
    HOLDS(p->patch_size >= 1 && p->patch_size <= p->dimension);
    HOLDS(isfinite(p->noise_level) && p->noise_level >= 0);
    HOLDS(p->variant < sweep->variants);
    char variant[64];
    ms_sweep_describe_variant(sweep, p->variant, variant, sizeof variant);
    HOLDS(memchr(variant, '\0', sizeof variant));
    for (size_t axis = 0; axis < ms_sweep_axis_count(sweep); axis++) {
        ms_axis_point value = ms_sweep_point_value(sweep, axis, point);
        HOLDS(value.type != MS_AXIS_REAL || isfinite(value.real));
        HOLDS(value.type != MS_AXIS_TEXT ||
              (strlen(value.text) >= 1 && strlen(value.text) <= MS_AXIS_NAME_MAX));
    }
    ms_target *target;
    if (p->dimension <= 2000) { /* what is in the file makes a target, and so a key */
        HOLDS(ms_settings_target_alloc(ms_sweep_settings(sweep, point), p->dimension, &target, NULL) ==
              (sweep->lacks_files ? MS_ERROR_ARGUMENT : MS_OK));
        ms_target_free(target);
        ms_sweep_point_key(sweep, point, &(ms_key_memo){0});
    }
}

static void check_block(const ms_sweep *sweep, size_t number)
{
    ms_block block = ms_sweep_block(sweep, number);
    HOLDS(block.point < sweep->point_count);
    size_t units = ms_sweep_units(sweep, block.point); /* chains or replicates */
    HOLDS(block.chains >= 1 && block.chains <= ms_sweep_block_units(sweep, block.point));
    HOLDS(block.first_chain <= units - block.chains && block.chains <= units);
    check_point(sweep, block.point);
    double cost = ms_sweep_block_cost(sweep, block), memory = ms_sweep_block_memory(sweep, block);
    size_t state = ms_sweep_block_state_size(sweep, block);
    HOLDS(isfinite(cost) && cost > 0);
    HOLDS(isfinite(memory) && memory > 0);
    HOLDS(state > 0 && state <= MS_SWEEP_STATES_MAX);
    ms_kept kept = {0};
    ms_job job;
    if (memory < 1e6 && ms_sweep_job_alloc(sweep, block, MS_SIMD_PORTABLE, &kept, &job, NULL) == MS_OK)
        HOLDS(job.type->state_size(job.state) <= state);
    if (memory < 1e6)
        ms_job_free(&job);
    ms_kept_free(&kept);
}

static void check_sweep(const ms_sweep *sweep)
{
    size_t blocks = ms_sweep_block_count(sweep);
    HOLDS(sweep->point_count >= 1 && sweep->point_count <= MS_SWEEP_POINTS_MAX);
    HOLDS(blocks >= sweep->point_count && blocks <= MS_SWEEP_BLOCKS_MAX);
    HOLDS(ms_sweep_modes(sweep) >= 1);
    const size_t some[] = {0, 1, blocks / 3, blocks / 2, blocks - 1};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        if (some[i] < blocks)
            check_block(sweep, some[i]);
    ms_block last = ms_sweep_block(sweep, blocks - 1);
    HOLDS(last.point == sweep->point_count - 1);
    HOLDS(last.first_chain + last.chains == ms_sweep_units(sweep, last.point));
}

/* What one sweep is to another, or to itself. */
static void check_pair(const ms_sweep *a, const ms_sweep *b)
{
    char difference[256];
    ms_error error = {0};
    bool differ = ms_sweep_differs(a->identity, b->identity, difference, sizeof difference);
    HOLDS(differ == (strcmp(a->identity, b->identity) != 0));
    if (differ)
        HOLDS(memchr(difference, '\0', sizeof difference));
    HOLDS(ms_sweep_may_grow(a->identity, b->identity, difference, sizeof difference) || differ);
    if (a->point_count > 20000 || b->point_count > 20000)
        return;
    ms_sweep *all = NULL;
    const ms_sweep *const both[] = {a, b};
    const char *const names[] = {name, name};
    ms_status status = ms_sweep_unite(&all, both, names, 2, &error);
    HOLDS((status == MS_OK) == (all != NULL));
    HOLDS(status == MS_OK || differ);
    HOLDS(status == MS_OK || error.message[0]);
    if (!differ)
        HOLDS(strcmp(all->identity, a->identity) == 0);
    else if (all)
        HOLDS(all->point_count >= a->point_count && all->point_count >= b->point_count);
    ms_sweep_free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = text + size;
    const char *second = size > 0 ? memchr(text, '\f', size) : NULL;
    const char *third = second ? memchr(second + 1, '\f', (size_t)(end - second - 1)) : NULL;
    if (third)
        write_whole(fuzz_file, third + 1, (size_t)(end - third - 1));
    ms_sweep *a = parse(text, (size_t)((second ? second : end) - text));
    ms_sweep *b = second ? parse(second + 1, (size_t)((third ? third : end) - second - 1)) : NULL;
    if (a) {
        check_sweep(a);
        check_pair(a, a);
    }
    if (a && b) {
        check_pair(a, b);
        check_pair(b, a);
    }
    ms_sweep_free(a);
    ms_sweep_free(b);
    if (third)
        unlink(fuzz_file);
    return 0;
}
