/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/pass_warnings.h"

#include "sweep/columns.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define PLACE_MAX  400
#define ADVICE_MAX 160
#define PASSES_FEW 3 /* passes, from which on the unfinished one no longer matters to discovery times */

bool ms_within_pass(uint64_t iteration, double pass)
{
    return fmod((double)iteration, pass) > 0; /* not where that is NaN */
}

/* Points that something holds of: the first one, and how many. */
typedef struct found_points {
    size_t first, count;
} found_points;

static void add_point(found_points *found, size_t point)
{
    if (found->count++ == 0)
        found->first = point;
}

/* "at dimension 100, patch_size 10 where sampler.step_size is 0.1, and at 3 more points" */
static void describe(const ms_sweep *sweep, const found_points *found, char place[PLACE_MAX])
{
    const ms_point *point = &sweep->points[found->first];
    char variant[256], more[48] = "";
    ms_sweep_describe_variant(sweep, point->variant, variant, sizeof variant);
    if (found->count > 1)
        snprintf(more, sizeof more, ", and at %zu more point%s", found->count - 1,
                 found->count > 2 ? "s" : "");
    snprintf(place, PLACE_MAX, "at dimension %zu, patch_size %zu%s%s%s", point->dimension, point->patch_size,
             variant[0] ? " where " : "", variant, more);
}

static bool has_snapshot(const ms_sweep *sweep, uint64_t iteration)
{
    for (size_t i = 0; i < sweep->snapshot_count; i++)
        if (sweep->snapshots[i] == iteration)
            return true;
    return false;
}

/* Which snapshots end a pass of a length that the sweep compares with others. */
typedef struct own_snapshots {
    bool is_length[MS_SWEEP_SNAPSHOTS_MAX];
} own_snapshots;

static void find_lengths(const ms_sweep *sweep, own_snapshots *own)
{
    *own = (own_snapshots){0};
    for (size_t i = 0; i < sweep->snapshot_count; i++)
        for (size_t v = 0; v < sweep->variants; v++)
            own->is_length[i] |= sweep->variant[v].iterations_per_pass == sweep->snapshots[i];
}

/* The first snapshot of a point in the middle of a pass; 0: there is none. Where the length of its passes is
 * a snapshot, too, those of other lengths are for the points that have these. */
static uint64_t bad_snapshot(const ms_sweep *sweep, const own_snapshots *own, size_t point)
{
    double pass = ms_sweep_pass_iterations(sweep, point);
    uint64_t length = ms_sweep_settings(sweep, point)->iterations_per_pass;
    bool compares = length > 0 && has_snapshot(sweep, length);
    for (size_t i = 0; i < sweep->snapshot_count; i++)
        if (ms_within_pass(sweep->snapshots[i], pass) && !(compares && own->is_length[i]))
            return sweep->snapshots[i];
    return 0;
}

/* The least common multiple of the passes of all points, or a number beyond `limit`. */
static double common_pass(const ms_sweep *sweep, double limit)
{
    double common = 1;
    for (size_t p = 0; p < sweep->point_count && common <= limit; p++) {
        double pass = ms_sweep_pass_iterations(sweep, p);
        if (isnan(pass))
            continue;
        double a = common, b = pass; /* whole, and below 2^53 where it matters: exact */
        while (b > 0) {
            double rest = fmod(a, b);
            a = b;
            b = rest;
        }
        common = common / a * pass;
    }
    return common;
}

/* "2000 or 3000", the ends of passes next to an iteration; "" where none is within `limit`. */
static void next_ends(double iteration, double pass, double limit, char ends[60])
{
    double before = floor(iteration / pass) * pass, after = before + pass;
    ends[0] = '\0';
    if (before > 0 && after <= limit)
        snprintf(ends, 60, "%.0f or %.0f", before, after);
    else if (before > 0 || after <= limit)
        snprintf(ends, 60, "%.0f", before > 0 ? before : after);
}

/* Which iterations to record instead. */
static void advise(const ms_sweep *sweep, size_t point, uint64_t iteration, char advice[ADVICE_MAX])
{
    char ends[60];
    double pass = ms_sweep_pass_iterations(sweep, point), limit = (double)ms_sweep_iterations(sweep);
    double common = common_pass(sweep, limit);
    next_ends((double)iteration, pass, (double)ms_sweep_settings(sweep, point)->iterations, ends);
    if (!ends[0])
        snprintf(advice, ADVICE_MAX, "no pass ends within the budget: prolong it, or shorten passes");
    else if (common > limit)
        snprintf(advice, ADVICE_MAX, "ask for %s; one sampler.iterations_per_pass makes passes end together",
                 ends);
    else if (common == pass)
        snprintf(advice, ADVICE_MAX, "ask for %s, multiples of %.0f", ends, pass);
    else
        snprintf(advice, ADVICE_MAX, "ask for %s; at multiples of %.0f a pass ends at every point", ends,
                 common);
}

static void warn_snapshots(const ms_sweep *sweep, const char *path, ms_diagnostics *warnings)
{
    found_points found = {0};
    own_snapshots own;
    find_lengths(sweep, &own);
    for (size_t p = 0; p < sweep->point_count; p++)
        if (bad_snapshot(sweep, &own, p) > 0)
            add_point(&found, p);
    if (found.count == 0)
        return;
    char place[PLACE_MAX], advice[ADVICE_MAX];
    const ms_point *point = &sweep->points[found.first];
    uint64_t iteration = bad_snapshot(sweep, &own, found.first);
    describe(sweep, &found, place);
    advise(sweep, found.first, iteration, advice);
    ms_diagnostics_add(warnings, sweep->snapshots_line > 0 ? path : "snapshots", sweep->snapshots_line,
                       sweep->snapshots_column,
                       "iteration %" PRIu64 " is in the middle of a pass of %.0f iterations: %s; %s (%s)",
                       iteration, ms_sweep_pass_iterations(sweep, found.first),
                       point->patch_size < point->dimension
                           ? "shares there mix new patches with those of the pass before"
                           : "the noise level has not come down there",
                       advice, place); /* what may be long comes last */
}

/* Of discovery times; where there are snapshots it is for them that the chains go on. */
static void warn_end(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    found_points found = {0};
    for (size_t p = 0; p < sweep->point_count && sweep->snapshot_count == 0; p++) {
        uint64_t budget = ms_sweep_settings(sweep, p)->iterations;
        double passes = (double)budget / ms_sweep_pass_iterations(sweep, p);
        if (passes > 1 && passes < PASSES_FEW && ms_within_pass(budget, ms_sweep_pass_iterations(sweep, p)))
            add_point(&found, p);
    }
    if (found.count == 0)
        return;
    char place[PLACE_MAX], ends[60];
    double pass = ms_sweep_pass_iterations(sweep, found.first);
    uint64_t budget = ms_sweep_settings(sweep, found.first)->iterations;
    describe(sweep, &found, place);
    next_ends((double)budget, pass, INFINITY, ends);
    ms_diagnostics_add(warnings, "budget.iterations", 0, 0,
                       "%" PRIu64
                       " is in the middle of pass %.0f, of %.0f iterations: discoveries of its last "
                       "patches are cut off; whole passes take %s (%s)",
                       budget, ceil((double)budget / pass), pass, ends, place);
}

void ms_pass_warnings(const ms_sweep *sweep, const char *path, ms_diagnostics *warnings)
{
    warn_snapshots(sweep, path, warnings);
    warn_end(sweep, warnings);
}
