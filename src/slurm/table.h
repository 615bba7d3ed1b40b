/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What squeue and sacct print, read. */
#ifndef MS_SLURM_TABLE_H
#define MS_SLURM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cuts the line into `count` fields, apart by `separator`; the last is all that is left, without a separator
 * at its end. False if it has fewer. "(null)" becomes "". */
bool ms_slurm_cut(char *line, char separator, size_t count, char **field);
/* Printable, and cut to the word's size. */
void ms_slurm_copy(const char *field, char *word, size_t size);
/* 0 for what is no number >= 0: "N/A", "Unknown". */
int64_t ms_slurm_number(const char *field);
/* Also the last one, if no '\n' ends it. */
size_t ms_slurm_count_lines(const char *text);

#endif
