/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/output.h"
#include "slurm/words.h"

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
    print_row("blocks", "%zu: %zu done, %zu failed, %zu missing (%zu with a saved state)", f->blocks, f->done,
              f->failed, missing, f->saved);
    for (size_t i = 0; i < f->reasons; i++)
        print_row(i == 0 ? "failures" : "", "%zu block%s: %s", f->reason[i].blocks,
                  f->reason[i].blocks == 1 ? "" : "s", f->reason[i].text);
    if (f->vain > 0)
        print_row("attempts",
                  "%zu block%s begun twice or more without progress; block %zu %llu times; given up "
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
        print_row("lock", "%s; last sign of life %s", f->writer.text,
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
        print_row("squeue", "no job that has to do with the file");
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
                                             : "ranks x time from the start until the last sign of life");
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

static void json_word(const char *key, const char *value)
{
    printf("\"%s\": ", key);
    if (*value)
        ms_json_string(value);
    else
        printf("null");
}

static void json_file(const ms_facts *f)
{
    printf(",\n\"file\": ");
    if (!f->exists || f->problem.status != MS_OK) {
        printf("null");
        return;
    }
    printf("{\"blocks\": %zu, \"done\": %zu, \"failed\": %zu, \"given_up\": %zu, \"missing\": %zu, "
           "\"with_saved_state\": %zu,\n  \"begun_in_vain\": %zu, \"begun_in_vain_most\": %llu, "
           "\"processor_seconds\": ",
           f->blocks, f->done, f->failed, f->poisoned, f->blocks - f->done - f->failed, f->saved, f->vain,
           (unsigned long long)f->vain_most);
    ms_json_number(f->core_seconds);
    printf(", \"starts\": %zu,\n  \"failures\": [", f->starts);
    for (size_t i = 0; i < f->reasons; i++) {
        printf("%s{\"blocks\": %zu, ", i > 0 ? ", " : "", f->reason[i].blocks);
        json_word("reason", f->reason[i].text);
        putchar('}');
    }
    printf("]}");
}

static void json_writer(const ms_facts *f)
{
    printf(",\n\"lock\": ");
    if (!f->writer.host[0]) {
        printf("null");
        return;
    }
    printf("{\"is_alive\": %s, ", f->writer.is_alive ? "true" : "false");
    json_word("host", f->writer.host);
    printf(", \"pid\": %ld, ", f->writer.pid);
    json_word("job", f->writer.job_name);
    printf(", ");
    json_word("cluster", f->writer.cluster);
    printf(", \"since\": %lld, \"last_sign\": %lld}", (long long)f->writer.since / 1000,
           (long long)f->writer.last_sign / 1000);
}

static void json_time(const char *key, int64_t seconds)
{
    if (seconds > 0)
        printf(", \"%s\": %lld", key, (long long)seconds);
    else
        printf(", \"%s\": null", key);
}

static void json_jobs(const ms_facts *f)
{
    printf(",\n\"jobs\": [");
    for (size_t i = 0; i < f->jobs; i++) {
        const ms_slurm_entry *entry = &f->job[i];
        printf("%s{", i > 0 ? ",\n  " : "\n  ");
        json_word("job", entry->job.name);
        printf(", ");
        json_word("state", entry->job.state);
        printf(", ");
        json_word("reason", entry->job.reason);
        printf(", ");
        json_word("nodes", entry->job.nodes);
        json_time("submitted", entry->job.submitted);
        json_time("start", entry->job.start);
        json_time("end", entry->job.end);
        printf(", \"processors\": %ld, \"restarts\": %ld, \"exit_code\": %d, \"signal\": %d, ",
               entry->job.processors, entry->restarts, entry->exit_code, entry->signal);
        json_word("log", entry->log);
        putchar('}');
    }
    printf("],\n\"accounts\": [");
    for (size_t i = 0; i < f->accounts; i++) {
        const ms_slurm_account *a = &f->account[i];
        printf("%s{", i > 0 ? ",\n  " : "\n  ");
        json_word("job", a->name);
        printf(", ");
        json_word("state", a->state);
        json_time("start", a->start);
        json_time("end", a->end);
        printf(", \"elapsed\": %.0f, \"processors\": %ld, \"exit_code\": %d, \"signal\": %d}", a->elapsed,
               a->processors, a->exit_code, a->signal);
    }
    printf("],\n");
    json_word("squeue_problem", f->slurm_problem.message);
    printf(", ");
    json_word("sacct_problem", f->accounts_problem.message);
}

static void json_efficiency(const ms_facts *f)
{
    ms_efficiency e = ms_find_efficiency(f);
    printf(",\n\"efficiency\": ");
    if (!e.is_known) {
        printf("null");
        return;
    }
    printf("{\"value\": ");
    ms_json_number(e.value);
    printf(", \"is_lower_bound\": %s, \"core_seconds\": ", e.is_bound ? "true" : "false");
    ms_json_number(e.core_seconds);
    printf(", \"allocated_core_seconds\": ");
    ms_json_number(e.allocated);
    printf(", ");
    json_word("source", e.source);
    putchar('}');
}

static void print_json(const ms_facts *f, const ms_diagnosis *v)
{
    putchar('{');
    json_word("state", v->state);
    printf(",\n");
    json_word("verdict", v->sentence);
    printf(",\n\"what_to_do\": [");
    for (size_t i = 0; i < v->advices; i++) {
        printf("%s", i > 0 ? ",\n  " : "\n  ");
        ms_json_string(v->advice[i]);
    }
    printf("]");
    json_file(f);
    json_writer(f);
    json_jobs(f);
    json_efficiency(f);
    printf("}\n");
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
    .purpose =
        "Tells why nothing moves, and what to do.\n\n"
        "First a sentence, then what it follows from: the blocks of the file, its lock and the last sign "
        "of life,\n"
        "and what Slurm says of the jobs that write it. FILE need not exist yet. Changes nothing.",
    .option = {{"json", 0, NULL, "the same as one JSON object", false}},
    .example = "  modeseek explain sweep.h5",
    .run = run};
