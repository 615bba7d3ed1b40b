/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: the datasets at the top of a file, which is in memory, so that nothing can lead out of it but what is
 * refused here before it is used: links, virtual and external values. */
#include "data/hdf5_quiet.h"
#include "data/readers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MAX  (UINT64_C(64) << 20) /* bytes */
#define IMAGE_STEP ((size_t)1 << 16)

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

/* Types of any width could be described; these are what programs write. */
static bool is_number(hid_t dataset)
{
    const hid_t known[] = {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_STD_I8LE,
                           H5T_STD_U8LE,   H5T_STD_I16LE,  H5T_STD_U16LE,  H5T_STD_I32LE,  H5T_STD_U32LE,
                           H5T_STD_I64LE,  H5T_STD_U64LE,  H5T_STD_I16BE,  H5T_STD_U16BE,  H5T_STD_I32BE,
                           H5T_STD_U32BE,  H5T_STD_I64BE,  H5T_STD_U64BE};
    hid_t type = H5Dget_type(dataset);
    bool found = false;
    for (size_t i = 0; type >= 0 && !found && i < sizeof known / sizeof *known; i++)
        found = H5Tequal(type, known[i]) > 0;
    if (type >= 0)
        H5Tclose(type);
    return found;
}

/* Other filters could be plugins, code that a file must not choose. */
static bool has_known_filters(hid_t list)
{
    for (int i = 0, count = H5Pget_nfilters(list); i < count; i++) {
        unsigned flags, configuration, values[8];
        size_t value_count = 8;
        char name[32];
        H5Z_filter_t filter = H5Pget_filter2(list, (unsigned)i, &flags, &value_count, values, sizeof name,
                                             name, &configuration);
        if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_FLETCHER32)
            return false;
    }
    return true;
}

static bool has_bounded_chunks(hid_t list)
{
    hsize_t chunk[2] = {0, 1};
    int rank = H5Pget_chunk(list, 2, chunk);
    return rank >= 1 && rank <= 2 && (double)chunk[0] * (double)chunk[1] * sizeof(double) <= CHUNK_MAX;
}

/* What is wrong with where the values lie, or NULL. HDF5 looks for those of a virtual dataset as soon as it
 * is asked for the extent. */
static const char *find_outside(hid_t dataset)
{
    hid_t list = H5Dget_create_plist(dataset);
    H5D_layout_t layout = list >= 0 ? H5Pget_layout(list) : H5D_LAYOUT_ERROR;
    const char *wrong = NULL;
    if (layout == H5D_VIRTUAL || (layout == H5D_CONTIGUOUS && H5Pget_external_count(list) != 0))
        wrong = "stores its values in other files, which are not read; store them in this one";
    else if (layout == H5D_CHUNKED && !has_known_filters(list))
        wrong = "uses an unsupported compression; use gzip or none";
    else if (layout == H5D_CHUNKED && !has_bounded_chunks(list))
        wrong = "has chunks above 64 MiB, or of a rank other than 1 or 2; use smaller ones";
    else if (layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED && layout != H5D_COMPACT)
        wrong = "cannot be read; is the file damaged?";
    if (list >= 0)
        H5Pclose(list);
    return wrong;
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
    const char *outside = find_outside(dataset);
    if (outside)
        return refuse(r, name, outside);
    if (!is_number(dataset))
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

/* HDF5 wants a name that no file has. */
static hid_t open_image(void *bytes, size_t length)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS), file = H5I_INVALID_HID;
    if (list >= 0 && H5Pset_fapl_core(list, IMAGE_STEP, false) >= 0 &&
        H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) >= 0 && H5Pset_file_image(list, bytes, length) >= 0)
        file = H5Fopen("/dev/null/table", H5F_ACC_RDONLY, list);
    if (list >= 0)
        H5Pclose(list);
    return file;
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
    reading r = {.table = table, .diagnostics = diagnostics, .file = open_image(bytes, length)};
    ms_status status = read_all(&r);
    if (r.file >= 0)
        H5Fclose(r.file);
    ms_hdf5_quiet_end(quiet);
    return status;
}
