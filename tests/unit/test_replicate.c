/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of replicates as jobs: several units and rules, cut, saved and restored; and means of replicates. */
#include "estimate/estimator_fields.h"
#include "estimate/replicate.h"
#include "estimate/replicate_mean.h"
#include "restart.h"

#define UNITS     2
#define RULES     2
#define SNAPSHOTS 2

extern const ms_job_type ms_restart_job, ms_quadrature_job;

typedef struct scene {
    ms_target *target;
    ms_clause *clauses;
    ms_job_params params;
} scene;

static const ms_restart_fields few_steps = {.replicates = UNITS, .steps = 800, .copies = 4};
static const ms_quadrature_fields coarse = {.tolerance = 0.01, .memory = 1e8};
static const uint64_t snapshots[SNAPSHOTS] = {0, 20};

/* Either mode by either rule: each rule has the events of both modes. */
static void set_scene(scene *s, const ms_job_type *type, const void *fields)
{
    const restart_case c = {.dimension = 6, .rule = "ball", .modes = 3};
    const size_t component[2] = {1, 2};
    const ms_mode mode[2] = {{component, 1}, {component + 1, 1}};
    const ms_rule_choice rule[RULES] = {{ms_rule_find("ball"), NULL}, {ms_rule_find("switch"), NULL}};
    *s = (scene){.target = restart_target(&c), .params = {.rules = RULES, .type = type, .params = fields}};
    ms_run_params *run = &s->params.run;
    ms_run_params_init(run);
    assert_int_equal(
        ms_discovery_clauses(s->target, rule, RULES, mode, 2, &s->clauses, &run->clause_count, NULL), MS_OK);
    run->clauses = s->clauses;
    run->target = s->target;
    run->key = 11;
    run->chains = UNITS;
    run->snapshots = snapshots;
    run->snapshot_count = SNAPSHOTS;
}

static void end_scene(scene *s)
{
    free(s->clauses);
    ms_target_free(s->target);
}

/* What a job that is done has in a column, of all units. */
static void read_column(const scene *s, void *job, const ms_column *column, size_t rows, double *value)
{
    for (size_t i = 0; i < rows * UNITS * RULES; i++)
        value[i] = (double)NAN;
    s->params.type->fill(
        job, &(ms_job_slot){.column = column, .value = value, .rows = rows, .units = UNITS, .width = RULES});
}

static void *make(const scene *s)
{
    void *job;
    ms_error error = {0};
    if (s->params.type->alloc(&job, &s->params, &error) != MS_OK)
        fail_msg("%s", error.message);
    return job;
}

static void finish(const scene *s, void *job)
{
    while (!s->params.type->done(job))
        assert_int_equal(s->params.type->advance(job, 1000000, NULL), MS_OK);
}

static void assert_same(const scene *s, void *a, void *b)
{
    for (const ms_column *const *column = s->params.type->columns; *column; column++) {
        double x[SNAPSHOTS * UNITS * RULES], y[SNAPSHOTS * UNITS * RULES];
        size_t rows = (*column)->rank == 3 ? SNAPSHOTS : 1;
        read_column(s, a, *column, rows, x);
        read_column(s, b, *column, rows, y);
        assert_memory_equal(x, y, rows * UNITS * RULES * sizeof *x);
    }
}

/* Saved after every few iterations, and gone on with by another job. */
static void states_can_be_kept(void **state)
{
    (void)state;
    scene s;
    set_scene(&s, &ms_restart_job, &few_steps);
    void *at_once = make(&s), *job = make(&s);
    finish(&s, at_once);
    size_t saves = 0;
    for (; !s.params.type->done(job); saves++) {
        assert_int_equal(s.params.type->advance(job, 300 + 7 * (saves % 5), NULL), MS_OK);
        size_t size = s.params.type->state_size(job), used;
        unsigned char *saved = malloc(size);
        assert_non_null(saved);
        assert_int_equal(s.params.type->save(job, saved, size, &used, NULL), MS_OK);
        assert_int_equal(used, size);
        s.params.type->free(job);
        job = make(&s);
        assert_int_equal(s.params.type->restore(job, saved, size, NULL), MS_OK);
        /* what is damaged is found, and the job begins anew */
        void *other = make(&s);
        saved[sizeof(uint64_t) + saves % sizeof(uint64_t)] ^= 1;
        assert_int_equal(s.params.type->restore(other, saved, size, NULL), MS_ERROR_FORMAT);
        assert_int_equal(s.params.type->restore(other, saved, size / 2, NULL), MS_ERROR_FORMAT);
        assert_int_equal(s.params.type->iteration(other), 0);
        s.params.type->free(other);
        free(saved);
    }
    assert_true(saves > 10);
    assert_same(&s, at_once, job);
    assert_int_equal(s.params.type->iteration(at_once), s.params.type->iteration(job));
    s.params.type->free(at_once);
    s.params.type->free(job);
    end_scene(&s);
}

/* A unit does not depend on the others of the block. */
static void units_stand_alone(void **state)
{
    (void)state;
    scene s;
    set_scene(&s, &ms_restart_job, &few_steps);
    void *all = make(&s);
    finish(&s, all);
    double of_all[UNITS * RULES], of_one[UNITS * RULES];
    read_column(&s, all, &ms_column_discoveries, 1, of_all);
    s.params.run.first_chain = 1;
    s.params.run.chains = 1;
    void *second = make(&s);
    finish(&s, second);
    read_column(&s, second, &ms_column_discoveries, 1, of_one);
    assert_memory_equal(of_all + RULES, of_one, RULES * sizeof *of_one);
    assert_true(of_all[0] > 0 && of_all[0] != of_all[RULES] && of_all[0] != of_all[1]);
    s.params.type->free(all);
    s.params.type->free(second);
    end_scene(&s);
}

/* The rules in their order, and survival at the snapshots: all chains that do not start in the set live at 0.
 */
static void quadrature_has_survival(void **state)
{
    (void)state;
    scene s;
    set_scene(&s, &ms_quadrature_job, &coarse);
    s.params.run.chains = 1;
    void *job = make(&s);
    finish(&s, job);
    double survival[SNAPSHOTS * UNITS * RULES], mean[UNITS * RULES];
    s.params.run.chains = UNITS;
    read_column(&s, job, &ms_column_survival, SNAPSHOTS, survival);
    read_column(&s, job, &ms_column_iterations_at_risk, 1, mean);
    for (size_t rule = 0; rule < RULES; rule++) {
        double at_0 = survival[rule], at_20 = survival[UNITS * RULES + rule];
        assert_true(at_0 > 0.2 && at_0 < 1 && at_20 > 0 && at_20 < at_0);
        assert_true(mean[rule] > 5 && mean[rule] < 50);
    }
    assert_true(mean[0] != mean[1]);
    assert_true(isnan(mean[RULES])); /* there is one unit */
    s.params.type->free(job);
    end_scene(&s);
}

/* Student's interval of 1/mean, inverted; numbers by hand: ratio 10, residuals -2 and 2. */
static void means_are_ratios(void **state)
{
    (void)state;
    const double iterations[2] = {18, 22}, discoveries[2] = {2, 2};
    ms_replicate_mean m = ms_replicate_mean_of(iterations, discoveries, 2, 0.95);
    double relative = 4 / 40.0, reach = ms_student_quantile(1, 0.95) * relative;
    assert_true(fabs(m.mean - 10) < 1e-12 && fabs(m.error - 10 * relative) < 1e-12);
    assert_true(fabs(m.low - 10 / (1 + reach)) < 1e-9 && m.high == INFINITY); /* 12.7 x 0.1 > 1 */
    assert_true(ms_replicate_mean_of(iterations, discoveries, 1, 0.95).high == INFINITY);
    const double none[2] = {0, 0};
    assert_true(ms_replicate_mean_of(iterations, none, 2, 0.95).mean == INFINITY);
}

static void objections_are_made(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    double discoveries[COUNT], late[COUNT], none[COUNT] = {0};
    for (int i = 0; i < COUNT; i++) {
        discoveries[i] = (2 + 0.1 * (i % 3)) * 1e-200; /* whose squares are too small for a double */
        late[i] = (1 + 0.1 * (i % 2)) * 1e-200;
    }
    assert_null(ms_replicate_objection(discoveries, late, COUNT));
    assert_non_null(strstr(ms_replicate_objection(none, none, COUNT), "no replicate"));
    assert_non_null(strstr(ms_replicate_objection(discoveries, late, 3), "few replicates: "));
    for (int i = 0; i < COUNT; i++)
        late[i] *= 0.3;
    assert_non_null(strstr(ms_replicate_objection(discoveries, late, COUNT), "not stationary"));
    for (int i = 0; i < COUNT; i++)
        late[i] = (double)NAN; /* halves are not told */
    assert_null(ms_replicate_objection(discoveries, late, COUNT));
    discoveries[5] = 1e-198;
    assert_non_null(strstr(ms_replicate_objection(discoveries, late, COUNT), "most of the discoveries"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_can_be_kept), cmocka_unit_test(units_stand_alone),
        cmocka_unit_test(quadrature_has_survival), cmocka_unit_test(means_are_ratios),
        cmocka_unit_test(objections_are_made)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
