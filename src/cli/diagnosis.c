/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function for each thing that can be the matter with a file. */
#include "base/text.h"
#include "cli/facts.h"
#include "cli/output.h"
#include "slurm/words.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DISK_FULL      16e6 /* bytes that are left; a saved state may have more */
#define LAUNCH_SECONDS 300  /* that a job may run before it opens its file */
#define PRINTF(a, b)   __attribute__((format(printf, a, b)))

static PRINTF(2, 3) void say(ms_diagnosis *v, const char *format, ...)
{
    size_t length = strlen(v->sentence);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(v->sentence + length, sizeof v->sentence - length, format, arguments);
    va_end(arguments);
}

static PRINTF(2, 3) void advise(ms_diagnosis *v, const char *format, ...)
{
    if (v->advices == MS_ADVICE_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(v->advice[v->advices], sizeof v->advice[0], format, arguments);
    va_end(arguments);
    v->advices++;
}

/* A word as a shell takes it: it may be another user's, who wants it to do something else. */
static const char *quote(const char *text, const char *otherwise, char *quoted, size_t size)
{
    bool plain = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "/._-+=:,@%") == strlen(text);
    bool fits = ms_is_printable(text) && text[0] != '-' && !strchr(text, '\'') && strlen(text) + 3 <= size;
    snprintf(quoted, size, !fits ? "%s" : plain ? "%s" : "'%s'", fits ? text : otherwise);
    return quoted;
}
#define QUOTE(text, otherwise) quote(text, otherwise, (char[600]){0}, 600)
#define WORD(f)                QUOTE((f)->path, "FILE")

/* --- what to do */

static void advise_resume(const ms_facts *f, ms_diagnosis *v)
{
    const char *effect = f->exists ? "continues where it stopped" : "creates it";
    const char *last = ms_facts_last_job(f);
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s", f->path);
    if (f->task[0])
        whole[strlen(whole) - strlen(".task-.h5") - strlen(f->task)] = '\0';
    if (f->submission.tasks > 0) {
        advise(v, "modeseek submit SWEEP -o %s --array %lu    # computes what the tasks lack",
               QUOTE(whole, "FILE"), f->submission.tasks);
        return;
    }
    long ranks = f->starts > 0 ? f->start[f->starts - 1].ranks : 1;
    if (last[0] || f->submission.token[0] || f->jobs > 0)
        advise(v, "modeseek submit SWEEP -o %s    # or sbatch your own script again: %s", WORD(f), effect);
    else if (ranks > 1)
        advise(v, "mpirun -n %ld modeseek run SWEEP -o %s    # %s", ranks, WORD(f), effect);
    else
        advise(v, "modeseek run SWEEP -o %s    # %s", WORD(f), effect);
}

static void advise_log(const ms_facts *f, const ms_slurm_entry *entry, ms_diagnosis *v)
{
    const char *name = entry ? entry->job.name : ms_facts_last_job(f);
    if (entry && entry->log[0])
        advise(v, "less %s    # its log", QUOTE(entry->log, "LOG"));
    else if (name[0])
        advise(v, "look in the log of job %s for lines that begin with \"modeseek: \"", name);
}

static void advise_watch(const ms_facts *f, ms_diagnosis *v)
{
    advise(v, "nothing; modeseek watch %s shows the progress", WORD(f));
}

static void advise_cancel(const ms_facts *f, const ms_slurm_job *job, const char *when, ms_diagnosis *v)
{
    advise(v, "scancel %s    # %s; then", job->name, when);
    advise_resume(f, v);
}

/* --- parts of sentences */

static void say_progress(const ms_facts *f, ms_diagnosis *v)
{
    say(v, "; %zu of %zu blocks are done", f->done, f->blocks);
    if (f->saved > 0)
        say(v, ", %zu have a checkpoint", f->saved);
}

static void say_troubles(const ms_facts *f, ms_diagnosis *v)
{
    char bytes[32];
    if (f->vain > 0)
        say(v, "; %zu block%s started repeatedly without reaching a checkpoint (block %zu %llu times)",
            f->vain, f->vain == 1 ? " was" : "s were", f->vain_block, (unsigned long long)f->vain_most);
    if (f->vain > 0)
        advise(v,
               "find out why the job ends so soon (its log, memory): after %d starts that end at once a "
               "block is quarantined",
               MS_ATTEMPTS_MAX);
    if (f->free_bytes < DISK_FULL) {
        ms_format_bytes(f->free_bytes, bytes, sizeof bytes);
        say(v, "; the disk is full (%s left)", bytes);
        advise(v, "free some space on the disk of %s", WORD(f));
    }
}

static long long silence(const ms_facts *f)
{
    int64_t seconds = f->now - f->writer.last_sign / 1000;
    return seconds > 0 ? (long long)seconds : 0;
}

/* Who writes, or has written. */
static void say_writer(const ms_facts *f, ms_diagnosis *v)
{
    if (f->writer.job_name[0])
        say(v, "job %s on host %s", f->writer.job_name, f->writer.host);
    else
        say(v, "a process of %s%s", f->is_here ? "this host" : "host ", f->is_here ? "" : f->writer.host);
}

/* How the last job ended, from squeue, or from the accounts. */
typedef struct ending {
    const char *state, *reason; /* "": not known */
    int exit_code, signal;
    int64_t time;
} ending;

static ending find_ending(const ms_facts *f, const char *name)
{
    const ms_slurm_entry *entry = ms_facts_last_entry(f);
    if (entry && ms_slurm_is_over(entry->job.state))
        return (ending){entry->job.state, entry->job.reason, entry->exit_code, entry->signal, entry->job.end};
    for (size_t i = f->accounts; i-- > 0;) { /* the last start is the last one */
        const ms_slurm_account *a = &f->account[i];
        if (strcmp(a->name, name) == 0)
            return (ending){a->end > 0 ? a->state : "", "", a->exit_code, a->signal, a->end};
    }
    return (ending){.state = "", .reason = ""};
}

static const char *explain_exit(int code)
{
    for (int status = MS_OK + 1; status < MS_STATUS_COUNT; status++)
        if (ms_status_exit_code((ms_status)status) == code)
            return ms_status_message((ms_status)status);
    return code == 126 || code == 127 ? "a program was not found or could not be run"
           : code == 137              ? "a rank was killed, perhaps for lack of memory"
           : code == 143              ? "a rank was terminated"
           : code == 132 || code == 134 || code == 135 || code == 136 || code == 139 ? "a rank crashed"
                                                                                     : "";
}

static void say_exit(const ending *e, ms_diagnosis *v)
{
    if (e->exit_code > 0) {
        const char *meaning = explain_exit(e->exit_code);
        say(v, " (exit code %d%s%s)", e->exit_code, *meaning ? ": " : "", meaning);
    } else if (e->signal > 0 && strcmp(e->state, "FAILED") == 0) { /* else Slurm has sent it */
        say(v, " (signal %d)", e->signal);
    } else if (strcmp(e->state, "FAILED") == 0 && e->reason[0]) { /* before it began */
        say(v, " (%s)", e->reason);
    }
}

/* After an exit code that another start would end with again. */
static bool advise_code(const ms_facts *f, const ms_slurm_entry *entry, int code, ms_diagnosis *v)
{
    switch (code) {
    case 2:
    case 10:
        advise_log(f, entry, v);
        advise(v, "modeseek run --help    # the command line was wrong");
        return true;
    case 3:
        advise_log(f, entry, v);
        advise(v, "modeseek plan SWEEP    # shows what is wrong in the sweep file");
        return true;
    case 5:
        advise(v, "modeseek verify %s    # the job may have been given a different file", WORD(f));
        return true;
    case 6:
        advise(v,
               "modeseek run --dry-run SWEEP -o %s    # shows what differs: give the sweep of this file, or "
               "another file",
               WORD(f));
        return true;
    case 70:
        advise_log(f, entry, v);
        advise(v, "please report it");
        return true;
    case 126:
    case 127:
        advise_log(f, entry, v);
        advise(v, "make sure that the job finds modeseek and its launcher (module load ...)");
        return false;
    case 4:
    case 1:
    case 7:
        advise_log(f, entry, v);
        return false;
    case 9:
    case 137:
        advise(v, "ask for more memory (--mem-per-cpu); modeseek plan SWEEP shows how much a rank needs");
        return false;
    case 132:
    case 134:
    case 135:
    case 136:
    case 139:
        advise_log(f, entry, v);
        advise(v, "please report it if it happens again");
        return false;
    default:
        return false;
    }
}

/* --- a job is alive */

static void judge_waiting(const ms_facts *f, const ms_slurm_job *job, ms_diagnosis *v)
{
    ms_slurm_wait wait;
    const char *words = ms_slurm_explain_reason(job->reason, &wait);
    v->state = wait == MS_SLURM_WAITS ? "waiting" : wait == MS_SLURM_HELD ? "held" : "stuck";
    say(v, "job %s waits (%s)%s%s", job->name, job->reason, *words ? ": " : "", words);
    if (ms_slurm_start_is_known(job) && wait == MS_SLURM_WAITS)
        say(v, "; Slurm expects it to start at %s", ms_slurm_format_time(job->start).text);
    if (wait == MS_SLURM_WAITS) {
        if (strcmp(job->reason, "Resources") == 0 || strcmp(job->reason, "Priority") == 0)
            advise(v, "nothing: it starts on its own; jobs that ask for less time or fewer processors often "
                      "start sooner");
        else
            advise(v, "nothing: it starts on its own");
        advise(v, "squeue --start -j %s    # Slurm's estimate of when", job->name);
    } else if (wait == MS_SLURM_HELD) {
        if (strstr(job->reason, "launch"))
            advise(v, "sinfo -R    # is one of its nodes broken?");
        advise(v, "scontrol release %s    # ask an administrator if you are not allowed to", job->name);
    } else {
        say(v, ", so it cannot start as submitted");
        advise(v,
               "scontrol show job %s    # what it asks for and what it depends on; scontrol update can "
               "change it",
               job->name);
        advise_cancel(f, job, "and resubmit it so that it can start", v);
    }
}

/* Slurm says that it runs, but the lock is not its own: none, or one of an earlier start. */
static void judge_starting(const ms_facts *f, const ms_slurm_entry *entry, ms_diagnosis *v)
{
    const ms_slurm_job *job = &entry->job;
    bool is_late = job->start > 0 && f->now - job->start > LAUNCH_SECONDS;
    v->state = is_late ? "not writing" : "starting";
    say(v, "job %s runs on %s since %s, but %s", job->name, job->nodes, ms_slurm_format_time(job->start).text,
        is_late ? "is not writing this file: it is doing something else, or its launch hangs"
                : "has not started writing this file");
    if (!is_late)
        advise(v, "nothing yet: launching, and reading a large file, take a while");
    advise_log(f, entry, v);
    if (is_late)
        advise_cancel(f, job, "if it hangs", v);
}

static void judge_silent_job(const ms_facts *f, const ms_slurm_entry *entry, ms_diagnosis *v)
{
    v->state = "silent";
    say(v,
        "job %s runs on %s, but has sent no heartbeat for %lld s: a node or its file system hangs, its clock "
        "is wrong, or a rank hangs",
        entry->job.name, entry->job.nodes, silence(f));
    advise(v, "wait: the job ends on its own with exit code 12 when nothing happens for its --rank-timeout "
              "(10 minutes)");
    advise(v, "sinfo -R; scontrol show node %s    # is a node unhealthy?", QUOTE(f->writer.host, "HOST"));
    advise_log(f, entry, v);
    advise_cancel(f, &entry->job, "if this persists", v);
}

/* The file that is merged from those of an array's tasks. */
static void judge_array(const ms_facts *f, ms_diagnosis *v)
{
    size_t running = 0, waiting = 0;
    for (size_t i = 0; i < f->jobs; i++) {
        const char *state = f->job[i].job.state;
        bool is_task = strchr(f->job[i].job.name, '_') != NULL, is_over = ms_slurm_is_over(state);
        running += is_task && !is_over && strcmp(state, "PENDING") != 0;
        waiting += is_task && strcmp(state, "PENDING") == 0;
    }
    v->state = "array";
    say(v, "job %s merges it from the files of %lu tasks (running: %zu, waiting: %zu, ended: %zu)",
        f->submission.finish[0] ? f->submission.finish : "(finish)", f->submission.tasks, running, waiting,
        (size_t)f->submission.tasks > running + waiting ? (size_t)f->submission.tasks - running - waiting
                                                        : 0);
    advise(v, "nothing: that job starts on its own");
    advise(v, "modeseek explain %s.task-1.h5    # and so on, for each task", WORD(f));
}

static void judge_live_job(const ms_facts *f, const ms_slurm_entry *entry, ms_diagnosis *v)
{
    const ms_slurm_job *job = &entry->job;
    bool is_writer = strcmp(job->name, f->writer.job_name) == 0 && f->writer.since / 1000 + 2 >= job->start;
    ms_slurm_wait wait;
    ms_slurm_explain_reason(job->reason, &wait);
    if (f->submission.tasks > 0 && !f->task[0] && strchr(job->name, '_') && wait == MS_SLURM_WAITS) {
        judge_array(f, v);
    } else if (strcmp(job->state, "SUSPENDED") == 0 || strcmp(job->state, "STOPPED") == 0) {
        v->state = "suspended";
        say(v, "job %s is suspended, by a user or to let another job run", job->name);
        advise(v, "nothing: it continues where it stopped once it is resumed");
        advise(v,
               strcmp(job->state, "STOPPED") == 0 ? "scancel --signal=CONT %s    # if it was stopped by hand"
                                                  : "scontrol resume %s    # if it was suspended by hand",
               job->name);
    } else if (strcmp(job->state, "COMPLETING") == 0) {
        v->state = "ending";
        say(v, "job %s is ending (%s)", job->name, job->reason);
        advise(v, "nothing: ask again in a minute; if this persists, a node hangs (sinfo -R)");
    } else if (strcmp(job->state, "CONFIGURING") == 0) {
        v->state = "starting";
        say(v, "job %s has been allocated its nodes (%s), which are being started", job->name, job->nodes);
        advise(v, "nothing: it starts on its own");
    } else if (strcmp(job->state, "RUNNING") != 0) {
        judge_waiting(f, job, v);
    } else if (is_writer) {
        judge_silent_job(f, entry, v);
    } else {
        judge_starting(f, entry, v);
    }
}

static void judge_writing(const ms_facts *f, ms_diagnosis *v)
{
    const ms_slurm_entry *entry = ms_facts_last_entry(f);
    v->state = "writing";
    say(v, "is being written by ");
    say_writer(f, v);
    say(v, ", whose last heartbeat came %lld s ago", silence(f));
    say_progress(f, v);
    if (f->done == 0 && f->begun_share > 0 && f->core_seconds > 0) {
        char seconds[32];
        ms_format_short(f->core_seconds / (double)f->saved / f->begun_share, seconds, sizeof seconds);
        say(v, ", which have completed %.0f %% of their budget on average: a block takes at most %s s",
            100 * f->begun_share, seconds);
    } else if (f->done == 0) {
        say(v, ", and how long one takes is unknown until the first checkpoints are saved");
    }
    if (entry && entry->job.end > 0 && f->job == entry)
        say(v, "; the job ends at %s at the latest", ms_slurm_format_time(entry->job.end).text);
    advise_watch(f, v);
    say_troubles(f, v);
}

/* --- no job is alive */

static void judge_over(const ms_facts *f, ms_diagnosis *v)
{
    const ms_slurm_entry *entry = ms_facts_last_entry(f);
    const char *name = ms_facts_last_job(f);
    ending e = find_ending(f, name);
    v->state = "over";
    say(v, "nothing is queued for it: job %s ", name);
    if (e.state[0]) {
        say(v, "%s", ms_slurm_explain_end(e.state));
        say_exit(&e, v);
        say(v, " at %s", ms_slurm_format_time(e.time).text);
    } else {
        say(v, "has ended: Slurm no longer knows it (or hides it)");
    }
    if (f->exists && f->writer.host[0])
        say(v, ", and was killed before it could end cleanly");
    if (f->exists)
        say_progress(f, v);
    say_troubles(f, v);
    if (strcmp(e.state, "OUT_OF_MEMORY") == 0)
        e.exit_code = 9;
    if (strcmp(e.state, "CANCELLED") == 0)
        advise(v, "to continue it:");
    const char *task = f->submission.tasks > 0 && !f->task[0] ? strchr(name, '_') : NULL;
    if (task) {
        char path[PATH_MAX + 80];
        snprintf(path, sizeof path, "%s.task-%s.h5", f->path, task + 1);
        advise(v, "modeseek explain %s    # its file", QUOTE(path, "FILE"));
        advise_log(f, f->jobs > 0 ? &f->job[0] : NULL, v);
        advise_resume(f, v);
    } else if (!advise_code(f, entry, e.signal > 0 ? 128 + e.signal : e.exit_code, v))
        advise_resume(f, v);
}

static void judge_left_lock(const ms_facts *f, ms_diagnosis *v)
{
    v->state = f->is_here && f->writer.is_over ? "killed" : "silent";
    say_writer(f, v);
    if (f->is_here && f->writer.is_over) {
        say(v, " was killed while writing the file, and no job has taken over");
        say_progress(f, v);
        say_troubles(f, v);
        advise_resume(f, v);
        return;
    }
    say(v, " holds the lock, but has sent no heartbeat for %lld s", silence(f));
    say_progress(f, v);
    say_troubles(f, v);
    if (f->is_here) {
        say(v, "; it is stopped or hangs");
        advise(v, "ps -o pid,stat,etime,args -p %ld    # T: stopped, D: waiting for the disk", f->writer.pid);
        advise(v, "kill -CONT %ld    # if it was stopped; or, to end it, kill %ld", f->writer.pid,
               f->writer.pid);
        return;
    }
    say(v, "; it was killed, or its host or the file system hangs");
    advise(v, "ssh %s ps -o pid,stat,etime,args -p %ld    # is it still running?",
           QUOTE(f->writer.host, "HOST"), f->writer.pid);
    advise(v, "modeseek run SWEEP -o %s --break-lock    # only if it is dead", WORD(f));
}

static void judge_unanswered(const ms_facts *f, ms_diagnosis *v)
{
    const char *name = ms_facts_last_job(f);
    v->state = "unknown";
    say(v, "Slurm does not respond, so it is unknown whether a job is queued for it (%s)",
        f->slurm_problem.message);
    if (f->writer.host[0])
        say(v, "; job %s has sent no heartbeat for %lld s", name, silence(f));
    else if (name[0])
        say(v, "; job %s is not writing it now", name);
    say_progress(f, v);
    say_troubles(f, v);
    advise(v, "ask again, on a host where squeue works");
}

static void judge_other_cluster(const ms_facts *f, ms_diagnosis *v)
{
    const char *cluster = ms_facts_cluster(f);
    v->state = "unknown";
    say(v, "job %s of cluster %s wrote it, but this is cluster %s, whose Slurm does not know that job",
        ms_facts_last_job(f), cluster, f->cluster);
    if (f->writer.host[0])
        say(v, "; its last heartbeat came %lld s ago", silence(f));
    say_progress(f, v);
    advise(v, "ask on cluster %s: modeseek explain %s", cluster, WORD(f));
    if (f->writer.host[0])
        advise(v, "modeseek run SWEEP -o %s --break-lock    # only if that job has ended", WORD(f));
}

static void judge_stopped(const ms_facts *f, ms_diagnosis *v)
{
    v->state = "stopped";
    if (f->starts > 0)
        say(v, "no job is working on it: the last run, started on host %s at %s, has ended",
            f->start[f->starts - 1].host, ms_slurm_format_time(f->start[f->starts - 1].since).text);
    else
        say(v, "no job has started computing it");
    say_progress(f, v);
    say_troubles(f, v);
    advise_resume(f, v);
}

static void judge_incomplete(const ms_facts *f, ms_diagnosis *v)
{
    const ms_slurm_entry *first = f->jobs > 0 ? &f->job[0] : NULL, *last = ms_facts_last_entry(f);
    bool is_live = first && !ms_slurm_is_over(first->job.state);
    bool last_is_gone = last && strcmp(last->job.state, "RUNNING") != 0;
    const char *cluster = ms_facts_cluster(f);
    if (f->writer.is_hidden) {
        v->state = "unknown";
        say(v, "it is unknown whether a job is writing it, because the lock cannot be read: %s",
            f->writer.text);
        say_progress(f, v);
        advise(v, "ask the owner of the file, or for permission to read %s.lock", WORD(f));
    } else if (f->writer.is_alive && !last_is_gone) {
        judge_writing(f, v);
    } else if (is_live) {
        judge_live_job(f, first, v);
        say_progress(f, v);
        say_troubles(f, v);
    } else if (!ms_facts_last_job(f)[0]) {
        if (f->writer.host[0])
            judge_left_lock(f, v);
        else if (f->is_silent)
            judge_unanswered(f, v);
        else
            judge_stopped(f, v);
    } else if (f->slurm_problem.status != MS_OK) {
        judge_unanswered(f, v);
    } else if (cluster[0] && f->cluster[0] && strcmp(cluster, f->cluster) != 0) {
        judge_other_cluster(f, v);
    } else {
        judge_over(f, v);
    }
}

/* --- the file */

static void judge_complete(const ms_facts *f, ms_diagnosis *v)
{
    v->state = f->failed > 0 ? "failures" : "complete";
    if (f->failed == 0) {
        say(v, "complete: all %zu blocks are done", f->blocks);
        advise(v, "modeseek summary %s", WORD(f));
        return;
    }
    say(v, "nothing is left to compute, but %zu of %zu blocks failed", f->failed, f->blocks);
    if (f->quarantined > 0) {
        say(v, ", %zu of them quarantined, because they repeatedly crashed their rank", f->quarantined);
        advise(v,
               "modeseek run SWEEP -o %s --retry-quarantined    # tries these again, once the cause is "
               "fixed: too little memory, say",
               WORD(f));
    }
    if (f->failed > f->quarantined)
        advise(v,
               "%s would fail again, because the cause is in the sweep: change it, or leave these points out",
               f->quarantined > 0 ? "the others" : "they");
    advise(v, "modeseek status %s    # which blocks; modeseek summary shows the results of all the others",
           WORD(f));
}

static void judge_missing(const ms_facts *f, ms_diagnosis *v)
{
    const ms_slurm_entry *first = f->jobs > 0 ? &f->job[0] : NULL;
    say(v, "does not exist yet: ");
    if (f->writer.is_alive) {
        v->state = "writing";
        say_writer(f, v);
        say(v, " is creating it");
        advise_watch(f, v);
    } else if (first && !ms_slurm_is_over(first->job.state)) {
        judge_live_job(f, first, v);
    } else if (first) {
        judge_over(f, v);
    } else if (f->is_silent || (f->slurm_problem.status != MS_OK && f->submission.token[0])) {
        v->state = "unknown";
        say(v, "%s, but Slurm does not respond (%s)",
            f->submission.token[0] ? "it was submitted" : "a job may be queued to create it",
            f->slurm_problem.message);
        advise(v, "ask again, on a host where squeue works");
    } else {
        v->state = "missing";
        say(v, "%s",
            f->submission.token[0] ? "it was submitted, but its job has ended, or Slurm never accepted it"
                                   : "no known job would create it");
        if (f->submission.job[0])
            advise(v, "look in the log of job %s", f->submission.job);
        say_troubles(f, v);
        advise_resume(f, v);
    }
}

static void judge_unreadable(const ms_facts *f, ms_diagnosis *v)
{
    bool is_damaged = f->problem.status == MS_ERROR_FORMAT;
    v->state = is_damaged ? "damaged" : "unreadable";
    /* messages about a file begin with its path, as what is printed does */
    size_t length = strlen(f->path);
    const char *message = f->problem.message;
    say(v, "cannot be used: %s",
        strncmp(message, f->path, length) == 0 && message[length] == ':' ? message + length + 2 : message);
    if (!is_damaged)
        return;
    if (strstr(message, "is not a modeseek results file")) {
        advise(v,
               "give the results file; if this is the right path, something else was written in its place");
        return;
    }
    advise(v, "modeseek repack %s --force -o RESCUED    # salvages what matches its own checksums", WORD(f));
    advise(v, "then modeseek run SWEEP -o RESCUED computes the rest; or restore a backup of the file, if "
              "there is one");
}

ms_diagnosis ms_diagnose(const ms_facts *facts)
{
    ms_diagnosis diagnosis = {.state = "unknown"};
    if (!facts->exists)
        judge_missing(facts, &diagnosis);
    else if (facts->problem.status != MS_OK)
        judge_unreadable(facts, &diagnosis);
    else if (facts->done + facts->failed == facts->blocks)
        judge_complete(facts, &diagnosis);
    else
        judge_incomplete(facts, &diagnosis);
    ms_make_printable(diagnosis.sentence);
    return diagnosis;
}
