/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a table of numbers in text. Bytes that begin with 0xFF, which no text does, describe an HDF5
 * file instead, eight for each dataset: HDF5 1.10 goes astray on damaged metadata, so that only what a
 * program may have written is tried. */
#include "base/text.h"
#include "data/table.h"
#include "fuzz.h"

#include <hdf5.h>
#include <math.h>

static char folder[200], other[220];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    make_fuzz_file(folder, sizeof folder, "t");
    snprintf(other, sizeof other, "%s/none", folder);
    return 0;
}

static hid_t creation_list(const uint8_t *d, int rank, const hsize_t *extent)
{
    const hsize_t chunk[] = {1 + d[5] % 8, 1 + d[5] / 32, 1};
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(rank, extent, NULL);
    switch (d[4] % 8) {
    case 0:
        H5Pset_layout(list, H5D_COMPACT);
        break;
    case 1:
        H5Pset_external(list, other, 0, H5F_UNLIMITED);
        break;
    case 2:
        H5Pset_virtual(list, space, other, "/a", space);
        break;
    case 3:
        H5Pset_chunk(list, rank, chunk);
        H5Pset_deflate(list, d[5] % 10);
        break;
    case 4:
        H5Pset_chunk(list, rank, chunk);
        H5Pset_nbit(list);
        break;
    default:
        break;
    }
    H5Sclose(space);
    return list;
}

static void put(hid_t file, const uint8_t *d)
{
    const hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F32BE,  H5T_STD_I8LE,       H5T_STD_U64BE,
                           H5T_C_S1,       H5T_STD_REF_OBJ, H5T_NATIVE_LDOUBLE, H5T_STD_B8LE};
    const hsize_t extent[] = {d[2] % 16, d[3] % 16, 2};
    char name[] = {'a', (char)('a' + d[0] % 4), '\0'};
    int rank = d[1] / 8 % 4;
    double value[16 * 16 * 2];
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        value[i] = d[6] == 1 ? (double)NAN : d[6] == 2 ? 1e101 : (double)(d[7] + i);
    if (d[0] / 4 == 1)
        H5Lcreate_soft("/aa", file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (d[0] / 4 == 2)
        H5Lcreate_external(other, "/a", file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (d[0] / 4 == 3)
        H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    else {
        hid_t list = creation_list(d, rank, extent), space = H5Screate_simple(rank, extent, NULL);
        hid_t set = H5Dcreate2(file, name, types[d[1] % 8], space, H5P_DEFAULT, list, H5P_DEFAULT);
        H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
        H5Dclose(set);
        H5Sclose(space);
        H5Pclose(list);
    }
}

/* What HDF5 does not want is left out of the file. */
static void write_described(const uint8_t *data, size_t size)
{
    H5E_auto2_t print;
    void *to;
    H5Eget_auto2(H5E_DEFAULT, &print, &to);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fcreate(fuzz_file, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (size_t i = 0; i + 8 <= size; i += 8)
        put(file, data + i);
    HOLDS(H5Fclose(file) >= 0);
    unlink(other); /* HDF5 makes it for external data */
    H5Eset_auto2(H5E_DEFAULT, print, to);
}

static void check(const ms_table *table)
{
    size_t numbers = 0;
    HOLDS(table->rows >= 1 && table->entries >= 1 && table->entries <= MS_TABLE_ENTRIES_MAX);
    for (size_t e = 0; e < table->entries; e++) {
        const ms_table_entry *entry = &table->entry[e];
        HOLDS(strlen(entry->name) >= 1 && strlen(entry->name) <= MS_TABLE_NAME_MAX);
        HOLDS(ms_table_find(table, entry->name) == entry);
        HOLDS(entry->columns >= 1 && (entry->is_list || entry->columns == 1));
        for (size_t row = 0; row < table->rows; row++)
            for (size_t column = 0; column < entry->columns; column++)
                HOLDS(fabs(entry->value[row * entry->stride + column]) <= MS_TABLE_LARGEST);
        numbers += table->rows * entry->columns;
    }
    HOLDS(numbers <= MS_TABLE_NUMBERS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char signature[] = "\x89HDF";
    ms_table *table;
    ms_diagnostics diagnostics = {0};
    if (size >= 4 && memcmp(data, signature, 4) == 0)
        return 0;
    if (size > 0 && data[0] == 0xFF)
        write_described(data + 1, size - 1);
    else
        write_whole(fuzz_file, data, size);
    ms_status status = ms_table_read(&table, fuzz_file, &diagnostics);
    HOLDS((status == MS_OK) == (table != NULL) && (status == MS_OK) == (diagnostics.count == 0));
    for (size_t i = 0; i < diagnostics.count && i < MS_DIAGNOSTICS_MAX; i++)
        HOLDS(ms_is_printable(diagnostics.message[i]));
    if (table)
        check(table);
    ms_table_free(table);
    return 0;
}
