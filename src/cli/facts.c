/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "cli/facts.h"

#include "base/clock.h"
#include "base/json.h"
#include "cli/report.h"
#include "slurm/config.h"
#include "slurm/program.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SECONDS 30.0 /* that Slurm may think */
#define IDS_MAX 1000 /* jobs whose accounts are asked for: more do not fit into a command */

/* --- the file */

/* The number that `digits` digits at `text` are; -1 if they are none. */
static int64_t digits_of(const char *text, int digits)
{
    int64_t number = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

/* Of "2026-11-25T04:42:46Z"; 0 if it is no such time. */
static int64_t read_time(const char *text)
{
    if (strlen(text) != strlen("2026-11-25T04:42:46Z"))
        return 0;
    int64_t year = digits_of(text, 4), month = digits_of(text + 5, 2), day = digits_of(text + 8, 2),
            hour = digits_of(text + 11, 2), minute = digits_of(text + 14, 2),
            second = digits_of(text + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || hour < 0 || minute < 0 || second < 0)
        return 0;
    int64_t y = month > 2 ? year : year - 1; /* the year begins in March: leap days end it */
    int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 719469;
    return 86400 * days + 3600 * hour + 60 * minute + second;
}

void ms_past_start_read(const char *line, ms_past_start *start)
{
    char array[64], task[32], number[32];
    *start = (ms_past_start){.ranks = 0};
    ms_json_field(line, "time", start->time, sizeof start->time);
    ms_json_field(line, "host", start->host, sizeof start->host);
    ms_json_field(line, "slurm_job_id", start->job, sizeof start->job);
    ms_json_field(line, "slurm_cluster_name", start->cluster, sizeof start->cluster);
    if (ms_json_field(line, "slurm_array_job_id", array, sizeof array) && array[0] &&
        ms_json_field(line, "slurm_array_task_id", task, sizeof task) && task[0])
        snprintf(start->name, sizeof start->name, "%.31s_%.31s", array, task);
    else
        snprintf(start->name, sizeof start->name, "%s", start->job);
    if (ms_json_field(line, "ranks", number, sizeof number))
        start->ranks = strtol(number, NULL, 10);
    start->since = read_time(start->time);
}

static ms_status read_starts(ms_results *results, ms_facts *facts, ms_error *error)
{
    char(*line)[MS_START_MAX];
    ms_status status =
        ms_results_starts(results, &line, &facts->starts, &facts->is_merged, &facts->is_cut, error);
    if (status == MS_OK && facts->starts > 0 && !(facts->start = calloc(facts->starts, sizeof *facts->start)))
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu starts", facts->starts);
    for (size_t i = 0; status == MS_OK && i < facts->starts; i++)
        ms_past_start_read(line[i], &facts->start[i]);
    free(line);
    if (status != MS_OK)
        facts->starts = 0;
    return status;
}

static ms_status count_failure(ms_results *results, size_t block, ms_facts *facts, ms_error *error)
{
    char text[MS_FAILURE_MAX];
    ms_status status = ms_results_failure(results, block, text, error);
    if (status != MS_OK)
        return status;
    size_t i = 0;
    while (i < facts->reasons && strcmp(facts->reason[i].text, text) != 0)
        i++;
    if (i == facts->reasons && i < MS_REASONS_MAX)
        snprintf(facts->reason[facts->reasons++].text, sizeof text, "%s", text);
    if (i < MS_REASONS_MAX)
        facts->reason[i].blocks++;
    return MS_OK;
}

static void count_attempt(const ms_attempt *attempt, size_t block, ms_facts *facts)
{
    facts->saved += attempt->saved_iteration > 0;
    facts->begun += attempt->begun > 0;
    if (attempt->unfinished < 2)
        return;
    facts->vain++;
    if (attempt->unfinished > facts->vain_most) {
        facts->vain_most = attempt->unfinished;
        facts->vain_block = block;
    }
}

static ms_status count_blocks(ms_results *results, const ms_block_status *block, const ms_attempt *attempt,
                              ms_facts *facts, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_status status = MS_OK;
    double iterations = 0;
    for (size_t b = 0; status == MS_OK && b < info->blocks; b++) {
        facts->done += block[b] == MS_BLOCK_DONE || block[b] == MS_BLOCK_NOT_NEEDED;
        facts->quarantined += block[b] == MS_BLOCK_QUARANTINED;
        if (block[b] == MS_BLOCK_NOT_DONE) {
            count_attempt(&attempt[b], b, facts);
            iterations += (double)attempt[b].saved_iteration;
        } else if (block[b] != MS_BLOCK_DONE && block[b] != MS_BLOCK_NOT_NEEDED) {
            facts->failed++;
            status = count_failure(results, b, facts, error);
        }
    }
    if (facts->saved > 0 && ms_results_is_all_direct(info)) /* replicates have no budget */
        facts->begun_share = iterations / (double)facts->saved / (double)info->iterations;
    return status;
}

static ms_status read_blocks(ms_results *results, ms_facts *facts, ms_error *error)
{
    size_t blocks = facts->blocks = ms_results_get_info(results)->blocks;
    ms_block_status *block = ms_array_alloc(blocks, 1, 1, sizeof *block);
    ms_attempt *attempt = ms_array_alloc(blocks, 1, 1, sizeof *attempt);
    ms_status status =
        block && attempt
            ? ms_results_attempts(results, attempt, error)
            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the checkpoints of %zu blocks", blocks);
    if (status == MS_OK)
        status = ms_results_block_status(results, block, NULL, error);
    if (status == MS_OK)
        status = count_blocks(results, block, attempt, facts, error);
    free(block);
    free(attempt);
    return status;
}

static ms_status read_file(ms_facts *facts, ms_error *error)
{
    char last[MS_START_MAX];
    ms_results *results;
    ms_status status = ms_results_open(&results, facts->path, error);
    if (status == MS_OK)
        status = read_blocks(results, facts, error);
    if (status == MS_OK)
        status = ms_results_history(results, &facts->core_seconds, &facts->lost, last, sizeof last, error);
    if (status == MS_OK)
        status = read_starts(results, facts, error);
    ms_results_close(results, NULL);
    return status;
}

/* Also of a file that is not there yet. */
static void look_at_disk(ms_facts *facts, const char *folder)
{
    struct stat entry;
    struct statvfs disk;
    facts->exists = stat(facts->path, &entry) == 0 || errno != ENOENT;
    facts->changed = facts->exists && stat(facts->path, &entry) == 0 ? (int64_t)entry.st_mtime : 0;
    facts->free_bytes =
        statvfs(folder, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize : INFINITY;
}

/* --- the jobs */

/* Adds a word to a list apart by commas, if it is new and fits. */
static void add_word(char *list, size_t size, const char *word)
{
    size_t length = strlen(list), more = strlen(word);
    for (const char *at = list; more > 0 && (at = strstr(at, word)); at += more)
        if ((at == list || at[-1] == ',') && (at[more] == ',' || !at[more]))
            return;
    if (more > 0 && !strpbrk(word, ", ") && length + more + 2 <= size)
        snprintf(list + length, size - length, "%s%s", length > 0 ? "," : "", word);
}

/* Who may have jobs for the file: we, and those to whom it, its lock and its submission belong. Numbers that
 * have no name here are left out: squeue would refuse the question. */
static void find_users(const char *path, char *users, size_t size)
{
    static const char *const suffix[] = {"", ".lock", ".submit"};
    char number[32], name[PATH_MAX];
    users[0] = '\0';
    snprintf(number, sizeof number, "%lu", (unsigned long)geteuid());
    add_word(users, size, number);
    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        struct stat entry;
        snprintf(name, sizeof name, "%s%s", path, suffix[i]);
        if (stat(name, &entry) == 0 && getpwuid(entry.st_uid)) {
            snprintf(number, sizeof number, "%lu", (unsigned long)entry.st_uid);
            add_word(users, size, number);
        }
    }
}

/* Whether the command names the file: its name stands there as a word, or as the end of one that is a path to
 * its folder, from the folder where the job was submitted. */
static bool names_file(const ms_slurm_entry *entry, const char *folder, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = entry->command; (at = strstr(at, name)); at += length) {
        if ((at[length] && at[length] != ' ') || at == entry->command || (at[-1] != ' ' && at[-1] != '/'))
            continue;
        const char *word = at;
        while (word > entry->command && word[-1] != ' ')
            word--;
        char path[2048], real[PATH_MAX];
        snprintf(path, sizeof path, "%s%s%.*s", *word == '/' ? "" : entry->folder, *word == '/' ? "" : "/",
                 (int)(at - word), word);
        if (realpath(path, real) && strcmp(real, folder) == 0)
            return true;
    }
    return false;
}

static bool wrote_file(const ms_facts *facts, const ms_slurm_job *job)
{
    if (strcmp(facts->writer.job_name, job->name) == 0)
        return true;
    for (size_t i = 0; i < facts->starts; i++)
        if (strcmp(facts->start[i].name, job->name) == 0)
            return true;
    return false;
}

/* FILE.submit, and for the file FILE.task-N.h5 of a task that of the array, whose number is N. */
static void find_submission(ms_facts *facts)
{
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s", facts->path);
    char *end = strstr(whole, ".task-");
    for (char *next = end; next; next = strstr(end + 1, ".task-"))
        end = next;
    if (!ms_submission_look(facts->path, &facts->submission))
        facts->submission.token[0] = '\0';
    int length = 0;
    if (facts->submission.token[0] || !end || sscanf(end, ".task-%31[0-9].h5%n", facts->task, &length) != 1 ||
        length == 0 || end[length]) {
        facts->task[0] = '\0';
        return;
    }
    *end = '\0';
    if (!ms_submission_look(whole, &facts->submission))
        facts->submission.token[0] = '\0';
}

static bool was_submitted(const ms_facts *facts, const ms_slurm_job *job)
{
    const char *token = facts->submission.token, *number = strchr(job->name, '_');
    size_t length = strlen(token);
    return length > 0 && strncmp(job->comment, token, length) == 0 &&
           (!job->comment[length] || job->comment[length] == ' ') &&
           (!facts->task[0] || (number && strcmp(number + 1, facts->task) == 0));
}

const char *ms_facts_cluster(const ms_facts *facts)
{
    return facts->writer.host[0] ? facts->writer.cluster
           : facts->starts > 0   ? facts->start[facts->starts - 1].cluster
                                 : "";
}

/* squeue names the cluster of each job, but there may be none. */
static void find_cluster(ms_facts *facts)
{
    ms_slurm_config config;
    if (facts->jobs > 0)
        snprintf(facts->cluster, sizeof facts->cluster, "%s", facts->job[0].cluster);
    else if (ms_facts_cluster(facts)[0] && ms_slurm_get_config(&config, NULL) == MS_OK)
        snprintf(facts->cluster, sizeof facts->cluster, "%s", config.cluster);
}

static int importance(const char *state)
{
    static const char *const order[] = {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "CONFIGURING"};
    const int count = sizeof order / sizeof *order;
    for (int i = 0; i < count; i++)
        if (strcmp(state, order[i]) == 0)
            return i;
    return ms_slurm_is_over(state) ? count + 1 : count;
}

/* The job that finishes is cancelled when the other has failed: that one tells why. */
static bool finishes(const ms_slurm_job *job)
{
    const char *space = strchr(job->comment, ' ');
    return space && strcmp(space, " finish") == 0;
}

/* Of those that wait the one that starts first, of those over the last one. */
static int by_importance(const void *a, const void *b)
{
    const ms_slurm_job *x = &((const ms_slurm_entry *)a)->job, *y = &((const ms_slurm_entry *)b)->job;
    int order = importance(x->state) - importance(y->state);
    if (order != 0)
        return order;
    if (ms_slurm_is_over(x->state) && finishes(x) != finishes(y))
        return finishes(x) ? 1 : -1;
    if (ms_slurm_is_over(x->state))
        return x->end < y->end ? 1 : x->end > y->end ? -1 : strcmp(y->name, x->name);
    int64_t first = x->start > 0 ? x->start : INT64_MAX, second = y->start > 0 ? y->start : INT64_MAX;
    return first < second ? -1 : first > second ? 1 : strcmp(x->name, y->name);
}

/* Of an array that is over, one that did not succeed tells why. */
static void put_failed_task_first(ms_facts *facts)
{
    const char *array = facts->job[0].job.array;
    for (size_t i = 1; i < facts->jobs && strcmp(facts->job[0].job.state, "COMPLETED") == 0; i++)
        if (strcmp(facts->job[i].job.array, array) == 0 &&
            strcmp(facts->job[i].job.state, "COMPLETED") != 0) {
            const ms_slurm_entry first = facts->job[0];
            facts->job[0] = facts->job[i];
            facts->job[i] = first;
        }
}

static void ask_squeue(ms_facts *facts, const char *folder, const char *name)
{
    char users[256];
    find_submission(facts);
    find_users(facts->path, users, sizeof users);
    facts->is_asked = true;
    if (ms_slurm_list(NULL, users, SECONDS, &facts->job, &facts->jobs, &facts->slurm_problem) != MS_OK) {
        facts->is_silent = !ms_program_is_missing(&facts->slurm_problem);
        return;
    }
    find_cluster(facts);
    const char *cluster = ms_facts_cluster(facts);
    bool is_elsewhere = cluster[0] && facts->cluster[0] && strcmp(cluster, facts->cluster) != 0;
    size_t kept = 0;
    for (size_t i = 0; i < facts->jobs; i++) {
        const ms_slurm_entry *entry = &facts->job[i];
        bool wrote = !is_elsewhere && wrote_file(facts, &entry->job);
        if (wrote || was_submitted(facts, &entry->job) || names_file(entry, folder, name))
            memmove(&facts->job[kept++], entry, sizeof *entry);
    }
    facts->jobs = kept;
    if (kept > 1)
        qsort(facts->job, kept, sizeof *facts->job, by_importance);
    if (facts->submission.tasks > 0 && kept > 0 && ms_slurm_is_over(facts->job[0].job.state))
        put_failed_task_first(facts);
}

static void ask_sacct(ms_facts *facts)
{
    char list[IDS_MAX * 33] = "";
    for (size_t i = facts->starts; i-- > 0;)
        add_word(list, sizeof list, facts->start[i].name);
    add_word(list, sizeof list, facts->writer.job_name);
    for (size_t i = 0; i < facts->jobs && i < IDS_MAX; i++)
        if (ms_slurm_is_over(facts->job[i].job.state))
            add_word(list, sizeof list, facts->job[i].job.name);
    if (list[0])
        ms_slurm_get_accounts(list, SECONDS, &facts->account, &facts->accounts, &facts->accounts_problem);
}

/* The folder's real path and the file's own name; "" if there is none such. */
static void split(const char *path, char folder[PATH_MAX], char name[PATH_MAX])
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    if (!realpath(dirname(copy), folder))
        folder[0] = '\0';
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(name, PATH_MAX, "%s", basename(copy));
}

ms_status ms_facts_find(const char *path, ms_facts *facts, ms_error *error)
{
    char folder[PATH_MAX], name[PATH_MAX], host[64] = "";
    *facts = (ms_facts){.path = path, .now = ms_milliseconds() / 1000};
    split(path, folder, name);
    look_at_disk(facts, folder);
    ms_lock_look(path, &facts->writer);
    gethostname(host, sizeof host - 1);
    facts->is_here = strcmp(host, facts->writer.host) == 0;
    if (facts->exists && read_file(facts, &facts->problem) == MS_ERROR_MEMORY) {
        *error = facts->problem;
        return MS_ERROR_MEMORY;
    }
    bool is_complete =
        facts->exists && facts->problem.status == MS_OK && facts->done + facts->failed == facts->blocks;
    if (!is_complete && facts->problem.status == MS_OK)
        ask_squeue(facts, folder, name);
    ask_sacct(facts);
    return MS_OK;
}

void ms_facts_free(ms_facts *facts)
{
    free(facts->start);
    free(facts->job);
    free(facts->account);
}

const char *ms_facts_last_job(const ms_facts *facts)
{
    if (facts->writer.host[0]) /* even if it was no job of Slurm */
        return facts->writer.job_name;
    if (facts->starts > 0)
        return facts->start[facts->starts - 1].name;
    return facts->jobs > 0 && ms_slurm_is_over(facts->job[0].job.state) ? facts->job[0].job.name : "";
}

const ms_slurm_entry *ms_facts_last_entry(const ms_facts *facts)
{
    const char *name = ms_facts_last_job(facts);
    for (size_t i = 0; name[0] && i < facts->jobs; i++)
        if (strcmp(facts->job[i].job.name, name) == 0)
            return &facts->job[i];
    return NULL;
}
