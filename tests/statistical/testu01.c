/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TestU01 (L'Ecuyer and Simard, ACM TOMS 33, 2007) on what the samplers consume: the words of Philox, and the
 * normals and chi-square variates made from them, mapped to uniforms by their distribution functions.
 * `testu01 words|normals|chi-square small|crush`.
 *
 * SmallCrush gives 15 p-values, fixed beforehand to pass in [1e-6, 1 - 1e-6]: a false alarm has probability
 * 3e-5. Crush, an hour's work or two, gives 144, and 3e-4. The key is fixed, so a pass stays a pass. */
#include "sampler/kernel.h"

#include <bbattery.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <swrite.h>
#include <unif01.h>

/* TestU01 takes generators without state. Eight chains are read one after the other, some iterations of each
 * in turn. */
enum { length = 1000, count = length * MS_LANES, key = 2026 };
static _Alignas(MS_ALIGNMENT) const uint64_t chains[MS_LANES] = {0, 1, 2, 3, 4, 5, 6, 7};
static _Alignas(MS_ALIGNMENT) double numbers[count];
static size_t used = count;
static uint64_t iteration;

/* Lane by lane, so that neighbours are a chain's own consecutive numbers. */
static double next_number(void)
{
    size_t lane = used / length, row = used % length;
    used++;
    return numbers[row * MS_LANES + lane];
}

static double next_normal(void)
{
    if (used == count) {
        ms_kernel_find(MS_SIMD_AUTO)->normals(key, chains, iteration++, MS_PURPOSE_NOISE, numbers, length);
        for (size_t i = 0; i < count; i++)
            numbers[i] = gsl_cdf_ugaussian_P(numbers[i]);
        used = 0;
    }
    return next_number();
}

/* P(chi-square <= x) for 2 n degrees of freedom: for even ones it is elementary, and quick, as Crush needs
 * it. */
static double chi_square_cdf(double x, int n)
{
    double y = x / 2, sum = 1;
    for (int k = n - 1; k > 0; k--)
        sum = 1 + sum * (y * (1.0 / k));
    return 1 - exp(-y) * sum;
}

/* Made of uniforms (8 degrees of freedom) and of a normal and a uniform (98), `length` iterations of each in
 * turn. */
static double next_chi_square(void)
{
    if (used == count) {
        int half = iteration / length % 2 ? 49 : 4;
        for (size_t i = 0; i < length; i++)
            ms_kernel_find(MS_SIMD_AUTO)
                ->chi_square(key, chains, iteration++, MS_PURPOSE_NOISE, 0, 2 * half, numbers + i * MS_LANES);
        for (size_t i = 0; i < count; i++)
            numbers[i] = chi_square_cdf(numbers[i], half);
        used = 0;
    }
    return next_number();
}

/* The blocks from which the samplers make `length` normals, iteration by iteration of one chain. */
static unsigned next_word(void)
{
    static uint32_t words[4], draw;
    static int words_used = 4;
    if (words_used == 4) {
        const ms_stream stream = {key, 3, iteration, MS_PURPOSE_NOISE};
        ms_stream_words(&stream, draw, words);
        draw = (draw + 1) % (length / 4);
        iteration += draw == 0;
        words_used = 0;
    }
    return words[words_used++];
}

static int usage(void)
{
    fprintf(stderr, "usage: testu01 words|normals|chi-square small|crush\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (argc != 3 || (strcmp(argv[2], "small") != 0 && strcmp(argv[2], "crush") != 0))
        return usage();
    char *name = argv[1];
    unif01_Gen *generator;
    if (strcmp(name, "words") == 0)
        generator = unif01_CreateExternGenBits(name, next_word);
    else if (strcmp(name, "normals") == 0)
        generator = unif01_CreateExternGen01(name, next_normal);
    else if (strcmp(name, "chi-square") == 0)
        generator = unif01_CreateExternGen01(name, next_chi_square);
    else
        return usage();
    swrite_Basic = 0; /* the summary alone */
    if (strcmp(argv[2], "crush") == 0)
        bbattery_Crush(generator);
    else
        bbattery_SmallCrush(generator);
    int bad = 0;
    for (int i = 0; i < bbattery_NTests; i++)
        bad += !(bbattery_pVal[i] >= 1e-6 && bbattery_pVal[i] <= 1 - 1e-6);
    printf("%d of %d p-values outside [1e-6, 1 - 1e-6]\n", bad, bbattery_NTests);
    return bad > 0 || bbattery_NTests < 15;
}
