/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/blas.h"

#include <stdio.h>
#include <string.h>

#ifdef MS_HAS_BLAS

/* Fortran's interface, which every BLAS has: matrices column after column. */
void sgemm_(const char *transpose_a, const char *transpose_b, const int *rows, const int *columns,
            const int *inner, const float *alpha, const float *a, const int *a_stride, const float *b,
            const int *b_stride, const float *beta, float *c, const int *c_stride);

/* Those that OpenBLAS has beside it; NULL in others. */
extern void openblas_set_num_threads(int threads) __attribute__((weak));
extern char *openblas_get_config(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));

void ms_blas_prepare(void)
{
    if (openblas_set_num_threads)
        openblas_set_num_threads(1);
}

/* A matrix row after row is its transpose column after column: c^T = b^T a^T. */
static void multiply(const char *transpose_a, size_t rows, size_t columns, size_t inner, const float *a,
                     size_t a_stride, const float *b, float *c)
{
    const float one = 1, zero = 0;
    const int m = (int)columns, n = (int)rows, k = (int)inner, of_a = (int)a_stride;
    sgemm_("N", transpose_a, &m, &n, &k, &one, b, &m, a, &of_a, &zero, c, &m);
}

void ms_blas_product(size_t rows, size_t columns, size_t inner, const float *a, const float *b, float *c)
{
    multiply("N", rows, columns, inner, a, inner, b, c);
}

void ms_blas_product_transposed(size_t rows, size_t columns, size_t inner, const float *a, const float *b,
                                float *c)
{
    multiply("T", rows, columns, inner, a, rows, b, c);
}

void ms_blas_name(char *name, size_t size)
{
    if (!openblas_get_config || !openblas_get_corename) {
        snprintf(name, size, "a BLAS without a name");
        return;
    }
    const char *version = openblas_get_config(); /* "OpenBLAS 0.3.21 NO_LAPACKE ..." */
    snprintf(name, size, "%.*s %s",
             (int)(strcspn(version, " ") + 1 + strcspn(version + strcspn(version, " ") + 1, " ")), version,
             openblas_get_corename());
}

#else

void ms_blas_prepare(void)
{
}

static void multiply(size_t rows, size_t columns, size_t inner, const float *a, size_t of_row,
                     size_t of_inner, const float *b, float *c)
{
    memset(c, 0, rows * columns * sizeof *c);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < inner; k++)
            for (size_t j = 0; j < columns; j++)
                c[i * columns + j] += a[i * of_row + k * of_inner] * b[k * columns + j];
}

void ms_blas_product(size_t rows, size_t columns, size_t inner, const float *a, const float *b, float *c)
{
    multiply(rows, columns, inner, a, inner, 1, b, c);
}

void ms_blas_product_transposed(size_t rows, size_t columns, size_t inner, const float *a, const float *b,
                                float *c)
{
    multiply(rows, columns, inner, a, 1, rows, b, c);
}

void ms_blas_name(char *name, size_t size)
{
    snprintf(name, size, "none");
}

#endif
