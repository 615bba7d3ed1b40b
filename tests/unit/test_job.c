/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types of jobs: what they come to depends on nothing but their parameters, and they need what they say. */
#include "estimate/job_type.h"
#include "fixtures.h"

#include <malloc.h>
#include <math.h>
#include <string.h>

enum { DIMENSION = 6, COMPONENTS = 3, EVENTS = 4, CHAINS = 21, ITERATIONS = 300, SNAPSHOTS = 2 };

static const uint64_t snapshots[SNAPSHOTS] = {10, 120};

static size_t held, most; /* bytes since both were set to 0 */

static void *hold(void *memory)
{
    held += memory ? malloc_usable_size(memory) : 0;
    most = held > most ? held : most;
    return memory;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): names that the linker makes, --wrap */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    return hold(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return hold(__real_calloc(count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return hold(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *memory)
{
    held -= memory ? malloc_usable_size(memory) : 0;
    __real_free(memory);
}
/* NOLINTEND(bugprone-reserved-identifier) */

typedef struct setting {
    const ms_job_type *type;
    ms_target *target;
    ms_clause events[EVENTS];
    ms_job_params params;
} setting;

static const ms_observable_type *observables[2];

static setting direct(size_t dimension, ms_engine engine)
{
    setting s = {.type = (const ms_job_type *)ms_kind_find(ms_job_kind, "direct"),
                 .target = skew_target(dimension)};
    assert_non_null(s.type);
    observables[0] = ms_observable_find("squared_distance");
    observables[1] = ms_observable_find("mode");
    ms_discovery_events(s.target, ms_discovery_radius_squared(s.target), s.events);
    ms_run_params_init(&s.params.run);
    s.params.run.target = s.target;
    s.params.run.clause_count = EVENTS;
    s.params.run.snapshots = snapshots;
    s.params.run.snapshot_count = SNAPSHOTS;
    s.params.run.observables = observables;
    s.params.run.observable_count = 2;
    s.params.run.iterations = ITERATIONS;
    s.params.run.chains = CHAINS;
    s.params.run.patch_size = dimension;
    s.params.run.key = 5;
    s.params.run.stop_when_discovered = true;
    s.params.run.engine = engine;
    return s;
}

static ms_job make(setting *s)
{
    ms_job job = {.type = s->type};
    ms_error error = {0};
    s->params.run.clauses = s->events;
    if (s->type->alloc(&job.state, &s->params, &error) != MS_OK)
        fail_msg("%s", error.message);
    return job;
}

static void advance_job(const ms_job *job, uint64_t iterations)
{
    ms_error error = {0};
    if (job->type->advance(job->state, iterations, &error) != MS_OK)
        fail_msg("%s", error.message);
}

/* All that a block of CHAINS chains records; -7 where nothing was written. */
typedef struct outcome {
    int64_t time[CHAINS][EVENTS], observed[CHAINS], mode[SNAPSHOTS][CHAINS];
    double distance[SNAPSHOTS][CHAINS][COMPONENTS + 1]; /* one more than are written */
} outcome;

static void clear(outcome *o)
{
    int64_t *word = (int64_t *)(void *)o;
    for (size_t i = 0; i < sizeof *o / sizeof *word; i++)
        word[i] = -7;
}

static void collect(const ms_job *job, size_t first, outcome *o)
{
    const ms_job_slot slots[] = {
        {ms_column_find("discovery_time"), o->time, 1, CHAINS, first, EVENTS},
        {ms_column_find("observed"), o->observed, 1, CHAINS, first, 1},
        {ms_column_find("chain_mode"), o->mode, SNAPSHOTS, CHAINS, first, 1},
        {ms_column_find("squared_distance"), o->distance, SNAPSHOTS, CHAINS, first, COMPONENTS + 1}};
    assert_true(job->type->done(job->state));
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        assert_non_null(slots[i].column);
        job->type->fill(job->state, &slots[i]);
    }
}

/* What it records, wherever it was saved and restored on the way. */
static void saved_jobs_come_to_the_same(void **state)
{
    (void)state;
    static outcome expected, result; /* no padding between numbers of eight bytes */
    setting s = direct(DIMENSION, MS_ENGINE_AUTO);
    ms_job job = make(&s);
    void *saved = malloc(s.type->state_size(job.state));
    assert_non_null(saved);
    advance_job(&job, ITERATIONS);
    clear(&expected);
    collect(&job, 0, &expected);
    ms_job_free(&job);
    assert_null(job.state);
    for (uint64_t at = 0; at <= ITERATIONS; at += at < 20 ? 1 : 13) {
        size_t used;
        job = make(&s);
        advance_job(&job, at);
        assert_int_equal(s.type->save(job.state, saved, s.type->state_size(job.state), &used, NULL), MS_OK);
        assert_true(used <= s.type->state_size(job.state));
        uint64_t iteration = s.type->iteration(job.state);
        ms_job_free(&job);
        job = make(&s);
        assert_int_equal(s.type->restore(job.state, saved, used, NULL), MS_OK);
        assert_int_equal(s.type->iteration(job.state), iteration);
        while (!s.type->done(job.state))
            advance_job(&job, 17);
        clear(&result);
        collect(&job, 0, &result);
        ms_job_free(&job);
        assert_memory_equal(&result, &expected, sizeof expected);
    }
    free(saved);
    ms_target_free(s.target);
}

/* Two jobs of a block's units fill it as one does, and nothing else. */
static void parts_of_a_block_fill_it(void **state)
{
    (void)state;
    static outcome expected, result;
    setting s = direct(DIMENSION, MS_ENGINE_AUTO);
    ms_job job = make(&s);
    advance_job(&job, ITERATIONS);
    clear(&expected);
    collect(&job, 0, &expected);
    ms_job_free(&job);
    clear(&result);
    for (size_t part = 0; part < 2; part++) {
        s.params.run.first_chain = part ? 5 : 0;
        s.params.run.chains = part ? CHAINS - 5 : 5;
        job = make(&s);
        advance_job(&job, ITERATIONS);
        collect(&job, part ? 5 : 0, &result);
        ms_job_free(&job);
        assert_true(part == 1 || result.observed[5] == -7);
    }
    assert_memory_equal(&result, &expected, sizeof expected);
    const int64_t *rest =
        (const int64_t *)(const void *)&result.distance[SNAPSHOTS - 1][CHAINS - 1][COMPONENTS];
    assert_int_equal(*rest, -7);
    ms_target_free(s.target);
}

static ms_job_shape shape_of(const setting *s)
{
    const ms_run_params *run = &s->params.run;
    return (ms_job_shape){.run = {.engine = run->engine,
                                  .sampler = run->sampler,
                                  .dimension = ms_target_dimension(s->target),
                                  .patch_size = run->patch_size,
                                  .components = ms_target_components(s->target),
                                  .start = run->start.type,
                                  .chains = run->chains,
                                  .events = EVENTS,
                                  .snapshots = SNAPSHOTS,
                                  .observed = COMPONENTS + 1},
                          .iterations = run->iterations,
                          .at_least = snapshots[SNAPSHOTS - 1]};
}

/* Memory "about": enough but for a few vectors, and not more than twice as much. */
static void jobs_take_what_they_say(void **state)
{
    (void)state;
    static const ms_engine engines[] = {MS_ENGINE_REDUCED, MS_ENGINE_FULL, MS_ENGINE_GENERIC};
    for (size_t i = 0; i < 3; i++)
        for (size_t dimension = 200; dimension <= 2000; dimension *= 10) {
            setting s = direct(dimension, engines[i]);
            s.params.run.chains = 64;
            const ms_job_shape shape = shape_of(&s);
            ms_job_size size = s.type->size(&shape);
            held = most = 0;
            ms_job job = make(&s);
            double taken = (double)most, vectors = 3.0 * sizeof(double) * (double)dimension;
            if (!(taken <= 1.05 * size.memory + vectors && size.memory <= 2 * taken))
                fail_msg("%s, dimension %zu: %g bytes taken, %g said", ms_engine_name(engines[i]), dimension,
                         taken, size.memory);
            assert_true(s.type->state_size(job.state) <= size.state);
            assert_true(size.cost > 0 && isfinite(size.cost));
            ms_job_free(&job);
            ms_target_free(s.target);
        }
}

/* Work is left until all chains have ended, whose number counts in groups of eight. */
static void work_is_what_is_left(void **state)
{
    (void)state;
    setting s = direct(DIMENSION, MS_ENGINE_AUTO);
    for (int i = 0; i < 2; i++) {
        s.params.run.stop_when_discovered = i == 1;
        s.params.run.iterations = i == 1 ? 1000000 : ITERATIONS;
        ms_job job = make(&s);
        assert_true(s.type->work(job.state) == 24);
        advance_job(&job, s.params.run.iterations);
        assert_true(s.type->done(job.state));
        assert_true(s.type->work(job.state) == (i == 1 ? 0 : 24));
        ms_ends ends = {0};
        s.type->tell_ends(job.state, &ends);
        assert_true(ends.chains == CHAINS && ends.events == EVENTS);
        ms_job_shape shape = shape_of(&s);
        assert_true(s.type->expected_work(&shape, NULL) == 24 * (double)s.params.run.iterations);
        assert_true(i == 0 ||
                    s.type->expected_work(&shape, &ends) < 24 * (double)s.params.run.iterations / 2);
        ms_job_free(&job);
    }
    ms_target_free(s.target);
}

static void what_cannot_be_computed_is_refused(void **state)
{
    (void)state;
    setting s = direct(DIMENSION, MS_ENGINE_REDUCED);
    s.params.run.start = (ms_start){.type = MS_START_UNIFORM, .low = 0, .high = 1};
    s.params.run.clauses = s.events;
    ms_job job = {.type = s.type};
    ms_error error = {0};
    assert_int_equal(s.type->check(&s.params, &error), MS_ERROR_ARGUMENT);
    assert_int_equal(s.type->alloc(&job.state, &s.params, &error), MS_ERROR_ARGUMENT);
    assert_null(job.state);
    ms_job_free(&job);
    ms_target_free(s.target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_jobs_come_to_the_same), cmocka_unit_test(parts_of_a_block_fill_it),
        cmocka_unit_test(jobs_take_what_they_say), cmocka_unit_test(work_is_what_is_left),
        cmocka_unit_test(what_cannot_be_computed_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
