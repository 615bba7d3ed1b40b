/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sweep from several that differ in their grids: the one that has all points, or the text of the first
 * with a grid of all values. */
#include "sweep/identity.h"
#include "sweep/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words of a list "a b c". */
static bool next_word(const char **text, const char *end, const char **word, size_t *length)
{
    while (*text < end && **text == ' ')
        ++*text;
    *word = *text;
    while (*text < end && **text != ' ')
        ++*text;
    *length = (size_t)(*text - *word);
    return *length > 0;
}

static bool has_word(const char *text, const char *end, const char *wanted, size_t wanted_length)
{
    const char *word;
    size_t length;
    while (next_word(&text, end, &word, &length))
        if (length == wanted_length && memcmp(word, wanted, length) == 0)
            return true;
    return false;
}

static const char *const axis_name[] = {"dimension", "patch_size", "noise_level", "seed"};
#define AXES (sizeof axis_name / sizeof *axis_name)

/* The values of an axis, as words. */
static bool axis_text(const ms_sweep *sweep, size_t axis, const char **text, size_t *size)
{
    char key[32];
    snprintf(key, sizeof key, "grid.%s", axis_name[axis]);
    return ms_identity_value(sweep->identity, key, text, size);
}

static bool has_axis(const ms_sweep *sweep, const ms_sweep *part, size_t axis)
{
    const char *text, *rest, *word;
    size_t size, rest_size, length;
    if (!axis_text(sweep, axis, &text, &size) || !axis_text(part, axis, &rest, &rest_size))
        return false;
    bool all = true;
    if (size != rest_size || memcmp(text, rest, size) != 0)
        for (const char *end = rest + rest_size; all && next_word(&rest, end, &word, &length);)
            all = has_word(text, text + size, word, length);
    return all;
}

/* Whether every point of `part` is one of `sweep`. */
static bool has_all(const ms_sweep *sweep, const ms_sweep *part)
{
    bool all =
        sweep->indivisible != MS_INDIVISIBLE_SKIP || part->indivisible != MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    for (size_t axis = 0; all && axis < AXES; axis++)
        all = has_axis(sweep, part, axis);
    return all;
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
    const char *word;
    size_t length, place; /* in the sweeps, one after the other */
    double number;        /* `full` is the largest */
} value;

static int compare_values(const void *a, const void *b)
{
    const value *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->length != y->length) /* seeds beyond 2^53 */
        return x->length < y->length ? -1 : 1;
    return memcmp(x->word, y->word, x->length);
}

static int compare_same_values(const void *a, const void *b)
{
    const value *x = a, *y = b;
    int order = compare_values(a, b);
    return order != 0 ? order : x->place < y->place ? -1 : x->place > y->place;
}

static int compare_places(const void *a, const void *b)
{
    const value *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* All values of an axis, [count] for the caller to free; NULL without memory. */
static value *collect(size_t axis, const ms_sweep *const *sweeps, size_t sweep_count, size_t *count,
                      bool *ascend)
{
    const char *text, *word;
    size_t size, length, words = 0;
    for (size_t s = 0; s < sweep_count; s++)
        words += axis_text(sweeps[s], axis, &text, &size) ? size / 2 + 1 : 0;
    value *values = calloc(words > 0 ? words : 1, sizeof *values);
    *count = 0;
    *ascend = true;
    for (size_t s = 0; values && s < sweep_count; s++) {
        size_t first = *count;
        if (!axis_text(sweeps[s], axis, &text, &size))
            continue;
        for (const char *end = text + size; next_word(&text, end, &word, &length);) {
            value *v = &values[*count];
            bool is_full = length == 4 && memcmp(word, "full", 4) == 0;
            *v = (value){word, length, *count, is_full ? (double)INFINITY : strtod(word, NULL)};
            *ascend = *ascend && (*count == first || compare_values(v - 1, v) < 0);
            ++*count;
        }
    }
    return values;
}

/* Writes the values of one axis: in ascending order if they are so in all sweeps, for nobody chose another,
 * and files may be named in any order; else those of the first sweep, and behind them what the others have
 * besides. */
static bool write_axis(FILE *out, size_t axis, const ms_sweep *const *sweeps, size_t sweep_count)
{
    size_t count, kept = 0;
    bool ascend;
    value *values = collect(axis, sweeps, sweep_count, &count, &ascend);
    if (!values)
        return false;
    qsort(values, count, sizeof *values, compare_same_values);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_values(&values[kept - 1], &values[i]) != 0)
            values[kept++] = values[i];
    if (!ascend)
        qsort(values, kept, sizeof *values, compare_places);
    fprintf(out, "  %s: [", axis_name[axis]);
    for (size_t i = 0; i < kept; i++)
        fprintf(out, "%s%.*s", i > 0 ? ", " : "", (int)values[i].length, values[i].word);
    fprintf(out, "]\n");
    free(values);
    return true;
}

static bool write_grid(FILE *out, const ms_sweep *const *sweeps, size_t count, ms_indivisible indivisible)
{
    bool good = true;
    fprintf(out, "grid:\n");
    for (size_t axis = 0; good && axis < AXES; axis++)
        good = write_axis(out, axis, sweeps, count);
    if (indivisible != MS_INDIVISIBLE_ERROR)
        fprintf(out, "  indivisible: %s\n",
                indivisible == MS_INDIVISIBLE_SKIP ? "skip" : "shorter_last_patch");
    return good;
}

/* The end of the line at `text`, behind its newline. */
static const char *line_end(const char *text)
{
    const char *newline = strchr(text, '\n');
    return newline ? newline + 1 : text + strlen(text);
}

/* Whether a line belongs to the section above it: it is indented, empty or a comment, or ends a bracket. */
static bool continues(const char *line)
{
    return strchr(" \t\r\n#]})-", *line) != NULL;
}

/* The lines of the section `grid:` of a sweep file in block style; false if there is none. Whether it was
 * found rightly shows when the new text is read. */
static bool find_grid(const char *text, const char **begin, const char **end)
{
    for (const char *line = text; *line; line = line_end(line)) {
        if (strncmp(line, "grid", 4) != 0 || line[4 + strspn(line + 4, " ")] != ':')
            continue;
        *begin = line;
        for (*end = line_end(line); **end && continues(*end);)
            *end = line_end(*end);
        return true;
    }
    return false;
}

static ms_status read_united(ms_sweep **all, const ms_sweep *first, const char *text, const char *name,
                             ms_error *error)
{
    char difference[300];
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name);
    ms_status status = ms_sweep_parse(all, name, text, strlen(text), diagnostics);
    if (status != MS_OK)
        ms_error_set(error, status, "the sweep of all grids: %s", diagnostics->message[0]);
    free(diagnostics);
    if (status == MS_OK &&
        !ms_sweep_is_alike(first->identity, (*all)->identity, difference, sizeof difference)) {
        ms_sweep_free(*all);
        *all = NULL;
        return ms_error_set(error, MS_ERROR_SWEEP,
                            "%s: its grid cannot be exchanged (%s); write `grid:` at the "
                            "beginning of a line",
                            name, difference);
    }
    return status;
}

/* With a grid of all values in the place of that of the first. */
static ms_status exchange_grid(ms_sweep **all, const ms_sweep *const *sweeps, size_t count, const char *name,
                               ms_indivisible indivisible, ms_error *error)
{
    const char *text = sweeps[0]->text, *begin, *end;
    if (!find_grid(text, &begin, &end))
        return ms_error_set(error, MS_ERROR_SWEEP, "%s: its sweep has no line that begins with `grid:`",
                            name);
    char *united = NULL;
    size_t size;
    FILE *out = open_memstream(&united, &size);
    if (!out)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name);
    fwrite(text, 1, (size_t)(begin - text), out);
    bool failed = !write_grid(out, sweeps, count, indivisible);
    fputs(end, out);
    failed = ferror(out) != 0 || failed;
    ms_status status = fclose(out) != 0 || failed
                           ? ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name)
                           : read_united(all, sweeps[0], united, name, error);
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

ms_status ms_sweep_unite(ms_sweep **all, const ms_sweep *const *sweeps, const char *const *names,
                         size_t count, ms_error *error)
{
    char difference[300];
    *all = NULL;
    for (size_t s = 1; s < count; s++)
        if (!ms_sweep_is_alike(sweeps[0]->identity, sweeps[s]->identity, difference, sizeof difference))
            return ms_error_set(error, MS_ERROR_MISMATCH, "%s: is of another sweep than %s: %s", names[s],
                                names[0], difference);
    size_t whole = find_whole(sweeps, count);
    if (whole < count)
        return read_united(all, sweeps[0], sweeps[whole]->text, names[whole], error);
    ms_indivisible indivisible = find_indivisible(sweeps, count);
    ms_status status = exchange_grid(all, sweeps, count, names[0], indivisible, error);
    /* the product of the axes may have points that none of the sweeps has and that do not fit */
    if (status == MS_ERROR_SWEEP && indivisible == MS_INDIVISIBLE_ERROR)
        status = exchange_grid(all, sweeps, count, names[0], MS_INDIVISIBLE_SKIP, error);
    return status;
}
