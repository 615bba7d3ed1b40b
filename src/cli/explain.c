/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/output.h"
#include "slurm/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROWS_MAX 10 /* of a kind that people are shown */

/* --- for people */

static __attribute__((format(printf, 2, 3))) void print_row(const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("  %-10s ", name);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

static void print_blocks(const ms_facts *f)
{
    size_t missing = f->blocks - f->done - f->failed;
    print_row("blocks", "%zu: %zu done, %zu failed, %zu missing (%zu with a checkpoint)", f->blocks, f->done,
              f->failed, missing, f->saved);
    for (size_t i = 0; i < f->reasons; i++)
        print_row(i == 0 ? "failures" : "", "%zu block%s: %s", f->reason[i].blocks,
                  f->reason[i].blocks == 1 ? "" : "s", f->reason[i].text);
    if (f->vain > 0)
        print_row("attempts",
                  "%zu block%s started twice or more without progress; block %zu %llu times; quarantined "
                  "after %d at once",
                  f->vain, f->vain == 1 ? " was" : "s were", f->vain_block, (unsigned long long)f->vain_most,
                  MS_ATTEMPTS_MAX);
    if (f->starts > 0) {
        const ms_past_start *last = &f->start[f->starts - 1];
        print_row("starts", "%zu; the last one %s on %s with %ld rank%s%s%s", f->starts, last->time,
                  last->host, last->ranks, last->ranks == 1 ? "" : "s", last->name[0] ? ", job " : "",
                  last->name);
    }
}

static void print_lock(const ms_facts *f)
{
    if (f->writer.is_hidden)
        print_row("lock", "%s", f->writer.text);
    else if (f->writer.text[0])
        print_row("lock", "%s; last heartbeat %s", f->writer.text,
                  ms_slurm_format_time(f->writer.last_sign / 1000).text);
    else
        print_row("lock", "none");
}

static void print_jobs(const ms_facts *f)
{
    if (f->submission.token[0])
        print_row("submitted", "%s by %s on %s, comment %s%s%s",
                  ms_slurm_format_time(f->submission.since / 1000).text, f->submission.user,
                  f->submission.host, f->submission.token, f->submission.job[0] ? ", job " : "",
                  f->submission.job);
    for (size_t i = 0; i < f->jobs && i < ROWS_MAX; i++) {
        char text[512];
        ms_slurm_describe(&f->job[i].job, text, sizeof text);
        print_row(i == 0 ? "squeue" : "", "%s; partition %s, %ld node%s, %ld processors, restarted %ld times",
                  text, f->job[i].job.partition, f->job[i].job.node_count,
                  f->job[i].job.node_count == 1 ? "" : "s", f->job[i].job.processors, f->job[i].restarts);
    }
    if (f->jobs > ROWS_MAX)
        print_row("", "and %zu more; --json lists all", f->jobs - ROWS_MAX);
    if (f->slurm_problem.status != MS_OK &&
        (f->is_silent || ms_facts_last_job(f)[0] || f->submission.token[0]))
        print_row("squeue", "%s", f->slurm_problem.message);
    else if (f->is_asked && f->slurm_problem.status == MS_OK && f->jobs == 0)
        print_row("squeue", "no job related to the file");
    size_t first = f->accounts > ROWS_MAX ? f->accounts - ROWS_MAX : 0;
    for (size_t i = first; i < f->accounts; i++) {
        const ms_slurm_account *a = &f->account[i];
        print_row(i == first ? "sacct" : "", "%s: %s, exit code %d:%d, %s for %.0f s on %ld processors",
                  a->name, a->state, a->exit_code, a->signal, ms_slurm_format_time(a->start).text, a->elapsed,
                  a->processors);
    }
}

static void print_efficiency(const ms_facts *f)
{
    ms_efficiency e = ms_find_efficiency(f);
    if (f->starts == 0)
        return;
    if (!e.is_known) {
        print_row("efficiency", "not known: %s", e.problem);
        return;
    }
    print_row("efficiency", "%s%.0f %%%s: %.0f core-seconds of blocks / %.0f allocated (%s)",
              e.is_bound ? "at least " : "", 100 * e.value, f->writer.is_alive ? " so far" : "",
              e.core_seconds, e.allocated,
              strcmp(e.source, "sacct") == 0 ? "processors x elapsed time of all starts, by sacct"
              : e.is_bound                   ? "ranks x time from each start until the next one"
                                             : "ranks x time from the start until the last heartbeat");
}

static void print_readable(const ms_facts *f, const ms_diagnosis *v)
{
    printf("%s: %s\n\n", ms_printable_copy(f->path).text, v->sentence);
    if (f->exists && f->problem.status == MS_OK)
        print_blocks(f);
    print_lock(f);
    print_jobs(f);
    if (f->exists && f->problem.status == MS_OK)
        print_efficiency(f);
    printf("\nwhat to do:\n");
    for (size_t i = 0; i < v->advices; i++)
        printf("  %s\n", ms_printable_copy(v->advice[i]).text);
    if (v->advices == 0)
        printf("  see the message above\n");
}

/* --- for programs */

static const char *word_or_null(const char *word)
{
    return *word ? word : NULL;
}

static void write_time(ms_json *json, const char *key, int64_t seconds)
{
    if (seconds > 0)
        ms_json_whole(json, key, seconds);
    else
        ms_json_text(json, key, NULL);
}

static void write_file(ms_json *json, const ms_facts *f)
{
    ms_json_line(json, 0);
    if (!f->exists || f->problem.status != MS_OK) {
        ms_json_text(json, "file", NULL);
        return;
    }
    ms_json_open(json, "file", '{');
    ms_json_count(json, "blocks", f->blocks);
    ms_json_count(json, "done", f->done);
    ms_json_count(json, "failed", f->failed);
    ms_json_count(json, "quarantined", f->quarantined);
    ms_json_count(json, "missing", f->blocks - f->done - f->failed);
    ms_json_count(json, "with_checkpoint", f->saved);
    ms_json_line(json, 2);
    ms_json_count(json, "begun_in_vain", f->vain);
    ms_json_count(json, "begun_in_vain_most", f->vain_most);
    ms_json_number(json, "processor_seconds", f->core_seconds);
    ms_json_count(json, "starts", f->starts);
    ms_json_line(json, 2);
    ms_json_open(json, "failures", '[');
    for (size_t i = 0; i < f->reasons; i++) {
        ms_json_open(json, NULL, '{');
        ms_json_count(json, "blocks", f->reason[i].blocks);
        ms_json_text(json, "reason", word_or_null(f->reason[i].text));
        ms_json_close(json, '}');
    }
    ms_json_close(json, ']');
    ms_json_close(json, '}');
}

static void write_lock(ms_json *json, const ms_facts *f)
{
    ms_json_line(json, 0);
    if (!f->writer.host[0]) {
        ms_json_text(json, "lock", NULL);
        return;
    }
    ms_json_open(json, "lock", '{');
    ms_json_truth(json, "is_alive", f->writer.is_alive);
    ms_json_text(json, "host", f->writer.host);
    ms_json_whole(json, "pid", f->writer.pid);
    ms_json_text(json, "job", word_or_null(f->writer.job_name));
    ms_json_text(json, "cluster", word_or_null(f->writer.cluster));
    ms_json_whole(json, "since", f->writer.since / 1000);
    ms_json_whole(json, "last_sign", f->writer.last_sign / 1000);
    ms_json_close(json, '}');
}

static void write_job(ms_json *json, const ms_slurm_entry *entry)
{
    ms_json_line(json, 2);
    ms_json_open(json, NULL, '{');
    ms_json_text(json, "job", word_or_null(entry->job.name));
    ms_json_text(json, "state", word_or_null(entry->job.state));
    ms_json_text(json, "reason", word_or_null(entry->job.reason));
    ms_json_text(json, "nodes", word_or_null(entry->job.nodes));
    write_time(json, "submitted", entry->job.submitted);
    write_time(json, "start", entry->job.start);
    write_time(json, "end", entry->job.end);
    ms_json_whole(json, "processors", entry->job.processors);
    ms_json_whole(json, "restarts", entry->restarts);
    ms_json_whole(json, "exit_code", entry->exit_code);
    ms_json_whole(json, "signal", entry->signal);
    ms_json_text(json, "log", word_or_null(entry->log));
    ms_json_close(json, '}');
}

static void write_account(ms_json *json, const ms_slurm_account *account)
{
    ms_json_line(json, 2);
    ms_json_open(json, NULL, '{');
    ms_json_text(json, "job", word_or_null(account->name));
    ms_json_text(json, "state", word_or_null(account->state));
    write_time(json, "start", account->start);
    write_time(json, "end", account->end);
    ms_json_number(json, "elapsed", round(account->elapsed));
    ms_json_whole(json, "processors", account->processors);
    ms_json_whole(json, "exit_code", account->exit_code);
    ms_json_whole(json, "signal", account->signal);
    ms_json_close(json, '}');
}

static void write_slurm(ms_json *json, const ms_facts *f)
{
    ms_json_line(json, 0);
    ms_json_open(json, "jobs", '[');
    for (size_t i = 0; i < f->jobs; i++)
        write_job(json, &f->job[i]);
    ms_json_close(json, ']');
    ms_json_line(json, 0);
    ms_json_open(json, "accounts", '[');
    for (size_t i = 0; i < f->accounts; i++)
        write_account(json, &f->account[i]);
    ms_json_close(json, ']');
    ms_json_line(json, 0);
    ms_json_text(json, "squeue_problem", word_or_null(f->slurm_problem.message));
    ms_json_text(json, "sacct_problem", word_or_null(f->accounts_problem.message));
}

static void write_efficiency(ms_json *json, const ms_facts *f)
{
    ms_efficiency e = ms_find_efficiency(f);
    ms_json_line(json, 0);
    if (!e.is_known) {
        ms_json_text(json, "efficiency", NULL);
        return;
    }
    ms_json_open(json, "efficiency", '{');
    ms_json_number(json, "value", e.value);
    ms_json_truth(json, "is_lower_bound", e.is_bound);
    ms_json_number(json, "core_seconds", e.core_seconds);
    ms_json_number(json, "allocated_core_seconds", e.allocated);
    ms_json_text(json, "source", word_or_null(e.source));
    ms_json_close(json, '}');
}

static void print_json(const ms_facts *f, const ms_diagnosis *v)
{
    ms_json json = {.out = stdout};
    ms_json_open(&json, NULL, '{');
    ms_json_text(&json, "state", word_or_null(v->state));
    ms_json_line(&json, 0);
    ms_json_text(&json, "verdict", word_or_null(v->sentence));
    ms_json_line(&json, 0);
    ms_json_open(&json, "what_to_do", '[');
    for (size_t i = 0; i < v->advices; i++) {
        ms_json_line(&json, 2);
        ms_json_text(&json, NULL, v->advice[i]);
    }
    ms_json_close(&json, ']');
    write_file(&json, f);
    write_lock(&json, f);
    write_slurm(&json, f);
    write_efficiency(&json, f);
    ms_json_close(&json, '}');
    putchar('\n');
}

static ms_status run(const ms_arguments *arguments, ms_error *error)
{
    ms_facts facts;
    bool is_unknown = false;
    ms_status status = ms_facts_find(arguments->operand, &facts, error);
    if (status == MS_OK) {
        ms_diagnosis diagnosis = ms_diagnose(&facts);
        is_unknown = strcmp(diagnosis.state, "missing") == 0;
        if (arguments->value[0])
            print_json(&facts, &diagnosis);
        else
            print_readable(&facts, &diagnosis);
        status = ms_output_flush(error);
    }
    if (status == MS_OK && facts.exists)
        status = facts.problem.status;
    else if (status == MS_OK && is_unknown)
        status = MS_ERROR_IO;
    if (status != MS_OK && error->status == MS_OK)
        *error = (ms_error){.status = status}; /* it has been said */
    ms_facts_free(&facts);
    return status;
}

const ms_command ms_command_explain = {
    .name = "explain",
    .operand = "FILE",
    .purpose = "Says why a sweep makes no progress, and what to do.\n\n"
               "First a sentence, then the evidence for it: the blocks of the file, its lock and the last "
               "heartbeat,\n"
               "and what Slurm says of the jobs that write it. FILE need not exist yet. Changes nothing.",
    .option = {{"json", 0, NULL, "the same as one JSON object", false}},
    .example = "  modeseek explain sweep.h5",
    .run = run};
