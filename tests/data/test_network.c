/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks from files: what the program computes against what PyTorch has (network.py), and what is said of
 * files that are damaged. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif
#include "cmocka_all.h"
#include "data/data_set_read.h"
#include "data/network_read.h"
#include "sampler/kernel.h"
#include "target/family/empirical.h"
#include "target/target_type.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { d = 9, vectors = 4, groups = 2, levels = 4 };

static const char whole[] = MS_SOURCE_DIR "/tests/data/network_whole.h5",
                  patches[] = MS_SOURCE_DIR "/tests/data/network_patches.h5";
static char folder[] = "/tmp/modeseek-network-XXXXXX", path[64];

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/w.h5", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* --- the forward pass --- */

static float *read_numbers(const char *file, const char *name)
{
    ms_array array;
    ms_diagnostics diagnostics = {0};
    if (ms_array_read_hdf5(&array, file, name, &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    return array.value;
}

/* The vector in a lane: each stands in several, so that all lanes are looked at. */
static size_t vector_in(size_t group, size_t lane)
{
    return (3 * group + lane) % vectors;
}

static void compare(const ms_network *network, const float *y, const float *expected, double level,
                    unsigned simd)
{
    float value[2 * d] = {0.25F, 0.5F};
    const ms_data_set set = {.count = 2, .dimension = d, .value = value};
    ms_learned_params params = {.data = {.data = {.train = &set}, .flips = true}, .network = network};
    ms_target *target;
    assert_int_equal(ms_target_make(&target, ms_target_learned, &params, d, NULL), MS_OK);
    const ms_denoiser_type *denoiser = ms_target_type_for(target->type, simd)->denoiser;
    size_t size = denoiser->patch_size(target->content), stride = d * MS_LANES;
    void *state = denoiser->alloc(target->content, groups * MS_LANES, size);
    double *x = aligned_alloc(64, groups * stride * sizeof *x),
           *mean = aligned_alloc(64, groups * stride * sizeof *mean);
    assert_true(state && x && mean);
    for (size_t i = 0; i < groups * stride; i++)
        x[i] = 0.5 + (double)y[vector_in(i / stride, i % MS_LANES) * d + i % stride / MS_LANES];
    for (int pass = 0; pass < 2; pass++) { /* the second one must have forgotten the first */
        denoiser->forget(state);
        for (size_t first = 0; first < d; first += size) {
            const ms_place place = {first, size, level, level};
            const ms_groups at = {x + first * MS_LANES, stride}, to = {mean + first * MS_LANES, stride};
            denoiser->denoise(state, &place, at, to, place.noise_level, NULL);
            if (size < d)
                denoiser->absorb(state, &place, at);
        }
        for (size_t i = 0; i < groups * stride; i++) {
            double of_torch =
                0.5 + (double)expected[vector_in(i / stride, i % MS_LANES) * d + i % stride / MS_LANES];
            if (!(fabs(mean[i] - of_torch) <= 1e-5 * (1 + fabs(of_torch))))
                fail_msg("level %g, pass %d, number %zu: %.8g instead of %.8g", level, pass, i, mean[i],
                         of_torch);
        }
    }
    free(x);
    free(mean);
    denoiser->free(state);
    ms_target_free(target);
}

static void check_outputs(const char *file)
{
    ms_network *network;
    ms_diagnostics diagnostics = {0};
    if (ms_network_read(&network, file, &diagnostics) != MS_OK)
        fail_msg("%s", diagnostics.message[0]);
    float *level = read_numbers(file, "check_levels"), *y = read_numbers(file, "check_y"),
          *expected = read_numbers(file, "check_mean");
    for (ms_simd simd = MS_SIMD_PORTABLE; simd <= MS_SIMD_AVX512; simd++) {
        const ms_kernel *kernel = ms_kernel_find(simd);
        for (size_t l = 0; kernel && l < levels; l++)
            compare(network, y + l * vectors * d, expected + l * vectors * d, (double)level[l],
                    kernel->number);
    }
    free(level);
    free(y);
    free(expected);
    ms_network_free(network);
}

static void means_are_those_of_pytorch(void **state)
{
    (void)state;
    check_outputs(whole);
    check_outputs(patches);
}

/* --- damaged files --- */

static void copy(const char *from)
{
    static char bytes[1 << 17];
    FILE *in = fopen(from, "rb"), *out = fopen(path, "wb");
    assert_true(in && out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_true(size < sizeof bytes && fwrite(bytes, 1, size, out) == size);
    assert_true(fclose(in) == 0 && fclose(out) == 0);
}

/* A dataset in the copy instead of the one there is; rank 0: none. */
static void replace(const char *name, int rank, const hsize_t *extent, const float *value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0 && H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    if (rank > 0) {
        hid_t space = H5Screate_simple(rank, extent, NULL);
        hid_t set = H5Dcreate2(file, name, H5T_NATIVE_FLOAT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(set >= 0);
        if (value)
            assert_true(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
        H5Dclose(set);
        H5Sclose(space);
    }
    assert_true(H5Fclose(file) >= 0);
}

/* The copy must be refused; the message, behind the path, begins so. */
static void expect_refused(const char *message)
{
    ms_network *network;
    ms_diagnostics diagnostics = {0};
    ms_status status = ms_network_read(&network, path, &diagnostics);
    if (status == MS_OK || network || diagnostics.count != 1 ||
        strncmp(diagnostics.message[0], path, strlen(path)) != 0 ||
        strncmp(diagnostics.message[0] + strlen(path) + 2, message, strlen(message)) != 0)
        fail_msg("status %d, '%s' instead of '%s'", (int)status, diagnostics.message[0], message);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    float value[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    copy(patches);
    replace("out_bias", 0, NULL, NULL);
    expect_refused("out_bias is not a dataset");
    copy(patches);
    replace("lstm_h", 0, NULL, NULL);
    expect_refused("lstm_h is not a dataset");
    copy(patches);
    replace("out_bias", 1, (hsize_t[]){4}, value);
    expect_refused("out_bias has another shape");
    copy(patches);
    replace("place", 2, (hsize_t[]){7, 3}, NULL); /* as many numbers, but not in that order */
    expect_refused("place has another shape");
    copy(patches);
    replace("block_1", 1, (hsize_t[]){2}, value);
    expect_refused("block_1 has fewer extents");
    copy(patches);
    replace("frequencies", 1, (hsize_t[]){9000}, NULL);
    expect_refused("frequencies is larger than 8192");
    copy(patches);
    value[2] = NAN;
    replace("out_bias", 1, (hsize_t[]){3}, value);
    expect_refused("out_bias holds a number that is not finite");
    copy(patches);
    value[2] = -1;
    replace("out_bias", 1, (hsize_t[]){3}, value);
    ms_network *network;
    ms_diagnostics diagnostics = {0};
    assert_int_equal(ms_network_read(&network, path, &diagnostics), MS_OK);
    ms_network_free(network);
    replace("variance", 2, (hsize_t[]){3, 3}, value);
    expect_refused("variance holds a number that is not finite, or larger than 1e6, or a variance below 0");
    copy(whole);
    assert_int_equal(truncate(path, 5000), 0);
    expect_refused("it cannot be read as HDF5");
}

/* Weights are of one dimension. */
static void another_dimension_is_refused(void **state)
{
    (void)state;
    float value[16] = {0};
    const ms_data_set set = {.count = 2, .dimension = 8, .value = value};
    ms_diagnostics diagnostics = {0};
    ms_network *network;
    ms_target *target;
    ms_error error;
    assert_int_equal(ms_network_read(&network, whole, &diagnostics), MS_OK);
    ms_learned_params params = {.data = {.data = {.train = &set}}, .network = network};
    assert_int_equal(ms_target_make(&target, ms_target_learned, &params, 8, &error), MS_ERROR_ARGUMENT);
    assert_string_equal(error.message,
                        "the weights are for vectors of 9 numbers, but the grid has dimension 8");
    ms_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_pytorch),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(another_dimension_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
