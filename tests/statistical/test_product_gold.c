/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin dynamics on product mixtures against tests/data/product.csv, an independent simulation of full
 * vectors. Keys are fixed, numbers of chains were chosen beforehand, and each figure must lie within 4 of the
 * two standard errors together: a correct sampler fails one of the 32 comparisons with probability 2e-3,
 * once and for all, not per run. */
#include "product.h"

#include <inttypes.h>
#include <math.h>

/* A run of the table, which has several lines about it. */
typedef struct setting {
    char target[16];
    size_t dimension, patch_size;
    uint64_t iterations;
    double weight_0;
} setting;

enum { modes = 2, rules = 2, figures = rules + modes + 1, chains_max = 40000 };

/* By each rule the time to any mode, or whether one was discovered; then the shares of the components. */
typedef struct findings {
    double mean[figures], error[figures];
} findings;

static const char *const quantities[2][figures] = {
    {"mean_ball_any", "mean_switch_any", "", "", ""},
    {"discovered_ball_any", "discovered_switch_any", "share_0", "share_1", "share_2"}};

static bool is_same(const setting *a, const setting *b)
{
    return strcmp(a->target, b->target) == 0 && a->dimension == b->dimension &&
           a->patch_size == b->patch_size && a->iterations == b->iterations && a->weight_0 == b->weight_0;
}

static bool is_chained(const setting *s)
{
    return s->patch_size < s->dimension;
}

static void summarise(const double *value, size_t n, double *mean, double *error)
{
    double sum = 0, squares = 0;
    for (size_t c = 0; c < n; c++) {
        sum += value[c];
        squares += value[c] * value[c];
    }
    *mean = sum / (double)n;
    *error = sqrt((squares / (double)n - *mean * *mean) / (double)n);
}

static findings simulate(const setting *s, uint64_t key)
{
    double size = sqrt((strcmp(s->target, "uniform") == 0 ? 3 : 1) * (1 - 0.16)); /* for a variance of 1 */
    ms_target *target = product_reference(s->target, size, s->weight_0, s->dimension);
    ms_clause clauses[modes * rules];
    ms_discovery_events(target, ms_discovery_radius_squared(target), clauses);
    clauses[0].joint = clauses[2].joint = MS_OR_NEXT;
    const ms_observable_type *mode = ms_observable_find("mode");
    size_t chains = is_chained(s) ? 8000 : chains_max;
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.patch_size = s->patch_size;
    params.iterations_per_patch = is_chained(s) ? 0 : s->iterations;
    params.iterations_per_pass = is_chained(s) ? s->iterations : 0;
    params.iterations = s->iterations;
    params.chains = chains;
    params.clauses = clauses;
    params.clause_count = modes * rules;
    params.snapshots = &params.iterations;
    params.snapshot_count = is_chained(s);
    params.observables = &mode;
    params.key = key;
    ms_run *run = make_run(&params);
    advance(run, s->iterations);
    static double value[figures][chains_max];
    for (size_t c = 0; c < chains; c++) {
        for (size_t r = 0; r < rules; r++) {
            int64_t time = ms_run_event_time(run, c, r);
            assert_true(is_chained(s) || time != MS_CENSORED);
            value[r][c] = is_chained(s) ? time != MS_CENSORED : (double)time;
        }
        for (int64_t i = 0; i <= modes && is_chained(s); i++)
            value[rules + i][c] = *(const int64_t *)ms_run_observation(run, 0, 0, c) == i;
    }
    findings found;
    for (size_t f = 0; f < figures; f++)
        summarise(value[f], chains, &found.mean[f], &found.error[f]);
    ms_run_free(run);
    ms_target_free(target);
    return found;
}

static void simulations_agree(void **state)
{
    (void)state;
    FILE *file = fopen(MS_SOURCE_DIR "/tests/data/product.csv", "r");
    assert_non_null(file);
    char line[256], quantity[32];
    setting s = {.dimension = 0};
    findings found = {{0}, {0}};
    size_t rows = 0, settings = 0;
    bool agree = true;
    while (fgets(line, sizeof line, file)) {
        setting next = {.dimension = 0};
        double value, error;
        size_t chains;
        if (sscanf(line, "%15[a-z_],%zu,%zu,%" SCNu64 ",%zu,%lf,%31[a-z_012],%lf,%lf", next.target,
                   &next.dimension, &next.patch_size, &next.iterations, &chains, &next.weight_0, quantity,
                   &value, &error) != 9)
            continue;
        if (!is_same(&s, &next)) {
            s = next;
            found = simulate(&s, ++settings);
        }
        size_t f = 0;
        while (f < figures && strcmp(quantities[is_chained(&s)][f], quantity) != 0)
            f++;
        assert_true(f < figures);
        double deviations = (found.mean[f] - value) / sqrt(error * error + found.error[f] * found.error[f]);
        print_message("%s d=%zu Q=%zu T=%" PRIu64
                      " w=%g %s: expected %.6g +- %.2g, found %.6g +- %.2g (%+.2f)\n",
                      s.target, s.dimension, s.patch_size, s.iterations, s.weight_0, quantity, value, error,
                      found.mean[f], found.error[f], deviations);
        agree = agree && fabs(deviations) < 4;
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 32);
    assert_true(agree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(simulations_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
