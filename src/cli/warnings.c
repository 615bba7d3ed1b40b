/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/warnings.h"

#include "cli/pass_warnings.h"
#include "estimate/replicate.h"
#include "sweep/columns.h"

#include <math.h>
#include <stdio.h>

#define LANES       8 /* chains that the samplers advance together */
#define FEW_CHAINS  100
#define LARGE_BYTES 1e9
#define BIAS_LARGE  0.2  /* of the variance of the narrowest component, that is worth a warning */
#define BIAS_SMALL  0.05 /* that rarely matters */

static void warn_budget(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    if (!ms_sweep_has_direct(sweep))
        return;
    if (sweep->chains < FEW_CHAINS)
        ms_diagnostics_add(warnings, "budget.chains", 0, 0,
                           "%zu chains give wide confidence intervals; %d or more are better", sweep->chains,
                           FEW_CHAINS);
    if (sweep->block_chains % LANES != 0)
        ms_diagnostics_add(
            warnings, "budget", 0, 0,
            "blocks of %zu chains; chains are advanced %d at a time, so a multiple of %d wastes nothing",
            sweep->block_chains, LANES, LANES);
    size_t few = 0, unfinished = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        const ms_point *point = &sweep->points[p];
        const ms_settings *settings = ms_sweep_settings(sweep, p);
        if (!ms_sweep_is_direct(sweep, p))
            continue;
        size_t patches = point->dimension / point->patch_size + (point->dimension % point->patch_size != 0);
        double pass = settings->iterations_per_pass > 0
                          ? (double)settings->iterations_per_pass
                          : (double)settings->iterations_per_patch * (double)patches;
        few += settings->iterations_per_pass > 0 && settings->iterations_per_pass < patches;
        unfinished += patches > 1 && (double)settings->iterations < pass;
    }
    if (few > 0)
        ms_diagnostics_add(
            warnings, "sampler.iterations_per_pass", 0, 0,
            "fewer iterations than patches at %zu of %zu points: some patches are never visited", few,
            sweep->point_count);
    if (unfinished > 0)
        ms_diagnostics_add(
            warnings, "budget.iterations", 0, 0,
            "ends before the first pass at %zu of %zu points: the last patches stay where they started",
            unfinished, sweep->point_count);
}

static void warn_modes(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    if (ms_sweep_has_direct(sweep) && sweep->relative_width > 0 && ms_sweep_modes(sweep) > 1)
        ms_diagnostics_add(
            warnings, "budget.relative_width", 0, 0,
            "chains go on until they have discovered all %zu modes, though the first one decides when "
            "a point stops; where only that matters, one mode of several components ends them "
            "there: discovery: {modes: [[1, 2, ...]]}",
            ms_sweep_modes(sweep));
}

/* Keys that have no effect on points, or some of them, because of what computes these. */
static void warn_idle(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    size_t computed = 0, recorded = 0, stopping = 0;
    for (size_t p = 0; p < sweep->point_count; p++) {
        const ms_job_type *type = ms_sweep_job_type(sweep, p);
        computed += type != NULL;
        recorded += type && (!type->units || type->replicate->survival);
        stopping += ms_sweep_may_stop(sweep, p);
    }
    if (sweep->snapshot_count > 0 && recorded < computed)
        ms_diagnostics_add(warnings, "snapshots", 0, 0,
                           "nothing is recorded at %zu of %zu points, whose estimators find means alone",
                           computed - recorded, sweep->point_count);
    if (sweep->relative_width > 0 && stopping == 0)
        ms_diagnostics_add(
            warnings, "budget.relative_width", 0, 0,
            "has no effect: no point has an interval; the error of quadrature is its `tolerance`");
    bool is_named = sweep->estimators == 1 && sweep->estimator[0].type->units;
    if (is_named && (ms_sweep_iterations(sweep) > 0 || (sweep->chains > 0 && sweep->at_most == 0)))
        ms_diagnostics_add(warnings, "budget", 0, 0,
                           "iterations and chains have no effect: nothing is simulated directly");
}

/* The reason is that of the first such point. */
static void warn_not_computed(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    size_t count = 0, first = 0;
    for (size_t p = sweep->point_count; p-- > 0;)
        if (sweep->points[p].estimator == MS_NO_ESTIMATOR) {
            count++;
            first = p;
        }
    if (count > 0)
        ms_diagnostics_add(warnings, "estimator", 0, 0, "%zu of %zu points are not computed: %s", count,
                           sweep->point_count, ms_sweep_validity(sweep, first, sweep->estimators - 1));
}

/* The largest step size over variance on the way through the noise levels, and that of the last one. */
static void step_ratios(const ms_schedule *schedule, double variance, double *largest, double *last)
{
    *largest = *last = 0;
    for (size_t level = 0; level < ms_schedule_levels(schedule); level++) {
        double sigma, step_size;
        ms_schedule_level(schedule, level, &sigma, &step_size);
        *last = step_size / (variance + sigma * sigma);
        *largest = fmax(*largest, *last);
    }
}

/* One iteration of Langevin dynamics multiplies the distance from the mean of a Gaussian of variance v by
 * 1 - step_size / (2 v). It settles at the variance v / (1 - step_size / (4 v)); beyond 4 v it does not. Far
 * outside v is that of the widest component. */
static void warn_langevin(const ms_schedule *schedule, double smallest, double largest, bool is_gaussian,
                          const char *where, ms_diagnostics *warnings)
{
    double outside, inside, last, unused, noise_level = schedule->noise_level;
    step_ratios(schedule, largest, &outside, &unused);
    step_ratios(schedule, smallest, &inside, &last);
    char advice[100] = "; reduce step_size"; /* by how much is known of Gaussians alone */
    if (is_gaussian)
        snprintf(advice, sizeof advice, "; reduce step_size below %.2g, where variances are right to %.0f %%",
                 schedule->step_size * fmin(4 / inside, 4 * BIAS_SMALL / (1 + BIAS_SMALL) / last),
                 100 * BIAS_SMALL);
    if (outside >= 4)
        ms_diagnostics_add(warnings, "sampler.step_size", 0, 0,
                           "unstable with noise_level %g%s: every iteration drives chains further out "
                           "(factor %.3g) until they overflow%s",
                           noise_level, where, 1 - outside / 2, advice);
    else if (inside >= 4)
        ms_diagnostics_add(warnings, "sampler.step_size", 0, 0,
                           "too large with noise_level %g%s: the sampled law is not the target, because no "
                           "chain stays in its narrowest component: every iteration overshoots the mean "
                           "(factor %.3g)%s",
                           noise_level, where, 1 - inside / 2, advice);
    else if (is_gaussian && last / (4 - last) >= BIAS_LARGE)
        ms_diagnostics_add(
            warnings, "sampler.step_size", 0, 0,
            "too large with noise_level %g%s: the sampled law differs much from the target, whose "
            "narrowest component gets %.2g times its variance%s",
            noise_level, where, 1 / (1 - last / 4), advice);
    else if (!is_gaussian && inside >= 2)
        ms_diagnostics_add(warnings, "sampler.step_size", 0, 0,
                           "too large with noise_level %g%s: in the narrowest component chains overshoot the "
                           "mean (factor %.3g)%s",
                           noise_level, where, 1 - inside / 2, advice);
}

static void warn_steps(const ms_settings *settings, size_t dimension, double noise_level, const char *where,
                       ms_diagnostics *warnings)
{
    const ms_schedule schedule = ms_settings_schedule(settings, noise_level);
    ms_error error = {0};
    if (ms_schedule_check(&schedule, &error) != MS_OK) {
        ms_diagnostics_add(warnings, "noise_level", 0, 0, "points with %g will fail%s: %s", noise_level,
                           where, error.message);
        return;
    }
    double smallest = INFINITY, largest = 0;
    for (size_t i = 0; i < ms_settings_components(settings); i++) {
        double variance = ms_settings_component(settings, i, 1).variance_max;
        smallest = fmin(smallest, variance);
        largest = fmax(largest, variance);
    }
    const ms_target_type *family = (const ms_target_type *)settings->target.kind;
    if (ms_settings_sampler(settings) == ms_sampler_langevin && largest > 0)
        warn_langevin(&schedule, smallest, largest, family->is_isotropic(settings->target.params, dimension),
                      where, warnings);
}

/* Times are counted in iterations. */
static void warn_costs(const ms_sweep *sweep, ms_diagnostics *warnings)
{
    double least[2] = {INFINITY, INFINITY}, most[2] = {0, 0};
    for (size_t p = 0; p < sweep->point_count; p++) {
        const double cost[2] = {ms_sweep_score_evaluations(sweep, p), ms_sweep_density_evaluations(sweep, p)};
        for (int i = 0; i < 2; i++) {
            least[i] = fmin(least[i], cost[i]);
            most[i] = fmax(most[i], cost[i]);
        }
    }
    if (least[0] < most[0])
        ms_diagnostics_add(
            warnings, "sampler", 0, 0,
            "an iteration evaluates the score %g to %g times: compare score evaluations or CPU "
            "time, not iterations",
            least[0], most[0]);
    else if (least[1] < most[1])
        ms_diagnostics_add(warnings, "sampler", 0, 0,
                           "an iteration evaluates the density %g to %g times, beside the score: compare CPU "
                           "time, too, not iterations alone",
                           least[1], most[1]);
}

/* Noise levels repeat with every dimension and patch size: those of the first ones of a variant are looked
 * at.
 */
static void warn_variant(const ms_sweep *sweep, size_t first, ms_diagnostics *warnings)
{
    const ms_point *point = sweep->points + first;
    char variant[256], where[270];
    ms_sweep_describe_variant(sweep, point->variant, variant, sizeof variant);
    snprintf(where, sizeof where, "%s%s", variant[0] ? " where " : "", variant);
    for (size_t p = first; p < sweep->point_count; p++, point++) {
        if (point->variant != sweep->points[first].variant ||
            point->dimension != sweep->points[first].dimension ||
            point->patch_size != sweep->points[first].patch_size)
            return;
        bool seen = false;
        for (size_t q = first; !seen && q < p; q++)
            seen = sweep->points[q].noise_level == point->noise_level;
        if (!seen)
            warn_steps(ms_sweep_settings(sweep, p), point->dimension, point->noise_level, where, warnings);
    }
}

void ms_warnings(const ms_sweep *sweep, const char *path, double memory, double file_size,
                 ms_diagnostics *warnings)
{
    warn_budget(sweep, warnings);
    warn_modes(sweep, warnings);
    ms_pass_warnings(sweep, path, warnings);
    for (size_t p = 0; p < sweep->point_count; p++)
        if (p == 0 || sweep->points[p].variant != sweep->points[p - 1].variant)
            warn_variant(sweep, p, warnings);
    warn_costs(sweep, warnings);
    warn_not_computed(sweep, warnings);
    warn_idle(sweep, warnings);
    if (memory > LARGE_BYTES)
        ms_diagnostics_add(warnings, "memory", 0, 0,
                           "a block needs %.1f GB on every rank; a smaller %s needs less", memory / 1e9,
                           ms_sweep_is_all_direct(sweep) ? "budget.block"
                                                         : "budget.block, or memory of the "
                                                           "estimator,");
    if (file_size > LARGE_BYTES)
        ms_diagnostics_add(warnings, "results", 0, 0, "the file will have %.1f GB", file_size / 1e9);
}
