/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/patch_sizes.h"

#include <stdio.h>
#include <stdlib.h>

#define DIVISORS_MAX 448 /* of a number up to MS_SWEEP_DIMENSION_MAX */
#define PROPOSED     10

static size_t find_divisors(size_t number, size_t divisor[DIVISORS_MAX])
{
    size_t count = 0, q = 1;
    for (; q * q <= number; q++)
        if (number % q == 0)
            divisor[count++] = q;
    for (q--; q > 0; q--)
        if (number % q == 0 && q * q < number)
            divisor[count++] = number / q;
    return count;
}

/* Keeps the first and the last, and between them each that is `step` times the one before. */
static size_t thin_out(const size_t *divisor, size_t count, size_t step, size_t list[DIVISORS_MAX])
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || i + 1 == count || divisor[i] >= step * list[kept - 1])
            list[kept++] = divisor[i];
    return kept;
}

static size_t propose(size_t dimension, size_t list[DIVISORS_MAX])
{
    size_t divisor[DIVISORS_MAX], count = find_divisors(dimension, divisor), kept, step = 2;
    while ((kept = thin_out(divisor, count, step, list)) > PROPOSED)
        step++;
    return kept;
}

/* Writes those that do not stand in `seen` [*count] yet. */
static void write_new(FILE *out, const size_t *list, size_t length, size_t *seen, size_t *count)
{
    for (size_t i = 0; i < length; i++) {
        size_t same = 0;
        while (same < *count && seen[same] != list[i])
            same++;
        if (same == *count) {
            seen[(*count)++] = list[i];
            fprintf(out, "%zu, ", list[i]);
        }
    }
}

/* Ends the list; NULL without memory. */
static char *finish(FILE *out, char **text, const char *end)
{
    fprintf(out, "%s]", end);
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return *text;
    free(*text);
    return NULL;
}

char *ms_propose_patch_sizes(const ms_sweep *sweep)
{
    const ms_axis *dimension = &sweep->axis[MS_AXIS_DIMENSION];
    char *text = NULL;
    size_t size, count = 0, list[DIVISORS_MAX] = {0};
    size_t *seen = calloc(dimension->count * PROPOSED, sizeof *seen);
    FILE *out = seen ? open_memstream(&text, &size) : NULL;
    if (!out) {
        free(seen);
        return NULL;
    }
    fprintf(out, "grid.patch_size=[");
    for (size_t i = 0; i < dimension->count; i++)
        write_new(out, list, propose(dimension->value[i].whole, list) - 1, seen, &count);
    free(seen);
    return finish(out, &text, "full"); /* the last one of each */
}

char *ms_given_patch_sizes(const char *list)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fprintf(out, "grid.patch_size=[");
    return finish(out, &text, list);
}
