/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/version.h"

#include "base/blas.h"
#include "farm/collective.h"
#include "results/results.h"

#include <gsl/gsl_version.h>
#include <modeseek/modeseek.h>
#include <stdio.h>

void ms_print_version(void)
{
    char mpi[128], hdf5[64], yaml[64], blas[MS_BLAS_NAME_MAX];
    ms_blas_name(blas, sizeof blas);
    ms_results_library(hdf5, sizeof hdf5);
    ms_sweep_library(yaml, sizeof yaml);
    ms_collective_library(mpi, sizeof mpi);
    printf("modeseek %s\n%s\n%s\nGSL %s\n%s\nBLAS: %s\ninstructions:", ms_version(), mpi, hdf5, gsl_version,
           yaml, blas);
    for (int simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++)
        if (ms_simd_available((ms_simd)simd))
            printf(" %s", ms_simd_name((ms_simd)simd));
    putchar('\n');
}
