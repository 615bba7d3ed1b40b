/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What computes each point: the estimator that the file names, or, where that only chooses, the best one that
 * can. */
#include "sweep/estimators.h"
#include "estimate/replicate.h"
#include "sweep/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLICATES_MOST 4096 /* where `at_most` says how many */
/* before an interval is looked at for the first time: fewer say little about their own spread */
#define CHAINS_FIRST     32
#define REPLICATES_FIRST 16

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

const ms_job_type *ms_sweep_job_type(const ms_sweep *sweep, size_t point)
{
    size_t estimator = sweep->points[point].estimator;
    return estimator == MS_NO_ESTIMATOR ? NULL : sweep->estimator[estimator].type;
}

bool ms_sweep_is_direct(const ms_sweep *sweep, size_t point)
{
    const ms_job_type *type = ms_sweep_job_type(sweep, point);
    return type && !type->units;
}

bool ms_sweep_has_direct(const ms_sweep *sweep)
{
    for (size_t p = 0; p < sweep->point_count; p++)
        if (ms_sweep_is_direct(sweep, p))
            return true;
    return false;
}

bool ms_sweep_is_all_direct(const ms_sweep *sweep)
{
    return sweep->estimators == 1 && !sweep->estimator[0].type->units;
}

const void *ms_sweep_job_params(const ms_sweep *sweep, size_t point, size_t estimator)
{
    return (const char *)ms_sweep_settings(sweep, point)->estimator.params +
           sweep->estimator[estimator].params;
}

size_t ms_sweep_units(const ms_sweep *sweep, size_t point)
{
    const ms_job_type *type = ms_sweep_job_type(sweep, point);
    if (!type)
        return 0;
    if (!type->units)
        return sweep->chains;
    if (sweep->at_most > 0 && !type->replicate->is_exact)
        return least(sweep->at_most, REPLICATES_MOST);
    return type->units(ms_sweep_job_params(sweep, point, sweep->points[point].estimator));
}

size_t ms_sweep_block_units(const ms_sweep *sweep, size_t point)
{
    return ms_sweep_is_direct(sweep, point) ? sweep->block_chains : 1;
}

size_t ms_sweep_point_blocks(const ms_sweep *sweep, size_t point)
{
    size_t size = ms_sweep_block_units(sweep, point), units = ms_sweep_units(sweep, point);
    return units / size + (units % size != 0);
}

bool ms_sweep_may_stop(const ms_sweep *sweep, size_t point)
{
    const ms_job_type *type = ms_sweep_job_type(sweep, point);
    return sweep->relative_width > 0 && type && !(type->replicate && type->replicate->is_exact);
}

/* A quarter more each time. */
size_t ms_sweep_next_look(const ms_sweep *sweep, size_t point, size_t blocks)
{
    size_t size = ms_sweep_block_units(sweep, point), all = ms_sweep_point_blocks(sweep, point);
    size_t units_first = ms_sweep_is_direct(sweep, point) ? CHAINS_FIRST : REPLICATES_FIRST;
    size_t next = blocks == 0 ? (units_first - 1) / size + 1 : blocks + (blocks + 3) / 4;
    return least(next, all);
}

size_t ms_sweep_block_count(const ms_sweep *sweep)
{
    return sweep->block_count;
}

/* The last point that begins at the block or before; those without blocks come before others that begin
 * there, too. */
static size_t point_of(const ms_sweep *sweep, size_t block)
{
    size_t low = 0, high = sweep->point_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(sweep->points[middle].first_block <= block ? &low : &high) = middle;
    }
    return low;
}

ms_block ms_sweep_block(const ms_sweep *sweep, size_t block)
{
    size_t point = point_of(sweep, block), size = ms_sweep_block_units(sweep, point);
    size_t first = (block - sweep->points[point].first_block) * size;
    return (ms_block){
        .point = point, .first_chain = first, .chains = least(size, ms_sweep_units(sweep, point) - first)};
}

void ms_sweep_number_blocks(ms_sweep *sweep)
{
    sweep->block_count = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        sweep->points[p].first_block = sweep->block_count;
        sweep->block_count += ms_sweep_point_blocks(sweep, p);
    }
}

/* The estimators that points may be computed by. */
static void list_estimators(ms_sweep *sweep)
{
    const ms_job_type *type = (const ms_job_type *)sweep->variant[0].estimator.kind;
    if (type->choices)
        for (const ms_job_choice *choice = type->choices;
             choice->type && sweep->estimators < MS_SWEEP_ESTIMATORS_MAX; choice++)
            sweep->estimator[sweep->estimators++] = *choice;
    else
        sweep->estimator[sweep->estimators++] = (ms_job_choice){type, 0};
}

/* Results have room for a line of it. */
static void put_reason(char reason[MS_VALIDITY_MAX], const char *message)
{
    size_t length = strlen(message);
    memcpy(reason, message, least(length + 1, MS_VALIDITY_MAX));
    if (length < MS_VALIDITY_MAX)
        return;
    char *end = reason + MS_VALIDITY_MAX - sizeof " ...";
    while (end > reason && *end != ' ')
        end--;
    memcpy(end, " ...", sizeof " ...");
}

/* Why one of them is not to compute a point, into `reason`; false without memory. */
static bool find_reason(const ms_sweep *sweep, size_t point, size_t estimator, ms_kept *kept, char *reason)
{
    ms_error error = {0};
    ms_status status = ms_sweep_keep_target(sweep, point, kept, &error);
    if (status == MS_OK)
        status = ms_sweep_check_estimator(sweep, point, estimator, kept->target, &error);
    if (status != MS_OK)
        put_reason(reason, error.message);
    return status != MS_ERROR_MEMORY;
}

/* What is in files that are opened when blocks are computed is not to decide what computes them: results are
 * read without these files, too. An estimator that was named is then to show whether it can. */
static const char *not_asked(const ms_sweep *sweep, size_t point, size_t estimator)
{
    bool is_of_file = ms_sweep_settings(sweep, point)->target.kind->look != NULL;
    return is_of_file && sweep->estimators > 1 && sweep->estimator[estimator].type->units
               ? "not asked: the target is in a file; name the estimator to have it tried"
               : NULL;
}

static bool choose(ms_sweep *sweep, size_t point, ms_kept *kept)
{
    bool is_of_file = ms_sweep_settings(sweep, point)->target.kind->look != NULL;
    char(*reason)[MS_VALIDITY_MAX] = sweep->validity + point * sweep->estimators;
    ms_point *at = &sweep->points[point];
    at->estimator = MS_NO_ESTIMATOR;
    for (size_t e = 0; e < sweep->estimators; e++) {
        if (at->estimator != MS_NO_ESTIMATOR) {
            snprintf(reason[e], sizeof reason[e], "not asked: %s can",
                     sweep->estimator[at->estimator].type->kind.name);
            continue;
        }
        const char *unasked = not_asked(sweep, point, e);
        if (unasked)
            snprintf(reason[e], sizeof reason[e], "%s", unasked);
        else if (!is_of_file && !find_reason(sweep, point, e, kept, reason[e]))
            return false;
        if (!reason[e][0])
            at->estimator = e;
    }
    return true;
}

/* An estimator that was named is tried while what is in files is at hand, so that users learn at once why it
 * cannot compute anything; but it is not to be left out of a point, see above. */
static bool try_named(ms_reader *reader, const ms_sweep *sweep, const ms_node *root, ms_kept *kept)
{
    char reason[MS_VALIDITY_MAX] = "";
    bool is_of_file = ms_sweep_settings(sweep, 0)->target.kind->look != NULL;
    if (reader->is_kept || !is_of_file || sweep->estimators > 1 || sweep->lacks_numbers)
        return true;
    bool good = find_reason(sweep, 0, 0, kept, reason);
    if (reason[0])
        ms_complain(reader, ms_node_get(root, "estimator"), "%s", reason);
    return good;
}

static void complain_none(ms_reader *reader, const ms_sweep *sweep, const ms_node *root)
{
    ms_complain(reader, ms_node_get(root, "estimator"), "no point can be computed: %s",
                sweep->validity[(sweep->point_count - 1) * sweep->estimators]);
}

void ms_draft_estimators(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    ms_sweep *sweep = &draft->sweep;
    list_estimators(sweep);
    if (!ms_sweep_is_all_direct(sweep) && reader->is_kept && sweep->lacks_numbers)
        ms_complain(reader, ms_node_get(root, "estimator"),
                    "what computes points cannot be told without the files of numbers that the sweep names");
    else if (!ms_sweep_is_all_direct(sweep)) {
        ms_kept kept = {0};
        bool good = true, some = false;
        sweep->validity = calloc(sweep->point_count * sweep->estimators, sizeof *sweep->validity);
        for (size_t p = 0; good && sweep->validity && p < sweep->point_count; p++) {
            good = choose(sweep, p, &kept);
            some |= sweep->points[p].estimator != MS_NO_ESTIMATOR;
        }
        good = good && try_named(reader, sweep, root, &kept);
        ms_kept_free(&kept);
        reader->out_of_memory |= !good || !sweep->validity;
        if (!reader->out_of_memory && !some)
            complain_none(reader, sweep, root);
    }
    ms_sweep_number_blocks(sweep);
}
