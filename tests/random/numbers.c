/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the random numbers that it is asked for, as hexadecimal bits. A line is `kind key chain iteration
 * purpose a b step`; the kinds are
 *
 *     words        the four words of block a
 *     normal       normals 0..a-1
 *     chi-square   a variate with a degrees of freedom, whose slots begin at block b
 *     full         what an iteration of the full engine adds to a patch of a coordinates
 *     reduced      the same of the reduced engine, for a patch of b coordinates in which the means span a
 *
 * Every kernel of this processor is asked, and they must agree. */
#include "sampler/kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rows_max = 256 };

typedef struct request {
    char kind[16];
    uint64_t key, iteration;
    uint32_t chain;
    unsigned purpose;
    size_t a, b;
    double step;
} request;

/* One iteration without drift from the origin: what is found then is the noise. */
static void move(const ms_kernel *kernel, const request *r, const uint64_t *chain, double *x)
{
    _Alignas(MS_ALIGNMENT) static double distance[MS_COMPONENTS_MAX * MS_LANES];
    static const double zero[rows_max];
    static const ms_conditions none;
    bool full = strcmp(r->kind, "full") == 0;
    ms_segment segment = {.step_size = r->step,
                          .key = r->key,
                          .iteration = r->iteration,
                          .components = 1,
                          .span = full ? 0 : r->a,
                          .length = full ? r->a : r->b,
                          .mean = zero,
                          .basis = zero,
                          .conditions = &none};
    memset(distance, 0, sizeof distance);
    (full ? kernel->advance_full : kernel->advance_reduced)(&segment, 1, chain, NULL, x, distance);
}

/* Fills rows of x; returns how many. */
static size_t ask(const ms_kernel *kernel, const request *r, double *x)
{
    _Alignas(MS_ALIGNMENT) uint64_t chain[MS_LANES];
    for (uint32_t lane = 0; lane < MS_LANES; lane++)
        chain[lane] = r->chain ^ lane;
    memset(x, 0, rows_max * MS_LANES * sizeof *x);
    if (strcmp(r->kind, "normal") == 0) {
        kernel->normals(r->key, chain, r->iteration, r->purpose, x, r->a);
        return r->a;
    }
    if (strcmp(r->kind, "chi-square") == 0) {
        kernel->chi_square(r->key, chain, r->iteration, r->purpose, (uint32_t)r->b, (double)r->a, x);
        return 1;
    }
    move(kernel, r, chain, x);
    return strcmp(r->kind, "full") == 0 ? r->a : r->a + (r->b > r->a);
}

static void print_words(const request *r)
{
    const ms_stream stream = {r->key, r->chain, r->iteration, (ms_purpose)r->purpose};
    uint32_t word[4];
    ms_stream_words(&stream, (uint32_t)r->a, word);
    printf("%" PRIx32 " %" PRIx32 " %" PRIx32 " %" PRIx32 "\n", word[0], word[1], word[2], word[3]);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void print_numbers(const request *r)
{
    _Alignas(MS_ALIGNMENT) static double x[rows_max * MS_LANES], other[rows_max * MS_LANES];
    size_t rows = ask(ms_kernel_find(MS_SIMD_AUTO), r, x);
    for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
        if (!ms_simd_available(simd))
            continue;
        ask(ms_kernel_find(simd), r, other);
        for (size_t i = 0; i < rows * MS_LANES; i++)
            if (bits_of(x[i]) != bits_of(other[i])) {
                fprintf(stderr, "%s differs from %s\n", ms_simd_name(simd), ms_simd_name(MS_SIMD_AUTO));
                exit(1);
            }
    }
    for (size_t row = 0; row < rows; row++)
        printf("%" PRIx64 "%c", bits_of(x[row * MS_LANES]), row + 1 < rows ? ' ' : '\n');
}

int main(void)
{
    request r;
    while (scanf("%15s %" SCNu64 " %" SCNu32 " %" SCNu64 " %u %zu %zu %lf", r.kind, &r.key, &r.chain,
                 &r.iteration, &r.purpose, &r.a, &r.b, &r.step) == 8) {
        if (strcmp(r.kind, "words") == 0)
            print_words(&r);
        else
            print_numbers(&r);
    }
    return feof(stdin) ? 0 : 1;
}
