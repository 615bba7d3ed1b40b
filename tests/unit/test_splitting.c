/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicates as state machines; tests/statistical/test_splitting.c has whether their means are right. */
#include "splitting.h"

#include "estimate/splitting_state.h"

#include <string.h>

/* In three pieces of a step, and one of a law without pieces. */
static const restart_case cases[] = {{30, "switch", 3, true, .simd = MS_SIMD_AUTO},
                                     {12, "switch", 3, true, .law = MS_LAW_GENERIC}};
#define CASES (sizeof cases / sizeof *cases)

/* What a replicate is made from; one at a time. */
typedef struct made {
    ms_target *target;
    ms_clause *clauses;
    ms_run_params run;
    ms_splitting_params params;
} made;

static void make(made *m, const restart_case *c)
{
    m->target = restart_target(c);
    m->run = restart_run(c, m->target, &m->clauses);
    m->params = splitting_params(c, &m->run, 64, c->law == MS_LAW_GENERIC ? 0 : 3);
    m->params.burn_in = 300;
}

static void unmake(made *m)
{
    ms_target_free(m->target);
    free(m->clauses);
}

static void assert_same_results(const ms_splitting *a, const ms_splitting *b)
{
    ms_splitting_result x = ms_splitting_result_of(a), y = ms_splitting_result_of(b);
    assert_true(ms_splitting_done(a) && ms_splitting_done(b));
    assert_true(x.discoveries > 0 && x.rounds > 5 && x.ancestors > 0);
    assert_true(x.time == y.time && x.discoveries == y.discoveries && x.probability == y.probability);
    assert_true(x.start_share == y.start_share && x.longest == y.longest && x.lost == y.lost &&
                x.traps == y.traps);
    assert_true(x.ancestors == y.ancestors && x.rounds == y.rounds && x.moves == y.moves);
    assert_int_equal(ms_splitting_iteration(a), ms_splitting_iteration(b));
}

static void calls_can_be_divided(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        made m;
        make(&m, &cases[i]);
        ms_splitting *at_once = splitting_of(&m.params, 3), *slowly = splitting_of(&m.params, 3);
        finish_splitting(at_once);
        while (!ms_splitting_done(slowly))
            assert_int_equal(ms_splitting_advance(slowly, 1 + ms_splitting_iteration(slowly) % 7, NULL),
                             MS_OK);
        assert_same_results(at_once, slowly);
        ms_splitting_free(at_once);
        ms_splitting_free(slowly);
        unmake(&m);
    }
}

/* Saved after every few iterations, and gone on with by another one. */
static void states_can_be_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        made m;
        make(&m, &cases[i]);
        ms_splitting *at_once = splitting_of(&m.params, 3), *s = splitting_of(&m.params, 3);
        finish_splitting(at_once);
        uint64_t saves = 0, phases = 0;
        for (; !ms_splitting_done(s); saves++) {
            assert_int_equal(ms_splitting_advance(s, 5 + saves % 13, NULL), MS_OK);
            phases |= UINT64_C(1) << s->progress.phase;
            size_t size = ms_splitting_state_size(s);
            void *saved = malloc(size);
            assert_non_null(saved);
            ms_splitting_save(s, saved);
            ms_splitting_free(s);
            s = splitting_of(&m.params, 3);
            assert_int_equal(ms_splitting_restore(s, saved, size, NULL), MS_OK);
            assert_int_equal(ms_splitting_state_size(s), size);
            free(saved);
        }
        assert_true(saves > 100 && phases == 63);
        assert_same_results(at_once, s);
        ms_splitting_free(at_once);
        ms_splitting_free(s);
        unmake(&m);
    }
}

static void instructions_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        made m;
        make(&m, &cases[i]);
        m.run.simd = MS_SIMD_PORTABLE;
        ms_splitting *portable = splitting_of(&m.params, 3);
        finish_splitting(portable);
        for (ms_simd simd = MS_SIMD_AVX2; simd <= MS_SIMD_AVX512; simd++) {
            m.run.simd = simd;
            if (!ms_simd_available(simd))
                continue;
            ms_splitting *other = splitting_of(&m.params, 3);
            finish_splitting(other);
            assert_same_results(portable, other);
            ms_splitting_free(other);
        }
        ms_splitting_free(portable);
        unmake(&m);
    }
}

/* docs/random-numbers.md: never to be changed by accident. */
static void bits_stay(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    ms_splitting *s = splitting_of(&m.params, 3);
    finish_splitting(s);
    ms_splitting_result result = ms_splitting_result_of(s);
    assert_true(result.time == 0x1.a9578p+13 && result.discoveries == 0x1.500a655332e3cp+4);
    assert_int_equal(result.rounds, 16);
    assert_int_equal(result.moves, 67774);
    ms_splitting_free(s);
    unmake(&m);
}

/* No two chains that move in an iteration have the same number, records ascend and are above the last round's
 * level, and levels reached are those of the last record. */
static void particles_are_in_order(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    ms_splitting *s = splitting_of(&m.params, 0);
    while (!ms_splitting_done(s)) {
        assert_int_equal(ms_splitting_advance(s, 1, NULL), MS_OK);
        size_t records = 0;
        for (size_t i = 0; i < MS_LANES; i++)
            for (size_t j = 0; j < i; j++)
                assert_true(!s->walker[i].is_active || !s->walker[j].is_active ||
                            s->walker[i].chain != s->walker[j].chain);
        for (size_t i = 0; i < s->progress.entrances; i++) {
            const ms_particle *p = &s->particle[i];
            uint32_t at = p->records.first, last = at;
            for (; at != MS_NO_RECORD; last = at, at = s->records.record[at].next, records++)
                assert_true(at == last || s->records.record[at].level > s->records.record[last].level);
            assert_int_equal(last, p->records.last);
            assert_int_equal(s->records.record[last].level, p->level);
        }
        assert_int_equal(records, s->records.used);
    }
    ms_splitting_free(s);
    unmake(&m);
}

static void replicates_differ(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    ms_splitting *a = splitting_of(&m.params, 3), *b = splitting_of(&m.params, 4);
    finish_splitting(a);
    finish_splitting(b);
    assert_true(ms_splitting_result_of(a).discoveries != ms_splitting_result_of(b).discoveries);
    assert_true(ms_splitting_result_of(a).time != ms_splitting_result_of(b).time);
    ms_splitting_free(a);
    ms_splitting_free(b);
    unmake(&m);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    ms_splitting *s = splitting_of(&m.params, 3), *other = splitting_of(&m.params, 4);
    while (s->progress.rounds < 2)
        assert_int_equal(ms_splitting_advance(s, 1, NULL), MS_OK);
    size_t size = ms_splitting_state_size(s);
    unsigned char *saved = malloc(size + 1);
    assert_non_null(saved);
    ms_splitting_save(s, saved);
    saved[size] = 0;
    assert_int_equal(ms_splitting_restore(other, saved, size, NULL), MS_ERROR_MISMATCH);
    assert_int_equal(ms_splitting_restore(s, saved, size + 1, NULL), MS_ERROR_FORMAT);
    for (size_t cut = 0; cut < size; cut += 97)
        assert_int_equal(ms_splitting_restore(s, saved, cut, NULL), MS_ERROR_FORMAT);
    for (size_t byte = 0; byte < size; byte += byte < 200 ? 1 : 89) {
        saved[byte] ^= 4;
        ms_status status = ms_splitting_restore(s, saved, size, NULL);
        assert_true(status == MS_ERROR_FORMAT || (status == MS_ERROR_MISMATCH && byte < 16));
        saved[byte] ^= 4;
    }
    assert_int_equal(ms_splitting_restore(s, saved, size, NULL), MS_OK);
    free(saved);
    ms_splitting_free(s);
    ms_splitting_free(other);
    unmake(&m);
}

static void assert_refused(ms_splitting_params params, ms_status expected, const char *why)
{
    ms_splitting *s;
    ms_error error = {0};
    assert_int_equal(ms_splitting_alloc(&s, &params, 0, &error), expected);
    assert_null(s);
    if (!strstr(error.message, why))
        fail_msg("\"%s\" does not say \"%s\"", error.message, why);
}

static void what_cannot_be_done_is_refused(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    ms_run_params other = m.run;
    ms_splitting_params params = m.params;
    params.run = &other;
    other.patch_size = 5;
    assert_refused(params, MS_ERROR_ARGUMENT, "patches");
    other = m.run;
    other.clause_count = 0;
    assert_refused(params, MS_ERROR_ARGUMENT, "discovery rules");
    other = m.run;
    const ms_clause everywhere = {.component = 0, .coefficient = 1, .bound = 1e9};
    other.clauses = &everywhere;
    other.clause_count = 1;
    assert_refused(params, MS_ERROR_NUMERIC, "no start");
    params = m.params;
    params.particles = 20;
    assert_refused(params, MS_ERROR_ARGUMENT, "particles");
    params = m.params;
    params.killed = 33;
    assert_refused(params, MS_ERROR_ARGUMENT, "killed");
    params = m.params;
    params.pieces = MS_LAW_PIECES_MAX + 1;
    assert_refused(params, MS_ERROR_ARGUMENT, "pieces");
    params = m.params;
    params.law = MS_LAW_GENERIC;
    assert_refused(params, MS_ERROR_ARGUMENT, "one piece elsewhere");
    unmake(&m);
}

/* A set that cannot be come to: all particles are killed at once, or there are no more levels. */
static void extinction_is_an_estimate(void **state)
{
    (void)state;
    made m;
    make(&m, &cases[0]);
    const ms_clause far = {.component = 1, .coefficient = 1, .bound = 1e-9};
    m.run.clauses = &far;
    m.run.clause_count = 1;
    m.params.particles = 16;
    m.params.killed = 8;
    m.params.pieces = 1;
    double sum = 0;
    for (size_t i = 0; i < 2; i++) {
        ms_splitting *s = splitting_of(&m.params, i);
        finish_splitting(s);
        sum += ms_splitting_result_of(s).probability;
        assert_true(ms_splitting_result_of(s).time > 0);
        ms_splitting_free(s);
    }
    assert_true(sum < 1e-30);
    unmake(&m);
}

static void sizes_are_told_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        made m;
        make(&m, &cases[i]);
        const ms_run_shape shape = {.engine = cases[i].law == MS_LAW_GENERIC ? MS_ENGINE_GENERIC
                                                                             : MS_ENGINE_REDUCED,
                                    .sampler = m.run.sampler,
                                    .dimension = cases[i].dimension,
                                    .components = 3};
        ms_splitting *s = splitting_of(&m.params, 3);
        size_t most = 0;
        while (!ms_splitting_done(s)) {
            assert_int_equal(ms_splitting_advance(s, 10, NULL), MS_OK);
            size_t size = ms_splitting_state_size(s);
            most = size > most ? size : most;
        }
        assert_true(most <= ms_splitting_size_of(&shape, 64).state);
        assert_true((double)most <= ms_splitting_size_of(&shape, 64).memory);
        assert_true(ms_splitting_state_size(s) < 2000 * s->law->rows); /* particles are not kept any more */
        ms_splitting_free(s);
        unmake(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_can_be_divided),       cmocka_unit_test(states_can_be_kept),
        cmocka_unit_test(instructions_do_not_matter), cmocka_unit_test(bits_stay),
        cmocka_unit_test(particles_are_in_order),     cmocka_unit_test(replicates_differ),
        cmocka_unit_test(damaged_states_are_refused), cmocka_unit_test(what_cannot_be_done_is_refused),
        cmocka_unit_test(extinction_is_an_estimate),  cmocka_unit_test(sizes_are_told_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
