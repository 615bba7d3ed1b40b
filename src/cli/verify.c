/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/report.h"
#include "farm/block.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPTION_RECOMPUTE, OPTION_SEED, OPTION_SWEEP, OPTION_QUIET };

#define SHOWN 20
#define CUT   3 /* chains before the cut; no multiple of eight */

typedef struct verification {
    ms_results *results;
    const ms_results_info *info;
    bool show_progress;
    size_t count[MS_BLOCK_NOT_NEEDED + 1]; /* blocks by status */
    size_t torn;                           /* of the not done ones */
    size_t states, torn_states;
    size_t recomputed, different;
    size_t *comparable, comparable_count; /* done and failed blocks */
    ms_kept kept;
} verification;

static void show_progress(const verification *v, const char *what, size_t done, size_t all)
{
    if (v->show_progress)
        fprintf(stderr, "\r\033[K%s %zu of %zu%s", what, done, all, done == all ? "\r\033[K" : "");
}

static void print_block(const verification *v, size_t block, const char *what)
{
    ms_block range = ms_results_block(v->results, block);
    char point[512];
    ms_results_describe_point(v->results, range.point, point, sizeof point);
    const char *unit = ms_results_is_direct(v->info, range.point) ? "chains" : "replicates";
    printf("block %zu (%s, %s %zu to %zu): %s\n", block, point, unit, range.first_chain,
           range.first_chain + range.chains - 1, what);
}

static ms_status check_state(verification *v, size_t block, ms_error *error)
{
    ms_saved_state saved;
    bool torn;
    ms_status status = ms_results_state_look(v->results, block, &saved, &torn, error);
    if (status != MS_OK)
        return status;
    v->states += saved.generation > 0;
    v->torn_states += torn;
    return MS_OK;
}

static ms_status check_blocks(verification *v, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t b = 0; status == MS_OK && b < v->info->blocks; b++) {
        const ms_block_results *block;
        bool torn;
        status = ms_results_read_block(v->results, b, &block, &torn, error);
        if (status != MS_OK)
            return status;
        v->count[block->status]++;
        if (block->status == MS_BLOCK_DONE || block->status == MS_BLOCK_FAILED)
            v->comparable[v->comparable_count++] = b;
        if (torn && v->torn++ < SHOWN)
            print_block(v, b, "its numbers do not match their checksum; it counts as not done");
        status = check_state(v, b, error);
        if (b % 1000 == 999 || b + 1 == v->info->blocks)
            show_progress(v, "checked blocks", b + 1, v->info->blocks);
    }
    return status;
}

/* Chains `first` to `first` + `count` - 1 of a block, in a job of their own. */
static ms_status recompute_part(verification *v, const ms_sweep *sweep, size_t first, size_t count,
                                ms_block_results *again, ms_error *reason)
{
    ms_block part = ms_sweep_block(sweep, again->block);
    part.first_chain += first;
    part.chains = count;
    ms_job job;
    ms_status status = ms_sweep_job_alloc(sweep, part, MS_SIMD_AUTO, &v->kept, &job, reason);
    while (status == MS_OK && !job.type->done(job.state))
        status = job.type->advance(job.state, MS_SWEEP_ITERATIONS_MAX, reason);
    if (status == MS_OK)
        ms_block_fill_done(&job, first, count, again);
    ms_job_free(&job);
    return status;
}

/* Whether the block, computed again, has what is in the file. It is cut in two where no group of chains ends,
 * so that every chain moves in other company: what depends on that is found, too. A failed one is not, for
 * its reason is that of the first chain of all that failed. */
static ms_status recompute(verification *v, const ms_sweep *sweep, size_t block, ms_block_results *again,
                           bool *is_same, ms_error *error)
{
    ms_error reason = {0};
    const ms_block_results *there;
    ms_status status = ms_results_read_block(v->results, block, &there, NULL, error);
    if (status != MS_OK)
        return status;
    again->block = block;
    again->chains = ms_sweep_block(sweep, block).chains;
    again->status = MS_BLOCK_NOT_DONE;
    memset(again->failure, 0, sizeof again->failure);
    size_t cut = there->status == MS_BLOCK_FAILED ? 0 : again->chains > CUT ? CUT : again->chains / 2;
    if (cut > 0)
        status = recompute_part(v, sweep, 0, cut, again, &reason);
    if (status == MS_OK)
        status = recompute_part(v, sweep, cut, again->chains - cut, again, &reason);
    if (status == MS_ERROR_NUMERIC || status == MS_ERROR_ARGUMENT)
        ms_block_fill_failed(reason.message, again);
    else if (status != MS_OK)
        return ms_error_set(error, status, "%s", reason.message);
    *is_same = ms_block_results_same(there, again);
    return MS_OK;
}

static ms_status recompute_some(verification *v, size_t wanted, uint64_t seed, const char *sweep_path,
                                ms_error *error)
{
    ms_sweep *sweep;
    ms_block_results *again = NULL;
    ms_inputs inputs;
    ms_error why;
    ms_status status = ms_sweep_with_files(&sweep, v->results, sweep_path, &inputs, &why, error);
    ms_inputs_free(&inputs);
    if (status == MS_OK)
        status = ms_results_match(v->results, sweep, error);
    if (status == MS_OK && sweep->lacks_files)
        status = ms_error_set(
            error, MS_ERROR_SWEEP,
            "%s: its sweep names files that are not in it (%s); give the sweep file: "
            "--sweep FILE",
            v->info->path, why.message[0] ? why.message : "plugins are not opened because results name them");
    if (status != MS_OK) {
        ms_sweep_free(sweep);
        return status;
    }
    wanted = wanted < v->comparable_count ? wanted : v->comparable_count;
    size_t *chosen = calloc(wanted + 1, sizeof *chosen);
    gsl_rng *rng = gsl_rng_alloc(ms_gsl_rng_philox);
    status = chosen && rng ? ms_block_results_alloc(sweep, &again, error)
                           : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", wanted);
    if (status == MS_OK && wanted > 0) {
        gsl_rng_set(rng, (unsigned long)seed);
        gsl_ran_choose(rng, chosen, wanted, v->comparable, v->comparable_count, sizeof *chosen);
    }
    for (size_t i = 0; status == MS_OK && i < wanted; i++) {
        bool is_same = false;
        status = recompute(v, sweep, chosen[i], again, &is_same, error);
        v->recomputed++;
        if (status == MS_OK && !is_same && v->different++ < SHOWN)
            print_block(v, chosen[i], "recomputed, it has different bits");
        show_progress(v, "recomputed", i + 1, wanted);
    }
    ms_kept_free(&v->kept);
    ms_block_results_free(again);
    gsl_rng_free(rng);
    free(chosen);
    ms_sweep_free(sweep);
    return status;
}

static ms_status whole_number(const char *option, const char *word, uint64_t *number, ms_error *error)
{
    char *end;
    if (!word)
        return MS_OK;
    *number = strtoull(word, &end, 10);
    return *word >= '0' && *word <= '9' && !*end
               ? MS_OK
               : ms_error_set(error, MS_ERROR_USAGE, "--%s %s: give a whole number", option, word);
}

static ms_status report(const verification *v, uint64_t seed, ms_error *error)
{
    printf("%s: format %u, sweep %s, %zu blocks: %zu done, %zu failed, %zu quarantined, %zu not done (%zu "
           "damaged)\n",
           ms_printable_copy(v->info->path).text, (unsigned)v->info->format_version, v->info->name,
           v->info->blocks, v->count[MS_BLOCK_DONE], v->count[MS_BLOCK_FAILED],
           v->count[MS_BLOCK_QUARANTINED], v->count[MS_BLOCK_NOT_DONE], v->torn);
    if (v->count[MS_BLOCK_NOT_NEEDED] > 0)
        printf("not needed: %zu blocks, for intervals were narrow enough without them\n",
               v->count[MS_BLOCK_NOT_NEEDED]);
    printf("checkpoints: %zu blocks have one; %zu were cut off while being written\n", v->states,
           v->torn_states);
    if (v->recomputed > 0)
        printf("recomputed: %zu blocks chosen by --seed %llu, %zu with different bits\n", v->recomputed,
               (unsigned long long)seed, v->different);
    if (v->torn + v->different == 0) {
        printf("no damage found\n");
        return MS_OK;
    }
    return ms_error_set(error, MS_ERROR_FORMAT,
                        "%s: %zu damaged blocks, %zu with different bits when recomputed", v->info->path,
                        v->torn, v->different);
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    uint64_t wanted = 0, seed = (uint64_t)time(NULL);
    ms_status status = whole_number("recompute", arguments->value[OPTION_RECOMPUTE], &wanted, error);
    if (status == MS_OK)
        status = whole_number("seed", arguments->value[OPTION_SEED], &seed, error);
    if (status == MS_OK && !arguments->value[OPTION_RECOMPUTE] &&
        (arguments->value[OPTION_SEED] || arguments->value[OPTION_SWEEP]))
        status = ms_error_set(error, MS_ERROR_USAGE, "--seed and --sweep are for --recompute");
    verification v = {.show_progress = !arguments->value[OPTION_QUIET] && isatty(STDERR_FILENO)};
    if (status == MS_OK)
        status = ms_results_open(&v.results, arguments->operand, error);
    if (status != MS_OK)
        return status;
    v.info = ms_results_get_info(v.results);
    v.comparable = calloc(v.info->blocks + 1, sizeof *v.comparable);
    status = v.comparable
                 ? check_blocks(&v, error)
                 : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", v.info->blocks);
    if (status == MS_OK && wanted > 0)
        status = recompute_some(&v, (size_t)wanted, seed, arguments->value[OPTION_SWEEP], error);
    if (status == MS_OK)
        status = report(&v, seed, error);
    free(v.comparable);
    ms_results_close(v.results, NULL);
    return status;
}

const ms_command ms_command_verify = {
    .name = "verify",
    .operand = "FILE",
    .purpose =
        "Checks a results file: structure, checksums, ranges of numbers.\n\n"
        "With --recompute it also recomputes some blocks, chosen at random, and compares them bit for bit.\n"
        "Exit code 5 if anything is wrong.",
    .option = {[OPTION_RECOMPUTE] = {"recompute", 0, "K", "recompute K blocks", false},
               [OPTION_SEED] = {"seed", 0, "N", "seed for choosing them (default: from the clock)", false},
               [OPTION_SWEEP] = {"sweep", 0, "SWEEP", "the sweep file (default: the one stored in FILE)",
                                 false},
               [OPTION_QUIET] = {"quiet", 'q', NULL, "no progress", false}},
    .example = "  modeseek verify quickstart.h5 --recompute 10",
    .run = run};
