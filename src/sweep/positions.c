/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of start positions: one position a row. */
#include "data/table.h"
#include "sweep/draft.h"

#include <stdlib.h>

void ms_read_positions(ms_reader *reader, const char *path, ms_draft *draft)
{
    ms_table *table = NULL;
    ms_status status =
        ms_table_read_rows(&table, path, MS_SWEEP_POSITIONS_MAX, "position", reader->diagnostics);
    if (status == MS_OK) {
        draft->sweep.positions = table->number[0];
        draft->sweep.position_rows = table->rows;
        draft->sweep.positions_dimension = table->entry[0].columns;
        table->number[0] = NULL;
    } else if (status == MS_ERROR_MEMORY) {
        reader->out_of_memory = true;
    } else {
        reader->is_file_wrong = true;
    }
    ms_table_free(table);
}
