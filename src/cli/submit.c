/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "base/text.h"
#include "cli/command.h"
#include "cli/job_script.h"
#include "cli/sweep_file.h"
#include "farm/calibrate.h"
#include "farm/collective.h"
#include "results/results.h"
#include "slurm/config.h"
#include "slurm/duration.h"
#include "slurm/program.h"
#include "slurm/submission.h"

#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum {
    OPTION_OUTPUT,
    OPTION_ARRAY,
    OPTION_RANKS,
    OPTION_NODES,
    OPTION_TIME,
    OPTION_SETUP,
    OPTION_LAUNCHER,
    OPTION_DRY_RUN
};

#define HOUR           3600.0
#define RANKS_PROPOSED 64  /* at most, of a job: more should be somebody's decision */
#define RANK_MEGABYTES 200 /* of the program, MPI and HDF5, beside the blocks */
#define TEST_SECONDS   60.0

typedef struct request {
    const ms_arguments *arguments;
    char sweep_path[PATH_MAX], path[PATH_MAX], program[PATH_MAX], setup[PATH_MAX]; /* absolute */
    ms_sweep *sweep;
    size_t blocks, blocks_left;
    bool begins_anew; /* although FILE has something: tasks have files of their own */
    double core_seconds, core_seconds_at_most; /* of what is left; NAN: unknown */
    unsigned long tasks, ranks, nodes;         /* tasks, nodes 0: no array, not given; ranks of each job */
    double seconds;                            /* expected of each job; NAN: unknown */
    char limit[32], finish_limit[32];
    double megabytes; /* of a rank, */
    bool has_memory;  /* unless the user says how much */
    ms_slurm_config config;
    bool has_slurm;
    char launcher[128], name[80], finish_name[96];
    char *script, *finish_script;
    FILE *report;
} request;

static ms_status read_count(const request *r, int option, const char *name, unsigned long limit,
                            unsigned long *count, ms_error *error)
{
    const char *word = r->arguments->value[option];
    char *end;
    if (!word)
        return MS_OK;
    *count = strtoul(word, &end, 10);
    if (word[0] >= '0' && word[0] <= '9' && !*end && *count > 0 && *count <= limit)
        return MS_OK;
    return ms_error_set(error, MS_ERROR_USAGE, "--%s %s: give a number from 1 to %lu", name, word, limit);
}

/* Of a file that may not exist yet, in a folder that does. It goes into scripts and messages. */
static ms_status make_absolute(const char *path, char absolute[PATH_MAX], ms_error *error)
{
    char folder[PATH_MAX], base[PATH_MAX];
    if (!realpath(path, absolute)) {
        if (strlen(path) >= PATH_MAX)
            return ms_error_set(error, MS_ERROR_USAGE, "%s: too long a name", path);
        snprintf(folder, sizeof folder, "%s", path);
        snprintf(base, sizeof base, "%s", path);
        const char *name = basename(base);
        if (!realpath(dirname(folder), absolute) || strlen(absolute) + strlen(name) + 2 > PATH_MAX)
            return ms_error_set(error, MS_ERROR_IO, "%s: no such folder", path);
        size_t length = strcmp(absolute, "/") == 0 ? 0 : strlen(absolute);
        snprintf(absolute + length, PATH_MAX - length, "/%s", name);
    }
    if (!ms_is_printable(absolute))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "%s: a name with line breaks or other control characters cannot be used in a job "
                            "script; rename it",
                            path);
    return MS_OK;
}

/* What cannot go well would be noticed only when the job starts. */
static ms_status check_path(const request *r, ms_error *error)
{
    char longest[PATH_MAX + 32];
    const char *slash = strrchr(r->path, '/');
    snprintf(longest, sizeof longest, "%s%s", r->path, r->tasks > 0 ? ".task-1000000.h5" : "");
    if (memchr(r->path, '\\', (size_t)(slash - r->path)))
        return ms_error_set(
            error, MS_ERROR_USAGE,
            "%s: Slurm cannot write a log to a folder with a backslash in its name; rename it", r->path);
    return ms_lock_check_name(longest, error);
}

static ms_status find_paths(request *r, ms_error *error)
{
    const char *setup = r->arguments->value[OPTION_SETUP];
    ms_status status = make_absolute(r->arguments->operand, r->sweep_path, error);
    if (status == MS_OK)
        status = make_absolute(r->arguments->value[OPTION_OUTPUT], r->path, error);
    if (status == MS_OK)
        status = check_path(r, error);
    if (status == MS_OK && setup && access(setup, R_OK) != 0)
        return ms_error_set(error, MS_ERROR_IO, "--setup %s: cannot be read", setup);
    if (status == MS_OK && setup)
        status = make_absolute(setup, r->setup, error);
    /* the very program that runs now, also where /proc is not mounted */
    const char *program = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)
    if (status == MS_OK)
        status = make_absolute(program ? program : "modeseek", r->program, error);
    return status;
}

static ms_status read_arguments(request *r, ms_error *error)
{
    double seconds;
    const ms_arguments *arguments = r->arguments;
    const char *time = arguments->value[OPTION_TIME], *launcher = arguments->value[OPTION_LAUNCHER];
    ms_status status = read_count(r, OPTION_ARRAY, "array", 1000000, &r->tasks, error);
    if (status == MS_OK)
        status = read_count(r, OPTION_RANKS, "ranks", 1000000, &r->ranks, error);
    if (status == MS_OK)
        status = read_count(r, OPTION_NODES, "nodes", 1000000, &r->nodes, error);
    if (status == MS_OK && time && (!ms_slurm_read_duration(time, &seconds) || seconds < 60))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--time %s: write it as %s, a minute or more; for each job, which continues "
                            "until the sweep is done",
                            time, MS_SLURM_DURATION_FORMATS);
    if (status == MS_OK && launcher && (!ms_is_printable(launcher) || strlen(launcher) >= sizeof r->launcher))
        return ms_error_set(error, MS_ERROR_USAGE, "--launcher %s: give a command such as srun or mpirun",
                            launcher);
    if (status == MS_OK)
        status = ms_job_options_check(arguments->more, arguments->more_count, error);
    for (size_t i = 0; i < arguments->more_count; i++)
        r->has_memory |= ms_job_option_is_memory(arguments->more[i]);
    return status == MS_OK ? find_paths(r, error) : status;
}

/* A job name for each file: --dependency=singleton lets one job of a name and user run. */
static void make_names(request *r)
{
    char copy[PATH_MAX];
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, r->path, strlen(r->path));
    snprintf(copy, sizeof copy, "%s", r->path);
    char *name = basename(copy);
    for (char *at = name; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", *at))
            *at = '_';
    snprintf(r->name, sizeof r->name, "%.40s-%08lx", name,
             (unsigned long)(ms_hash_value(&hash) & 0xFFFFFFFF));
    snprintf(r->finish_name, sizeof r->finish_name, "%s-finish", r->name);
}

static bool has_task_file(const request *r)
{
    char name[PATH_MAX + 16];
    snprintf(name, sizeof name, "%s.task-1.h5", r->path);
    return access(name, F_OK) == 0;
}

/* Reads the sweep, and what FILE lacks of it. */
static ms_status read_sweep(request *r, ms_error *error)
{
    ms_status status = ms_sweep_file_load(&r->sweep, r->arguments->operand, NULL, error);
    if (status != MS_OK)
        return status;
    r->blocks = r->blocks_left = ms_sweep_block_count(r->sweep);
    if (access(r->path, F_OK) != 0)
        return MS_OK;
    ms_growth growth = {0};
    status = ms_results_compare(r->path, r->sweep, NULL, &growth, NULL, error);
    r->blocks_left -= growth.blocks_kept + growth.blocks_quarantined;
    r->begins_anew = r->tasks > 0 && r->blocks_left > 0 && r->blocks_left < r->blocks && !has_task_file(r);
    if (r->begins_anew)
        r->blocks_left = r->blocks;
    return status;
}

static void format_limit(double seconds, char *text, size_t size)
{
    long minutes = (long)ceil(seconds / 300) * 5;
    snprintf(text, size, "%02ld:%02ld:00", minutes / 60, minutes % 60);
}

/* Ranks for about an hour; a limit that leaves room, and is not so long that the job waits for it: another
 * round costs little. */
static void propose(request *r, const ms_calibrations *calibrations)
{
    double share = (double)r->blocks_left / (double)r->blocks;
    double jobs = r->tasks > 0 ? (double)r->tasks : 1, blocks = fmax(1, floor((double)r->blocks_left / jobs));
    r->core_seconds = share * calibrations->processor_seconds;
    r->core_seconds_at_most = share * calibrations->processor_seconds_at_most;
    bool is_known = isfinite(r->core_seconds);
    if (r->ranks == 0)
        r->ranks = (unsigned long)fmin(
            fmin(is_known ? fmax(ceil(r->core_seconds / jobs / HOUR), 1) : 4, RANKS_PROPOSED), blocks);
    if (r->ranks < r->nodes)
        r->ranks = r->nodes;
    double ranks = fmin((double)r->ranks, blocks); /* more find nothing to do */
    r->seconds = r->core_seconds / jobs / ranks;
    r->megabytes = ceil((RANK_MEGABYTES + 1.25 * ms_sweep_memory(r->sweep) / 1e6) / 50) * 50;
    if (r->arguments->value[OPTION_TIME])
        snprintf(r->limit, sizeof r->limit, "%s", r->arguments->value[OPTION_TIME]);
    else
        format_limit(is_known ? fmin(fmax(2 * r->seconds + 600, 900), 24 * HOUR) : HOUR, r->limit,
                     sizeof r->limit);
    format_limit(fmin(900 + ms_results_size(r->sweep) / 20e6, 24 * HOUR), r->finish_limit,
                 sizeof r->finish_limit);
}

/* srun as it is, if the plugin that it takes by itself is one that this MPI understands. */
static void choose_launcher(request *r)
{
    char library[128];
    ms_collective_library(library, sizeof library);
    bool is_open_mpi = strncmp(library, "Open MPI", 8) == 0;
    const char *plugin = is_open_mpi ? "pmix" : "pmi2", *given = r->arguments->value[OPTION_LAUNCHER];
    bool is_default =
        strncmp(r->config.mpi, "pmix", 4) == 0 || (!is_open_mpi && strcmp(r->config.mpi, "none") != 0);
    if (given)
        snprintf(r->launcher, sizeof r->launcher, "%s", given);
    else if (r->has_slurm && !is_default && !ms_slurm_has_mpi(plugin))
        snprintf(r->launcher, sizeof r->launcher, "mpirun");
    else
        snprintf(r->launcher, sizeof r->launcher, "srun%s%s --kill-on-bad-exit=1 --wait=30",
                 r->has_slurm && !is_default ? " --mpi=" : "", r->has_slurm && !is_default ? plugin : "");
}

#define OPTIONS_MAX 16 /* beside the user's */

/* The log is beside the results; in sbatch's pattern %% is a %. */
static void format_log(const request *r, const char *pattern, char *text, size_t size)
{
    size_t length = (size_t)snprintf(text, size, "--output=");
    for (const char *at = r->path; at < strrchr(r->path, '/') && length + 2 < size; at++) {
        if (*at == '%')
            text[length++] = '%';
        text[length++] = *at;
    }
    snprintf(text + length, size - length, "/%s", pattern);
}

static char *fill_in(const request *r, bool is_finish, const char *token)
{
    char option[OPTIONS_MAX][2 * PATH_MAX + 64], tasks[32] = "";
    const char **word = calloc(OPTIONS_MAX + r->arguments->more_count, sizeof *word);
    size_t n = 0;
    if (!word)
        return NULL;
#define ADD(...) (snprintf(option[n], sizeof option[n], __VA_ARGS__), word[n] = option[n], n++)
    ADD("--job-name=%s", is_finish ? r->finish_name : r->name);
    ADD("--ntasks=%lu", is_finish ? 1 : r->ranks);
    if (!is_finish && r->nodes > 0)
        ADD("--nodes=%lu", r->nodes);
    ADD("--time=%s", is_finish ? r->finish_limit : r->limit);
    if (is_finish || !r->has_memory)
        ADD("--mem-per-cpu=%.0fM", is_finish ? 1000 : r->megabytes);
    if (!is_finish && r->tasks > 0)
        ADD("--array=1-%lu", r->tasks);
    ADD("--requeue");
    ADD("--open-mode=append");
    format_log(r, "%x-%j.log", option[n], sizeof option[n]);
    word[n] = option[n];
    n++;
#undef ADD
    bool is_taken = false;
    for (size_t i = 0; i < r->arguments->more_count; i++) {
        const char *given = r->arguments->more[i];
        if (given[0] == '-')
            is_taken = !is_finish || ms_job_option_is_general(given);
        if (is_taken)
            word[n++] = given;
    }
    if (r->tasks > 0)
        snprintf(tasks, sizeof tasks, "%lu", r->tasks);
    ms_setting setting[9];
    size_t settings = 0;
    if (r->setup[0])
        setting[settings++] = (ms_setting){NULL, r->setup};
    setting[settings++] = (ms_setting){"sweep", r->sweep_path};
    setting[settings++] = (ms_setting){"file", r->path};
    setting[settings++] = (ms_setting){"modeseek", r->program};
    setting[settings++] = (ms_setting){"shares", tasks};
    setting[settings++] = (ms_setting){"token", token};
    if (!is_finish) {
        setting[settings++] = (ms_setting){"launcher", r->launcher};
        setting[settings++] = (ms_setting){"options", ""};
    }
    char *script =
        ms_job_script(is_finish ? ms_template_finish : ms_template_sweep, word, n, setting, settings);
    free(word);
    return script;
}

static ms_status make_scripts(request *r, const char *token, ms_error *error)
{
    r->script = fill_in(r, false, token);
    r->finish_script = fill_in(r, true, token);
    return r->script && r->finish_script ? MS_OK : ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
}

static void format_span(double seconds, char *text, size_t size)
{
    if (seconds < 120)
        snprintf(text, size, "%.0f s", ceil(seconds));
    else if (seconds < 2 * HOUR)
        snprintf(text, size, "%.0f min", ceil(seconds / 60));
    else
        snprintf(text, size, "%.1f h", seconds / HOUR);
}

static void print_proposal(const request *r)
{
    char span[32];
    fprintf(r->report, "%s: %zu of %zu blocks to compute, ", ms_printable_copy(r->path).text, r->blocks_left,
            r->blocks);
    if (isfinite(r->core_seconds))
        fprintf(r->report, "about %.2g core-hours going by a pilot run here, at most %.2g\n",
                r->core_seconds / HOUR, r->core_seconds_at_most / HOUR);
    else
        fprintf(r->report, "in an unknown time: no point could be run\n");
    if (r->begins_anew)
        fprintf(
            r->report,
            "warning: the tasks recompute what this file already has, because they write files of their own; "
            "without --array a job computes only what is missing\n");
    if (r->tasks > 0)
        fprintf(r->report, "array: %lu tasks; each ", r->tasks);
    else
        fprintf(r->report, "job: ");
    fprintf(r->report, "%lu rank%s", r->ranks, r->ranks > 1 ? "s" : "");
    if (!r->has_memory)
        fprintf(r->report, " (%.0f MB each)", r->megabytes);
    fprintf(r->report, ", time limit %s", r->limit);
    if (isfinite(r->seconds)) {
        format_span(r->seconds, span, sizeof span);
        fprintf(r->report, ", about %s to compute", span);
    }
    fprintf(r->report, "\n");
}

/* What follows from how the cluster is set. */
static void print_config(const request *r)
{
    const ms_slurm_config *config = &r->config;
    fprintf(r->report, "cluster %s:\n  MpiDefault = %s: ranks are started by %s\n", config->cluster,
            config->mpi, r->launcher);
    fprintf(r->report, config->requeues
                           ? "  JobRequeue = 1: the job requeues itself until nothing is left to compute\n"
                           : "  JobRequeue = 0: the job asks for --requeue; where that is not allowed, a job "
                             "that follows continues\n");
    if (isfinite(config->kill_wait))
        fprintf(r->report,
                "  KillWait = %.0f s: how long ranks that Slurm stops have to save; at the time limit they "
                "stop before\n",
                config->kill_wait);
    if (r->tasks > 0 && config->array_max > 0)
        fprintf(r->report, "  MaxArraySize = %ld: arrays have at most %ld tasks\n", config->array_max + 1,
                config->array_max);
}

/* Whether Slurm would take the job. */
static ms_status test_job(const request *r, ms_error *error)
{
    char name[128];
    const char *const words[] = {"sbatch", "--test-only", name, NULL};
    ms_program_output output;
    snprintf(name, sizeof name, "--job-name=%s", r->name);
    ms_status status = ms_program_run(words, r->script, TEST_SECONDS, false, &output, error);
    if (status != MS_OK)
        return status;
    const char *start = strstr(output.complaint, " to start ");
    if (output.exit_code > 128 || (output.exit_code != 0 && (!output.complaint[0] || start)))
        status = ms_error_set(error, MS_ERROR_IO, "sbatch --test-only fails (exit code %d): %s",
                              output.exit_code, output.complaint);
    else if (output.exit_code != 0)
        status =
            ms_error_set(error, MS_ERROR_USAGE,
                         "Slurm would not accept the job (sbatch --test-only says: %s); options of sbatch "
                         "go after --",
                         output.complaint);
    else if (start)
        fprintf(r->report, "  such a job would%.*s\n", (int)strcspn(start + strlen(" to"), ";"),
                start + strlen(" to"));
    ms_program_output_free(&output);
    return status;
}

static ms_status submit_run(const request *r, const ms_submission *s, char job[32], bool *is_refused,
                            ms_error *error)
{
    char name[128];
    const char *const options[] = {name, "--dependency=singleton", NULL};
    snprintf(name, sizeof name, "--job-name=%s", r->name);
    return ms_submission_submit(s, false, r->script, options, job, is_refused, error);
}

/* Begins when the other has succeeded, and is cancelled when that has failed. */
static ms_status submit_finish(const request *r, ms_submission_file *file, ms_submission *s, ms_error *error)
{
    char name[128], dependency[64];
    const char *const options[] = {name, dependency, "--kill-on-invalid-dep=yes", NULL};
    bool is_refused, is_gone;
    ms_error reason = {0};
    snprintf(name, sizeof name, "--job-name=%s", r->finish_name);
    snprintf(dependency, sizeof dependency, "--dependency=afterok:%s", s->job);
    ms_status status =
        ms_submission_submit(s, true, r->finish_script, options, s->finish, &is_refused, &reason);
    if (status != MS_OK)
        return ms_error_set(error, status,
                            "job %s is submitted, the finishing job is not: %s. Give the same command again",
                            s->job, reason.message);
    printf("job %s then %schecks and draws\n", s->finish, s->tasks > 0 ? "merges, " : "");
    return ms_submission_write(file, s, &is_gone, error);
}

static ms_status submit_both(const request *r, ms_submission_file *file, ms_submission *s, ms_error *error)
{
    bool is_refused, is_gone;
    ms_status status = ms_submission_write(file, s, &is_gone, error);
    if (status == MS_OK && is_gone)
        return ms_error_set(error, MS_ERROR_LOCKED,
                            "%s: a job on it has just ended; give the same command again", r->path);
    if (status != MS_OK)
        return status;
    status = submit_run(r, s, s->job, &is_refused, error);
    if (status != MS_OK) {
        if (is_refused)
            ms_submission_remove(file);
        return status;
    }
    printf("job %s is submitted: %s\n", s->job, r->name);
    fflush(stdout); /* whatever becomes of the rest */
    status = ms_submission_write(file, s, &is_gone, error);
    return status == MS_OK ? submit_finish(r, file, s, error) : status;
}

/* MS_ERROR_LOCKED: jobs of the last submission may be at work. `*lacks_finish`: nothing but that it was
 * interrupted before its second job is wrong. */
static ms_status check_last(const request *r, ms_submission *last, bool *lacks_finish, ms_error *error)
{
    ms_slurm_job run, finish;
    *lacks_finish = false;
    if (!last->token[0])
        return MS_OK;
    if (strcmp(last->cluster, r->config.cluster) != 0)
        return ms_error_set(
            error, MS_ERROR_LOCKED,
            "%s: was submitted on another cluster, %s (job %s, by %s); if that job has ended, remove "
            "%s.submit",
            r->path, last->cluster, last->job[0] ? last->job : "unknown", last->user, r->path);
    ms_status status = ms_submission_find(last, &run, &finish, error);
    if (status != MS_OK)
        return status;
    const ms_slurm_job *alive = run.job[0] ? &run : &finish;
    bool is_ours = strcmp(last->user, ms_submission_new("", 0).user) == 0;
    if (!alive->job[0] && !is_ours && r->config.hides_jobs)
        return ms_error_set(
            error, MS_ERROR_LOCKED,
            "%s: was submitted by %s (job %s), and Slurm hides other users' jobs; if that job has ended, "
            "remove %s.submit",
            r->path, last->user, last->job[0] ? last->job : "unknown", r->path);
    if (!alive->job[0])
        return MS_OK;
    *lacks_finish = is_ours && run.job[0] && !finish.job[0] && !last->finish[0];
    if (*lacks_finish)
        snprintf(last->job, sizeof last->job, "%s", last->tasks > 0 ? run.array : run.job);
    if (*lacks_finish)
        return MS_OK;
    return ms_error_set(error, MS_ERROR_LOCKED,
                        "%s: has already been submitted, as job %s of %s (%s%s%s); scancel %s ends that",
                        r->path, alive->name, last->user, alive->state,
                        strcmp(alive->reason, "None") == 0 || !alive->reason[0] ? "" : ", ",
                        strcmp(alive->reason, "None") == 0 ? "" : alive->reason,
                        last->tasks > 0 ? alive->array : alive->job);
}

/* A job of it would find the file locked, again and again. */
static ms_status check_writer(const request *r, ms_error *error)
{
    ms_writer writer;
    ms_lock_look(r->path, &writer);
    return writer.is_alive
               ? ms_error_set(error, MS_ERROR_LOCKED,
                              "%.200s: is being written (%s); wait until that job ends, or stop it", r->path,
                              writer.text)
               : MS_OK;
}

/* Everything but the submission itself. */
static ms_status prepare(request *r, const char *token, ms_error *error)
{
    ms_calibrations calibrations = {0};
    ms_display display = ms_display_open(stderr, MS_DISPLAY_AUTO);
    ms_status status = ms_calibrate(r->sweep, &display, &calibrations, error);
    ms_display_clear(&display);
    ms_display_close(&display);
    if (status == MS_OK) {
        propose(r, &calibrations);
        choose_launcher(r);
        status = make_scripts(r, token, error);
    }
    ms_calibrations_free(&calibrations);
    if (status != MS_OK)
        return status;
    print_proposal(r);
    if (!r->has_slurm)
        return MS_OK;
    print_config(r);
    if (r->tasks > 0 && r->config.array_max > 0 && r->tasks > (unsigned long)r->config.array_max)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--array %lu: arrays of this cluster have at most %ld tasks (MaxArraySize); give "
                            "fewer tasks more --ranks",
                            r->tasks, r->config.array_max);
    return test_job(r, error);
}

static ms_status submit(request *r, ms_error *error)
{
    ms_submission_file *file;
    ms_submission last;
    bool lacks_finish;
    ms_status status = ms_submission_open(&file, r->path, &last, error);
    if (status != MS_OK)
        return status;
    status = check_last(r, &last, &lacks_finish, error);
    if (status == MS_OK && !lacks_finish)
        status = check_writer(r, error);
    ms_submission next = lacks_finish ? last : ms_submission_new(r->config.cluster, r->tasks);
    if (status == MS_OK && lacks_finish)
        r->tasks = last.tasks; /* that of the job which is at work */
    if (status == MS_OK)
        status = prepare(r, next.token, error);
    if (status == MS_OK)
        status = lacks_finish ? submit_finish(r, file, &next, error) : submit_both(r, file, &next, error);
    else if (!last.token[0])
        ms_submission_remove(file); /* made for nothing */
    ms_submission_close(file);
    return status;
}

static ms_status dry_run(request *r, ms_error *error)
{
    ms_status status = prepare(r, "", error);
    if (status == MS_OK)
        printf("%s\n# ======== a second job, after that one (--dependency=afterok): ========\n%s", r->script,
               r->finish_script);
    return status;
}

static ms_status find_slurm(request *r, ms_error *error)
{
    ms_error reason = {0};
    r->has_slurm = ms_slurm_get_config(&r->config, &reason) == MS_OK;
    if (r->has_slurm)
        return MS_OK;
    if (!r->arguments->value[OPTION_DRY_RUN])
        return ms_error_set(error, MS_ERROR_IO, "%s; without Slurm: mpirun -n 4 modeseek run %s -o %s",
                            reason.message, r->arguments->operand, r->arguments->value[OPTION_OUTPUT]);
    fprintf(r->report, "%s; the script assumes a cluster where srun starts MPI programs\n", reason.message);
    return MS_OK;
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    request *r = calloc(1, sizeof *r);
    if (!r)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    r->arguments = arguments;
    bool is_dry = arguments->value[OPTION_DRY_RUN] != NULL;
    r->report = is_dry ? stderr : stdout;
    ms_status status = read_arguments(r, error);
    if (status == MS_OK) {
        make_names(r);
        status = read_sweep(r, error);
    }
    if (status == MS_OK && r->blocks_left == 0) {
        printf("%s: complete, nothing to submit\n", ms_printable_copy(r->path).text);
    } else if (status == MS_OK) {
        status = find_slurm(r, error);
        if (status == MS_OK)
            status = is_dry ? dry_run(r, error) : submit(r, error);
    }
    free(r->script);
    free(r->finish_script);
    ms_sweep_free(r->sweep);
    free(r);
    return status;
}

const ms_command ms_command_submit = {
    .name = "submit",
    .operand = "SWEEP",
    .purpose =
        "Submits a sweep to Slurm, once, as a job that requeues itself until nothing is left to compute.\n\n"
        "Prints what it requests; a second job then checks and plots the results. Arguments after -- are\n"
        "options of sbatch: account, partition, ..., except for what the options below set, and for the\n"
        "names, comments and dependencies of the jobs.",
    .option =
        {[OPTION_OUTPUT] = {"output", 'o', "FILE", "the results file", true},
         [OPTION_ARRAY] = {"array", 0, "N", "as an array of N jobs, each with its own share and file", false},
         [OPTION_RANKS] = {"ranks", 0, "N", "ranks of each job (default: enough for an hour)", false},
         [OPTION_NODES] = {"nodes", 0, "N", "nodes of each job (default: chosen by Slurm)", false},
         [OPTION_TIME] = {"time", 0, "TIME", "time limit of each start (default: by a pilot run)", false},
         [OPTION_SETUP] = {"setup", 0, "SCRIPT", "shell lines to run first, such as module load", false},
         [OPTION_LAUNCHER] = {"launcher", 0, "COMMAND", "starts the ranks (default: srun)", false},
         [OPTION_DRY_RUN] = {"dry-run", 'n', NULL, "only prints the scripts", false}},
    .example = "  modeseek submit sweep.yaml -o sweep.h5 -- --account=physics --partition=long",
    .rest = "SBATCH-OPTIONS",
    .run = run};
