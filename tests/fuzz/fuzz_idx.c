/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an IDX file, and a data set of what is in it. The first byte says how: bit 0, whole numbers;
 * bit 1, the file is packed. */
#include "base/data_set.h"
#include "base/text.h"
#include "data/data_set_read.h"
#include "fuzz.h"

#include <math.h>
#include <zlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char folder[200];
    (void)argc;
    (void)argv;
    make_fuzz_file(folder, sizeof folder, "i");
    return 0;
}

static void write_packed(const uint8_t *data, size_t size)
{
    gzFile file = gzopen(fuzz_file, "wb1");
    HOLDS(file && (size == 0 || gzwrite(file, data, (unsigned)size) == (int)size));
    HOLDS(gzclose(file) == Z_OK);
}

static void check(const ms_data_set *set, const ms_array *shape)
{
    HOLDS(set->count == shape->extent[0] && set->count * set->dimension == shape->count);
    for (size_t i = 0; i < shape->count; i++)
        HOLDS(isfinite(set->value[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ms_array array;
    ms_data_set *set;
    ms_diagnostics diagnostics = {0};
    if (size == 0)
        return 0;
    if (data[0] & 2)
        write_packed(data + 1, size - 1);
    else
        write_whole(fuzz_file, data + 1, size - 1);
    ms_status status = ms_array_read_idx(&array, fuzz_file, data[0] & 1, &diagnostics);
    HOLDS((status == MS_OK) == (array.value != NULL) && (status == MS_OK) == (diagnostics.count == 0));
    if (status == MS_OK) {
        const ms_array shape = array;
        status = ms_data_set_make(&set, fuzz_file, &array, NULL, &diagnostics);
        HOLDS((status == MS_OK) == (set != NULL) && (status == MS_OK) == (diagnostics.count == 0));
        if (set)
            check(set, &shape);
        ms_data_set_free(set);
    }
    for (size_t i = 0; i < diagnostics.count && i < MS_DIAGNOSTICS_MAX; i++)
        HOLDS(ms_is_printable(diagnostics.message[i]));
    return 0;
}
