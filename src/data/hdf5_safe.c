/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/hdf5_safe.h"

#define CHUNK_MAX  (UINT64_C(64) << 20) /* bytes */
#define IMAGE_STEP ((size_t)1 << 16)

/* Types of any width could be described; these are what programs write. */
bool ms_hdf5_is_number(hid_t dataset)
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
    hsize_t chunk[MS_HDF5_RANK_MAX] = {0, 1, 1};
    int rank = H5Pget_chunk(list, MS_HDF5_RANK_MAX, chunk);
    return rank >= 1 && rank <= MS_HDF5_RANK_MAX &&
           (double)chunk[0] * (double)chunk[1] * (double)chunk[2] * sizeof(double) <= CHUNK_MAX;
}

const char *ms_hdf5_find_outside(hid_t dataset)
{
    hid_t list = H5Dget_create_plist(dataset);
    H5D_layout_t layout = list >= 0 ? H5Pget_layout(list) : H5D_LAYOUT_ERROR;
    const char *wrong = NULL;
    if (layout == H5D_VIRTUAL || (layout == H5D_CONTIGUOUS && H5Pget_external_count(list) != 0))
        wrong = "stores its values in other files, which are not read; store them in this one";
    else if (layout == H5D_CHUNKED && !has_known_filters(list))
        wrong = "uses an unsupported compression; use gzip or none";
    else if (layout == H5D_CHUNKED && !has_bounded_chunks(list))
        wrong = "has chunks above 64 MiB, or of a rank above 3; use smaller ones";
    else if (layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED && layout != H5D_COMPACT)
        wrong = "cannot be read; is the file damaged?";
    if (list >= 0)
        H5Pclose(list);
    return wrong;
}

/* HDF5 wants a name that no file has. */
hid_t ms_hdf5_open_image(void *bytes, size_t length)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS), file = H5I_INVALID_HID;
    if (list >= 0 && H5Pset_fapl_core(list, IMAGE_STEP, false) >= 0 &&
        H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) >= 0 && H5Pset_file_image(list, bytes, length) >= 0)
        file = H5Fopen("/dev/null/table", H5F_ACC_RDONLY, list);
    if (list >= 0)
        H5Pclose(list);
    return file;
}
