/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 looks for a filter that it does not know in HDF5_PLUGIN_PATH and loads what it finds there. A file
 * must not be able to make it do so: here one whose names of datasets lie in a heap with such a filter. */
#include "fixture.h"
#include "results/seal.h"

#include <hdf5.h>

#define FILTER 30000 /* nobody's */

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

static void put_number(hid_t file, const char *name, hid_t type, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

/* A sealed file whose root group needs the filter to be read. */
static void write_filtered(fixture *f)
{
    const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, FILTER, 1, 1, "nothing", NULL, NULL, change_nothing};
    const int32_t version = MS_RESULTS_FORMAT_VERSION;
    const int64_t iterations = 1000;
    assert_true(H5Zregister(&filter) >= 0);
    hid_t list = H5Pcreate(H5P_FILE_CREATE);
    assert_true(H5Pset_userblock(list, MS_SEAL_SIZE) >= 0 && H5Pset_link_phase_change(list, 0, 0) >= 0 &&
                H5Pset_filter(list, FILTER, 0, 0, NULL) >= 0);
    hid_t file = H5Fcreate(f->path, H5F_ACC_TRUNC, list, H5P_DEFAULT);
    put_number(file, "format_version", H5T_STD_I32LE, &version);
    put_number(file, "iterations", H5T_STD_I64LE, &iterations);
    H5Gclose(H5Gcreate2(file, "point", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Pclose(list);
    assert_true(H5Fclose(file) >= 0);
    assert_true(H5Zunregister(FILTER) >= 0);
    ms_seal seal = {.format_version = MS_RESULTS_FORMAT_VERSION};
    assert_ok(f, ms_seal_write(f->path, f->path, NULL, &seal, &f->error));
}

static void test_no_plugin_is_loaded(void **state)
{
    fixture *f = *state;
    ms_results *results;
    char trace[128];
    unsigned before = 0, after = 0;
    snprintf(trace, sizeof trace, "%s/trace", f->folder);
    /* HDF5 reads it once, when it is first used */
    assert_int_equal(setenv("HDF5_PLUGIN_PATH", MS_PLUGIN_DIR, 1), 0);
    assert_int_equal(setenv("MODESEEK_TRACE", trace, 1), 0);
    write_filtered(f);
    H5PLget_loading_state(&before);
    assert_refused(f, ms_results_open(&results, f->path, &f->error), MS_ERROR_FORMAT, "/point");
    assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT, "/point");
    assert_refused(f, compare_file(f, f->sweep), MS_ERROR_FORMAT, "/point");
    assert_int_not_equal(access(trace, F_OK), 0);
    H5PLget_loading_state(&after);
    assert_int_equal(after, before);

    /* so that the test means something: other programs do load it */
    H5E_BEGIN_TRY
    {
        hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
        assert_true(H5Lexists(file, "point", H5P_DEFAULT) <= 0);
        H5Fclose(file);
    }
    H5E_END_TRY
    assert_int_equal(access(trace, F_OK), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_no_plugin_is_loaded, set_up, tear_down),
};

RUN_WITH_MPI(tests)
