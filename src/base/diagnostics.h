/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of messages about one input, so that several errors are reported at once. */
#ifndef MS_DIAGNOSTICS_H
#define MS_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define MS_DIAGNOSTICS_MAX 20

typedef struct ms_diagnostics {
    size_t count; /* messages given, also those beyond the ones kept */
    char message[MS_DIAGNOSTICS_MAX][512];
} ms_diagnostics;

/* Adds `where:line:column: text`; line and column are 1-based, 0 leaves them out. The message is made
 * printable (base/text.h), so that a hostile input cannot steer a terminal. */
void ms_diagnostics_add(ms_diagnostics *diagnostics, const char *where, size_t line, size_t column,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* One message a line, and "... and N more" where some were not kept. */
void ms_diagnostics_print(const ms_diagnostics *diagnostics, FILE *file);

/* The candidate nearest to `word` by edit distance, if near enough to be what was meant; else NULL. */
const char *ms_did_you_mean(const char *word, const char *const *candidates, size_t count);

#endif
