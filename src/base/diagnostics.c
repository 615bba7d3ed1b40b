/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diagnostics.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

#define WORD_MAX 63

void ms_diagnostics_add(ms_diagnostics *diagnostics, const char *where, size_t line, size_t column,
                        const char *format, ...)
{
    size_t index = diagnostics->count++;
    if (index >= MS_DIAGNOSTICS_MAX)
        return;
    char *message = diagnostics->message[index];
    size_t size = sizeof diagnostics->message[index];
    int length = line > 0 && column > 0 ? snprintf(message, size, "%s:%zu:%zu: ", where, line, column)
                 : line > 0             ? snprintf(message, size, "%s:%zu: ", where, line)
                                        : snprintf(message, size, "%s: ", where);
    if (length >= 0 && (size_t)length < size) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message + length, size - (size_t)length, format, arguments);
        va_end(arguments);
    }
    ms_make_printable(message);
}

void ms_diagnostics_print(const ms_diagnostics *diagnostics, FILE *file)
{
    for (size_t i = 0; i < diagnostics->count && i < MS_DIAGNOSTICS_MAX; i++)
        fprintf(file, "%s\n", diagnostics->message[i]);
    if (diagnostics->count > MS_DIAGNOSTICS_MAX)
        fprintf(file, "... and %zu more\n", diagnostics->count - MS_DIAGNOSTICS_MAX);
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '-' || c == ' ' ? '_' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= a_length; i++)
        row[i][0] = i;
    for (size_t j = 0; j <= b_length; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a_length; i++)
        for (size_t j = 1; j <= b_length; j++) {
            char x = folded(a[i - 1]), y = folded(b[j - 1]);
            size_t best = least(least(row[i - 1][j], row[i][j - 1]) + 1, row[i - 1][j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]))
                best = least(best, row[i - 2][j - 2] + 1);
            row[i][j] = best;
        }
    return row[a_length][b_length];
}

const char *ms_did_you_mean(const char *word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(word), nearest_distance = WORD_MAX;
    if (length == 0 || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > WORD_MAX)
            continue;
        size_t distance = edit_distance(word, length, candidates[i], candidate_length);
        /* an abbreviation is what was meant, however much is missing */
        if (length >= 3 && strncmp(word, candidates[i], length) == 0)
            distance = 1;
        size_t longer = length > candidate_length ? length : candidate_length;
        if (distance < nearest_distance && 3 * distance <= longer) {
            nearest = candidates[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
