/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets given by functions: that they are what they say, that what is wrong with them is found, and that
 * what goes wrong later ends the run with a message. */
#include "fixtures.h"

#include "target/target_type.h"
#include <math.h>
#include <modeseek/discovery.h>
#include <string.h>

/* --- a mixture of two Gaussians given by functions; `spoil` says how it is wrong
 * --------------------------------- */

enum { modes_count = 2, dimension = 5 };

static const double weights[modes_count] = {0.3, 0.7}, variances[modes_count] = {2, 0.5};

static double mean_of(size_t mode, size_t j)
{
    return mode == 0 ? 0.1 * (double)j - 0.2 : 1 + 0.3 * (double)(j % 3);
}

typedef enum spoiled {
    NOTHING,
    SIGN,
    ONE_SIGN,
    ONE_FACTOR,
    NAN_DENSITY,
    INFINITE_DENSITY,
    NO_DENSITY,
    NAN_SCORE,
    ERROR_CODE,
    ROWS,
    SMOOTHED,
    CONDITIONAL,
    CONDITIONAL_GRADIENT,
    LOG_WEIGHTS,
    NAN_LOG_WEIGHTS,
    CENTRE,
    DRAW,
    DRAW_CODE,
    WEIGHTS,
    CREATE,
    FAR_OUT,
} spoiled;

static spoiled spoil;
static size_t rows_most, rows_least; /* that a call had */
static size_t made, freed;

static int make(size_t d, const double *parameters, size_t parameter_count, const double *data, size_t rows,
                size_t columns, void **self, char *message, size_t size)
{
    (void)parameters;
    (void)parameter_count;
    (void)data;
    (void)rows;
    (void)columns;
    if (spoil == CREATE) {
        snprintf(message, size, "the moon is \033[31mfull");
        return 3;
    }
    size_t *kept = malloc(sizeof *kept);
    assert_non_null(kept);
    *kept = d;
    *self = kept;
    made++;
    return 0;
}

static void destroy(void *self)
{
    free(self);
    freed++;
}

/* l_i of coordinates first..first+length-1, x being those from 0 on */
static double log_share(size_t i, size_t first, size_t length, double noise_level, const double *x)
{
    double v = variances[i] + noise_level * noise_level, square = 0;
    for (size_t j = first; j < first + length; j++)
        square += (x[j] - mean_of(i, j)) * (x[j] - mean_of(i, j));
    return -0.5 * ((double)length * log(v) + square / v);
}

static int conditional(void *self, size_t first, size_t length, double noise_level, double conditioning,
                       size_t count, const double *x, double *log_density, double *score)
{
    bool whole = length == *(const size_t *)self;
    rows_most = count > rows_most ? count : rows_most;
    rows_least = count < rows_least ? count : rows_least;
    for (size_t row = 0; row < count; row++, x += first + length, score += length) {
        double l[modes_count], sum;
        for (size_t i = 0; i < modes_count; i++) {
            l[i] = log(weights[i]) + log_share(i, first, length, noise_level, x);
            if (spoil != CONDITIONAL)
                l[i] += log_share(i, 0, first, conditioning, x);
        }
        double largest = fmax(l[0], l[1]);
        sum = exp(l[0] - largest) + exp(l[1] - largest);
        log_density[row] = largest + log(sum);
        for (size_t j = 0; j < length; j++) {
            score[j] = 0;
            for (size_t i = 0; i < modes_count; i++)
                score[j] -= exp(l[i] - largest) / sum * (x[first + j] - mean_of(i, first + j)) /
                            (variances[i] + noise_level * noise_level);
            assert_true(isfinite(x[first + j])); /* such chains are not handed over */
        }
        double *last = &score[length - 1];
        if (spoil == SIGN)
            for (size_t j = 0; j < length; j++)
                score[j] = -score[j];
        else if (spoil == ONE_SIGN)
            score[length / 3] = -score[length / 3];
        else if (spoil == ONE_FACTOR)
            *last *= 1.01;
        else if ((spoil == NAN_DENSITY && row == 2) || (spoil == FAR_OUT && x[0] > 3.5))
            log_density[row] = (double)NAN;
        else if (spoil == INFINITE_DENSITY && row == 2)
            log_density[row] = (double)INFINITY;
        else if (spoil == NO_DENSITY)
            log_density[row] = -(double)INFINITY;
        else if (spoil == NAN_SCORE && row == 3)
            *last = (double)NAN;
        else if (spoil == ROWS && row == 1)
            *last += 1e-15;
        else if (spoil == SMOOTHED && noise_level > 0 && whole)
            *last *= 1 + noise_level;
        else if (spoil == CONDITIONAL_GRADIENT && !whole)
            *last *= -1;
    }
    return spoil == ERROR_CODE ? 17 : 0;
}

static int smoothed(void *self, double noise_level, size_t count, const double *x, double *log_density,
                    double *score)
{
    return conditional(self, 0, *(const size_t *)self, noise_level, noise_level, count, x, log_density,
                       score);
}

static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    return smoothed(self, 0, count, x, log_density, score);
}

static size_t modes(void *self)
{
    (void)self;
    return modes_count;
}

static int centre(void *self, size_t mode, double *x)
{
    for (size_t j = 0; j < *(const size_t *)self; j++)
        x[j] = mean_of(mode, j);
    if (spoil == CENTRE && mode == 1)
        x[0] = (double)INFINITY;
    return 0;
}

static double weight(void *self, size_t mode)
{
    (void)self;
    return weights[mode] + (spoil == WEIGHTS ? 0.1 : 0);
}

static int log_weights(void *self, size_t count, const double *x, double *log_weight)
{
    size_t d = *(const size_t *)self;
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < modes_count; i++)
            log_weight[row * modes_count + i] = log(weights[i]) + log_share(i, 0, d, 0, x + row * d) +
                                                (spoil == LOG_WEIGHTS ? 0.01 : 0) +
                                                (spoil == NAN_LOG_WEIGHTS ? (double)NAN : 0);
    return 0;
}

static int draw(void *self, size_t mode, size_t count, const double *normal, const double *uniform, double *x)
{
    size_t d = *(const size_t *)self;
    for (size_t i = 0; i < count * d; i++) {
        assert_true(uniform[i] > 0 && uniform[i] < 1);
        x[i] = mean_of(mode, i % d) + sqrt(variances[mode]) * normal[i];
    }
    if (spoil == DRAW)
        x[0] = (double)NAN;
    return spoil == DRAW_CODE ? 1 : 0;
}

static double log_normaliser(void *self)
{
    return 0.5 * (double)*(const size_t *)self * 1.8378770664093454836 /* log(2 pi) */;
}

static const ms_plugin all_functions = {.abi = MS_PLUGIN_ABI,
                                        .size = sizeof all_functions,
                                        .name = "two",
                                        .dimension_min = 1,
                                        .create = make,
                                        .destroy = destroy,
                                        .evaluate = evaluate,
                                        .smoothed = smoothed,
                                        .conditional = conditional,
                                        .modes = modes,
                                        .centre = centre,
                                        .weight = weight,
                                        .log_weights = log_weights,
                                        .draw = draw,
                                        .log_normaliser = log_normaliser};

static ms_target *make_target(const ms_plugin *functions, size_t d)
{
    ms_functions_params params = {.dimension = d, .functions = functions};
    ms_target *target = NULL;
    ms_error error = {0};
    spoil = NOTHING;
    if (ms_target_functions_alloc(&target, &params, &error) != MS_OK)
        fail_msg("%s", error.message);
    return target;
}

static ms_target *same_mixture(size_t d)
{
    double mean[modes_count * 100];
    for (size_t i = 0; i < modes_count * d; i++)
        mean[i] = mean_of(i / d, i % d);
    ms_mixture_params params = {
        .dimension = d, .components = modes_count, .weight = weights, .mean = mean, .variance = variances};
    ms_target *target;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    return target;
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* --- what they say
 * ---------------------------------------------------------------------------------------------- */

static void numbers_are_those_of_the_mixture(void **state)
{
    (void)state;
    ms_target *ours = make_target(&all_functions, dimension), *known = same_mixture(dimension);
    assert_int_equal(ms_target_components(ours), modes_count);
    for (int trial = 0; trial < 20; trial++) {
        double x[dimension], a[dimension], b[dimension];
        for (int j = 0; j < dimension; j++)
            x[j] = 1.7 * sin(trial * 1.3 + 2 * j);
        for (double noise_level = 0; noise_level < 1; noise_level += 0.6) {
            ms_target_score(ours, noise_level, x, a);
            ms_target_score(known, noise_level, x, b);
            for (int j = 0; j < dimension; j++)
                assert_near(a[j], b[j]);
            ms_target_conditional_score(ours, noise_level, 0.3 * noise_level, 2, 3, x, a);
            ms_target_conditional_score(known, noise_level, 0.3 * noise_level, 2, 3, x, b);
            for (int j = 0; j < 3; j++)
                assert_near(a[j], b[j]);
            assert_near(ms_target_log_density(ours, noise_level, x),
                        ms_target_log_density(known, noise_level, x));
        }
        ms_target_log_weights(ours, 0, x, a);
        ms_target_log_weights(known, 0, x, b);
        for (int i = 0; i < modes_count; i++)
            assert_near(a[i], b[i]);
        assert_true(ms_target_mean(ours, 1)[trial % dimension] ==
                    ms_target_mean(known, 1)[trial % dimension]);
    }
    double l[modes_count], x[dimension] = {0};
    ms_target_log_weights(ours, 0.5, x, l); /* of a smoothed target they are not known */
    assert_true(isnan(l[0]));
    ms_target_free(ours);
    ms_target_free(known);
    assert_int_equal(made, freed);
}

/* The whole way of chains, but for rounding: starts, patches, noise levels, events, snapshots. Steps
 * contract, so that rounding errors do not grow. */
static void chains_go_the_same_way(void **state)
{
    (void)state;
    static const struct {
        const char *sampler;
        size_t patch_size;
        double noise_level;
        ms_conditioning conditioning;
    } cases[] = {{"langevin", 5, 0, MS_CONDITIONING_FINAL}, {"langevin", 2, 0, MS_CONDITIONING_FINAL},
                 {"langevin", 5, 2, MS_CONDITIONING_FINAL}, {"langevin", 2, 2, MS_CONDITIONING_FINAL},
                 {"langevin", 1, 2, MS_CONDITIONING_SAME},  {"mala", 5, 0, MS_CONDITIONING_FINAL},
                 {"mala", 3, 0, MS_CONDITIONING_FINAL}};
    const ms_observable_type *observables[] = {ms_observable_find("squared_distance"),
                                               ms_observable_find("responsibility"),
                                               ms_observable_find("log_density"), ms_observable_find("mode")};
    const uint64_t snapshots[] = {0, 13, 40};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        enum { chains = 21 };
        ms_target *target[2] = {make_target(&all_functions, dimension), same_mixture(dimension)};
        ms_run *run[2];
        ms_clause events[2 * MS_RULE_COUNT];
        ms_discovery_events(target[1], 0.8, events);
        for (int t = 0; t < 2; t++) {
            ms_run_params params;
            ms_run_params_init(&params);
            params.target = target[t];
            params.sampler = ms_sampler_find(cases[c].sampler);
            params.engine = MS_ENGINE_GENERIC;
            params.schedule.step_size = 0.3;
            params.patch_size = cases[c].patch_size;
            params.shorter_last_patch = true;
            params.iterations_per_patch = 4;
            params.conditioning = cases[c].conditioning;
            if (cases[c].noise_level > 0) {
                params.schedule.type = MS_SCHEDULE_GEOMETRIC;
                params.schedule.noise_level = cases[c].noise_level;
                params.schedule.noise_level_min = 0.1;
                params.schedule.levels = 3;
            }
            params.iterations = 40;
            params.chains = chains;
            params.clauses = events;
            params.clause_count = 2;
            params.stop_when_discovered = false;
            params.snapshots = snapshots;
            params.snapshot_count = 3;
            params.observables = observables;
            params.observable_count = 4;
            params.key = 3 + c;
            run[t] = make_run(&params);
            advance(run[t], params.iterations);
        }
        size_t found = 0;
        for (size_t chain = 0; chain < chains; chain++) {
            double x[2][dimension];
            for (int t = 0; t < 2; t++)
                assert_int_equal(ms_run_position(run[t], chain, x[t], NULL), MS_OK);
            for (int j = 0; j < dimension; j++)
                assert_near(x[0][j], x[1][j]);
            for (size_t e = 0; e < 2; e++) {
                assert_int_equal(ms_run_event_time(run[0], chain, e), ms_run_event_time(run[1], chain, e));
                found += ms_run_event_time(run[0], chain, e) > 0;
            }
            for (size_t s = 0; s < 3; s++) {
                for (size_t o = 0; o < 3; o++) {
                    const double *a = ms_run_observation(run[0], o, s, chain);
                    const double *b = ms_run_observation(run[1], o, s, chain);
                    for (size_t i = 0; i < (o < 2 ? modes_count : 1); i++)
                        assert_near(a[i], b[i]);
                }
                assert_int_equal(*(const int64_t *)ms_run_observation(run[0], 3, s, chain),
                                 *(const int64_t *)ms_run_observation(run[1], 3, s, chain));
            }
        }
        print_message("case %zu: %zu discoveries\n", c, found);
        assert_true(found > 2);
        for (int t = 0; t < 2; t++) {
            ms_run_free(run[t]);
            ms_target_free(target[t]);
        }
    }
}

static ms_run_params params_of(const ms_target *target, size_t first, size_t chains)
{
    ms_run_params params;
    ms_run_params_init(&params);
    params.target = target;
    params.sampler = ms_sampler_mala;
    params.schedule.step_size = 0.6;
    params.patch_size = 3;
    params.shorter_last_patch = true;
    params.iterations_per_patch = 5;
    params.iterations = 60;
    params.first_chain = first;
    params.chains = chains;
    params.key = 11;
    return params;
}

/* Whatever chains are together, after saving and restoring, and with any instructions. */
static void bits_are_the_same(void **state)
{
    (void)state;
    enum { chains = 19 };
    ms_target *target = make_target(&all_functions, dimension);
    ms_run_params params = params_of(target, 0, chains);
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    for (size_t chain = 0; chain < chains; chain += 5) {
        ms_run_params alone = params_of(target, chain, 1);
        alone.simd = (ms_simd)(chain / 5);
        if (!ms_simd_available(alone.simd))
            continue;
        double a[dimension], b[dimension];
        ms_run *before = make_run(&alone), *other = make_run(&alone);
        size_t size = ms_run_state_size(before);
        void *saved = malloc(size);
        advance(before, 27);
        assert_int_equal(ms_run_save(before, saved, size, &size, NULL), MS_OK);
        assert_int_equal(ms_run_restore(other, saved, size, NULL), MS_OK);
        advance(other, alone.iterations);
        assert_int_equal(ms_run_position(run, chain, a, NULL), MS_OK);
        assert_int_equal(ms_run_position(other, 0, b, NULL), MS_OK);
        assert_memory_equal(a, b, sizeof a);
        free(saved);
        ms_run_free(before);
        ms_run_free(other);
    }
    ms_run_free(run);
    ms_target_free(target);
}

/* Lanes without a chain cost nothing: those of a block that is not full, and chains that have ended. */
static void only_chains_are_handed_over(void **state)
{
    (void)state;
    ms_plugin functions = all_functions;
    functions.conditional = NULL;
    ms_target *target = make_target(&functions, dimension);
    ms_clause event = {.component = 1, .coefficient = 1, .bound = 6};
    ms_run_params params = params_of(target, 0, 3);
    params.patch_size = dimension;
    rows_most = 0;
    ms_run *run = make_run(&params);
    advance(run, params.iterations);
    assert_int_equal(rows_most, 3);
    ms_run_free(run);
    params = params_of(target, 0, 8);
    params.patch_size = dimension;
    params.clauses = &event;
    params.clause_count = 1;
    params.stop_when_discovered = true;
    params.iterations = 100000;
    rows_least = 8;
    run = make_run(&params);
    advance(run, params.iterations);
    assert_true(ms_run_done(run));
    assert_int_equal(ms_run_active_chains(run), 0);
    assert_int_equal(rows_least, 1);
    ms_run_free(run);
    ms_target_free(target);
}

static void what_is_missing_is_refused(void **state)
{
    (void)state;
    ms_plugin least = {.abi = MS_PLUGIN_ABI,
                       .size = sizeof least,
                       .name = "least",
                       .create = make,
                       .destroy = destroy,
                       .evaluate = evaluate};
    ms_target *target = make_target(&least, dimension);
    ms_run *run;
    ms_error error;
    double x[dimension] = {0};
    assert_int_equal(ms_target_components(target), 1);
    assert_true(isnan(ms_target_weight(target, 0)) && isnan(ms_target_log_density(target, 0, x)));
    ms_run_params params = params_of(target, 0, 4);
    params.start = (ms_start){.type = MS_START_NORMAL, .variance = 1};
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "conditional"));
    params.patch_size = dimension;
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_OK);
    advance(run, 20);
    ms_run_free(run);
    params.start = (ms_start){.type = MS_START_COMPONENT};
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "cannot be sampled"));
    params.start = (ms_start){.type = MS_START_NORMAL, .variance = 1};
    params.schedule.type = MS_SCHEDULE_GEOMETRIC;
    params.schedule.noise_level = 1;
    params.schedule.noise_level_min = 0.1;
    params.schedule.levels = 2;
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "smoothed"));
    ms_target_free(target);

    least.modes = modes;
    least.centre = centre;
    target = make_target(&least, dimension);
    const size_t component = 1;
    const ms_mode mode = {&component, 1};
    ms_rule_choice rule = {.type = ms_rule_find("ball")};
    ms_clause *clauses;
    size_t count;
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, &clauses, &count, &error),
                     MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "radius_squared"));
    rule.type = ms_rule_find("switch");
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, &clauses, &count, &error),
                     MS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "mixture"));
    ms_target_free(target);
    target = make_target(&all_functions, dimension);
    assert_int_equal(ms_discovery_clauses(target, &rule, 1, &mode, 1, &clauses, &count, &error), MS_OK);
    free(clauses);
    ms_target_free(target);
}

/* --- what is wrong with them
 * ------------------------------------------------------------------------------------- */

static void refuse(const ms_functions_params *params, const char *part)
{
    ms_target *target;
    ms_error error = {0};
    ms_status status = ms_target_functions_alloc(&target, params, &error);
    print_message("%s\n", error.message);
    assert_null(target);
    assert_int_equal(status, MS_ERROR_ARGUMENT);
    assert_int_equal(error.status, MS_ERROR_ARGUMENT);
    if (!strstr(error.message, part))
        fail_msg("'%s' is not in: %s", part, error.message);
    assert_int_equal(made, freed);
}

static void mistakes_are_found(void **state)
{
    (void)state;
    static const struct {
        spoiled how;
        const char *part;
    } cases[] = {{SIGN, "evaluate gives a score[0] of "},
                 {ONE_SIGN, "differences of its log_density"},
                 {ONE_FACTOR, "differences of its log_density"},
                 {NAN_DENSITY, "evaluate gives a log_density of nan at x = ("},
                 {INFINITE_DENSITY, "evaluate gives a log_density of inf at x = ("},
                 {NO_DENSITY, "-inf at all 8 points"},
                 {NAN_SCORE, "of nan at x = ("},
                 {ERROR_CODE, "evaluate gives error 17"},
                 {ROWS, "for a row alone"},
                 {SMOOTHED, "smoothed gives"},
                 {CONDITIONAL, "conditional gives the score"},
                 {CONDITIONAL_GRADIENT, "conditional gives "},
                 {LOG_WEIGHTS, "log_weights"},
                 {NAN_LOG_WEIGHTS, "log_weights gives nan for mode 0"},
                 {CENTRE, "coordinate 0 of the centre of mode 1"},
                 {DRAW, "coordinate 0 of a draw from mode 0 is nan"},
                 {DRAW_CODE, "draw returned 1 for mode 0"},
                 {WEIGHTS, "sum to 1.2"},
                 {CREATE, "the moon is ?[31mfull (create returned 3)"}};
    static const size_t dimensions[] = {2, 3, 16, 100};
    for (size_t d = 0; d < sizeof dimensions / sizeof *dimensions; d++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            ms_functions_params params = {.dimension = dimensions[d], .functions = &all_functions};
            spoil = cases[i].how;
            if (spoil == CONDITIONAL && params.dimension == 100)
                continue; /* all chains are then so deep in one of the modes that it makes no difference */
            refuse(&params, cases[i].part);
        }
    spoil = NOTHING;
}

static int half_line(void *self, size_t count, const double *x, double *log_density, double *score)
{
    (void)self;
    for (size_t i = 0; i < count; i++) { /* Gamma(3), where there is any */
        log_density[i] = x[i] > 0 ? 2 * log(x[i]) - x[i] : -(double)INFINITY;
        score[i] = 2 / x[i] - 1;
    }
    return 0;
}

static int wild(void *self, size_t count, const double *x, double *log_density, double *score)
{
    (void)self;
    for (size_t i = 0; i < count; i++) { /* far off, narrow, wavy, with a large constant */
        double t = (x[i] - 1e6) * 1e4;
        log_density[i] = 1e3 - t * t / 2 + sin(t) - pow(t / 1e4, 4);
        score[i] = 1e4 * (-t + cos(t)) - 4 * pow(t / 1e4, 3);
    }
    return 0;
}

/* Scores are not refused for where and how fast the density falls. */
static void right_ones_are_not_refused(void **state)
{
    (void)state;
    ms_plugin functions = {
        .abi = MS_PLUGIN_ABI, .size = sizeof functions, .name = "half", .evaluate = half_line};
    ms_target *target = make_target(&functions, 1);
    ms_target_free(target);
    functions.evaluate = wild;
    target = make_target(&functions, 1);
    ms_target_free(target);
    for (size_t d = 1; d <= 300; d = 2 * d + 1) {
        target = make_target(&all_functions, d);
        ms_target_free(target);
    }
}

static void tables_are_checked(void **state)
{
    (void)state;
    ms_functions_params params = {.dimension = 3};
    refuse(&params, "neither functions nor the path");
#define REFUSE(part, ...)                                                                                    \
    do {                                                                                                     \
        ms_plugin wrong = all_functions;                                                                     \
        __VA_ARGS__;                                                                                         \
        params.functions = &wrong;                                                                           \
        refuse(&params, part);                                                                               \
    } while (0)
    REFUSE("version 2 of the interface", wrong.abi = 2);
    REFUSE("size of its table is 12", wrong.size = 12);
    REFUSE("its name", wrong.name = NULL);
    REFUSE("its name", wrong.name = "");
    REFUSE("its name", wrong.name = "a\nb");
    REFUSE("its name", wrong.name = "1234567890123456789012345678901234567890123456789012345678901234");
    REFUSE("no evaluate", wrong.evaluate = NULL);
    REFUSE("not modes", wrong.modes = NULL);
    REFUSE("not centre", wrong.centre = NULL);
    REFUSE("both or none", wrong.weight = NULL);
    REFUSE("both or none", wrong.log_weights = NULL);
    REFUSE("for 4 to any number of dimensions, not 3", wrong.dimension_min = 4);
    REFUSE("for 1 to 2 dimensions, not 3", wrong.dimension_max = 2);
    REFUSE("table of at most 1000 parameters", wrong.parameter_count = 1);
    params.dimension = 0;
    REFUSE("at least 1", (void)wrong);
#undef REFUSE
    ms_plugin older = all_functions; /* its header ended after `evaluate` */
    older.size = offsetof(ms_plugin, smoothed);
    ms_target *target = make_target(&older, 4);
    assert_int_equal(ms_target_components(target), 1);
    ms_target_free(target);
}

static double seen[2];

static int see_parameters(size_t d, const double *parameters, size_t parameter_count, const double *data,
                          size_t rows, size_t columns, void **self, char *message, size_t size)
{
    assert_int_equal(parameter_count, 2);
    seen[0] = parameters[0];
    seen[1] = parameters[1];
    return make(d, parameters, parameter_count, data, rows, columns, self, message, size);
}

static uint64_t digest_with(const ms_functions_params *params)
{
    ms_target *target;
    assert_int_equal(ms_target_functions_alloc(&target, params, NULL), MS_OK);
    uint64_t digest = target->digest;
    ms_target_free(target);
    return digest;
}

static void parameters_are_checked(void **state)
{
    (void)state;
    const ms_plugin_parameter known[] = {{"bend", 0.25}, {"scale", (double)NAN}};
    ms_plugin functions = all_functions;
    functions.parameters = known;
    functions.parameter_count = 2;
    functions.create = see_parameters;
    ms_function_parameter given[2] = {{"scale", 7}, {"bend", 3}};
    ms_functions_params params = {
        .dimension = 2, .functions = &functions, .parameters = given, .parameter_count = 2};
    uint64_t digest = digest_with(&params);
    assert_true(seen[0] == 3 && seen[1] == 7);
    params.parameter_count = 1;
    assert_true(digest_with(&params) != digest); /* what a target is made of is its identity */
    assert_true(seen[0] == 0.25 && seen[1] == 7);
    params.parameter_count = 0;
    refuse(&params, "needs a value of the parameter 'scale'");
    params.parameter_count = 2;
    given[1].name = "bent";
    refuse(&params, "no parameter 'bent'; did you mean 'bend'?");
    given[1].name = "curvature";
    refuse(&params, "no parameter 'curvature'; it has bend, scale");
    given[1].name = "scale";
    refuse(&params, "'scale' is given twice");
    given[1] = (ms_function_parameter){"bend", (double)NAN};
    refuse(&params, "'bend' is nan");

    double data[6] = {1, 2, 3, 4, 5, 6};
    params = (ms_functions_params){
        .dimension = 2, .functions = &all_functions, .data = data, .rows = 2, .columns = 3};
    refuse(&params, "takes no data");
    ms_plugin needy = all_functions;
    needy.needs_data = 1;
    params.functions = &needy;
    digest = digest_with(&params);
    data[5] = 6.5;
    assert_true(digest_with(&params) != digest);
    data[4] = (double)INFINITY;
    refuse(&params, "number 2 in row 2 of its data is not finite");
    params.data = NULL;
    refuse(&params, "needs data");
}

/* --- what goes wrong later
 * --------------------------------------------------------------------------------------- */

static void failures_end_the_run(void **state)
{
    (void)state;
    ms_target *target = make_target(&all_functions, dimension);
    static const char *const samplers[] = {"langevin", "mala", "hmc"};
    for (size_t i = 0; i < 3; i++)
        for (spoiled how = ERROR_CODE; how <= FAR_OUT; how = how == ERROR_CODE ? FAR_OUT : FAR_OUT + 1) {
            struct {
                double step_size;
                uint64_t steps;
            } hmc = {0.3, 3};
            ms_error error = {0};
            ms_run_params params = params_of(target, 0, 300);
            params.sampler = ms_sampler_find(samplers[i]);
            params.sampler_params = &hmc;
            params.schedule.step_size = 0.3;
            params.patch_size = dimension;
            params.iterations = 1000;
            params.start = (ms_start){.type = MS_START_NORMAL, .variance = 0.1};
            ms_run *run = make_run(&params);
            advance(run, 3);
            spoil = how;
            assert_int_equal(ms_run_advance(run, 997, &error), MS_ERROR_NUMERIC);
            print_message("%s\n", error.message);
            assert_non_null(strstr(error.message, how == ERROR_CODE
                                                      ? "two: evaluate gives error 17 at x = ("
                                                      : "two: evaluate gives a log_density of nan"));
            assert_non_null(strstr(error.message, how == ERROR_CODE ? "step_size" : "at x = (3."));
            ms_run_free(run);
            spoil = NOTHING; /* the target can be used again */
            run = make_run(&params);
            advance(run, 100);
            ms_run_free(run);
        }
    spoil = ERROR_CODE;
    ms_run *run;
    ms_error error = {0};
    ms_run_params params = params_of(target, 0, 3);
    ms_clause event = {.quantity = MS_LOG_DENSITY, .coefficient = -1, .bound = 1e9};
    params.clauses = &event;
    params.clause_count = 1;
    assert_int_equal(ms_run_alloc(&run, &params, &error), MS_ERROR_NUMERIC);
    assert_null(run);
    spoil = NOTHING;
    ms_target_free(target);
}

/* The chain that fails first is told of, whatever the order in which chains are moved. */
static void the_first_failure_is_told(void **state)
{
    (void)state;
    ms_target *target = make_target(&all_functions, dimension);
    ms_run_params params = params_of(target, 0, 300);
    ms_error error[2] = {{0}};
    params.patch_size = dimension;
    params.iterations = 1000;
    params.start = (ms_start){.type = MS_START_NORMAL, .variance = 0.1};
    for (int by_ones = 0; by_ones < 2; by_ones++) {
        ms_run *run = make_run(&params);
        ms_status status = MS_OK;
        spoil = FAR_OUT;
        while (status == MS_OK && !ms_run_done(run))
            status = ms_run_advance(run, by_ones ? 1 : 1000, &error[by_ones]);
        assert_int_equal(status, MS_ERROR_NUMERIC);
        spoil = NOTHING;
        ms_run_free(run);
    }
    assert_string_equal(error[0].message, error[1].message);
    ms_target_free(target);
}

/* Functions that no event needs are asked at snapshots, and not where calls happen to end. */
static void failures_at_a_snapshot_end_the_run(void **state)
{
    (void)state;
    static const uint64_t snapshot = 10;
    static const ms_clause never = {.quantity = MS_SQUARED_DISTANCE, .coefficient = 1, .bound = 1e-9};
    ms_target *target = make_target(&all_functions, dimension);
    for (size_t events = 0; events < 2; events++) {
        ms_error error = {0};
        ms_run_params params = params_of(target, 0, 20);
        params.snapshots = &snapshot;
        params.snapshot_count = 1;
        params.clauses = &never;
        params.clause_count = events;
        ms_run *run = make_run(&params);
        spoil = NAN_LOG_WEIGHTS;
        assert_int_equal(ms_run_advance(run, 9, &error), MS_OK);
        assert_int_equal(ms_run_advance(run, 1, &error), MS_ERROR_NUMERIC);
        assert_non_null(strstr(error.message, "log_weights gives nan for mode 0 at x = ("));
        spoil = NOTHING;
        ms_run_free(run);
    }
    ms_target_free(target);
}

/* A proposal where the density is 0 is never accepted; Langevin dynamics cannot go there. */
static void walls_are_for_metropolis(void **state)
{
    (void)state;
    const ms_plugin functions = {
        .abi = MS_PLUGIN_ABI, .size = sizeof functions, .name = "half", .evaluate = half_line};
    ms_target *target = make_target(&functions, 1);
    double start = 1;
    for (int i = 0; i < 2; i++) {
        ms_run_params params = params_of(target, 0, 200);
        params.patch_size = 1;
        params.sampler = i == 0 ? ms_sampler_mala : ms_sampler_langevin;
        params.start = (ms_start){.type = MS_START_POSITIONS, .positions = &start, .rows = 1};
        params.iterations = 500;
        ms_run *run = make_run(&params);
        advance(run, 500);
        size_t outside = 0;
        for (size_t chain = 0; chain < 200; chain++) {
            double x;
            assert_int_equal(ms_run_position(run, chain, &x, NULL), MS_OK);
            outside += !(x > 0);
        }
        if (i == 0)
            assert_int_equal(outside, 0);
        ms_run_free(run);
    }
    ms_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_mixture),
        cmocka_unit_test(chains_go_the_same_way),
        cmocka_unit_test(bits_are_the_same),
        cmocka_unit_test(only_chains_are_handed_over),
        cmocka_unit_test(what_is_missing_is_refused),
        cmocka_unit_test(mistakes_are_found),
        cmocka_unit_test(right_ones_are_not_refused),
        cmocka_unit_test(tables_are_checked),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(failures_end_the_run),
        cmocka_unit_test(the_first_failure_is_told),
        cmocka_unit_test(failures_at_a_snapshot_end_the_run),
        cmocka_unit_test(walls_are_for_metropolis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
