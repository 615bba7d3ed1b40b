/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation fails once, one after the other, until there are none left: what cannot be read for want
 * of memory says so, and nothing is lost or used after it has been freed (which sanitizers tell). */
#include "sweep_support.h"

static size_t countdown; /* the allocation that fails; 0: none */
static bool failed;

static bool fails(void)
{
    bool now = countdown > 0 && --countdown == 0;
    failed |= now;
    return now;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): names that the linker makes, --wrap */
/* The linker puts these in the place of the functions that the sweep room calls. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}
/* NOLINTEND(bugprone-reserved-identifier) */

#define TARGET                                                                                               \
    "family: gaussian_mixture, components: [{weight: 0.5, mean: {pattern: repeat, values: [0, 1]}, "         \
    "variance: 3}, {weight: 0.5, mean: [1, 2], variance: [1, 1]}]"

static const char text[] = "name: memory\n"
                           "target: {" TARGET "}\n"
                           "start: {file: positions.txt}\n"
                           "budget: {iterations: 100, chains: 8}\n"
                           "snapshots: [1, 2]\n"
                           "grid:\n"
                           "  dimension: 2\n"
                           "  sampler: [{as: a, step_size: 1}, {as: b, step_size: 2}]\n"
                           "  sampler.schedule.levels: [2, 3]\n"
                           "  sampler.schedule.type: [geometric]\n";

static ms_status parse(ms_sweep **sweep, const char *yaml, size_t fail_at)
{
    ms_diagnostics diagnostics = {0};
    failed = false;
    countdown = fail_at;
    ms_status status =
        ms_sweep_parse(sweep, MS_SOURCE_DIR "/tests/sweep/good/x.yaml", yaml, strlen(yaml), &diagnostics);
    countdown = 0;
    assert_true((status == MS_OK) == (*sweep != NULL));
    assert_true((status == MS_OK) == (diagnostics.count == 0));
    return status;
}

/* `outcome`: that of the text where memory suffices. */
static void fail_each(const char *yaml, ms_status outcome)
{
    size_t n = 0;
    do {
        ms_sweep *sweep;
        ms_status status = parse(&sweep, yaml, ++n);
        if (status != (failed ? MS_ERROR_MEMORY : outcome))
            fail_msg("allocation %zu: %s", n, ms_status_message(status));
        ms_sweep_free(sweep);
    } while (failed);
    print_message("%zu allocations\n", n - 1);
    assert_true(n > 20);
}

static void reading_survives_want_of_memory(void **state)
{
    (void)state;
    char changed[sizeof text];
    memcpy(changed, text, sizeof text);
    memset(strstr(changed, "  sampler.schedule.levels"), '#', 1);
    memset(strstr(changed, "  sampler.schedule.type"), '#', 1);
    fail_each(changed, MS_OK);
    fail_each(text, MS_ERROR_SWEEP); /* the type of a schedule is no axis */
}

static void a_table_survives_want_of_memory(void **state)
{
    (void)state;
    fail_each("name: x\ntarget: {family: gaussian_mixture, components: {file: ../bad/table_dimension.csv}}\n"
              "sampler: {step_size: 1}\nbudget: {iterations: 9, chains: 8}\ngrid: {dimension: 2}\n",
              MS_OK);
}

/* What is found in the plugin is added to the text, which is read a second time. */
static void loading_survives_want_of_memory(void **state)
{
    (void)state;
    fail_each("name: x\ntarget: {family: plugin, path: \"" MS_OWN_TARGETS
              "/banana.so\", parameters: {bend: 1}}\n"
              "start: {normal: {variance: 1}}\nsampler: {name: mala, step_size: 0.1}\n"
              "discovery: {rules: [{rule: ball, radius_squared: 1}]}\nbudget: {iterations: 10, chains: 8}\n"
              "grid: {dimension: 2, target.parameters.scale: [1, 2]}\n",
              MS_OK);
}

static void uniting_survives_want_of_memory(void **state)
{
    (void)state;
    ms_sweep *sweep[2], *all = NULL;
    static const char *const name[] = {"a.h5", "b.h5"};
#define PART(sampler)                                                                                        \
    "name: x\ntarget: {" TARGET                                                                              \
    "}\nbudget: {iterations: 9, chains: 8}\ngrid:\n  dimension: 2\n  sampler: " sampler
    assert_int_equal(parse(&sweep[0], PART("{as: a, step_size: 1}\n"), 0), MS_OK);
    assert_int_equal(parse(&sweep[1], PART("{as: b, step_size: 2}\n"), 0), MS_OK);
    size_t n = 0;
    do {
        ms_error error = {0};
        failed = false;
        countdown = ++n;
        ms_status status = ms_sweep_unite(&all, (const ms_sweep *const *)sweep, name, 2, &error);
        countdown = 0;
        assert_int_equal(status, failed ? MS_ERROR_MEMORY : MS_OK);
        assert_true((status == MS_OK) == (all != NULL));
        ms_sweep_free(all);
    } while (failed);
    assert_true(n > 20);
    ms_sweep_free(sweep[0]);
    ms_sweep_free(sweep[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_survives_want_of_memory), cmocka_unit_test(a_table_survives_want_of_memory),
        cmocka_unit_test(loading_survives_want_of_memory), cmocka_unit_test(uniting_survives_want_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
