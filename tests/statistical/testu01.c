/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TestU01 (L'Ecuyer and Simard, ACM TOMS 33, 2007) on what the samplers consume: the words of Philox, and the
 * normals made from them, mapped to uniforms by their distribution function. `testu01 words|normals
 * small|crush`.
 *
 * SmallCrush gives 15 p-values, fixed beforehand to pass in [1e-6, 1 - 1e-6]: a false alarm has probability
 * 3e-5. Crush, an hour's work, gives 144, and 3e-4. The key is fixed, so a pass stays a pass. */
#include "sampler/kernel.h"

#include <bbattery.h>
#include <gsl/gsl_cdf.h>
#include <stdio.h>
#include <string.h>
#include <swrite.h>
#include <unif01.h>

/* TestU01 takes generators without state. Eight chains are read one after the other, iteration by iteration.
 */
enum { length = 1000 };
static _Alignas(MS_ALIGNMENT) const uint64_t chains[MS_LANES] = {0, 1, 2, 3, 4, 5, 6, 7};
static _Alignas(MS_ALIGNMENT) double normals[length * MS_LANES];
static size_t used = length * MS_LANES;
static uint64_t iteration;
static uint32_t words[4], draw;
static int words_used = 4;

static double next_normal(void)
{
    if (used == length * MS_LANES) {
        ms_kernel_find(MS_SIMD_AUTO)->normals(2026, chains, iteration++, MS_PURPOSE_NOISE, normals, length);
        used = 0;
    }
    /* lane by lane, so that neighbours are a chain's own consecutive numbers */
    size_t lane = used / length, row = used % length;
    used++;
    return gsl_cdf_ugaussian_P(normals[row * MS_LANES + lane]);
}

static unsigned next_word(void)
{
    if (words_used == 4) {
        const ms_stream stream = {.key = 2026, .chain = 3, .iteration = 5, .purpose = MS_PURPOSE_NOISE};
        ms_stream_words(&stream, draw++, words);
        words_used = 0;
    }
    return words[words_used++];
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: testu01 words|normals small|crush\n");
        return 2;
    }
    char name_words[] = "Philox words", name_normals[] = "normals";
    swrite_Basic = 0; /* the summary alone */
    unif01_Gen *generator = strcmp(argv[1], "words") == 0
                                ? unif01_CreateExternGenBits(name_words, next_word)
                                : unif01_CreateExternGen01(name_normals, next_normal);
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
