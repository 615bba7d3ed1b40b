/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/blas.h"

#include "base/text.h"
#include "farm/collective.h"
#include "results/results.h"

#include <modeseek/random.h>
#include <stdio.h>
#include <string.h>

#define CONSEQUENCE                                                                                          \
    "on the engine batched the last bits of chains depend on that, though not what they follow"

static bool depends_on_blas(const ms_sweep *sweep)
{
    for (size_t p = 0; p < sweep->point_count; p++)
        if (ms_sweep_is_direct(sweep, p) &&
            ms_settings_engine(ms_sweep_settings(sweep, p), sweep->points[p].dimension) == MS_ENGINE_BATCHED)
            return true;
    return false;
}

void ms_warn_of_blas(const ms_sweep *sweep, const char *path)
{
    ms_blas_names names;
    ms_error ignored;
    if (!depends_on_blas(sweep) || ms_results_blas_names(path, &names, &ignored) != MS_OK || names.count < 2)
        return;
    fprintf(stderr, "warning: %s is computed with several BLAS libraries or types of processors (",
            ms_printable_copy(path).text);
    for (size_t i = 0; i < names.count; i++)
        fprintf(stderr, "%s%s", i > 0 ? "; " : "", names.name[i]);
    fprintf(stderr, "): " CONSEQUENCE "\n");
}

void ms_warn_of_ranks_blas(const ms_sweep *sweep, int rank)
{
    char name[MS_BLAS_NAME_MAX];
    ms_hash hash = ms_hash_init();
    ms_blas_name(name, sizeof name);
    ms_hash_bytes(&hash, name, strlen(name));
    if (depends_on_blas(sweep) && !ms_collective_same(ms_hash_value(&hash)) && rank == 0)
        fprintf(stderr,
                "warning: the ranks have several BLAS libraries or types of processors; rank 0 has "
                "%s: " CONSEQUENCE "\n",
                name);
}
