/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another vectorised generator of normals: Philox, and Box and Muller with SLEEF's log and sincospi from
 * uniforms of 52 bits. Compiled once for AVX2 and once for AVX-512. `bench_sleef_SIMD DIMENSION SECONDS`
 * prints nanoseconds for each normal, made and stored in rows of the dimension, or nan where the processor
 * cannot. */
#if defined(__AVX512F__)
#define MS_WIDTH       8
#define MATH(function) Sleef_##function##d8_u35avx512f
#define CAN_RUN        __builtin_cpu_supports("avx512dq")
#else
#define MS_WIDTH       4
#define MATH(function) Sleef_##function##d4_u35avx2
#define CAN_RUN        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
#endif
#include "random/lanes.h"

#include <sleef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if MS_WIDTH == 8
typedef __m512d vector;
typedef Sleef___m512d_2 pair;
#else
typedef __m256d vector;
typedef Sleef___m256d_2 pair;
#endif

enum { block_normals = 2 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* (0, 1) */
static ms_lanes uniform52(ms_lanes_u high, ms_lanes_u low)
{
    return ms_lanes_middle((high & 0xffffffffu) << 20 | (low & 0xfffffu), 52);
}

static void make_row(uint64_t iteration, ms_lanes *normal, size_t blocks)
{
    const ms_lanes_place place = ms_lanes_place_of(42, ms_lanes_u_of(0), iteration, 0);
    for (size_t i = 0; i < blocks; i++) {
        ms_lanes_u word[4];
        ms_lanes_philox(&place, (uint32_t)i, word);
        ms_lanes radius = ms_lanes_sqrt(-2.0 * (ms_lanes)MATH(log)((vector)uniform52(word[0], word[1])));
        pair turned = MATH(sincospi)((vector)(2.0 * uniform52(word[2], word[3])));
        normal[block_normals * i] = radius * (ms_lanes)turned.x;
        normal[block_normals * i + 1] = radius * (ms_lanes)turned.y;
    }
}

int main(int argc, char **argv)
{
    size_t dimension = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    double limit = argc == 3 ? strtod(argv[2], NULL) : 0;
    if (dimension < 1 || !(limit > 0)) {
        fprintf(stderr, "usage: bench_sleef_SIMD DIMENSION SECONDS\n");
        return 1;
    }
    if (!(CAN_RUN)) {
        puts("nan");
        return 0;
    }
    size_t blocks = (dimension + block_normals - 1) / block_normals;
    ms_lanes *normal = aligned_alloc(sizeof *normal, block_normals * blocks * sizeof *normal);
    if (!normal)
        return 1;
    uint64_t iteration = 0;
    double start = now(), elapsed;
    do {
        for (int i = 0; i < 100; i++) {
            make_row(iteration++, normal, blocks);
            __asm__ volatile("" : : "r"(normal) : "memory"); /* the stores must happen */
        }
    } while ((elapsed = now() - start) < limit);
    printf("%.6g\n", 1e9 * elapsed / (double)iteration / (double)(block_normals * blocks * MS_WIDTH));
    free(normal);
    return 0;
}
