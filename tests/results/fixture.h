/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of its own for each test, a small sweep, and blocks with values that can be told apart. */
#ifndef MS_TESTS_RESULTS_FIXTURE_H
#define MS_TESTS_RESULTS_FIXTURE_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif

#include "cmocka_all.h"
#include "results/results.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWEEP_HEAD                                                                                           \
    "name: fixture\n"                                                                                        \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components:\n"                                                                                        \
    "    - {weight: 0.2, mean: 0, variance: 3}\n"                                                            \
    "    - {weight: 0.4, mean: 1, variance: 1}\n"                                                            \
    "    - {weight: 0.4, mean: -1, variance: 1}\n"                                                           \
    "start: {component: 0}\n"                                                                                \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "grid:\n"                                                                                                \
    "  dimension: [4, 8]\n"                                                                                  \
    "  patch_size: [2, full]\n"                                                                              \
    "  noise_level: 0\n"                                                                                     \
    "  seed: 7\n"

#define SWEEP_TEXT SWEEP_HEAD "budget: {iterations: 1000, chains: 70}\nsnapshots: [0, 10, 1000]\n"

typedef struct fixture {
    char folder[64];
    char path[128]; /* a name in the folder */
    ms_sweep *sweep;
    ms_error error;
} fixture;

static inline ms_sweep *parse(const char *text)
{
    ms_diagnostics diagnostics = {0};
    ms_sweep *sweep = NULL;
    if (ms_sweep_parse(&sweep, "fixture.yaml", text, strlen(text), &diagnostics) != MS_OK) {
        fail_msg("%s", diagnostics.message[0]);
    }
    return sweep;
}

static inline int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (!f) {
        return -1;
    }
    const char *parent = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/modeseek-results-XXXXXX",
             parent && strlen(parent) < 32 ? parent : "/tmp");
    if (!mkdtemp(f->folder)) {
        free(f);
        return -1;
    }
    snprintf(f->path, sizeof f->path, "%s/results.h5", f->folder);
    f->sweep = parse(SWEEP_TEXT);
    *state = f;
    return 0;
}

/* The number of entries in the folder; with `remove_them`, they are removed. */
static inline int folder_entries(const char *folder, int remove_them)
{
    int count = 0;
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            char path[400];
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (remove_them) {
                remove(path);
            }
            count++;
        }
    }
    if (stream) {
        closedir(stream);
    }
    return count;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    folder_entries(f->folder, 1);
    rmdir(f->folder);
    ms_sweep_free(f->sweep);
    free(f);
    return 0;
}

#define assert_ok(f, call)                                                                                   \
    do {                                                                                                     \
        if ((call) != MS_OK) {                                                                               \
            fail_msg("%s: %s", #call, (f)->error.message);                                                   \
        }                                                                                                    \
    } while (0)

/* The call fails with this status and a message that holds `part`. */
#define assert_refused(f, call, expected, part)                                                              \
    do {                                                                                                     \
        (f)->error = (ms_error){0};                                                                          \
        assert_int_equal((call), (expected));                                                                \
        assert_int_equal((f)->error.status, (expected));                                                     \
        if (!strstr((f)->error.message, (part))) {                                                           \
            fail_msg("\"%s\" does not say \"%s\"", (f)->error.message, (part));                              \
        }                                                                                                    \
    } while (0)

/* What block `block` holds in these tests; every third one has failed. */
static inline void fill_block(const ms_sweep *sweep, size_t block, ms_block_results *results)
{
    size_t modes = ms_sweep_modes(sweep);
    ms_block range = ms_sweep_block(sweep, block);
    results->block = block;
    results->chains = range.chains;
    results->status = block % 3 == 2 ? MS_BLOCK_FAILED : MS_BLOCK_DONE;
    snprintf(results->failure, sizeof results->failure, "%s",
             results->status == MS_BLOCK_FAILED ? "chain diverged (non-finite state)" : "");
    results->seconds = (double)block;
    results->rank = (int)(block % 2);
    int64_t *observed = ms_block_int64(results, "observed"),
            *time = ms_block_int64(results, "discovery_time");
    double *distance = ms_block_double(results, "squared_distance");
    double *responsibility = ms_block_double(results, "responsibility");
    for (size_t chain = 0; chain < range.chains; chain++) {
        size_t c = range.first_chain + chain;
        observed[chain] = 1000 - (int64_t)(c % 3);
        for (size_t i = 0; i < MS_RULE_COUNT * modes; i++) {
            time[chain * MS_RULE_COUNT * modes + i] =
                c % 4 == 0 ? MS_CENSORED : (int64_t)(range.point * 100 + c + i);
        }
        for (size_t s = 0; s < sweep->snapshot_count; s++) {
            for (size_t i = 0; i < ms_sweep_components(sweep); i++) {
                size_t at = (s * range.chains + chain) * ms_sweep_components(sweep) + i;
                distance[at] = (double)(1000 * range.point + 10 * c + 3 * s + i);
                responsibility[at] = 1.0 / (double)(1 + c + s + i);
            }
        }
    }
}

/* Creates the file and writes the first `blocks` blocks. */
static inline void write_file(fixture *f, size_t blocks)
{
    ms_results *results;
    ms_block_results *block;
    assert_ok(f, ms_results_create(f->path, f->sweep, NULL, &f->error));
    assert_ok(f, ms_results_record_start(f->path, 1, 0, &f->error));
    assert_ok(f, ms_results_open_parallel(&results, f->path, f->sweep, MPI_COMM_SELF, &f->error));
    assert_ok(f, ms_block_results_alloc(f->sweep, &block, &f->error));
    for (size_t i = 0; i < blocks; i++) {
        fill_block(f->sweep, i, block);
        assert_ok(f, ms_results_write(results, block, &f->error));
    }
    ms_block_results_free(block);
    assert_ok(f, ms_results_close(results, &f->error));
}

static inline void count_blocks(fixture *f, size_t count[4])
{
    ms_results *results;
    assert_ok(f, ms_results_open(&results, f->path, &f->error));
    size_t blocks = ms_results_get_info(results)->blocks;
    ms_block_status *status = calloc(blocks, sizeof *status);
    assert_non_null(status);
    assert_ok(f, ms_results_block_status(results, status, NULL, &f->error));
    memset(count, 0, 4 * sizeof *count);
    for (size_t i = 0; i < blocks; i++) {
        count[status[i]]++;
    }
    free(status);
    assert_ok(f, ms_results_close(results, &f->error));
}

static inline ms_status compare_file(fixture *f, const ms_sweep *sweep)
{
    ms_growth growth;
    return ms_results_compare(f->path, sweep, NULL, &growth, NULL, &f->error);
}

/* Runs the tests between MPI_Init and MPI_Finalize, as one process that no launcher started. */
#define RUN_WITH_MPI(tests)                                                                                  \
    int main(int argc, char **argv)                                                                          \
    {                                                                                                        \
        MPI_Init(&argc, &argv);                                                                              \
        int failures = cmocka_run_group_tests(tests, NULL, NULL);                                            \
        MPI_Finalize();                                                                                      \
        return failures;                                                                                     \
    }

#endif
