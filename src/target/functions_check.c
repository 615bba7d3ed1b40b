/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries out the functions of a target at a few points: draws, and the modes' centres with normals added.
 * Which ones is always the same. */
#include "target/functions.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    points = MS_LANES,
    differentiated = 3, /* points at which scores are compared with differences */
    coordinates = 16,   /* of which so many by themselves, and all together */
};
static const double noise_tried = 0.5;

typedef struct trial {
    ms_functions *f;
    size_t dimension;
    double *x, *normal, *uniform;  /* [points][dimension] */
    double *whole, *score, *one;   /* [points][dimension], [points][dimension], [dimension]: scores */
    double density[points], *part; /* [points][dimension]: coordinates up to the end of a patch */
    double *beside, *beside_score; /* [2][dimension]: on both sides of a point */
    double *memory;
} trial;

static bool trial_alloc(trial *t, ms_functions *f)
{
    size_t d = f->dimension, rows = 6 * points + 1 + 4;
    *t = (trial){.f = f, .dimension = d};
    t->memory = d <= SIZE_MAX / sizeof(double) / rows ? calloc(rows * d, sizeof *t->memory) : NULL;
    if (!t->memory)
        return false;
    t->x = t->memory;
    t->normal = t->x + points * d;
    t->uniform = t->normal + points * d;
    t->whole = t->uniform + points * d;
    t->score = t->whole + points * d;
    t->part = t->score + points * d;
    t->one = t->part + points * d;
    t->beside = t->one + d;
    t->beside_score = t->beside + 2 * d;
    return true;
}

static ms_status refuse_failure(ms_functions *f, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_ARGUMENT, "%s", ms_functions_take_failure(f));
}

static ms_status make_points(trial *t, ms_error *error)
{
    ms_functions *f = t->f;
    size_t d = t->dimension;
    const ms_stream stream = {.key = 1, .purpose = MS_PURPOSE_USER};
    ms_stream_normals(&stream, t->normal, points * d);
    for (size_t i = 0; i < points * d; i++) {
        uint32_t word[4];
        ms_stream_words(&(ms_stream){.key = 2, .purpose = MS_PURPOSE_USER}, (uint32_t)i, word);
        t->uniform[i] = ((double)word[0] + 0.5) * 0x1p-32;
    }
    for (size_t p = 0; p < points; p++)
        for (size_t j = 0; j < d; j++)
            t->x[p * d + j] = f->centre[p / 2 % f->modes * d + j] + t->normal[p * d + j];
    for (size_t mode = 0; f->table.draw && mode < f->modes; mode++) {
        size_t p = 2 * mode % points; /* every second point is a draw */
        double *x = t->x + p * d;
        int code = f->table.draw(f->self, mode, 1, t->normal + p * d, t->uniform + p * d, x);
        if (code != 0)
            return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: draw returned %d for mode %zu", f->name,
                                code, mode);
        for (size_t j = 0; j < d; j++)
            if (!isfinite(x[j]))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "plugin %s: coordinate %zu of a draw from mode %zu is %g, not finite",
                                    f->name, j, mode, x[j]);
    }
    return MS_OK;
}

static double sum_of(const double *a, const double *b, size_t count, double *magnitude)
{
    double sum = 0;
    *magnitude = 0;
    for (size_t j = 0; j < count; j++) {
        sum += a[j] * b[j];
        *magnitude += fabs(a[j] * b[j]);
    }
    return sum;
}

/* Whether the log-density changes along coordinate `only` of the place, or along all of them if that is
 * beyond its length, as the score says. Steps for which rounding would hide it say nothing; some step must
 * agree, if any says anything. */
static bool agrees(trial *t, const ms_place *place, const double *x, double log_density, const double *score,
                   size_t only, double *by_score, double *by_difference)
{
    static const double steps[] = {1e-3, 1e-4, 1e-5, 1e-2, 1e-6, 1e-7, 1e-8};
    size_t known = place->first + place->length;
    double *up = t->beside, *down = t->beside + known, least = (double)INFINITY;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        double density[2], size = 0, length = 0;
        memcpy(up, x, known * sizeof *up);
        memcpy(down, x, known * sizeof *down);
        for (size_t j = 0; j < place->length; j++) {
            size_t at = place->first + j;
            double h = only >= place->length || j == only ? steps[s] * fmax(1, 1e-4 * fabs(x[at])) : 0;
            h = j * 2654435761u >> 7 & 1 ? -h : h; /* not the same direction in all */
            up[at] += h;
            down[at] -= h;
            t->one[j] = up[at] - down[at];
            size = fmax(size, fabs(score[j]));
            length = fmax(length, fabs(t->one[j]));
        }
        ms_functions_evaluate(t->f, place, 2, t->beside, density, t->beside_score);
        double magnitude, expected = sum_of(score, t->one, place->length, &magnitude);
        double found = density[0] - density[1];
        double rounding =
            1000 * DBL_EPSILON * fmax(fabs(log_density), fmax(fabs(density[0]), fabs(density[1])));
        if (!isfinite(found) || rounding > 0.01 * (fabs(found) + magnitude))
            continue;
        double off = fabs(found - expected);
        if (off <= 1e-4 * fabs(expected) + 1e-6 * (magnitude + size * length) + rounding)
            return true;
        if (off / length < least) {
            least = off / length;
            *by_score = expected / length;
            *by_difference = found / length;
        }
    }
    return !isfinite(least);
}

static ms_status check_gradient(trial *t, const ms_place *place, const char *call, const double *x,
                                double log_density, const double *score, ms_error *error)
{
    size_t n = place->length, few = n < coordinates ? n : coordinates;
    double by_score, by_difference;
    for (size_t i = 0; i < few; i++) {
        size_t j = i * n / few;
        if (!agrees(t, place, x, log_density, score, j, &by_score, &by_difference))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: %s gives a score[%zu] of %.6g at x = (%.6g, ...), but finite "
                                "differences of its log_density give %.6g",
                                t->f->name, call, j, score[j], x[0],
                                by_difference * (by_score * score[j] < 0 ? -1 : 1));
    }
    if (!agrees(t, place, x, log_density, score, SIZE_MAX, &by_score, &by_difference))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "plugin %s: %s gives scores at x = (%.6g, ...) that do not match finite differences of its "
            "log_density along a line through all coordinates: %.6g, not %.6g",
            t->f->name, call, x[0], by_score, by_difference);
    return MS_OK;
}

static ms_status check_rows_alone(trial *t, const ms_place *place, const char *call, const double *x,
                                  ms_error *error)
{
    size_t known = place->first + place->length, n = place->length;
    for (size_t p = 0; p < points; p++) {
        double density;
        if (!isfinite(t->density[p]))
            continue;
        ms_functions_evaluate(t->f, place, 1, x + p * known, &density, t->one);
        bool same = density == t->density[p];
        for (size_t j = 0; j < n; j++)
            same &= t->one[j] == t->score[p * n + j];
        if (!same)
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: %s gives different numbers for a row alone and among others; "
                                "each row must be computed in the same way, whatever their count",
                                t->f->name, call);
    }
    return MS_OK;
}

/* All that is asked of a place; t->density and t->score are those of the points there afterwards. */
static ms_status check_place(trial *t, const ms_place *place, const char *call, ms_error *error)
{
    size_t known = place->first + place->length, n = place->length, finite = 0;
    for (size_t p = 0; p < points; p++)
        memcpy(t->part + p * known, t->x + p * t->dimension, known * sizeof *t->part);
    ms_functions_evaluate(t->f, place, points, t->part, t->density, t->score);
    ms_functions_refuse_rows(t->f, place, points, t->part, t->density, t->score);
    if (t->f->failed)
        return refuse_failure(t->f, error);
    ms_status status = check_rows_alone(t, place, call, t->part, error);
    for (size_t p = 0; status == MS_OK && p < points; p++)
        if (isfinite(t->density[p]) && finite++ < differentiated)
            status =
                check_gradient(t, place, call, t->part + p * known, t->density[p], t->score + p * n, error);
    if (status == MS_OK && t->f->failed)
        return refuse_failure(t->f, error);
    if (status == MS_OK && finite == 0)
        status = ms_error_set(error, MS_ERROR_ARGUMENT,
                              "plugin %s: %s gives a log_density of -inf at all %d points tried, around x = "
                              "(%.6g, ...); give it modes with centres, or draws",
                              t->f->name, call, points, t->x[0]);
    return status;
}

/* The last patch given all others: there the conditional score is that of the whole. */
static ms_status compare_with_whole(trial *t, const ms_place *place, ms_error *error)
{
    for (size_t p = 0; p < points; p++) {
        const double *whole = t->whole + p * t->dimension, *score = t->score + p * place->length;
        double size = 0;
        for (size_t j = 0; j < t->dimension; j++)
            size = fmax(size, fabs(whole[j]));
        for (size_t j = 0; isfinite(t->density[p]) && isfinite(size) && j < place->length; j++)
            if (!(fabs(score[j] - whole[place->first + j]) <= 1e-6 * size))
                return ms_error_set(error, MS_ERROR_ARGUMENT,
                                    "plugin %s: for coordinate %zu, given all before %zu, conditional gives "
                                    "the score %.6g, but the score of the whole is %.6g at x = (%.6g, ...)",
                                    t->f->name, place->first + j, place->first, score[j],
                                    whole[place->first + j], t->x[p * t->dimension]);
    }
    return MS_OK;
}

/* At a noise level: all coordinates, and two patches. */
static ms_status check_level(trial *t, double noise_level, ms_error *error)
{
    size_t d = t->dimension, half = d / 2;
    const ms_place whole = {0, d, noise_level, noise_level};
    const ms_place patch[2] = {{0, half, noise_level, noise_level},
                               {half, d - half, noise_level, noise_level}};
    ms_status status = check_place(t, &whole, noise_level > 0 ? "smoothed" : "evaluate", error);
    memcpy(t->whole, t->score, points * d * sizeof *t->whole);
    for (size_t i = 0; t->f->table.conditional && half > 0 && i < 2 && status == MS_OK; i++)
        status = check_place(t, &patch[i], "conditional", error);
    if (status == MS_OK && t->f->table.conditional && half > 0)
        status = compare_with_whole(t, &patch[1], error);
    return status;
}

/* Their exponentials sum up to the density. */
static ms_status check_log_weights(trial *t, ms_error *error)
{
    ms_functions *f = t->f;
    const ms_place whole = {.length = t->dimension};
    ms_functions_evaluate(f, &whole, points, t->x, t->density, t->score);
    ms_functions_log_weights(f, points, t->x, f->log_weight);
    if (f->failed)
        return refuse_failure(f, error);
    for (size_t p = 0; p < points; p++) {
        const double *l = f->log_weight + p * f->modes;
        double largest = l[0], sum = 0;
        for (size_t i = 1; i < f->modes; i++)
            largest = fmax(largest, l[i]);
        for (size_t i = 0; i < f->modes; i++)
            sum += exp(l[i] - largest);
        double log_sum = largest + log(sum);
        if (isfinite(t->density[p]) && !(fabs(log_sum - t->density[p]) <= 1e-6 * (1 + fabs(t->density[p]))))
            return ms_error_set(error, MS_ERROR_ARGUMENT,
                                "plugin %s: the exponentials of log_weights sum to that of %.9g, but the "
                                "log_density is %.9g at x = (%.6g, ...)",
                                f->name, log_sum, t->density[p], t->x[p * t->dimension]);
    }
    return MS_OK;
}

ms_status ms_functions_check(ms_functions *f, ms_error *error)
{
    trial t;
    if (!trial_alloc(&t, f))
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for a target of dimension %zu",
                            f->dimension);
    ms_status status = make_points(&t, error);
    if (status == MS_OK)
        status = check_level(&t, 0, error);
    if (status == MS_OK && f->table.smoothed)
        status = check_level(&t, noise_tried, error);
    if (status == MS_OK && f->table.log_weights)
        status = check_log_weights(&t, error);
    free(t.memory);
    return status;
}
