/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many times as fast the BLAS is as plain loops, at a product of the kind that targets made of data need;
 * exit code 1 where it is less than four times. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

enum { ROWS = 512, COLUMNS = 96, INNER = 256, TIMES = 8 };

void sgemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k, const float *alpha,
            const float *a, const int *lda, const float *b, const int *ldb, const float *beta, float *c,
            const int *ldc);

static float a[ROWS * INNER], b[INNER * COLUMNS], c[ROWS * COLUMNS];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void by_blas(void)
{
    const int m = COLUMNS, n = ROWS, k = INNER;
    const float one = 1, zero = 0;
    sgemm_("N", "N", &m, &n, &k, &one, b, &m, a, &k, &zero, c, &m);
}

static void by_loops(void)
{
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            float sum = 0;
            for (int k = 0; k < INNER; k++)
                sum += a[i * INNER + k] * b[k * COLUMNS + j];
            c[i * COLUMNS + j] = sum;
        }
}

/* The best of several. */
static double seconds(void multiply(void))
{
    double best = 1e9;
    for (int i = 0; i < TIMES; i++) {
        double begin = now();
        multiply();
        double took = now() - begin;
        best = took < best ? took : best;
    }
    return best;
}

int main(void)
{
    for (int i = 0; i < ROWS * INNER; i++)
        a[i] = (float)(i % 7) - 3;
    for (int i = 0; i < INNER * COLUMNS; i++)
        b[i] = (float)(i % 5) - 2;
    double factor = seconds(by_loops) / seconds(by_blas);
    printf("%.3g", factor);
    return factor < 4;
}
