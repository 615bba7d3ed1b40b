/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/table.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ms_slurm_cut(char *line, char separator, size_t count, char **field)
{
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        size_t length = strlen(line);
        char *end = !is_last                                      ? strchr(line, separator)
                    : length > 0 && line[length - 1] == separator ? line + length - 1
                                                                  : line + length;
        if (!end)
            return false;
        field[i] = line;
        line = end + !is_last;
        *end = '\0';
        if (strcmp(field[i], "(null)") == 0)
            *field[i] = '\0';
    }
    return true;
}

void ms_slurm_copy(const char *field, char *word, size_t size)
{
    snprintf(word, size, "%s", field);
    ms_make_printable(word);
}

int64_t ms_slurm_number(const char *field)
{
    char *end;
    long long value = strtoll(field, &end, 10);
    return end == field || *end || value < 0 ? 0 : value;
}

size_t ms_slurm_count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}
