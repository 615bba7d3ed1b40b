/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables from text and from HDF5: what is read, and what is said of files that are no such thing. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "cmocka_all.h"
#include "data/table.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/modeseek-table-XXXXXX", path[64], other[64];

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(folder);
}

static void write_bytes(const char *to, const void *bytes, size_t size)
{
    FILE *file = fopen(to, "wb");
    assert_true(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* The table must be refused; the message, behind the path, begins so. */
static void expect_refused(const char *message)
{
    ms_table *table;
    ms_diagnostics diagnostics = {0};
    ms_status status = ms_table_read(&table, path, &diagnostics);
    if (status == MS_OK || table || diagnostics.count != 1 ||
        strncmp(diagnostics.message[0], path, strlen(path)) != 0 ||
        strncmp(diagnostics.message[0] + strlen(path) + 1, message, strlen(message)) != 0)
        fail_msg("status %d, '%s' instead of '%s'", (int)status, diagnostics.message[0], message);
}

static ms_table *read_good(void)
{
    ms_table *table;
    ms_diagnostics diagnostics = {0};
    if (ms_table_read(&table, path, &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return table;
}

static double at(const ms_table *table, const char *name, size_t row, size_t column)
{
    const ms_table_entry *entry = ms_table_find(table, name);
    assert_non_null(entry);
    assert_true(row < table->rows && column < entry->columns);
    return entry->value[row * entry->stride + column];
}

/* As pandas, NumPy, R and spreadsheets write them. */
static void test_texts_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "weight,variance,mean[0],mean[1]\n0.25,1,2,3\n0.75,4,5,6e0\n",
        "# weight variance mean[0] mean[1]\n2.5e-01 1 2 3\n# more\n0.75 4\t5 6 # the last",
        "# made by hand\n\nweight variance mean[0] mean[1]\n0.25 1 2 3\n\n0.75 4 5 6\n",
        "\xEF\xBB\xBF\"weight\",\"variance\",\"mean[0]\",\"mean[1]\"\r\n0.25,1,2,3\r\n0.75,4,5,6\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_bytes(path, texts[i], strlen(texts[i]));
        ms_table *table = read_good();
        assert_int_equal(table->rows, 2);
        assert_int_equal(table->entries, 3);
        assert_true(at(table, "weight", 0, 0) == 0.25 && at(table, "weight", 1, 0) == 0.75);
        assert_true(at(table, "variance", 1, 0) == 4);
        assert_true(at(table, "mean", 0, 1) == 3 && at(table, "mean", 1, 0) == 5);
        assert_true(ms_table_find(table, "mean")->is_list && !ms_table_find(table, "weight")->is_list);
        ms_table_free(table);
    }
}

static void test_bad_texts_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", " the file is empty"},
        {"a,b\n", " holds no row of numbers; give one a line"},
        {"1,2\n3,4\n", "1:1: no line of names precedes the numbers; add one, like: weight,variance"},
        {"# all about it\n1,2\n", "2:1: 2 numbers, but 3 names;"},
        {"a,b\n1,2\n1,nan\n", "3:3: 'nan': not a finite number"},
        {"a b\n1 2\n1 -inf\n", "3:3: '-inf': not a finite number"},
        {"a,b\n1,\n", "2:1: 1 number, but 2 names; give every column a name and every row all "
                      "numbers (pandas: index=False)"},
        {",a,b\n0,1,2\n", "2:1: 3 numbers, but 2 names;"},
        {"a,b\n1,1e101\n", "2:3: '1e101': too large; give a number from -1e100 to 1e100"},
        {"a,b\n1,x\n", "2:3: 'x': not a number"},
        {"a,a\n1,1\n", "1: 'a' occurs twice; remove one of them"},
        {"m[0],m[2]\n1,1\n", "1: m[2] where m[1] should be; number them 0, 1, 2, ... in this order"},
        {"m[1]\n1\n", "1: m[1] does not follow m[0]; number them 0, 1, 2, ... side by side"},
        {"m[0],a,m[1]\n1,1,1\n", "1: m[1] does not follow m[0];"},
        {"m[0],a,m[0]\n1,1,1\n", "1: 'm' occurs twice"},
        {"a\n\x01\n", "2:1: a control character (0x01)"},
        {"a\xFF\n", "1:2: not UTF-8 text"},
        {"a1234567890123456789012345678901234567890123456789012345678901234567890,b\n1,2\n",
         "1: the name 'a1234567890123456789...' is longer than 63 bytes"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_bytes(path, bad[i].text, strlen(bad[i].text));
        expect_refused(bad[i].message);
    }
    char names[256] = "";
    for (int i = 0; i <= (int)MS_TABLE_ENTRIES_MAX; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "n%d ", i);
    write_bytes(path, names, strlen(names));
    expect_refused("1: more than 32 names");
}

static void test_what_is_no_file_is_refused(void **state)
{
    (void)state;
    unlink(path);
    expect_refused(" cannot be opened: No such file or directory; check the path");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(" it is not a regular file; give the path of a regular file");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refused(" it is a folder;");
    assert_int_equal(rmdir(path), 0);
    /* a hole: larger than what is read, and takes no room */
    write_bytes(path, "a", 1);
    assert_int_equal(truncate(path, (off_t)MS_TABLE_BYTES_MAX + 1), 0);
    expect_refused(" larger than 268435456 bytes, the limit");
    unlink(path);
}

/* --- HDF5 --- */

static void put(hid_t file, const char *name, hid_t type, int rank, const hsize_t *extent, hid_t list,
                const double *value)
{
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    assert_true(dataset >= 0);
    if (value)
        assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static hid_t begin_file(void)
{
    unlink(path);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static const hsize_t two[] = {2, 3}; /* rows, columns */
static const double six[] = {1, 2, 3, 4, 5, -6};

static void expect_six(void)
{
    ms_table *table = read_good();
    assert_int_equal(table->rows, 2);
    assert_null(table->line);
    for (size_t i = 0; i < 6; i++)
        assert_true(at(table, "a", i / 3, i % 3) == six[i]);
    ms_table_free(table);
}

static void test_datasets_are_read(void **state)
{
    (void)state;
    const hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_IEEE_F32LE, H5T_STD_I8LE, H5T_STD_I64BE};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        hid_t file = begin_file();
        put(file, "a", types[i], 2, two, H5P_DEFAULT, six);
        H5Fclose(file);
        expect_six();
    }
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), file = begin_file();
    assert_true(H5Pset_chunk(list, 2, two) >= 0 && H5Pset_shuffle(list) >= 0 &&
                H5Pset_deflate(list, 6) >= 0 && H5Pset_fletcher32(list) >= 0);
    put(file, "a", H5T_IEEE_F64LE, 2, two, list, six);
    put(file, "b", H5T_IEEE_F64LE, 1, two, H5P_DEFAULT, six);
    H5Pclose(list);
    H5Fclose(file);
    expect_six();
    ms_table *table = read_good();
    assert_false(ms_table_find(table, "b")->is_list);
    assert_true(at(table, "b", 1, 0) == 2);
    assert_null(ms_table_find(table, "c"));
    ms_table_free(table);
}

/* A file whose dataset "z" comes last and is made by the caller. */
static void expect_refused_file(hid_t file, const char *message)
{
    assert_true(H5Fclose(file) >= 0);
    expect_refused(message);
}

static void test_wrong_datasets_are_refused(void **state)
{
    (void)state;
    static const hsize_t three[] = {3, 1, 1}, none[] = {0, 1}, huge[] = {1u << 20, 1u << 20};
    static const double nan_last[] = {1, 2, 3, 4, 5, (double)NAN}, large[] = {1, 2e100};
    hid_t file = begin_file();
    expect_refused_file(file, " it holds no dataset, or more than 32");
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, two, H5P_DEFAULT, nan_last);
    expect_refused_file(file, " z[1,2] is nan; give a finite number");
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 1, two, H5P_DEFAULT, large);
    expect_refused_file(file, " z[1] is 2e+100; give a number from -1e100 to 1e100");
    file = begin_file();
    put(file, "a", H5T_IEEE_F64LE, 2, two, H5P_DEFAULT, six);
    put(file, "z", H5T_IEEE_F64LE, 1, three, H5P_DEFAULT, six);
    expect_refused_file(file, " z has 3 rows, but a has 2; give all the same number");
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 3, three, H5P_DEFAULT, NULL);
    expect_refused_file(file, " z has a rank other than 1 or 2");
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 0, NULL, H5P_DEFAULT, NULL);
    expect_refused_file(file, " z has a rank other than 1 or 2");
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, none, H5P_DEFAULT, NULL);
    expect_refused_file(file, " z holds no numbers");
    file = begin_file();
    put(file, "z", H5T_C_S1, 1, two, H5P_DEFAULT, NULL);
    expect_refused_file(file, " z has an unsupported type; store it as float64");
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_chunk(list, 2, two) >= 0);
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, huge, list, NULL);
    expect_refused_file(file, " z brings the file to more than 2^23 numbers");
    static const hsize_t large_chunk[] = {1u << 12, 1u << 12};
    assert_true(H5Pset_chunk(list, 2, large_chunk) >= 0 && H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) >= 0);
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, large_chunk, list, NULL);
    expect_refused_file(file, " z has chunks above 64 MiB");
    H5Pclose(list);
    file = begin_file();
    H5Gclose(H5Gcreate2(file, "z", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    expect_refused_file(file, " z is not a dataset; give a file that contains datasets only");
}

static size_t change_nothing(unsigned flags, size_t count, const unsigned *values, size_t size, size_t *room,
                             void **buffer)
{
    (void)flags;
    (void)count;
    (void)values;
    (void)room;
    (void)buffer;
    return size;
}

/* Whatever would lead out of the file, or bring code in. */
static void test_nothing_outside_is_read(void **state)
{
    (void)state;
    hid_t file = begin_file();
    put(file, "a", H5T_IEEE_F64LE, 2, two, H5P_DEFAULT, six);
    assert_int_equal(H5Fclose(file), 0);
    assert_int_equal(rename(path, other), 0);
    file = begin_file();
    assert_true(H5Lcreate_external(other, "/a", file, "z", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    expect_refused_file(file, " z is a link, which is not followed; store the dataset itself");
    file = begin_file();
    assert_true(H5Lcreate_soft("/a", file, "z", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    expect_refused_file(file, " z is a link, which is not followed");

    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(2, two, NULL);
    assert_true(H5Pset_virtual(list, space, other, "/a", space) >= 0);
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, two, list, NULL);
    expect_refused_file(file,
                        " z stores its values in other files, which are not read; store them in this one");
    H5Pclose(list);
    list = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_external(list, other, 0, 48) >= 0);
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, two, list, NULL);
    expect_refused_file(file, " z stores its values in other files");
    H5Pclose(list);
    H5Sclose(space);

    const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, 30000, 1, 1, "nothing", NULL, NULL, change_nothing};
    assert_true(H5Zregister(&filter) >= 0);
    list = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_chunk(list, 2, two) >= 0 && H5Pset_filter(list, 30000, 0, 0, NULL) >= 0);
    file = begin_file();
    put(file, "z", H5T_IEEE_F64LE, 2, two, list, six);
    expect_refused_file(file, " z uses an unsupported compression; use gzip or none");
    H5Pclose(list);
    assert_true(H5Zunregister(30000) >= 0);
}

static void test_cut_files_are_refused(void **state)
{
    (void)state;
    char bytes[8192];
    hid_t file = begin_file();
    put(file, "a", H5T_IEEE_F64LE, 2, two, H5P_DEFAULT, six);
    H5Fclose(file);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_true(fclose(in) == 0 && size > 1000 && size < sizeof bytes);
    expect_six();
    for (size_t cut = 8; cut < size; cut += 40) {
        write_bytes(path, bytes, cut);
        expect_refused(" it cannot be read as HDF5; is the file damaged or truncated?");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_read),
        cmocka_unit_test(test_bad_texts_are_explained),
        cmocka_unit_test(test_what_is_no_file_is_refused),
        cmocka_unit_test(test_datasets_are_read),
        cmocka_unit_test(test_wrong_datasets_are_refused),
        cmocka_unit_test(test_nothing_outside_is_read),
        cmocka_unit_test(test_cut_files_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
