/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of matrices of single precision, by the BLAS that the build has found. They are the same bits for
 * one BLAS and type of processor only. */
#ifndef MS_BLAS_H
#define MS_BLAS_H

#include <stddef.h>

/* To be called before the first product: one thread alone, so that bits do not depend on how many there are.
 */
void ms_blas_prepare(void);

/* c = a b: a is [rows][inner], b [inner][columns], c [rows][columns], row after row. Extents below 2^31. */
void ms_blas_product(size_t rows, size_t columns, size_t inner, const float *a, const float *b, float *c);

/* c = a^T b: a is [inner][rows], the others as above. */
void ms_blas_product_transposed(size_t rows, size_t columns, size_t inner, const float *a, const float *b,
                                float *c);

#define MS_BLAS_NAME_MAX 96 /* bytes of a name, NUL included */

/* Which BLAS it is, and for which processors its products are: "OpenBLAS 0.3.21 Haswell". At most `size`
 * bytes. */
void ms_blas_name(char *name, size_t size);

#endif
