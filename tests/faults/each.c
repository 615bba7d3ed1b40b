/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations of the results room fail: each write, read, allocation, sync, opening and renaming, one after
 * the other, until there are none left. Nothing may crash or be wrong: what says it is done has been done, a
 * file is there whole or not at all, and the same without faults then gives what it would have given. Of each
 * deed every third operation fails, from another one on in each, as they begin alike. The long form:
 * MODESEEK_FAULT_STRIDE=1 ctest --preset release -R faults/each */
#include "fixture.h"
#include "results/fault.h"

/* Three blocks: every operation there is, and no more than needed. */
#define HEAD                                                                                                 \
    "name: faults\n"                                                                                         \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"             \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "grid: {dimension: 4}\n"                                                                                 \
    "snapshots: [0, 10]\n"
#define SMALL "budget: {iterations: 1000, chains: 40, block: 16}\n"
#define LARGE "budget: {iterations: 2000, chains: 40, block: 16}\n"

typedef struct paths {
    fixture *f; /* f->path: the file that things are done to */
    ms_sweep *small, *large;
    char empty[160], full[160]; /* made beforehand: without results, and with all of them */
    char other[160];            /* a second file that is made */
} paths;

static void fill_state(size_t block, unsigned char *state, size_t size)
{
    for (size_t i = 0; i < size; i++)
        state[i] = (unsigned char)(block * 31 + i);
}

/* Writes all blocks that are not done; and of each the states first. */
static ms_status write_blocks(const paths *p, ms_results *results, ms_block_status *status, ms_error *error)
{
    ms_block_results *block = NULL;
    unsigned char state[64];
    ms_status outcome = ms_results_block_status(results, status, NULL, error);
    if (outcome == MS_OK)
        outcome = ms_block_results_alloc(p->small, &block, error);
    for (size_t b = 0; outcome == MS_OK && b < ms_sweep_block_count(p->small); b++) {
        if (status[b] != MS_BLOCK_NOT_DONE)
            continue;
        outcome = ms_results_attempt_begin(results, b, error);
        for (uint64_t generation = 1; outcome == MS_OK && generation <= 3; generation++) {
            const ms_saved_state saved = {
                .generation = generation, .iteration = generation, .size = sizeof state};
            fill_state(b, state, sizeof state);
            outcome = ms_results_state_save(results, b, &saved, state, error);
        }
        if (outcome == MS_OK)
            outcome = ms_results_attempt_progress(results, b, true, error);
        fill_block(p->small, b, block);
        if (outcome == MS_OK)
            outcome = ms_results_write(results, block, error);
    }
    ms_block_results_free(block);
    return outcome;
}

static ms_status write_all(const paths *p, ms_error *error)
{
    ms_results *results;
    ms_block_status *status = calloc(ms_sweep_block_count(p->small), sizeof *status);
    assert_non_null(status);
    ms_status outcome = ms_results_open_parallel(&results, p->f->path, p->small, MPI_COMM_SELF, error);
    if (outcome == MS_OK) {
        outcome = write_blocks(p, results, status, error);
        ms_status closed = ms_results_close(results, outcome == MS_OK ? error : NULL);
        outcome = outcome == MS_OK ? closed : outcome;
    }
    free(status);
    return outcome;
}

static void copy_file(const char *from, const char *to)
{
    char piece[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t size; (size = fread(piece, 1, sizeof piece, in)) > 0;)
        assert_int_equal(fwrite(piece, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* What can be done to results files; `from` is copied to f->path before, and then `result` must be complete.
 */
static ms_status create(const paths *p, ms_error *error)
{
    return ms_results_create(p->f->path, p->small, NULL, error);
}

static ms_status start(const paths *p, ms_error *error)
{
    ms_lock *lock;
    ms_growth growth;
    ms_status status = ms_lock_acquire(&lock, p->f->path, false, NULL, NULL, error);
    if (status == MS_OK)
        status = ms_results_compare(p->f->path, p->small, NULL, &growth, NULL, error);
    if (status == MS_OK)
        status = ms_results_record_start(p->f->path, 1, 1, error);
    ms_lock_release(lock);
    return status;
}

static ms_status merge(const paths *p, ms_error *error)
{
    const char *const from[] = {p->f->path, p->full};
    ms_merge_report report;
    return ms_results_merge(p->other, p->small, from, 2, &report, NULL, error);
}

static ms_status repack(const paths *p, ms_error *error)
{
    ms_inputs inputs = {0};
    bool left_out;
    ms_input input = {.name = "t.csv", .key = "file", .size = 3, .bytes = (unsigned char *)strdup("1 2")};
    ms_status status = ms_inputs_add(&inputs, &input, &left_out, error);
    if (status == MS_OK)
        status = ms_results_repack(p->other, p->f->path, p->small, false, &inputs, NULL, error);
    ms_inputs_free(&inputs);
    return status;
}

static ms_status grow(const paths *p, ms_error *error)
{
    return ms_results_grow(p->f->path, p->large, NULL, error);
}

static ms_status look(const paths *p, ms_error *error)
{
    ms_results *results;
    double seconds, lost;
    char text[1024];
    ms_status status = ms_results_open(&results, p->f->path, error);
    if (status != MS_OK)
        return status;
    ms_attempt attempt[3];
    ms_block_status block[3];
    status = ms_results_block_status(results, block, NULL, error);
    if (status == MS_OK)
        status = ms_results_attempts(results, attempt, error);
    if (status == MS_OK)
        status = ms_results_history(results, &seconds, &lost, text, sizeof text, error);
    ms_results_close(results, NULL);
    return status;
}

typedef struct deed {
    const char *name;
    ms_status (*act)(const paths *p, ms_error *error);
    enum { NOTHING, EMPTY, FULL } from;
    bool stays; /* also with all writes failing after the first */
    bool makes_other,
        prolongs; /* all blocks of `full` have chains to go on, but no run's state: they count as not done */
    size_t done;  /* blocks, in the end */
} deed;

static const deed deeds[] = {
    {"create", create, NOTHING, true, false, false, 0}, {"start", start, EMPTY, true, false, false, 0},
    {"write", write_all, EMPTY, true, false, false, 3}, {"look", look, FULL, false, false, false, 3},
    {"merge", merge, FULL, false, true, false, 3},      {"repack", repack, FULL, false, true, false, 3},
    {"grow", grow, FULL, true, false, true, 1}};

/* The file, if it is there, can be opened, and what it says is done is right. */
static void check_file(const paths *p, const char *path, bool must_be_there, size_t least_done)
{
    ms_results *results;
    ms_error error = {0};
    size_t done = 0;
    if (access(path, F_OK) != 0) {
        assert_false(must_be_there);
        return;
    }
    if (ms_results_open(&results, path, &error) != MS_OK)
        fail_msg("%s", error.message);
    ms_block_results *expected;
    assert_int_equal(ms_block_results_alloc(p->small, &expected, NULL), MS_OK);
    for (size_t b = 0; b < ms_results_get_info(results)->blocks; b++) {
        const ms_block_results *block;
        bool torn;
        unsigned char state[4096], wanted[64];
        ms_saved_state saved;
        assert_int_equal(ms_results_read_block(results, b, &block, &torn, NULL), MS_OK);
        fill_block(p->small, b, expected);
        done += block->status != MS_BLOCK_NOT_DONE;
        if (block->status != MS_BLOCK_NOT_DONE)
            assert_true(ms_block_results_same(block, expected));
        assert_true(ms_results_state_size(results, b) <= sizeof state);
        assert_int_equal(ms_results_state_load(results, b, state, sizeof state, &saved, NULL, NULL), MS_OK);
        fill_state(b, wanted, sizeof wanted);
        if (saved.generation > 0) {
            assert_int_equal(saved.size, sizeof wanted);
            assert_memory_equal(state, wanted, sizeof wanted);
        }
    }
    assert_true(done >= least_done);
    ms_block_results_free(expected);
    assert_int_equal(ms_results_close(results, NULL), MS_OK);
}

/* The deed with a fault, a look at what that left, and the deed again without. Whether there was a fault. */
static bool try(const paths *p, const deed *d, long number, bool stays)
{
    ms_error error = {0};
    if (d->from != NOTHING)
        copy_file(d->from == EMPTY ? p->empty : p->full, p->f->path);
    ms_fault_arm(number, stays);
    ms_status status = d->act(p, &error);
    bool came = ms_fault_came();
    ms_fault_arm(0, false);
    if (status != MS_OK && (!came || error.status != status || !error.message[0]))
        fail_msg("%s, fault %ld: status %d, \"%s\"", d->name, number, (int)status, error.message);
    const char *made = d->makes_other ? p->other : p->f->path;
    check_file(p, p->f->path, d->from != NOTHING || status == MS_OK, d->from == FULL && !d->prolongs ? 3 : 0);
    check_file(p, made, status == MS_OK || (!d->makes_other && d->from != NOTHING),
               status == MS_OK ? d->done : 0);
    if (status != MS_OK) {
        error = (ms_error){0};
        /* what was published before the fault, say of the last sync, is not made again */
        if (!(d->from == NOTHING || d->makes_other) || access(made, F_OK) != 0)
            status = d->act(p, &error);
        else
            status = MS_OK;
        if (status != MS_OK)
            fail_msg("%s, after fault %ld: %s", d->name, number, error.message);
        check_file(p, made, true, d->done);
    }
    unlink(p->f->path);
    unlink(p->other);
    return came;
}

static void test_each_operation_fails_once(void **state)
{
    paths p = {.f = *state, .small = parse(HEAD SMALL), .large = parse(HEAD LARGE)};
    ms_error error = {0};
    snprintf(p.empty, sizeof p.empty, "%s/empty.h5", p.f->folder);
    snprintf(p.full, sizeof p.full, "%s/full.h5", p.f->folder);
    snprintf(p.other, sizeof p.other, "%s/other.h5", p.f->folder);
    assert_int_equal(ms_results_create(p.f->path, p.small, NULL, &error), MS_OK);
    copy_file(p.f->path, p.empty);
    assert_int_equal(write_all(&p, &error), MS_OK);
    copy_file(p.f->path, p.full);
    unlink(p.f->path);
    const char *word = getenv("MODESEEK_FAULT_STRIDE");
    long stride = word ? strtol(word, NULL, 10) : 3, first = 0;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        for (int stays = 0; stays <= deeds[i].stays; stays++) {
            long number = 1 + first++ % stride;
            while (try(&p, &deeds[i], number, stays))
                number += stride;
            print_message("%s: about %ld operations, every %ld failed once%s\n", deeds[i].name, number - 1,
                          stride, stays ? ", and the writes after it" : "");
            assert_true(number > 10);
            /* nothing but the files that were there */
            assert_int_equal(folder_entries(p.f->folder, 0), 2);
        }
    ms_sweep_free(p.small);
    ms_sweep_free(p.large);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_each_operation_fails_once, set_up, tear_down),
};

RUN_WITH_MPI(tests)
