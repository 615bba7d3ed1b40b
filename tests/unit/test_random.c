/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures.h"
#include "random/lanes.h"
#include "sampler/kernel.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Random123's published known answers for philox4x32-10 (tests/kat_vectors there). */
static void philox_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4];
        uint64_t key;
        uint32_t expected[4];
    } rows[] = {
        {{0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         UINT64_MAX,
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         UINT64_C(0x299f31d0a4093822),
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint32_t *c = rows[i].counter;
        ms_lanes_u word[4];
        ms_lanes_place place = {rows[i].key, ms_lanes_u_of(c[3]), c[1], c[2]};
        ms_lanes_philox(&place, c[0], word);
        ms_stream stream = {rows[i].key, c[3], c[1] | (uint64_t)(c[2] & 0xffffff) << 32,
                            (ms_purpose)(c[2] >> 24)};
        uint32_t scalar[4];
        ms_stream_words(&stream, c[0], scalar);
        for (int w = 0; w < 4; w++) {
            assert_int_equal(word[w][5] & 0xffffffffu, rows[i].expected[w]);
            assert_int_equal(scalar[w], rows[i].expected[w]);
        }
    }
}

static double chi_square(const ms_stream *stream, unsigned degrees_of_freedom)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    _Alignas(MS_ALIGNMENT) double variate[MS_LANES];
    for (int lane = 0; lane < MS_LANES; lane++)
        chain[lane] = stream->chain;
    ms_kernel_find(MS_SIMD_AUTO)
        ->chi_square(stream->key, chain, stream->iteration, stream->purpose, 0, degrees_of_freedom, variate);
    return variate[3];
}

/* The frozen layout: tests/data/known_answers.txt holds `key chain iteration purpose index bits` lines for
 * normals, and lines that begin with `chi-square`, degrees of freedom for index. */
static void layout_is_frozen(void **state)
{
    (void)state;
    FILE *file = fopen(MS_SOURCE_DIR "/tests/data/known_answers.txt", "r");
    assert_non_null(file);
    char line[200];
    size_t rows = 0;
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#')
            continue;
        unsigned long long key, iteration, expected;
        unsigned chain, purpose, index;
        bool is_chi_square = strncmp(line, "chi-square ", 11) == 0;
        assert_int_equal(sscanf(is_chi_square ? line + 11 : line, "%llx %u %llu %u %u %llx", &key, &chain,
                                &iteration, &purpose, &index, &expected),
                         6);
        ms_stream stream = {key, chain, iteration, (ms_purpose)purpose};
        double normal[64], value;
        if (is_chi_square)
            value = chi_square(&stream, index);
        else {
            assert_true(index < 64);
            ms_stream_normals(&stream, normal, index + 1);
            value = normal[index];
        }
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (bits != expected)
            fail_msg("changed: %s is now %llx", line, (unsigned long long)bits);
        rows++;
    }
    fclose(file);
    assert_true(rows >= 20);
}

/* 10^6 normals against the law: Kolmogorov-Smirnov, fixed key; a false alarm has probability 1e-4. */
static void normals_are_normal(void **state)
{
    (void)state;
    enum { count = 1000000, bins = 10000 };
    static unsigned histogram[bins];
    static double z[1000];
    double sum = 0, square = 0, product = 0;
    for (uint32_t block = 0; block < count / 1000; block++) {
        ms_stream stream = {UINT64_C(0x123456789abcdef), block, 7, MS_PURPOSE_USER};
        ms_stream_normals(&stream, z, 1000);
        for (int i = 0; i < 1000; i++) {
            int bin = (int)(gsl_cdf_ugaussian_P(z[i]) * bins);
            histogram[bin < bins ? bin : bins - 1]++;
            sum += z[i];
            square += z[i] * z[i];
            product += i % 2 ? z[i] * z[i - 1] : 0;
        }
    }
    double cumulative = 0, ks = 0;
    for (int bin = 0; bin < bins; bin++) {
        cumulative += histogram[bin];
        ks = fmax(ks, fabs(cumulative / count - (bin + 1.0) / bins));
    }
    assert_true(ks * sqrt(count) < 2.23);       /* P = 1e-4 */
    assert_true(fabs(sum) / sqrt(count) < 3.9); /* P = 1e-4 each */
    assert_true(fabs(square - count) / sqrt(2.0 * count) < 3.9);
    assert_true(fabs(product) / sqrt(count / 2.0) < 3.9);
}

static void streams_differ_in_every_field(void **state)
{
    (void)state;
    const ms_stream streams[] = {{1, 2, 3, MS_PURPOSE_NOISE},
                                 {2, 2, 3, MS_PURPOSE_NOISE},
                                 {1, 3, 3, MS_PURPOSE_NOISE},
                                 {1, 2, 4, MS_PURPOSE_NOISE},
                                 {1, 2, 3 + (UINT64_C(1) << 32), MS_PURPOSE_NOISE},
                                 {1, 2, 3, MS_PURPOSE_START},
                                 {1 + (UINT64_C(1) << 32), 2, 3, MS_PURPOSE_NOISE}};
    enum { count = sizeof streams / sizeof *streams };
    double z[count];
    for (int i = 0; i < count; i++) {
        ms_stream_normals(&streams[i], &z[i], 1);
        for (int j = 0; j < i; j++)
            assert_true(z[i] != z[j]);
    }
}

static void gsl_adaptor_reads_the_stream(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    ms_stream stream = {77, 5, 9, MS_PURPOSE_USER};
    ms_gsl_rng_seek(rng, &stream);
    for (uint32_t draw = 0; draw < 3; draw++) {
        uint32_t word[4];
        ms_stream_words(&stream, draw, word);
        for (int w = 0; w < 4; w++)
            assert_int_equal(gsl_rng_get(rng), word[w]);
    }
    ms_gsl_rng_seek(rng, &stream);
    uint32_t word[4];
    ms_stream_words(&stream, 0, word);
    assert_int_equal(gsl_rng_get(rng), word[0]);
    for (int i = 0; i < 1000; i++) {
        double u = gsl_rng_uniform(rng);
        assert_true(u >= 0 && u < 1);
    }
    gsl_rng_free(rng);
}

static void hash_tells_values_apart(void **state)
{
    (void)state;
    ms_hash a = ms_hash_init(), b = ms_hash_init(), c = ms_hash_init();
    ms_hash_double(&a, 0.0);
    ms_hash_double(&b, -0.0);
    ms_hash_double(&c, 0x1p-1074);
    assert_true(ms_hash_value(&a) == ms_hash_value(&b));
    assert_true(ms_hash_value(&a) != ms_hash_value(&c));
    ms_hash_u64(&a, 1);
    assert_true(ms_hash_value(&a) != ms_hash_value(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),         cmocka_unit_test(layout_is_frozen),
        cmocka_unit_test(normals_are_normal),           cmocka_unit_test(streams_differ_in_every_field),
        cmocka_unit_test(gsl_adaptor_reads_the_stream), cmocka_unit_test(hash_tells_values_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
