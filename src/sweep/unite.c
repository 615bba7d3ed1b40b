/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sweep from several that differ in their grids: the one that has all points, or the text of the first
 * with a grid of all values. */
#include "sweep/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_same(const ms_axis *axis, const ms_axis_value *a, const ms_axis_value *b)
{
    return axis->type == MS_AXIS_TEXT   ? strcmp(a->text, b->text) == 0
           : axis->type == MS_AXIS_REAL ? a->real == b->real
                                        : a->whole == b->whole;
}

static const ms_axis *find_axis(const ms_sweep *sweep, const char *name)
{
    for (size_t i = 0; i < ms_sweep_axis_count(sweep); i++)
        if (strcmp(ms_sweep_axis(sweep, i)->name, name) == 0)
            return ms_sweep_axis(sweep, i);
    return NULL;
}

static bool has_value(const ms_axis *axis, const ms_axis_value *value)
{
    for (size_t i = 0; i < axis->count; i++)
        if (is_same(axis, &axis->value[i], value))
            return true;
    return false;
}

static bool has_axis(const ms_axis *axis, const ms_axis *part)
{
    bool all = axis && part, same = all && axis->count == part->count;
    for (size_t i = 0; same && i < axis->count; i++)
        same = is_same(axis, &axis->value[i], &part->value[i]);
    for (size_t i = 0; all && !same && i < part->count; i++)
        all = has_value(axis, &part->value[i]);
    return all;
}

/* Whether every point of `part` is one of `sweep`. */
static bool has_all(const ms_sweep *sweep, const ms_sweep *part)
{
    bool all =
        sweep->indivisible != MS_INDIVISIBLE_SKIP || part->indivisible != MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    for (size_t i = 0; all && i < ms_sweep_axis_count(part); i++) {
        const ms_axis *axis = ms_sweep_axis(part, i);
        all = has_axis(find_axis(sweep, axis->name), axis);
    }
    return all;
}

static bool has_same_axes(const ms_sweep *a, const ms_sweep *b)
{
    bool same = ms_sweep_axis_count(a) == ms_sweep_axis_count(b);
    for (size_t i = 0; same && i < ms_sweep_axis_count(a); i++) {
        const ms_axis *axis = ms_sweep_axis(a, i), *other = find_axis(b, axis->name);
        same = other && other->type == axis->type;
    }
    return same;
}

/* Which of the sweeps has all points of the others, or `count`. */
static size_t find_whole(const ms_sweep *const *sweeps, size_t count)
{
    size_t whole = 0;
    for (size_t s = 1; s < count; s++)
        if (!has_all(sweeps[whole], sweeps[s]))
            whole = s; /* nor was it any before, for those lack what this one has, or are parts of it */
    for (size_t s = 0; s < count; s++)
        if (!has_all(sweeps[whole], sweeps[s]))
            return count;
    return whole;
}

typedef struct value {
    const ms_axis_value *value;
    ms_axis_type type;
    bool is_full; /* the largest patch size */
    size_t place; /* in the sweeps, one after the other */
} value;

/* Texts have no order but that of their places. */
static int compare_values(const void *a, const void *b)
{
    const value *x = a, *y = b;
    if (x->type == MS_AXIS_TEXT)
        return strcmp(x->value->text, y->value->text);
    if (x->type == MS_AXIS_REAL)
        return x->value->real < y->value->real ? -1 : x->value->real > y->value->real;
    if (x->is_full != y->is_full)
        return x->is_full ? 1 : -1;
    return x->value->whole < y->value->whole ? -1 : x->value->whole > y->value->whole;
}

static int compare_places(const void *a, const void *b)
{
    const value *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int compare_same_values(const void *a, const void *b)
{
    int order = compare_values(a, b);
    return order != 0 ? order : compare_places(a, b);
}

/* All values of an axis, [count] for the caller to free; NULL without memory. */
static value *collect(const char *name, const ms_sweep *const *sweeps, size_t sweep_count, size_t *count,
                      bool *ascend)
{
    size_t most = 1;
    for (size_t s = 0; s < sweep_count; s++)
        most += find_axis(sweeps[s], name)->count;
    value *values = calloc(most, sizeof *values);
    *count = 0;
    *ascend = true;
    for (size_t s = 0; values && s < sweep_count; s++) {
        const ms_axis *axis = find_axis(sweeps[s], name);
        bool may_be_full = axis == &sweeps[s]->axis[MS_AXIS_PATCH_SIZE];
        for (size_t i = 0; i < axis->count; i++) {
            value *v = &values[*count];
            *v = (value){.value = &axis->value[i],
                         .type = axis->type,
                         .is_full = may_be_full && axis->value[i].whole == MS_AXIS_FULL,
                         .place = *count};
            *ascend = *ascend && axis->type != MS_AXIS_TEXT && (i == 0 || compare_values(v - 1, v) < 0);
            ++*count;
        }
    }
    return values;
}

/* The shortest text that reads as this number. */
static void write_number(FILE *out, double number)
{
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    fputs(text, out);
}

static void write_value(FILE *out, const value *v)
{
    if (v->value->mapping || v->type == MS_AXIS_TEXT)
        fputs(v->value->mapping ? v->value->mapping : v->value->text, out);
    else if (v->type == MS_AXIS_REAL)
        write_number(out, v->value->real);
    else if (v->is_full)
        fputs("full", out);
    else
        fprintf(out, "%" PRIu64, v->value->whole);
}

/* Writes the values of one axis: in ascending order if they are so in all sweeps, for nobody chose another,
 * and files may be named in any order; else those of the first sweep, and behind them what the others have
 * besides. The name is in quotes, for it may hold brackets. */
static bool write_axis(FILE *out, const char *name, const ms_sweep *const *sweeps, size_t sweep_count)
{
    size_t count, kept = 0;
    bool ascend;
    value *values = collect(name, sweeps, sweep_count, &count, &ascend);
    if (!values)
        return false;
    qsort(values, count, sizeof *values, compare_same_values);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_values(&values[kept - 1], &values[i]) != 0)
            values[kept++] = values[i];
    if (!ascend)
        qsort(values, kept, sizeof *values, compare_places);
    const char *quote = strchr(name, '[') ? "\"" : "";
    fprintf(out, "%s%s%s: [", quote, name, quote);
    for (size_t i = 0; i < kept; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_value(out, &values[i]);
    }
    putc(']', out);
    free(values);
    return true;
}

/* `between` stands between two axes, `end` behind all. */
static bool write_grid(FILE *out, const ms_sweep *const *sweeps, size_t count, ms_indivisible indivisible,
                       const char *between, const char *end)
{
    for (size_t i = 0; i < ms_sweep_axis_count(sweeps[0]); i++) {
        fputs(i > 0 ? between : "", out);
        if (!write_axis(out, ms_sweep_axis(sweeps[0], i)->name, sweeps, count))
            return false;
    }
    if (indivisible != MS_INDIVISIBLE_ERROR)
        fprintf(out, "%sindivisible: %s", between,
                indivisible == MS_INDIVISIBLE_SKIP ? "skip" : "shorter_last_patch");
    fputs(end, out);
    return true;
}

/* The text of the sweep `first` with the grid of all in the place of its own, in the same style: within
 * braces, or a line for each axis, as far to the right. */
static bool write_text(FILE *out, const ms_sweep *first, const ms_sweep *const *sweeps, size_t count,
                       ms_indivisible indivisible)
{
    const char *begin = first->text + first->grid_begin, *line = begin;
    fwrite(first->text, 1, first->grid_begin, out);
    bool good;
    if (*begin == '{') {
        putc('{', out);
        good = write_grid(out, sweeps, count, indivisible, ", ", "}");
    } else {
        while (line > first->text && line[-1] != '\n' && line[-1] != '\r')
            line--;
        char *between = calloc(1, (size_t)(begin - line) + 2);
        if (!between)
            return false;
        between[0] = '\n';
        memset(between + 1, ' ', (size_t)(begin - line));
        good = write_grid(out, sweeps, count, indivisible, between, "\n");
        free(between);
    }
    fputs(first->text + first->grid_end, out);
    return good;
}

static ms_status read_united(ms_sweep **all, const ms_sweep *first, const char *text, const char *name,
                             ms_error *error)
{
    char difference[300];
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name);
    ms_status status = ms_sweep_parse_kept(all, name, text, strlen(text), diagnostics);
    if (status != MS_OK)
        ms_error_set(error, status, "the sweep of all grids: %s", diagnostics->message[0]);
    free(diagnostics);
    if (status == MS_OK &&
        !ms_sweep_is_alike(first->identity, (*all)->identity, difference, sizeof difference)) {
        ms_sweep_free(*all);
        *all = NULL;
        return ms_error_set(error, MS_ERROR_SWEEP, "%s: its grid cannot be replaced (%s)", name, difference);
    }
    return status;
}

/* The sweep `first` with a grid of all values in the place of its own. */
static ms_status exchange_grid(ms_sweep **all, const ms_sweep *first, const ms_sweep *const *sweeps,
                               size_t count, const char *name, ms_indivisible indivisible, ms_error *error)
{
    char *united = NULL;
    size_t size;
    FILE *out = open_memstream(&united, &size);
    if (!out)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name);
    bool failed = !write_text(out, first, sweeps, count, indivisible);
    failed = ferror(out) != 0 || failed;
    ms_status status = fclose(out) != 0 || failed
                           ? ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name)
                           : read_united(all, first, united, name, error);
    free(united);
    return status;
}

/* What all of them say of patch sizes that do not divide the dimension; where they differ, what keeps all
 * points. */
static ms_indivisible find_indivisible(const ms_sweep *const *sweeps, size_t count)
{
    ms_indivisible found = sweeps[0]->indivisible;
    for (size_t s = 1; s < count; s++)
        if (sweeps[s]->indivisible != found)
            found = found == MS_INDIVISIBLE_SHORTER_LAST_PATCH ||
                            sweeps[s]->indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH
                        ? MS_INDIVISIBLE_SHORTER_LAST_PATCH
                        : MS_INDIVISIBLE_SKIP;
    return found;
}

/* Which of the sweeps has the largest budget, all else being equal but for the grid. */
static ms_status find_largest(const ms_sweep *const *sweeps, const char *const *names, size_t count,
                              size_t *largest, ms_error *error)
{
    char difference[300];
    *largest = 0;
    for (size_t s = 1; s < count; s++) {
        const char *identity = sweeps[*largest]->identity, *other = sweeps[s]->identity;
        if (ms_sweep_may_grow(other, identity, difference, sizeof difference))
            continue;
        if (!ms_sweep_may_grow(identity, other, difference, sizeof difference))
            return ms_sweep_is_alike_but_budget(identity, other)
                       ? ms_error_set(
                             error, MS_ERROR_MISMATCH,
                             "%s and %s each have a part of the budget that is the larger one: %s; write a "
                             "sweep with the largest of both, and give it: --sweep FILE",
                             names[*largest], names[s], difference)
                       : ms_error_set(error, MS_ERROR_MISMATCH,
                                      "%s: belongs to a different sweep than %s: %s", names[s],
                                      names[*largest], difference);
        *largest = s;
    }
    return MS_OK;
}

ms_status ms_sweep_unite(ms_sweep **all, const ms_sweep *const *sweeps, const char *const *names,
                         size_t count, ms_error *error)
{
    char difference[300];
    size_t largest;
    *all = NULL;
    ms_status status = find_largest(sweeps, names, count, &largest, error);
    for (size_t s = 1; status == MS_OK && s < count; s++)
        if (!has_same_axes(sweeps[0], sweeps[s]))
            status = ms_error_set(error, MS_ERROR_MISMATCH, "%s: its grid has different axes than that of %s",
                                  names[s], names[0]);
    if (status != MS_OK)
        return status;
    const ms_sweep *first = sweeps[largest];
    size_t whole = find_whole(sweeps, count);
    if (whole < count &&
        !ms_sweep_is_alike(first->identity, sweeps[whole]->identity, difference, sizeof difference))
        whole = has_all(first, sweeps[whole]) ? largest : count;
    if (whole < count)
        return read_united(all, first, sweeps[whole]->text, names[whole], error);
    ms_indivisible indivisible = find_indivisible(sweeps, count);
    status = exchange_grid(all, first, sweeps, count, names[largest], indivisible, error);
    /* the product of the axes may have points that none of the sweeps has and that do not fit */
    if (status == MS_ERROR_SWEEP && indivisible == MS_INDIVISIBLE_ERROR)
        status = exchange_grid(all, first, sweeps, count, names[largest], MS_INDIVISIBLE_SKIP, error);
    return status;
}
