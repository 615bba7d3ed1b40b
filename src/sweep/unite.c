/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sweep from several that differ in their grids: the text of the first, with a grid of all values. */
#include "sweep/identity.h"
#include "sweep/sweep.h"

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

/* Writes the values of one axis: those of the first sweep, and behind them what the others have besides. */
static void write_axis(FILE *out, const char *axis, const ms_sweep *const *sweeps, size_t count)
{
    char key[32];
    snprintf(key, sizeof key, "grid.%s", axis);
    fprintf(out, "  %s: [", axis);
    bool is_first = true;
    for (size_t s = 0; s < count; s++) {
        const char *text, *word;
        size_t size, length;
        if (!ms_identity_value(sweeps[s]->identity, key, &text, &size))
            continue;
        for (const char *at = text, *end = text + size; next_word(&at, end, &word, &length);) {
            bool is_known = false;
            for (size_t earlier = 0; earlier < s && !is_known; earlier++) {
                const char *other;
                size_t other_size;
                is_known = ms_identity_value(sweeps[earlier]->identity, key, &other, &other_size) &&
                           has_word(other, other + other_size, word, length);
            }
            if (is_known)
                continue;
            fprintf(out, "%s%.*s", is_first ? "" : ", ", (int)length, word);
            is_first = false;
        }
    }
    fprintf(out, "]\n");
}

/* The product of the axes may have points that none of the sweeps has: those that do not fit are left out. */
static void write_grid(FILE *out, const ms_sweep *const *sweeps, size_t count)
{
    static const char *const axis[] = {"dimension", "patch_size", "noise_level", "seed"};
    bool shorter = false;
    for (size_t s = 0; s < count; s++)
        shorter = shorter || sweeps[s]->indivisible == MS_INDIVISIBLE_SHORTER_LAST_PATCH;
    fprintf(out, "grid:\n");
    for (size_t i = 0; i < sizeof axis / sizeof *axis; i++)
        write_axis(out, axis[i], sweeps, count);
    fprintf(out, "  indivisible: %s\n", shorter ? "shorter_last_patch" : "skip");
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

ms_status ms_sweep_unite(ms_sweep **all, const ms_sweep *const *sweeps, const char *const *names,
                         size_t count, ms_error *error)
{
    const char *name = names[0];
    char difference[300];
    bool same_grid = true;
    *all = NULL;
    for (size_t s = 1; s < count; s++) {
        if (!ms_sweep_is_alike(sweeps[0]->identity, sweeps[s]->identity, difference, sizeof difference))
            return ms_error_set(error, MS_ERROR_MISMATCH, "%s: is of another sweep than %s: %s", names[s],
                                name, difference);
        same_grid = same_grid && strcmp(sweeps[0]->identity, sweeps[s]->identity) == 0;
    }
    const char *text = sweeps[0]->text, *begin, *end;
    if (same_grid)
        return read_united(all, sweeps[0], text, name, error);
    if (!find_grid(text, &begin, &end))
        return ms_error_set(error, MS_ERROR_SWEEP, "%s: its sweep has no line that begins with `grid:`",
                            name);
    char *united = NULL;
    size_t size;
    FILE *out = open_memstream(&united, &size);
    if (!out)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name);
    fwrite(text, 1, (size_t)(begin - text), out);
    write_grid(out, sweeps, count);
    fputs(end, out);
    bool failed = ferror(out) != 0;
    ms_status status = fclose(out) != 0 || failed
                           ? ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", name)
                           : read_united(all, sweeps[0], united, name, error);
    free(united);
    return status;
}
