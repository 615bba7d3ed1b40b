/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens exactly at a boundary: iteration 0 and the first, the ends of a noise level, a visit, a pass
 * and the budget, each of them once the last snapshot. Every chain is computed alone, never ended, and
 * written down; then it must come out the same in any company, ended early or not, with any instructions,
 * interrupted or prolonged there. */
enum { EVENTS_MAX = 64 };

#include "product.h"

#include <math.h>

enum {
    targets = 12,
    samplers = 4,
    engines = 3,
    chains = 100,
    iterations = 17,
    boundaries_max = 10,
    components_max = 16
};

typedef struct shape {
    size_t dimension, components;
    double weight_0, variance_0, variance_step, scale;
    ms_start_type start;
    size_t start_component;
    bool product; /* the other components than 0 are uniform on intervals, smoothed: for the generic engine */
} shape;

/* From the reference target to many components, wide modes, equal means, more modes than dimensions. Starts
 * in a mode discover it at iteration 0. */
static const shape shapes[targets] = {{1, 3, 0.2, 3, 0, 1, MS_START_COMPONENT, 0, false},
                                      {2, 3, 0.5, 2, 0.5, 0.7, MS_START_COMPONENT, 1, false},
                                      {3, 2, 0.9, 3, 0, 0.5, MS_START_NORMAL, 0, false},
                                      {4, 1, 1, 1, 0, 0, MS_START_COMPONENT, 0, false},
                                      {5, 4, 0.1, 4, 0.25, 0.3, MS_START_COMPONENT, 2, false},
                                      {3, 16, 0.2, 3, 0.1, 0.4, MS_START_COMPONENT, 0, false},
                                      {2, 2, 0.3, 1, 2, 1, MS_START_COMPONENT, 1, false},
                                      {4, 3, 0.3, 3, 0.2, 0, MS_START_NORMAL, 0, false},
                                      {9, 8, 0.4, 5, 0.1, 0.2, MS_START_COMPONENT, 7, false},
                                      {7, 5, 0.2, 2, 0, 0.1, MS_START_COMPONENT, 0, false},
                                      {5, 4, 0.2, 3, 0.25, 0.3, MS_START_COMPONENT, 2, true},
                                      {3, 3, 0.5, 2, 0, 0.5, MS_START_NORMAL, 0, true}};

static ms_target *make_target(const shape *s)
{
    double weight[components_max], variance[components_max], mean[components_max * 9];
    double rest = 0;
    for (size_t i = 0; i < s->components; i++) {
        rest += i > 0 ? (double)i : 0;
        variance[i] = i > 0 ? 1 + s->variance_step * (double)(i - 1) : s->variance_0;
        for (size_t j = 0; j < s->dimension; j++)
            mean[i * s->dimension + j] =
                i == 0 ? 0.1 * s->scale : s->scale * ((double)((7 * i + 3 * j) % 5) - 2);
    }
    for (size_t i = 0; i < s->components; i++)
        weight[i] = i > 0 ? (1 - s->weight_0) * (double)i / rest : s->weight_0;
    if (s->product) {
        product_part part[components_max];
        for (size_t i = 0; i < s->components; i++)
            part[i] = (product_part){
                weight[i],
                i > 0 ? "uniform" : "gaussian",
                {i > 0 ? sqrt(3 * (variance[i] - 0.16)) : variance[i], 0.4},
                {.pattern = MS_PATTERN_LIST, .values = mean + i * s->dimension, .value_count = s->dimension}};
        return product_target(part, s->components, s->dimension);
    }
    const ms_mixture_params params = {.dimension = s->dimension,
                                      .components = s->components,
                                      .weight = weight,
                                      .mean = mean,
                                      .variance = variance};
    ms_target *target = NULL;
    assert_int_equal(ms_target_alloc(&target, ms_target_gaussian_mixture, &params, NULL), MS_OK);
    return target;
}

/* A target, a sampler and an engine, and where its boundaries are. */
typedef struct scenario {
    ms_target *target;
    ms_clause event[EVENTS_MAX];
    uint64_t boundary[boundaries_max];
    size_t boundaries;
    ms_run_params params;
} scenario;

static void add_boundary(scenario *s, uint64_t at)
{
    size_t place = s->boundaries;
    for (size_t i = 0; i < s->boundaries; i++)
        if (s->boundary[i] == at)
            return;
    for (; place > 0 && s->boundary[place - 1] > at; place--)
        s->boundary[place] = s->boundary[place - 1];
    s->boundary[place] = at;
    s->boundaries++;
}

/* Vanilla, chained with a shorter last patch if there can be one, annealed, and both; the passes are short.
 */
static void make_scenario(scenario *s, const shape *form, int sampler, ms_engine engine)
{
    bool chained = sampler % 2 > 0, annealed = sampler > 1;
    uint64_t visit = annealed ? 7 : 4, d = form->dimension, q = chained ? d / 2 + (d > 2) : d;
    *s = (scenario){.target = make_target(form)};
    ms_run_params_init(&s->params);
    s->params.target = s->target;
    s->params.start = (ms_start){.type = form->start, .component = form->start_component, .variance = 1.5};
    s->params.patch_size = q > 0 ? q : 1;
    s->params.shorter_last_patch = true;
    s->params.iterations_per_patch = sampler == 3 ? 0 : visit;
    s->params.iterations_per_pass = sampler == 3 ? 11 : 0;
    s->params.schedule = (ms_schedule){.step_size = 0.3};
    if (annealed)
        s->params.schedule = (ms_schedule){MS_SCHEDULE_GEOMETRIC, 1, 0.3, 3, MS_STEP_CONSTANT, 0.3};
    s->params.iterations = iterations;
    s->params.chains = chains;
    s->params.key = 7;
    s->params.engine = engine;
    s->params.conditioning = sampler == 3 ? MS_CONDITIONING_SAME : MS_CONDITIONING_FINAL;
    s->params.clause_count = MS_RULE_COUNT * (form->components - 1);
    ms_discovery_events(s->target, form->components > 1 ? ms_discovery_radius_squared(s->target) : 1,
                        s->event);
    s->params.clauses = s->event;

    uint64_t patches = (d - 1) / s->params.patch_size + 1, pass = sampler == 3 ? 11 : visit * patches;
    uint64_t first_visit = sampler == 3 ? pass * s->params.patch_size / d : visit;
    const uint64_t at[] = {0,
                           1,
                           ms_schedule_begin(&s->params.schedule, 1, first_visit),
                           first_visit,
                           pass,
                           iterations / 2,
                           iterations - 1,
                           iterations};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        add_boundary(s, at[i]);
    s->params.snapshots = s->boundary;
}

/* What a run reports of every chain. */
typedef struct outcome {
    int64_t time[chains][EVENTS_MAX];
    uint64_t observed[chains];
    double snapshot[boundaries_max][chains][components_max];
} outcome;

static void collect(const ms_run *run, const ms_run_params *p, outcome *to)
{
    for (size_t i = 0; i < p->chains; i++) {
        size_t chain = p->first_chain + i;
        to->observed[chain] = ms_run_observed(run, i);
        for (size_t e = 0; e < p->clause_count; e++)
            to->time[chain][e] = ms_run_event_time(run, i, e);
        for (size_t s = 0; s < p->snapshot_count; s++) {
            const double *distance = ms_run_snapshot(run, s, i);
            assert_non_null(distance);
            memcpy(to->snapshot[s][chain], distance, ms_target_components(p->target) * sizeof *distance);
        }
    }
}

/* A new run of p in the state of `run`, which is freed. */
static ms_run *hand_over(ms_run *run, const ms_run_params *p)
{
    size_t size = ms_run_state_size(run);
    void *state = malloc(size);
    assert_non_null(state);
    assert_int_equal(ms_run_save(run, state, size, NULL, NULL), MS_OK);
    ms_run_free(run);
    run = make_run(p);
    ms_error error = {0};
    if (ms_run_restore(run, state, size, &error) != MS_OK)
        fail_msg("%s", error.message);
    free(state);
    return run;
}

typedef enum course { STRAIGHT, INTERRUPTED, PROLONGED } course;

/* All chains, in blocks: at one go, saved and restored at each boundary, or begun with a budget that ends at
 * the last snapshot. */
static void compute(const scenario *s, size_t snapshots, bool stop, size_t block, ms_simd simd, course how,
                    outcome *to)
{
    ms_run_params p = s->params;
    p.snapshot_count = snapshots;
    p.stop_when_discovered = stop;
    p.simd = simd;
    for (; p.first_chain < chains; p.first_chain += block) {
        p.chains = chains - p.first_chain < block ? (size_t)(chains - p.first_chain) : block;
        ms_run_params begun = p;
        if (how == PROLONGED && snapshots > 0 && s->boundary[snapshots - 1] > 0)
            begun.iterations = s->boundary[snapshots - 1];
        ms_run *run = make_run(&begun);
        for (size_t b = 0; how == INTERRUPTED && b < s->boundaries; b++) {
            if (ms_run_iteration(run) < s->boundary[b])
                advance(run, s->boundary[b] - ms_run_iteration(run));
            run = hand_over(run, &p);
        }
        if (how == PROLONGED) {
            advance(run, iterations);
            run = hand_over(run, &p);
        }
        advance(run, iterations);
        assert_true(ms_run_done(run));
        collect(run, &p, to);
        ms_run_free(run);
    }
}

/* `expected` knows all boundaries, and chains that were never ended. */
static void compare(const scenario *s, size_t snapshots, bool stop, const outcome *expected,
                    const outcome *found)
{
    size_t events = s->params.clause_count, components = ms_target_components(s->target);
    uint64_t last = snapshots > 0 ? s->boundary[snapshots - 1] : 0;
    for (size_t c = 0; c < chains; c++) {
        int64_t all = events > 0 ? 0 : MS_CENSORED;
        for (size_t e = 0; e < events && all != MS_CENSORED; e++)
            all = expected->time[c][e] == MS_CENSORED || expected->time[c][e] > all ? expected->time[c][e]
                                                                                    : all;
        uint64_t end = stop && all != MS_CENSORED ? (uint64_t)all : iterations;
        assert_memory_equal(found->time[c], expected->time[c], events * sizeof *found->time[c]);
        assert_int_equal(found->observed[c], end > last ? end : last);
        for (size_t i = 0; i < snapshots; i++)
            if (memcmp(found->snapshot[i][c], expected->snapshot[i][c], components * sizeof(double)) != 0)
                fail_msg("chain %zu, snapshot at %llu, the last at %llu: %g instead of %g", c,
                         (unsigned long long)s->boundary[i], (unsigned long long)last,
                         found->snapshot[i][c][0], expected->snapshot[i][c][0]);
    }
}

static void same_bits_at_every_boundary(void **state)
{
    (void)state;
    static const size_t blocks[] = {1, 7, 8, 12, 100};
    outcome *expected = calloc(1, sizeof *expected), *found = calloc(1, sizeof *found);
    assert_true(expected && found);
    size_t at_boundary = 0;
    /* slow builds may leave some out */
    const char *word = getenv("MODESEEK_BOUNDARIES_STRIDE");
    int stride = word ? (int)strtol(word, NULL, 10) : 1;
    for (int variant = 0; variant < targets * samplers * engines; variant += stride) {
        scenario s;
        const shape *form = &shapes[variant / (engines * samplers)];
        ms_engine engine = (ms_engine)(MS_ENGINE_FULL + variant % engines);
        if (form->product && engine != MS_ENGINE_GENERIC)
            continue;
        make_scenario(&s, form, variant / engines % samplers, engine);
        compute(&s, s.boundaries, false, 1, MS_SIMD_PORTABLE, STRAIGHT, expected);
        for (size_t c = 0; c < chains; c++)
            for (size_t e = 0; e < s.params.clause_count; e++)
                for (size_t b = 0; b < s.boundaries; b++)
                    at_boundary += expected->time[c][e] == (int64_t)s.boundary[b];
        for (size_t snapshots = 0; snapshots <= s.boundaries; snapshots++)
            for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
                for (int stop = 0; stop < 2; stop++) {
                    /* slow, and what never ends needs no company to be right */
                    if ((blocks[b] == 1 && (snapshots + (size_t)variant) % 4 > 0) ||
                        (!stop && b != snapshots % 5))
                        continue;
                    /* what has been compared elsewhere takes turns here */
                    course how = (course)((snapshots + b + (size_t)variant) % 3);
                    ms_simd simd = (ms_simd)(MS_SIMD_PORTABLE + (snapshots + b) % 3);
                    compute(&s, snapshots, stop, blocks[b], ms_simd_available(simd) ? simd : MS_SIMD_AUTO,
                            how, found);
                    compare(&s, snapshots, stop, expected, found);
                }
        ms_target_free(s.target);
    }
    assert_true(at_boundary > 1000 / (size_t)stride); /* or nothing has been tested */
    free(expected);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits_at_every_boundary)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
