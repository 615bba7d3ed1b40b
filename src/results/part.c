/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of one point whose budgets differ: the shorter one is the beginning of the longer one. */
#include "results/file.h"

#include <math.h>
#include <string.h>

/* Numbers of an event, or of the clock: what came before the budget ended is the same, all else came later.
 */
static bool is_time_part(ms_column_role role, int64_t part, int64_t whole, int64_t budget)
{
    int64_t cut_off = role == MS_COLUMN_EVENT ? MS_CENSORED : budget;
    return part == whole || (part == cut_off && whole > budget);
}

static bool is_value_part(ms_column_type type, const void *part, const void *whole)
{
    double number;
    int64_t count;
    memcpy(&number, part, sizeof number);
    memcpy(&count, part, sizeof count);
    bool is_computed = type == MS_COLUMN_DOUBLE ? !isnan(number) : count != MS_COLUMN_NOT_COMPUTED;
    return !is_computed || memcmp(part, whole, sizeof number) == 0;
}

static bool is_column_part(const ms_block_results *part, const ms_block_results *whole, size_t c,
                           uint64_t budget)
{
    const ms_column *column = part->column[c];
    ms_column_shape shape = ms_block_column_shape(part, c);
    size_t chains = part->chains < whole->chains ? part->chains : whole->chains;
    for (size_t o = 0; o < shape.outer; o++) {
        const int64_t *a = (const int64_t *)part->value[c] + o * part->chains * shape.inner;
        const int64_t *b = (const int64_t *)whole->value[c] + o * whole->chains * shape.inner;
        for (size_t i = 0; i < chains * shape.inner; i++)
            if (ms_column_is_time(column) ? !is_time_part(column->role, a[i], b[i], (int64_t)budget)
                                          : !is_value_part(column->type, &a[i], &b[i]))
                return false;
    }
    return true;
}

bool ms_block_results_part(const ms_block_results *part, uint64_t budget, const ms_block_results *whole)
{
    bool is_part = part->status == MS_BLOCK_DONE && whole->status == MS_BLOCK_DONE;
    for (size_t c = 0; is_part && c < part->columns; c++)
        is_part = is_column_part(part, whole, c, budget);
    return is_part;
}
