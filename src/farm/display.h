/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where people see how far something is: a bar that is rewritten on a terminal, or lines. */
#ifndef MS_DISPLAY_H
#define MS_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum ms_display_style {
    MS_DISPLAY_AUTO,
    MS_DISPLAY_BAR,
    MS_DISPLAY_LINES,
    MS_DISPLAY_NONE /* open none */
} ms_display_style;

typedef struct ms_display {
    FILE *file;
    int terminal; /* descriptor to ask for the width; -1: none */
    bool is_bar, is_drawn;
    bool is_own;         /* `file` is the terminal, opened here */
    double began, shown; /* by ms_clock() */
    size_t lines;        /* written so far */
} ms_display;

/* MS_DISPLAY_AUTO: a bar if what is written to `file` comes to a terminal, be it through the pipe of an
 * mpirun on this host, on whose terminal it is drawn then; otherwise lines. Nothing is written in the first
 * second. */
ms_display ms_display_open(FILE *file, ms_display_style style);
/* Ends a bar, and begins anew with the next work. NULL is allowed. */
void ms_display_next(ms_display *display);
void ms_display_close(ms_display *display);

/* Whether it is time to show something: a bar often; a line ten seconds after the last one, later after a
 * sixth of the time gone, at last after five minutes. Cheap. NULL: never. */
bool ms_display_is_due(const ms_display *display, double now);

/* Draws the bar, full by `share`, in the width of the terminal; as many of the parts behind it as fit. */
void ms_display_bar(ms_display *display, double now, double share, const char *const *part, size_t parts);
/* "modeseek: TEXT" */
void ms_display_line(ms_display *display, double now, const char *text);
/* Before something else is printed there: it gets a line of its own. NULL is allowed. */
void ms_display_clear(ms_display *display);

#endif
