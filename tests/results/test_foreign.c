/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of another version: with columns, axes and rules that this one does not know, and saved states of
 * another size. What the sweep room says is another thing while `is_foreign`. */
#include "fixture.h"
#include "results/file.h"

#include <math.h>

#define LARGER                                                                                               \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components:\n"                                                                                        \
    "    - {weight: 0.2, mean: 0, variance: 3}\n"                                                            \
    "    - {weight: 0.4, mean: 1, variance: 1}\n"                                                            \
    "    - {weight: 0.4, mean: -1, variance: 1}\n"                                                           \
    "start: {component: 0}\n"                                                                                \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "grid: {dimension: [4, 8, 16], patch_size: [2, full], noise_level: 0, seed: 7}\n"                        \
    "budget: {iterations: 1000, chains: 70}\n"

static bool is_foreign;
static size_t state_size; /* 0: as it is */

/* One of each type, with every extent, and so many that a file has more datasets that change than once had
 * room in its seal. */
static const ms_column energy = {.name = "energy",
                                 .units = "1",
                                 .long_name = "energy",
                                 .type = MS_COLUMN_DOUBLE,
                                 .rank = 2,
                                 .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN}};
static const ms_column accepted = {.name = "accepted",
                                   .units = "1",
                                   .long_name = "moves",
                                   .type = MS_COLUMN_UINT64,
                                   .rank = 1,
                                   .extent = {MS_EXTENT_CHAIN}};
static const ms_column positions = {.name = "positions",
                                    .units = "1",
                                    .long_name = "positions",
                                    .type = MS_COLUMN_DOUBLE,
                                    .rank = 3,
                                    .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COORDINATE}};
static const ms_column last_mode = {.name = "last_mode",
                                    .units = "1",
                                    .long_name = "mode",
                                    .type = MS_COLUMN_INT64,
                                    .rank = 2,
                                    .extent = {MS_EXTENT_RULE, MS_EXTENT_CHAIN}};

/* NOLINTBEGIN(bugprone-reserved-identifier): names that the linker makes, --wrap */
size_t __real_ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX]);
size_t __wrap_ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX]);
size_t __wrap_ms_sweep_columns(const ms_sweep *sweep, const ms_column *list[MS_COLUMNS_MAX])
{
    static ms_column more[MS_COLUMNS_MAX];
    static char name[MS_COLUMNS_MAX][16];
    size_t count = __real_ms_sweep_columns(sweep, list);
    if (!is_foreign)
        return count;
    list[count++] = &energy;
    list[count++] = &accepted;
    list[count++] = &positions;
    list[count++] = &last_mode;
    for (; count < MS_COLUMNS_MAX; count++) {
        snprintf(name[count], sizeof name[count], "further_%zu", count);
        more[count] = accepted;
        more[count].name = name[count];
        list[count] = &more[count];
    }
    return count;
}

size_t __real_ms_sweep_extent(const ms_sweep *sweep, ms_extent extent);
size_t __wrap_ms_sweep_extent(const ms_sweep *sweep, ms_extent extent);
size_t __wrap_ms_sweep_extent(const ms_sweep *sweep, ms_extent extent)
{
    return __real_ms_sweep_extent(sweep, extent) + (is_foreign && extent == MS_EXTENT_RULE);
}

const char *__real_ms_sweep_rule(const ms_sweep *sweep, size_t rule);
const char *__wrap_ms_sweep_rule(const ms_sweep *sweep, size_t rule);
const char *__wrap_ms_sweep_rule(const ms_sweep *sweep, size_t rule)
{
    return is_foreign && rule == MS_RULE_COUNT ? "commute" : __real_ms_sweep_rule(sweep, rule);
}

size_t __real_ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX]);
size_t __wrap_ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX]);
size_t __wrap_ms_sweep_axes(const ms_sweep *sweep, ms_point_axis list[MS_SWEEP_AXES_MAX])
{
    size_t count = __real_ms_sweep_axes(sweep, list);
    if (is_foreign) {
        list[count++] = (ms_point_axis){"sampler.step_size", MS_POINT_NUMBER, "1", "step size"};
        list[count++] = (ms_point_axis){"target.components[1].copies", MS_POINT_COUNT, "1", "copies"};
        list[count++] = (ms_point_axis){"sampler", MS_POINT_TEXT, "1", "sampler"};
    }
    return count;
}

ms_point_value __real_ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point);
ms_point_value __wrap_ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point);
ms_point_value __wrap_ms_sweep_axis_value(const ms_sweep *sweep, size_t axis, size_t point)
{
    switch (axis) {
    case 4:
        return (ms_point_value){.number = 0.5 * (double)point};
    case 5:
        return (ms_point_value){.count = 10 + point};
    case 6:
        return (ms_point_value){.text = point % 2 ? "mala" : "hamiltonian, of long steps"};
    default:
        return __real_ms_sweep_axis_value(sweep, axis, point);
    }
}

uint64_t __real_ms_sweep_point_iterations(const ms_sweep *sweep, size_t point);
uint64_t __wrap_ms_sweep_point_iterations(const ms_sweep *sweep, size_t point);
uint64_t __wrap_ms_sweep_point_iterations(const ms_sweep *sweep, size_t point)
{
    return __real_ms_sweep_point_iterations(sweep, point) + (is_foreign ? 1000 * point : 0);
}

size_t __real_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block);
size_t __wrap_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block);
size_t __wrap_ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block)
{
    return state_size > 0 ? state_size : __real_ms_sweep_block_state_size(sweep, block);
}

/* NOLINTEND(bugprone-reserved-identifier) */

static void write_blocks(fixture *f)
{
    ms_results *results;
    ms_block_results *block;
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    for (size_t b = 0; b < ms_sweep_block_count(f->sweep); b++) {
        block->block = b;
        block->chains = ms_sweep_block(f->sweep, b).chains;
        block->status = MS_BLOCK_DONE;
        for (size_t column = 0; column < block->columns; column++)
            for (size_t i = 0; i < ms_block_column_values(block, column); i++) {
                if (block->column[column]->type == MS_COLUMN_DOUBLE)
                    ((double *)block->value[column])[i] = (double)(100 * b + column) + 0.001 * (double)i;
                else /* within any budget */
                    ((int64_t *)block->value[column])[i] = (int64_t)(column == 0 ? b : 100 + b + i % 7);
            }
        assert_ok(f, ms_results_write(results, block, &f->error));
    }
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
}

/* All values of a column that write_blocks() wrote into a point. */
static void check_column(fixture *f, ms_results *results, const char *name, size_t outer, size_t inner)
{
    const ms_results_info *info = ms_results_get_info(results);
    size_t column = 0, chains;
    while (strcmp(info->column[column]->name, name) != 0)
        column++;
    double *value = calloc(outer * info->chains * inner, sizeof *value);
    assert_non_null(value);
    for (size_t point = 0; point < info->points; point++) {
        assert_ok(f, ms_results_read_column(results, point, name, value, &chains, &f->error));
        assert_int_equal(chains, info->chains);
        for (size_t b = 0; b < info->blocks; b++) {
            ms_block range = ms_results_block(results, b);
            for (size_t o = 0; range.point == point && o < outer; o++)
                for (size_t i = 0; i < range.chains * inner; i++) {
                    size_t at = (o * chains + range.first_chain) * inner + i,
                           k = o * range.chains * inner + i;
                    if (info->column[column]->type == MS_COLUMN_DOUBLE)
                        assert_true(value[at] == (double)(100 * b + column) + 0.001 * (double)k);
                    else
                        assert_int_equal(((int64_t *)value)[at], (int64_t)(100 + b + k % 7));
                }
        }
    }
    free(value);
}

static void check_info(const ms_results_info *info)
{
    assert_int_equal(info->columns, MS_COLUMNS_MAX);
    assert_string_equal(info->column[7]->name, "last_mode");
    assert_int_equal(info->rules, 3);
    assert_string_equal(info->rule[2], "commute");
    assert_int_equal(info->axes, 7);
    assert_string_equal(info->axis[4].name, "sampler.step_size");
    assert_float_equal(info->axis[4].number[3], 1.5, 0);
    assert_int_equal(info->axis[5].count[2], 12);
    assert_string_equal(info->axis[6].text[0], "hamiltonian, of long steps");
    assert_string_equal(info->axis[6].text[1], "mala");
    assert_int_equal(info->iterations, 4000);
    assert_int_equal(info->point_iterations[1], 2000);
}

/* Such a file can be read by name; only what would write into it says that it cannot. */
static void test_file_of_a_later_version(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_growth growth;
    size_t count[4];
    is_foreign = true;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    write_blocks(f);
    is_foreign = false;
    count_blocks(f, count);
    assert_int_equal(count[MS_BLOCK_DONE], ms_sweep_block_count(f->sweep));
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    check_info(ms_results_get_info(results));
    check_column(f, results, "energy", 3, 1);
    check_column(f, results, "accepted", 1, 1);
    check_column(f, results, "positions", 3, 8);
    check_column(f, results, "last_mode", 3, 1);
    check_column(f, results, "responsibility", 3, 3);
    assert_ok(f, ms_results_close(results, &f->error));
    assert_refused(f, compare_file(f, f->sweep), MS_ERROR_FORMAT, "other columns, rules or axes");
    assert_refused(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error),
                   MS_ERROR_FORMAT, "other columns, rules or axes");
    assert_refused(f, ms_results_grow(f->path, f->sweep, NULL, &f->error), MS_ERROR_FORMAT,
                   "columns, rules or extents");
    is_foreign = true;
    assert_ok(f, ms_results_compare(f->path, f->sweep, NULL, &growth, NULL, &f->error));
    assert_int_equal(growth.blocks_kept, ms_sweep_block_count(f->sweep));
    is_foreign = false;
    const char *keep = getenv("MODESEEK_KEEP"); /* as tests/cli/golden/make.sh does */
    if (keep)
        assert_int_equal(rename(f->path, keep), 0);
}

/* The version that made it grows, merges and repacks it, by the values of all axes. */
static void test_it_is_carried_over(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_merge_report report;
    char other[160];
    const char *const from[] = {f->path, f->path};
    is_foreign = true;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    write_blocks(f);
    snprintf(other, sizeof other, "%s.other", f->path);
    for (int i = 0; i < 3; i++) {
        if (i == 0)
            assert_ok(f, ms_results_merge(other, f->sweep, from, 2, &report, NULL, &f->error));
        else if (i == 1)
            assert_ok(f, ms_results_repack(other, f->path, f->sweep, false, NULL, NULL, &f->error));
        else
            assert_ok(f, ms_results_grow(f->path, f->sweep, NULL, &f->error));
        assert_ok(f, ms_results_open(&results, i < 2 ? other : f->path, &f->error));
        check_info(ms_results_get_info(results));
        check_column(f, results, "positions", 3, 8);
        check_column(f, results, "further_20", 1, 1);
        assert_ok(f, ms_results_close(results, &f->error));
        unlink(other);
    }
    assert_int_equal(report.done, ms_sweep_block_count(f->sweep));
    assert_int_equal(report.same, ms_sweep_block_count(f->sweep));
    is_foreign = false;
}

/* With a larger dimension there are more coordinates: those of smaller ones stay what they are. */
static void test_more_coordinates(void **state)
{
    fixture *f = *state;
    ms_results *results;
    ms_merge_report report;
    char other[160];
    const char *const from[] = {f->path, f->path};
    double *value = calloc(3 * 70 * 16, sizeof *value), *before = calloc(3 * 70 * 8, sizeof *before);
    size_t chains;
    assert_true(value && before);
    snprintf(other, sizeof other, "%s.other", f->path);
    ms_sweep *larger = parse("name: fixture\n" LARGER "snapshots: [0, 10, 1000]\n");
    is_foreign = true;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    write_blocks(f);
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    assert_ok(f, ms_results_read_column(results, 1, "positions", before, &chains, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    assert_ok(f, ms_results_merge(other, larger, from, 2, &report, NULL, &f->error));
    assert_int_equal(report.same, ms_sweep_block_count(f->sweep));
    assert_ok(f, ms_results_grow(f->path, larger, NULL, &f->error));
    for (int i = 0; i < 2; i++) {
        assert_ok(f, ms_results_open(&results, i == 0 ? other : f->path, &f->error));
        assert_ok(f, ms_results_read_column(results, 1, "positions", value, &chains, &f->error));
        assert_int_equal(chains, 70);
        for (size_t row = 0; row < 3 * 70; row++)
            for (size_t k = 0; k < 16; k++)
                assert_true(k < 8 ? value[16 * row + k] == before[8 * row + k] : isnan(value[16 * row + k]));
        assert_ok(f, ms_results_close(results, &f->error));
    }
    is_foreign = false;
    ms_sweep_free(larger);
    free(value);
    free(before);
}

/* A known name with another meaning is not taken for it. */
static void test_known_name_of_another_kind(void **state)
{
    fixture *f = *state;
    ms_results *results;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    hid_t file = H5Fopen(f->path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hsize_t extent[] = {4, 70};
    hid_t space = H5Screate_simple(2, extent, NULL);
    assert_true(H5Ldelete(file, "/observed", H5P_DEFAULT) >= 0);
    H5Dclose(H5Dcreate2(file, "/observed", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Fclose(file);
    assert_refused(f, ms_results_open_damaged(&results, f->path, &f->error), MS_ERROR_FORMAT,
                   "/observed has a type or dimensions (chain)");
}

static void save_state(fixture *f, size_t size)
{
    ms_results *results;
    const ms_saved_state saved = {.generation = 1, .iteration = 5, .size = size, .seconds = 1};
    char *bytes = calloc(size, 1);
    assert_non_null(bytes);
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_results_state_save(results, 0, &saved, bytes, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    free(bytes);
}

static uint64_t saved_iteration(fixture *f, const char *path)
{
    ms_results *results;
    ms_saved_state saved;
    assert_ok(f, ms_results_open(&results, path, &f->error));
    assert_ok(f, ms_results_state_look(results, 0, &saved, NULL, &f->error));
    assert_ok(f, ms_results_close(results, &f->error));
    return saved.iteration;
}

/* Saved states of another size: the file stays good for everything, and states go along where they have room.
 */
static void test_states_of_another_size(void **state)
{
    static const size_t sizes[] = {64, 100000};
    fixture *f = *state;
    char other[160];
    const char *const from[] = {f->path};
    ms_merge_report report;
    snprintf(other, sizeof other, "%s.other", f->path);
    for (size_t i = 0; i < 2; i++) {
        state_size = sizes[i];
        assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
        save_state(f, sizes[i]);
        state_size = 0;
        uint64_t kept = sizes[i] == 64 ? 5 : 0; /* no room for the larger one in new files */
        assert_ok(f, compare_file(f, f->sweep));
        save_state(f, 64);
        assert_int_equal(saved_iteration(f, f->path), 5);
        state_size = sizes[i];
        save_state(f, sizes[i]);
        state_size = 0;
        assert_ok(f, ms_results_merge(other, f->sweep, from, 1, &report, NULL, &f->error));
        assert_int_equal(saved_iteration(f, other), kept);
        unlink(other);
        assert_ok(f, ms_results_repack(other, f->path, f->sweep, false, NULL, NULL, &f->error));
        assert_int_equal(saved_iteration(f, other), kept);
        unlink(other);
        assert_ok(f, ms_results_grow(f->path, f->sweep, NULL, &f->error));
        assert_int_equal(saved_iteration(f, f->path), kept);
        unlink(f->path);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_file_of_a_later_version, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_it_is_carried_over, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_more_coordinates, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_known_name_of_another_kind, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_states_of_another_size, set_up, tear_down),
};

RUN_WITH_MPI(tests)
