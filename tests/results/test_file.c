/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Creating, writing, reading back, and what counts as done. */
#include "fixture.h"
#include "results/file.h"

#include <hdf5.h>
#include <math.h>

static void test_create_and_match(void **state)
{
    fixture *f = *state;
    size_t count[4];
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_int_equal(folder_entries(f->folder, 0), 1); /* no temporary file is left */
    assert_ok(f, compare_file(f, f->sweep));
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_NOT_DONE], ms_sweep_block_count(f->sweep));
}

static void test_mismatch_names_the_key(void **state)
{
    fixture *f = *state;
    ms_sweep *other = parse(SWEEP_HEAD "budget: {iterations: 500, chains: 70}\nsnapshots: [0, 10, 100]\n");
    ms_results *results;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_refused(f, compare_file(f, other), MS_ERROR_MISMATCH, "budget.iterations: was 1000, is 500");
    assert_refused(f, compare_file(f, other), MS_ERROR_MISMATCH, "snapshots: was 0 10 1000, is 0 10 100");
    assert_refused(f, ms_results_open_parallel(&results, f->path, other, MPI_COMM_SELF, &f->error),
                   MS_ERROR_MISMATCH, f->path);
    assert_null(results);
    ms_sweep_free(other);
}

static void test_size_is_an_upper_bound(void **state)
{
    fixture *f = *state;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    FILE *file = fopen(f->path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    double bytes = (double)ftell(file);
    fclose(file);
    double room = ms_results_state_room(f->sweep);
    assert_true(bytes <= ms_results_size(f->sweep) + room);
    assert_true(bytes >= 0.5 * ms_results_size(f->sweep) + room);
}

static void test_info(void **state)
{
    fixture *f = *state;
    ms_results *results;
    write_file(f, 0);
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    const ms_results_info *info = ms_results_get_info(results);
    assert_string_equal(info->name, "fixture");
    assert_string_equal(info->sweep_yaml, SWEEP_TEXT);
    assert_string_equal(info->identity, f->sweep->identity);
    assert_int_equal(info->format_version, MS_RESULTS_FORMAT_VERSION);
    assert_int_equal(info->points, f->sweep->point_count);
    assert_int_equal(info->chains, 70);
    assert_int_equal(info->rules, 2);
    assert_int_equal(info->modes, 2);
    assert_int_equal(info->components, 3);
    assert_int_equal(info->snapshots, 3);
    assert_int_equal(info->iterations, 1000);
    assert_int_equal(info->snapshot_iteration[1], 10);
    assert_float_equal(info->weight[2], 0.4, 0);
    for (size_t i = 0; i < info->points; i++) {
        assert_int_equal(info->dimension[i], f->sweep->points[i].dimension);
        assert_int_equal(info->patch_size[i], f->sweep->points[i].patch_size);
        assert_int_equal(info->seed[i], 7);
    }
    assert_ok(f, ms_results_close(results, &f->error));
}

/* Every value that comes back, against what fill_block() wrote. */
static void check_point(fixture *f, ms_results *results, size_t point, int64_t *time, int64_t *observed,
                        double *distance, double *responsibility, ms_block_results *block)
{
    static const char *const column[] = {"discovery_time", "observed", "squared_distance", "responsibility"};
    void *const value[] = {time, observed, distance, responsibility};
    size_t chains, same, at = 0;
    for (size_t i = 0; i < 4; i++) {
        assert_ok(f, ms_results_read_column(results, point, column[i], value[i], &same, &f->error));
        chains = i == 0 ? same : chains;
        assert_int_equal(chains, same);
    }
    for (size_t b = 0; b < ms_sweep_block_count(f->sweep); b++) {
        if (ms_sweep_block(f->sweep, b).point != point || b % 3 == 2)
            continue;
        fill_block(f->sweep, b, block);
        assert_memory_equal(time + at * 4, ms_block_int64(block, "discovery_time"),
                            block->chains * 4 * sizeof *time);
        assert_memory_equal(observed + at, ms_block_int64(block, "observed"),
                            block->chains * sizeof *observed);
        for (size_t s = 0; s < 3; s++) {
            size_t size = block->chains * 3 * sizeof *distance;
            assert_memory_equal(distance + (s * chains + at) * 3,
                                ms_block_double(block, "squared_distance") + s * block->chains * 3, size);
            assert_memory_equal(responsibility + (s * chains + at) * 3,
                                ms_block_double(block, "responsibility") + s * block->chains * 3, size);
        }
        at += block->chains;
    }
    assert_int_equal(at, chains);
}

static void test_round_trip(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_block_results *block;
    size_t count[4], blocks = ms_sweep_block_count(f->sweep);
    char reason[MS_FAILURE_MAX];
    assert_true(blocks >= 6);
    write_file(f, blocks);
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_FAILED], blocks / 3);
    assert_int_equal(count[MS_BLOCK_DONE], blocks - blocks / 3);

    int64_t *time = calloc(70 * 4, sizeof *time);
    int64_t *observed = calloc(70, sizeof *observed);
    double *distance = calloc(3 * 70 * 3, sizeof *distance),
           *responsibility = calloc(3 * 70 * 3, sizeof *distance);
    assert_true(time && observed && distance && responsibility);
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    for (size_t point = 0; point < f->sweep->point_count; point++)
        check_point(f, results, point, time, observed, distance, responsibility, block);
    assert_ok(f, ms_results_failure(results, 2, reason, &f->error));
    assert_string_equal(reason, "chain diverged (non-finite state)");
    assert_ok(f, ms_results_failure(results, 0, reason, &f->error));
    assert_string_equal(reason, "");
    assert_refused(f, ms_results_read_column(results, 99, "observed", observed, count, &f->error),
                   MS_ERROR_ARGUMENT, "no point 99");
    assert_refused(f, ms_results_read_column(results, 0, "energy", observed, count, &f->error),
                   MS_ERROR_ARGUMENT, "no column \"energy\"");
    assert_ok(f, ms_results_close(results, &f->error));
    ms_block_results_free(block);
    free(time);
    free(observed);
    free(distance);
    free(responsibility);
}

/* Without snapshots their datasets are left out. */
static void test_no_snapshots(void **state)
{
    fixture *f = *state;
    ms_sweep *sweep = parse(SWEEP_HEAD "budget: {iterations: 1000, chains: 3}\n");
    ms_sweep_free(f->sweep);
    f->sweep = sweep;
    size_t count[4];
    write_file(f, ms_sweep_block_count(f->sweep));
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_DONE] + count[MS_BLOCK_FAILED], ms_sweep_block_count(f->sweep));
    assert_ok(f, compare_file(f, f->sweep));
}

static void test_impossible_blocks_are_not_written(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_block_results *block;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    fill_block(f->sweep, 0, block);
    block->block = 10000;
    assert_int_equal(ms_results_write(results, block, &f->error), MS_ERROR_ARGUMENT);
    fill_block(f->sweep, 0, block);
    ms_block_int64(block, "discovery_time")[0] = 1001;
    assert_int_equal(ms_results_write(results, block, &f->error), MS_ERROR_INTERNAL);
    fill_block(f->sweep, 0, block);
    block->status = MS_BLOCK_NOT_DONE;
    assert_int_equal(ms_results_write(results, block, &f->error), MS_ERROR_INTERNAL);
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    block = NULL;
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    fill_block(f->sweep, 0, block);
    assert_refused(f, ms_results_write(results, block, &f->error), MS_ERROR_ARGUMENT, "for reading");
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
}

/* What a replicate cannot find is not written. */
static void test_impossible_replicates_are_not_written(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *column;
        double value;
        bool is_possible;
    } cases[] = {{"iterations_at_risk", 1000, true},
                 {"iterations_at_risk", -1, false},
                 {"discoveries", (double)INFINITY, false},
                 {"transitions", (double)NAN, true},
                 {"relative_error", (double)INFINITY, true},
                 {"relative_error", -1e-9, false},
                 {"survival", 1.001, true},
                 {"survival", 1.2, false}};
    ms_sweep *sweep = parse(
        SWEEP_HEAD "estimator: {name: quadrature}\nbudget: {iterations: 1000, chains: 70}\nsnapshots: 10\n");
    ms_results *results;
    ms_block_results *block;
    assert_ok(f, ms_results_create(f->path, sweep, NULL, &f->error));
    assert_ok(f, ms_results_open_parallel(&results, f->path, sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(sweep, &block, &f->error));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t c = 0; c < block->columns; c++)
            for (size_t v = 0; v < ms_block_column_values(block, c); v++)
                ((double *)block->value[c])[v] = 1;
        block->block = 0;
        block->chains = 1;
        block->status = MS_BLOCK_DONE;
        *ms_block_double(block, cases[i].column) = cases[i].value;
        assert_int_equal(ms_results_write(results, block, &f->error),
                         cases[i].is_possible ? MS_OK : MS_ERROR_INTERNAL);
    }
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
    ms_sweep_free(sweep);
}

/* Where the values of a dataset begin in the file, and how many bytes they are. */
static void locate(const char *path, const char *dataset, long *offset, long *bytes)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t opened = H5Dopen2(file, dataset, H5P_DEFAULT);
    *offset = (long)H5Dget_offset(opened);
    *bytes = (long)H5Dget_storage_size(opened);
    H5Dclose(opened);
    H5Fclose(file);
}

static void flip(const char *path, long offset, int mask)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, offset, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, offset, SEEK_SET);
    fputc(byte ^ mask, file);
    fclose(file);
}

/* One flipped bit anywhere in any slot, or in any commit record, undoes exactly the block it is in. */
static void test_flipped_bits_count_as_not_done(void **state)
{
    static const char *const dataset[] = {"/discovery_time", "/observed",      "/squared_distance",
                                          "/responsibility", "/block/failure", "/block/commit"};
    fixture *f = *state;
    size_t count[4], blocks = ms_sweep_block_count(f->sweep);
    write_file(f, blocks);
    for (size_t i = 0; i < sizeof dataset / sizeof *dataset; i++) {
        long offset, bytes;
        locate(f->path, dataset[i], &offset, &bytes);
        for (long at = (long)(i % 3); at < bytes; at += bytes / 37 + 1) {
            flip(f->path, offset + at, 1 << at % 8);
            count_blocks(f, count);
            assert_int_equal(count[MS_BLOCK_NOT_DONE], 1);
            flip(f->path, offset + at, 1 << at % 8);
        }
    }
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_NOT_DONE], 0);
}

/* As after a kill between a slot and its commit record: the data are there, the record is not. */
static void test_without_commit_not_done(void **state)
{
    fixture *f = *state;
    long offset, bytes;
    size_t count[4], chains, blocks = ms_sweep_block_count(f->sweep);
    int64_t time[70 * 4];
    ms_results *results;
    write_file(f, blocks);
    locate(f->path, "/block/commit", &offset, &bytes);
    for (long i = 0; i < 16; i++) { /* the record of block 0 */
        FILE *file = fopen(f->path, "r+b");
        assert_non_null(file);
        fseek(file, offset + i, SEEK_SET);
        fputc(0, file);
        fclose(file);
    }
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_NOT_DONE], 1);
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    assert_ok(f, ms_results_read_column(results, 0, "discovery_time", time, &chains, &f->error));
    size_t expected = 0;
    for (size_t b = 1; ms_sweep_block(f->sweep, b).point == 0; b++)
        expected += b % 3 == 2 ? 0 : ms_sweep_block(f->sweep, b).chains;
    assert_int_equal(chains, expected);
    assert_ok(f, ms_results_close(results, &f->error));
}

/* HDF5 marks a file as open for writing in its superblock; after a kill in between the mark stays. */
static void test_mark_of_a_killed_writer(void **state)
{
    fixture *f = *state;
    ms_results *results;
    write_file(f, 1);
    flip(f->path, 4096 + 20, 1);
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    assert_ok(f, ms_results_record_start(f->path, 1, 0, &f->error));
    flip(f->path, 4096 + 20, 1);
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    assert_ok(f, compare_file(f, f->sweep));
}

/* In the file stand the bytes, for its checksum; what is read for people can be printed. */
static void test_failure_of_any_bytes(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_block_results *block;
    char reason[MS_FAILURE_MAX];
    write_file(f, 0);
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    fill_block(f->sweep, 2, block);
    memset(block->failure, 0xFF, sizeof block->failure);
    memcpy(block->failure, "\033[2J\xC2\x9B\xE2\x80\xAE.", 10);
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_results_write(results, block, &f->error));
    assert_ok(f, ms_results_failure(results, 2, reason, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    ms_block_results_free(block);
    assert_int_equal(strncmp(reason, "?[2J??.??", 9), 0);
    assert_int_equal(strspn(reason + 7, "?"), strlen(reason + 7));
}

/* The starts beyond the last line push out the oldest but the first. */
static void test_starts(void **state)
{
    fixture *f = *state;
    char line[64][1024];
    setenv("SLURM_JOB_ID", "12\"3\n\xff\u00e9", 1);
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    for (int i = 1; i <= 70; i++)
        assert_ok(f, ms_results_record_start(f->path, i, 0, &f->error));
    unsetenv("SLURM_JOB_ID");
    hid_t file = H5Fopen(f->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "/provenance/start", H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, line) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    assert_non_null(strstr(line[0], "\"ranks\": 1,"));
    assert_non_null(strstr(line[1], "\"ranks\": 8,"));
    assert_non_null(strstr(line[63], "\"ranks\": 70,"));
    assert_non_null(strstr(line[63], "\"slurm_job_id\": \"12\\u00223\\u000a\\ufffd\u00e9\""));
    assert_int_equal(line[63][strlen(line[63]) - 1], '}');
}

/* /provenance/source of a file merged from one whose /provenance/versions is this text. */
static void merge_with_versions(fixture *f, const char *versions, char source[2][MS_START_MAX])
{
    char merged[160], padded[MS_VERSIONS_MAX] = "";
    const char *const from[] = {f->path};
    ms_merge_report report;
    ms_seal seal;
    snprintf(merged, sizeof merged, "%s.merged", f->path);
    snprintf(padded, sizeof padded, "%s", versions);
    hid_t file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "/provenance/versions", H5P_DEFAULT), type = H5Dget_type(dataset);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    assert_ok(f, ms_seal_check(f->path, true, NULL, &seal, &f->error));
    assert_ok(f, ms_seal_write(f->path, f->path, NULL, &seal, &f->error));
    assert_ok(f, ms_results_merge(merged, f->sweep, from, 1, &report, NULL, &f->error));
    file = H5Fopen(merged, H5F_ACC_RDONLY, H5P_DEFAULT);
    dataset = H5Dopen2(file, "/provenance/source", H5P_DEFAULT);
    type = H5Dget_type(dataset);
    assert_true(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, source) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
    H5Fclose(file);
    unlink(merged);
}

/* The versions of a source are taken over as JSON only if they are. */
static void test_versions_of_any_bytes(void **state)
{
    static const struct {
        const char *versions, *expected;
    } cases[] = {
        {"{\"a\": \"b\\u0022\", \"c\": \"d\"}", "\"versions\": {\"a\": \"b\\u0022\", \"c\": \"d\"}}"},
        {"}, \"x\": {\xFF", "\"versions\": \"}, \\u0022x\\u0022: {\\ufffd\"}"},
        {"{\"a\": \"b\"", "\"versions\": \"{\\u0022a\\u0022: \\u0022b\\u0022\"}"},
        {"{\"a\": \"b\", \"c\"}", "\"versions\": \"{\\u0022a\\u0022: \\u0022b\\u0022, \\u0022c\\u0022}\"}"},
        {"{\"a\": \"\\\"}", "\"versions\": \"{\\u0022a\\u0022: \\u0022\\u005c\\u0022}\"}"},
        {"", "\"versions\": \"\"}"}};
    fixture *f = *state;
    write_file(f, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char source[2][MS_START_MAX] = {""};
        merge_with_versions(f, cases[i].versions, source);
        const char *found = strstr(source[0], "\"versions\"");
        assert_non_null(found);
        assert_string_equal(found, cases[i].expected);
    }
}

static char *read_bytes(const char *path, long *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)*size, file), *size);
    fclose(file);
    return bytes;
}

/* Equal sweeps make equal files: they differ at most in two times. */
static void test_equal_sweeps_equal_files(void **state)
{
    fixture *f = *state;
    size_t blocks = ms_sweep_block_count(f->sweep);
    char first[128];
    long sizes[2], offset, bytes;
    write_file(f, blocks);
    snprintf(first, sizeof first, "%s", f->path);
    snprintf(f->path, sizeof f->path, "%s/again.h5", f->folder);
    write_file(f, blocks);
    char *one = read_bytes(first, &sizes[0]), *two = read_bytes(f->path, &sizes[1]);
    assert_int_equal(sizes[0], sizes[1]);
    static const char *const time[] = {"/provenance/start", "/provenance/created_at"};
    for (size_t i = 0; i < 2; i++) {
        locate(first, time[i], &offset, &bytes);
        memset(one + offset, 0, (size_t)bytes);
        memset(two + offset, 0, (size_t)bytes);
    }
    assert_memory_equal(one, two, (size_t)sizes[0]);
    free(one);
    free(two);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_create_and_match, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_mismatch_names_the_key, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_size_is_an_upper_bound, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_info, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_no_snapshots, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_impossible_blocks_are_not_written, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_impossible_replicates_are_not_written, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_flipped_bits_count_as_not_done, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_without_commit_not_done, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_mark_of_a_killed_writer, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_failure_of_any_bytes, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_starts, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_versions_of_any_bytes, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_equal_sweeps_equal_files, set_up, tear_down),
};

RUN_WITH_MPI(tests)
