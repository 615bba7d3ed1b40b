/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: the datasets at the top of an HDF5 file. */
#include "data/hdf5_quiet.h"
#include "data/hdf5_safe.h"
#include "data/readers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reading {
    ms_table *table;
    hid_t file;
    ms_diagnostics *diagnostics;
    size_t numbers; /* of all datasets so far */
} reading;

static ms_status refuse(const reading *r, const char *name, const char *what)
{
    ms_diagnostics_add(r->diagnostics, r->table->path, 0, 0, "%s %s", name, what);
    return MS_ERROR_SWEEP;
}

/* Rank 1: a number a row; rank 2: a list a row. */
static ms_status find_extent(const reading *r, const char *name, hid_t dataset, hsize_t extent[2], int *rank)
{
    hid_t space = H5Dget_space(dataset);
    *rank =
        space >= 0 && H5Sget_simple_extent_type(space) == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : 0;
    extent[0] = extent[1] = 1;
    bool good = (*rank == 1 || *rank == 2) && H5Sget_simple_extent_dims(space, extent, NULL) == *rank;
    if (space >= 0)
        H5Sclose(space);
    if (!good)
        return refuse(r, name, "has a rank other than 1 or 2; give each component a row");
    if (extent[0] == 0 || extent[1] == 0)
        return refuse(r, name, "holds no numbers; give each component a row");
    size_t room = MS_TABLE_NUMBERS_MAX - r->numbers;
    if (extent[0] > room || extent[1] > room / extent[0])
        return refuse(r, name, "brings the file to more than 2^23 numbers, the limit");
    return MS_OK;
}

static ms_status check_values(const reading *r, const ms_table_entry *entry)
{
    for (size_t row = 0; row < r->table->rows; row++)
        for (size_t column = 0; column < entry->columns; column++) {
            double value = entry->value[row * entry->stride + column];
            if (isfinite(value) && fabs(value) <= MS_TABLE_LARGEST)
                continue;
            ms_table_complain(r->table, entry, row, column,
                              isfinite(value) ? "give a number from -1e100 to 1e100" : "give a finite number",
                              r->diagnostics);
            return MS_ERROR_SWEEP;
        }
    return MS_OK;
}

static ms_status read_dataset(reading *r, const char *name, hid_t dataset)
{
    hsize_t extent[2];
    int rank;
    ms_table *table = r->table;
    const char *outside = ms_hdf5_find_outside(dataset);
    if (outside)
        return refuse(r, name, outside);
    if (!ms_hdf5_is_number(dataset))
        return refuse(r, name, "has an unsupported type; store it as float64");
    ms_status status = find_extent(r, name, dataset, extent, &rank);
    if (status != MS_OK)
        return status;
    if (table->entries > 0 && extent[0] != table->rows) {
        ms_diagnostics_add(r->diagnostics, table->path, 0, 0,
                           "%s has %zu rows, but %s has %zu; give all the same number", name,
                           (size_t)extent[0], table->entry[0].name, table->rows);
        return MS_ERROR_SWEEP;
    }
    ms_table_entry *entry = ms_table_add(table, name, 0, r->diagnostics);
    if (!entry)
        return MS_ERROR_SWEEP;
    table->rows = (size_t)extent[0];
    entry->columns = entry->stride = (size_t)extent[1];
    entry->is_list = rank == 2;
    double *value = calloc(table->rows * entry->columns, sizeof *value);
    table->number[table->entries - 1] = value;
    entry->value = value;
    r->numbers += table->rows * entry->columns;
    if (!value)
        return MS_ERROR_MEMORY;
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        return refuse(r, name, "cannot be read; is the file damaged or truncated?");
    return check_values(r, entry);
}

static ms_status read_link(reading *r, hsize_t index)
{
    char name[MS_TABLE_NAME_MAX + 2];
    H5L_info_t link;
    ssize_t length =
        H5Lget_name_by_idx(r->file, ".", H5_INDEX_NAME, H5_ITER_INC, index, name, sizeof name, H5P_DEFAULT);
    /* a '/' would be taken for a path, on which links are followed */
    if (length < 1 || length > (ssize_t)MS_TABLE_NAME_MAX || strchr(name, '/'))
        return refuse(r, "it", "has an entry whose name is empty or too long; is it the right file?");
    if (H5Lget_info(r->file, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return refuse(r, name, "is a link, which is not followed; store the dataset itself");
    hid_t object = H5Oopen(r->file, name, H5P_DEFAULT);
    ms_status status = object >= 0 && H5Iget_type(object) == H5I_DATASET
                           ? read_dataset(r, name, object)
                           : refuse(r, name, "is not a dataset; give a file that contains datasets only");
    if (object >= 0)
        H5Oclose(object);
    return status;
}

static ms_status read_all(reading *r)
{
    H5G_info_t group;
    ms_status status = MS_OK;
    if (r->file < 0 || H5Gget_info(r->file, &group) < 0)
        return refuse(r, "it", "cannot be read as HDF5; is the file damaged or truncated?");
    if (group.nlinks == 0 || group.nlinks > MS_TABLE_ENTRIES_MAX)
        return refuse(r, "it", "holds no dataset, or more than 32; is it the right file?");
    for (hsize_t i = 0; status == MS_OK && i < group.nlinks; i++)
        status = read_link(r, i);
    return status;
}

ms_status ms_table_fill_hdf5(ms_table *table, void *bytes, size_t length, ms_diagnostics *diagnostics)
{
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    reading r = {.table = table, .diagnostics = diagnostics, .file = ms_hdf5_open_image(bytes, length)};
    ms_status status = read_all(&r);
    if (r.file >= 0)
        H5Fclose(r.file);
    ms_hdf5_quiet_end(quiet);
    return status;
}
