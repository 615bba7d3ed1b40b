/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets from IDX and HDF5 files: what is read, and what is said of files that are no such thing. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "cmocka_all.h"
#include "data/data_set_read.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char folder[] = "/tmp/modeseek-data-XXXXXX", path[64];

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/d", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_true(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void write_packed(const void *bytes, size_t size, size_t times)
{
    gzFile file = gzopen(path, "wb");
    for (size_t i = 0; file && i < times; i++)
        assert_int_equal(gzwrite(file, bytes, (unsigned)size), (int)size);
    assert_int_equal(gzclose(file), Z_OK);
}

/* The message, behind the path, begins so. */
static void check_message(ms_status status, const ms_array *array, const ms_diagnostics *diagnostics,
                          const char *message)
{
    if (status != MS_ERROR_SWEEP || array->value || diagnostics->count != 1 ||
        strncmp(diagnostics->message[0] + strlen(path) + 2, message, strlen(message)) != 0)
        fail_msg("status %d, '%s' instead of '%s'", (int)status, diagnostics->message[0], message);
}

static void expect_refused(const char *message)
{
    ms_array array;
    ms_diagnostics diagnostics = {0};
    ms_status status = ms_array_read_idx(&array, path, false, &diagnostics);
    check_message(status, &array, &diagnostics, message);
}

static ms_array read_good(bool whole)
{
    ms_array array;
    ms_diagnostics diagnostics = {0};
    if (ms_array_read_idx(&array, path, whole, &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return array;
}

/* Two images of 2 x 3 pixels. */
static const unsigned char images[] = {0, 0, 8, 3,  0,   0,   0,   2,   0, 0, 0, 2, 0, 0,
                                       0, 3, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6};

static void bytes_become_0_to_1(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        if (packed)
            write_packed(images, sizeof images, 1);
        else
            write_bytes(images, sizeof images);
        ms_array array = read_good(false);
        assert_int_equal(array.rank, 3);
        assert_int_equal(array.extent[0], 2);
        assert_int_equal(array.extent[1], 2);
        assert_int_equal(array.extent[2], 3);
        assert_true(array.value[1] == 51.0F / 255 && array.value[5] == 1 && array.value[11] == 6.0F / 255);
        free(array.value);
        array = read_good(true);
        assert_true(array.value[5] == 255);
        free(array.value);
    }
}

static void floats_stay(void **state)
{
    (void)state;
    static const unsigned char singles[] = {0, 0, 0x0D, 2,    0, 0, 0,    1,    0, 0,
                                            0, 2, 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0};
    static const unsigned char doubles[] = {0, 0, 0x0E, 1, 0, 0, 0, 1, 0xC0, 4, 0, 0, 0, 0, 0, 0};
    write_bytes(singles, sizeof singles);
    ms_array array = read_good(false);
    assert_true(array.value[0] == 1 && array.value[1] == -2.5F);
    free(array.value);
    write_bytes(doubles, sizeof doubles);
    array = read_good(false);
    assert_true(array.value[0] == -2.5F);
    free(array.value);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    unsigned char file[sizeof images + 1] = {0};
    write_bytes("text", 4);
    expect_refused("is no IDX file");
    write_bytes(images, sizeof images - 1);
    expect_refused("is shorter or longer than its extents say");
    memcpy(file, images, sizeof images);
    write_bytes(file, sizeof file);
    expect_refused("is shorter or longer than its extents say");
    file[2] = 9;
    write_bytes(file, sizeof images);
    expect_refused("holds numbers of another type");
    file[2] = 8;
    file[3] = 5;
    write_bytes(file, sizeof images);
    expect_refused("does not have 1 to 4 extents");
    file[3] = 3;
    memset(file + 4, 0xFF, 12); /* 2^96 numbers */
    write_bytes(file, sizeof images);
    expect_refused("holds no numbers, or more than 2^28");
    memset(file + 4, 0, 12);
    write_bytes(file, sizeof images);
    expect_refused("holds no numbers, or more than 2^28");
}

static void damaged_packages_are_refused(void **state)
{
    (void)state;
    unsigned char file[4096];
    write_packed(images, sizeof images, 1);
    FILE *open = fopen(path, "rb");
    assert_non_null(open);
    size_t size = fread(file, 1, sizeof file - 1, open);
    fclose(open);
    write_bytes(file, size - 9);
    expect_refused("cannot be unpacked");
    write_bytes(file, size + 1);
    expect_refused("goes on behind what was packed");
    file[size / 2] ^= 0xFF;
    write_bytes(file, size);
    expect_refused("cannot be unpacked");
}

/* 260 kB that unpack to more than 2^28 bytes. */
static void bombs_are_refused(void **state)
{
    (void)state;
    enum { PIECE = 1 << 22, PIECES = 65 };
    unsigned char *zeros = calloc(1, PIECE);
    assert_non_null(zeros);
    write_packed(zeros, PIECE, PIECES);
    free(zeros);
    expect_refused("is larger than 2^28 bytes when unpacked");
}

static ms_array array_of(size_t rank, size_t count, size_t row, const float *values)
{
    ms_array array = {.rank = rank,
                      .extent = {count, row},
                      .count = count * row,
                      .value = malloc(count * row * sizeof(float))};
    assert_non_null(array.value);
    memcpy(array.value, values, count * row * sizeof *values);
    return array;
}

static void expect_no_set(ms_array vectors, ms_array *labels, const char *message)
{
    ms_data_set *set;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_data_set_make(&set, "data", &vectors, labels, &diagnostics), MS_ERROR_SWEEP);
    assert_null(set);
    if (!strstr(diagnostics.message[0], message))
        fail_msg("'%s' instead of '%s'", diagnostics.message[0], message);
}

static void sets_are_checked(void **state)
{
    (void)state;
    static const float good[] = {0, 1, 2, 3, 4, 5}, bad[] = {0, 1, 2, 3, NAN, 5}, labels[] = {2, 0},
                       halves[] = {0.5F, 1}, many[] = {0, 1000};
    ms_data_set *set, *other;
    ms_diagnostics diagnostics = {0};
    ms_array vectors = array_of(2, 2, 3, good), of_labels = array_of(1, 2, 1, labels);
    assert_int_equal(ms_data_set_make(&set, "data", &vectors, &of_labels, &diagnostics), MS_OK);
    assert_int_equal(set->labels, 3);
    assert_int_equal(set->dimension, 3);
    assert_int_equal(set->label[0], 2);
    vectors = array_of(2, 2, 3, good);
    assert_int_equal(ms_data_set_make(&other, "data", &vectors, NULL, &diagnostics), MS_OK);
    assert_true(set->digest != other->digest); /* labels count */
    ms_data_set_free(set);
    ms_data_set_free(other);
    expect_no_set(array_of(2, 2, 3, bad), NULL, "number 1 of vector 1 is not finite");
    expect_no_set(array_of(1, 2, 1, good), NULL, "one number for each vector");
    of_labels = array_of(1, 3, 1, good);
    expect_no_set(array_of(2, 2, 3, good), &of_labels, "2 vectors, but 3 labels");
    of_labels = array_of(1, 2, 1, halves);
    expect_no_set(array_of(2, 2, 3, good), &of_labels, "label 0 is 0.5");
    of_labels = array_of(1, 2, 1, many);
    expect_no_set(array_of(2, 2, 3, good), &of_labels, "label 1 is 1000");
}

static void write_hdf5(void)
{
    static const float values[2][2][2] = {{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}};
    const hsize_t extent[4] = {2, 2, 2, 1};
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (int rank = 1; rank <= 4; rank++) {
        char name[8];
        snprintf(name, sizeof name, "rank%d", rank);
        hid_t space = H5Screate_simple(rank, extent, NULL);
        hid_t set = H5Dcreate2(file, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
        H5Dclose(set);
        H5Sclose(space);
    }
    H5Lcreate_soft("/rank2", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    assert_true(H5Fclose(file) >= 0);
}

static void datasets_are_read_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
    } wrong[] = {{"rank4", "rank4 has a rank other than 1 to 3"},
                 {"none", "none is not a dataset at the root"},
                 {"group", "group is not a dataset"},
                 {"soft", "soft is a link"},
                 {"group/x", "group/x is not a dataset at the root"}};
    ms_array array;
    ms_diagnostics diagnostics = {0};
    write_hdf5();
    assert_int_equal(ms_array_read_hdf5(&array, path, "rank3", &diagnostics), MS_OK);
    assert_int_equal(array.rank, 3);
    assert_true(array.count == 8 && array.value[6] == 6);
    free(array.value);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        diagnostics = (ms_diagnostics){0};
        check_message(ms_array_read_hdf5(&array, path, wrong[i].name, &diagnostics), &array, &diagnostics,
                      wrong[i].message);
    }
    write_bytes(images, sizeof images);
    diagnostics = (ms_diagnostics){0};
    check_message(ms_array_read_hdf5(&array, path, "rank3", &diagnostics), &array, &diagnostics,
                  "it is no HDF5 file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_0_to_1),       cmocka_unit_test(floats_stay),
        cmocka_unit_test(other_files_are_refused),   cmocka_unit_test(damaged_packages_are_refused),
        cmocka_unit_test(bombs_are_refused),         cmocka_unit_test(sets_are_checked),
        cmocka_unit_test(datasets_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
