/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sampler/reduction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool ms_reduction_possible(const ms_start *start)
{
    return start->type != MS_START_UNIFORM;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t j = 0; j < n; j++)
        sum += a[j] * b[j];
    return sum;
}

/* Takes its components along the first `span` basis vectors out of v. */
static void orthogonalise(const ms_reduction *r, size_t first, size_t length, size_t span, double *v)
{
    for (size_t m = 0; m < span; m++) {
        const double *e = r->basis + m * r->dimension + first;
        double along = dot(e, v, length);
        for (size_t j = 0; j < length; j++)
            v[j] -= along * e[j];
    }
}

/* Gram and Schmidt, twice for orthogonality to rounding; a vector in the span so far is left out. */
static void add_to_basis(ms_reduction *r, size_t patch, size_t first, size_t length, const double *difference)
{
    size_t span = r->span[patch];
    double *e = r->basis + span * r->dimension + first;
    double before = dot(difference, difference, length);
    if (span == length || !(before > 0))
        return;
    memcpy(e, difference, length * sizeof *e);
    orthogonalise(r, first, length, span, e);
    orthogonalise(r, first, length, span, e);
    double norm = sqrt(dot(e, e, length));
    if (norm * norm <= 1e-20 * before) {
        memset(e, 0, length * sizeof *e);
        return;
    }
    for (size_t j = 0; j < length; j++)
        e[j] /= norm;
    r->span[patch]++;
}

static void reduce_patch(ms_reduction *r, const ms_target *target, size_t patch, size_t first, size_t length,
                         bool about_origin, double *difference)
{
    const double *origin = ms_target_mean(target, 0) + first;
    for (size_t i = 1; i < r->components; i++) {
        for (size_t j = 0; j < length; j++)
            difference[j] = ms_target_mean(target, i)[first + j] - origin[j];
        add_to_basis(r, patch, first, length, difference);
    }
    for (size_t j = 0; j < length; j++)
        difference[j] = -origin[j];
    if (about_origin)
        add_to_basis(r, patch, first, length, difference);
    for (size_t m = 0; m < r->span[patch]; m++) {
        const double *e = r->basis + m * r->dimension + first;
        r->start[patch * r->span_max + m] = dot(e, difference, length);
        for (size_t i = 0; i < r->components; i++) {
            double sum = 0;
            for (size_t j = 0; j < length; j++)
                sum += e[j] * (ms_target_mean(target, i)[first + j] - origin[j]);
            r->mean[(patch * r->components + i) * r->span_max + m] = sum;
        }
    }
}

static bool is_shorter(const ms_passes *passes, size_t patch)
{
    return ms_passes_coordinate(passes, patch + 1) - ms_passes_coordinate(passes, patch) < passes->patch_size;
}

ms_status ms_reduction_alloc(ms_reduction **reduction, const ms_target *target, const ms_passes *passes,
                             bool about_origin, ms_error *error)
{
    *reduction = NULL;
    ms_reduction *r = calloc(1, sizeof *r);
    double *difference = NULL;
    if (r) {
        r->dimension = passes->dimension;
        r->patches = passes->patches;
        r->components = ms_target_components(target);
        r->span_max = r->components - 1 + about_origin;
        if (r->span_max > passes->patch_size)
            r->span_max = passes->patch_size;
        size_t rows = r->span_max > 0 ? r->span_max : 1;
        r->span = calloc(r->patches, sizeof *r->span);
        r->basis = calloc(r->dimension, rows * sizeof *r->basis);
        r->mean = calloc(r->patches, r->components * rows * sizeof *r->mean);
        r->start = calloc(r->patches, rows * sizeof *r->start);
        difference = calloc(passes->patch_size, sizeof *difference);
        if (r->span && r->basis && r->mean && r->start && difference) {
            for (size_t patch = 0; patch < r->patches; patch++) {
                size_t first = ms_passes_coordinate(passes, patch);
                reduce_patch(r, target, patch, first, ms_passes_coordinate(passes, patch + 1) - first,
                             about_origin, difference);
                unsigned *kind = &r->kind[is_shorter(passes, patch)][r->span[patch]];
                if (*kind == 0)
                    *kind = ++r->kinds;
            }
            free(difference);
            *reduction = r;
            return MS_OK;
        }
    }
    free(difference);
    ms_reduction_free(r);
    return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the reduction of dimension %zu",
                        passes->dimension);
}

void ms_reduction_free(ms_reduction *reduction)
{
    if (!reduction)
        return;
    free(reduction->span);
    free(reduction->basis);
    free(reduction->mean);
    free(reduction->start);
    free(reduction);
}

uint32_t ms_reduction_first_draw(const ms_reduction *r, const ms_passes *passes, size_t patch)
{
    enum {
        blocks = 1 << 16
    }; /* of a kind: more than two slots a block ever take, and all kinds below 2^30 */
    return blocks * (r->kind[is_shorter(passes, patch)][r->span[patch]] - 1);
}

void ms_reduction_project(const ms_reduction *r, const ms_target *target, const ms_passes *passes,
                          size_t patch, const double *x, double *u, double *rho)
{
    const double *origin = ms_target_mean(target, 0);
    size_t first = ms_passes_coordinate(passes, patch), end = ms_passes_coordinate(passes, patch + 1);
    memset(u, 0, r->span[patch] * sizeof *u);
    *rho = 0;
    for (size_t m = 0; m < r->span[patch]; m++)
        for (size_t j = first; j < end; j++)
            u[m] += r->basis[m * r->dimension + j] * (x[j] - origin[j]);
    for (size_t j = first; j < end; j++) {
        double outside = x[j] - origin[j];
        for (size_t m = 0; m < r->span[patch]; m++)
            outside -= u[m] * r->basis[m * r->dimension + j];
        *rho += outside * outside;
    }
}

void ms_reduction_expand(const ms_reduction *r, const ms_target *target, const ms_passes *passes,
                         size_t patch, const double *u, double rho, double *x)
{
    const double *origin = ms_target_mean(target, 0);
    size_t first = ms_passes_coordinate(passes, patch);
    size_t length = ms_passes_coordinate(passes, patch + 1) - first;
    double *v = x + first;
    orthogonalise(r, first, length, r->span[patch], v);
    orthogonalise(r, first, length, r->span[patch], v);
    double square = dot(v, v, length);
    double scale = r->span[patch] < length && square > 0 ? sqrt(rho / square) : 0;
    for (size_t j = 0; j < length; j++) {
        v[j] = origin[first + j] + scale * v[j];
        for (size_t m = 0; m < r->span[patch]; m++)
            v[j] += u[m] * r->basis[m * r->dimension + first + j];
    }
}
