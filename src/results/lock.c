/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* One writer. The lock is an flock, so it goes with the process, however that ends. The file PATH.lock is
 * removed at the end; who had opened it before, and locks the removed file, notices that and opens the next
 * one. */
#include "base/clock.h"
#include "base/text.h"
#include "results/fault.h"
#include "results/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ms_lock {
    int descriptor;
    char *name;
    int64_t left;    /* seconds until the work is done, -1: unknown */
    bool has_number; /* as in ms_results */
};

#define REMOVED_MAX 100 /* lock files that are removed, one after the other, while this one is locked */
#define ROOM        32  /* bytes that are put behind a name, by this room and by MPI, at most */

/* PATH.lock; of the file itself where `path` is a symbolic link, so that all its names share one lock. */
static char *lock_name(const char *path)
{
    char *resolved = realpath(path, NULL);
    const char *base = resolved ? resolved : path;
    size_t size = strlen(base) + sizeof ".lock";
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s.lock", base);
    free(resolved);
    return name;
}

/* What stands in the lock file: for the message to a second job, for `status`, and to tell a dead job from a
 * live one on another host. "" in `host`: the last job ended by itself. */
typedef struct holder {
    char host[64], job[33], restart[16], job_name[64], cluster[64];
    long pid;
    int64_t since, last_sign, left;
} holder;

#define SIGN "last sign of life "
#define LEFT " ms since 1970, "
/* at the beginning, where it is overwritten in place; -000000001 s left: unknown */
#define SIGN_FORMAT SIGN "%016lld" LEFT "%010lld s left\n"
#define LEFT_MAX    INT64_C(9999999999)

/* Other programs have files of such names, too. */
static bool is_foreign(int descriptor)
{
    char text[sizeof SIGN - 1];
    ssize_t length = pread(descriptor, text, sizeof text, 0);
    return length != 0 && (length != (ssize_t)sizeof text || memcmp(text, SIGN, sizeof text) != 0);
}

#define TIME_MAX INT64_C(253402300799999) /* the last of the year 9999 */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value && !strpbrk(value, " \n") ? value : "none";
}

static void find_self(holder *self)
{
    *self = (holder){.pid = (long)getpid(), .since = ms_milliseconds()};
    if (gethostname(self->host, sizeof self->host) != 0 || !self->host[0] || strpbrk(self->host, " \n"))
        snprintf(self->host, sizeof self->host, "unknown");
    self->host[sizeof self->host - 1] = '\0';
    snprintf(self->job, sizeof self->job, "%.32s", variable("SLURM_JOB_ID"));
    snprintf(self->restart, sizeof self->restart, "%.15s", variable("SLURM_RESTART_COUNT"));
    snprintf(self->cluster, sizeof self->cluster, "%.63s", variable("SLURM_CLUSTER_NAME"));
    if (getenv("SLURM_ARRAY_JOB_ID") && getenv("SLURM_ARRAY_TASK_ID"))
        snprintf(self->job_name, sizeof self->job_name, "%.31s_%.31s", variable("SLURM_ARRAY_JOB_ID"),
                 variable("SLURM_ARRAY_TASK_ID"));
    else
        snprintf(self->job_name, sizeof self->job_name, "%s", self->job);
}

/* The lock holds without this text, so a failure, say of a full disk, does not count. */
static void write_holder(int descriptor, const holder *self)
{
    char text[512];
    int length = snprintf(text, sizeof text,
                          SIGN_FORMAT "host %s pid %ld job %s restart %s since %lld name %s cluster %s\n",
                          (long long)self->since, -1LL, self->host, self->pid, self->job, self->restart,
                          (long long)self->since, self->job_name, self->cluster);
    if (ms_fault(MS_FAULT_WRITE) || ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, text, (size_t)length, 0) != length)
        return;
}

/* The word behind " KEY " in the text; false if there is none, or it is too long. */
static bool find_word(const char *text, const char *key, char *word, size_t size)
{
    const char *found = strstr(text, key);
    size_t length = found ? strcspn(found + strlen(key), " \n") : 0;
    if (length == 0 || length >= size)
        return false;
    memcpy(word, found + strlen(key), length);
    word[length] = '\0';
    return true;
}

static void read_holder(int descriptor, holder *other)
{
    char text[512], sign[24], left[24], since[24], pid[24];
    *other = (holder){.pid = 0};
    ssize_t length = pread(descriptor, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    const char *line = strchr(text, '\n'); /* the second */
    if (!line || !find_word(text, SIGN, sign, sizeof sign) || !find_word(line, " pid ", pid, sizeof pid) ||
        !find_word(line, " since ", since, sizeof since) ||
        !find_word(line, " job ", other->job, sizeof other->job) ||
        !find_word(line, " restart ", other->restart, sizeof other->restart) ||
        !find_word(line, "\nhost ", other->host, sizeof other->host)) {
        *other = (holder){.pid = 0};
        return;
    }
    /* these two are missing in what older versions wrote */
    if (!find_word(line, " name ", other->job_name, sizeof other->job_name))
        snprintf(other->job_name, sizeof other->job_name, "%s", other->job);
    if (!find_word(line, " cluster ", other->cluster, sizeof other->cluster))
        snprintf(other->cluster, sizeof other->cluster, "none");
    ms_make_printable(other->host);
    ms_make_printable(other->job);
    ms_make_printable(other->job_name);
    ms_make_printable(other->cluster);
    other->pid = strtol(pid, NULL, 10);
    other->since = strtoll(since, NULL, 10);
    other->last_sign = strtoll(sign, NULL, 10);
    other->left = find_word(text, LEFT, left, sizeof left) ? strtoll(left, NULL, 10) : -1;
    if (other->since < 0 || other->since > TIME_MAX || other->last_sign < 0 || other->last_sign > TIME_MAX)
        *other = (holder){.pid = 0};
}

/* Milliseconds since the last sign of life, by our clock; less than 0 where that of the other is ahead. */
static int64_t age(const holder *other)
{
    return ms_milliseconds() - other->last_sign;
}

static void describe(const holder *other, char *text, size_t size)
{
    char since[32] = "unknown", ahead[64] = "";
    time_t seconds = (time_t)(other->since / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc))
        strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (!other->host[0]) {
        snprintf(text, size, "unknown");
        return;
    }
    if (age(other) <= -1000)
        snprintf(ahead, sizeof ahead, ", its clock at least %lld s ahead", (long long)(-age(other) / 1000));
    snprintf(text, size, "host %s, pid %ld, Slurm job %s, since %s%s", other->host, other->pid,
             other->job_name, since, ahead);
}

/* Clusters may share a file system, and have hosts and jobs of the same names. */
static bool is_of_another_cluster(const holder *other, const holder *self)
{
    return strcmp(other->cluster, "none") != 0 && strcmp(self->cluster, "none") != 0 &&
           strcmp(other->cluster, self->cluster) != 0;
}

/* The flock is ours now. A job that ended by itself has left no text. One of this host would still hold the
 * flock if it lived; so would an earlier start of this Slurm job, which Slurm has ended before it started
 * this one. Of another host nothing is known. */
static bool is_dead(const holder *other, const holder *self)
{
    if (!other->host[0])
        return true;
    if (is_of_another_cluster(other, self))
        return false;
    return strcmp(other->host, self->host) == 0 ||
           (strcmp(self->job, "none") != 0 && strcmp(other->job, self->job) == 0 &&
            strcmp(other->restart, self->restart) != 0);
}

static void copy_word(const char *word, char *copy, size_t size)
{
    snprintf(copy, size, "%s", strcmp(word, "none") == 0 ? "" : word);
}

static void tell_writer(const holder *other, ms_writer *writer)
{
    describe(other, writer->text, sizeof writer->text);
    snprintf(writer->host, sizeof writer->host, "%s", other->host);
    copy_word(other->job, writer->job, sizeof writer->job);
    copy_word(other->job_name, writer->job_name, sizeof writer->job_name);
    copy_word(other->cluster, writer->cluster, sizeof writer->cluster);
    writer->pid = other->pid;
    writer->since = other->since;
    writer->last_sign = other->last_sign;
    writer->left = other->left;
}

static ms_status refuse_stale(const char *path, const holder *other, ms_error *error)
{
    char text[256];
    describe(other, text, sizeof text);
    return ms_error_set(error, MS_ERROR_LOCKED,
                        "%s: was being written by a job that did not end cleanly (%s; last heartbeat %lld s "
                        "ago); if that job is dead, give --break-lock",
                        path, text, (long long)(age(other) > 0 ? age(other) / 1000 : 0));
}

/* Whether a job that the lock does not know to be dead is so all the same. */
static ms_status judge_stale(const char *path, const holder *other, const ms_lock_judge *judge,
                             ms_error *error)
{
    ms_writer writer = {.is_alive = age(other) < INT64_C(60000)};
    if (!judge)
        return refuse_stale(path, other, error);
    tell_writer(other, &writer);
    return judge->judge(judge->argument, path, &writer, error);
}

/* `*again`: the last job has removed this lock file meanwhile. One that there is, with another number each
 * time, is on a file system that gives it another number each time; so says the last of many attempts. */
static ms_status acquire(int descriptor, const char *path, const char *name, bool break_lock,
                         const ms_lock_judge *judge, bool last_attempt, int64_t *last_sign, bool *again,
                         ms_error *error)
{
    struct stat entry;
    holder self, other;
    *again = false;
    if (fstat(descriptor, &entry) != 0 || !S_ISREG(entry.st_mode))
        return ms_error_set(error, MS_ERROR_IO, "%s: not a regular file; remove it", name);
    find_self(&self);
    int locked = flock(descriptor, LOCK_EX | LOCK_NB);
    for (int i = 0; locked != 0 && errno == EWOULDBLOCK && i < 5; i++) { /* someone may only have looked */
        const struct timespec pause = {.tv_nsec = 20000000};
        nanosleep(&pause, NULL);
        locked = flock(descriptor, LOCK_EX | LOCK_NB);
    }
    if (locked == 0) {
        ms_file_fate fate = ms_file_fate_of(descriptor, name);
        *again = fate != MS_FATE_SAME && !(fate == MS_FATE_REPLACED && last_attempt);
        if (*again)
            return MS_OK;
        if (is_foreign(descriptor))
            return ms_error_set(error, MS_ERROR_IO,
                                "%s: is not a lock file of modeseek; choose another name for the results, "
                                "or, if nobody needs it, remove it",
                                name);
        read_holder(descriptor, &other);
        ms_status status =
            break_lock || is_dead(&other, &self) ? MS_OK : judge_stale(path, &other, judge, error);
        if (status != MS_OK)
            return status;
        *last_sign = other.last_sign;
        write_holder(descriptor, &self);
        return MS_OK;
    }
    if (errno == EWOULDBLOCK) {
        char text[256];
        read_holder(descriptor, &other);
        describe(&other, text, sizeof text);
        return ms_error_set(error, MS_ERROR_LOCKED,
                            "%s: is being written by another job (%s); wait until it ends or stop it", path,
                            text);
    }
    int number = errno;
    if (entry.st_size == 0) /* most likely ours */
        unlink(name);
    return ms_error_set(error, MS_ERROR_IO,
                        "%s: cannot be locked: %s; without a lock two jobs could corrupt each other's "
                        "results, so put them on a file system that supports flock",
                        name, strerror(number));
}

static ms_status open_lock(ms_lock *lock, const char *path, bool break_lock, const ms_lock_judge *judge,
                           int64_t *last_sign, ms_error *error)
{
    bool again = true;
    ms_status status = MS_OK;
    for (int i = 0; again && status == MS_OK && i < REMOVED_MAX; i++) {
        if (lock->descriptor >= 0)
            close(lock->descriptor);
        lock->descriptor = MS_TRY(
            MS_FAULT_MAKE, open(lock->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666));
        if (lock->descriptor < 0 && errno == ENOENT)
            return ms_error_set(error, MS_ERROR_IO, "%s: the folder does not exist; create it first", path);
        if (lock->descriptor < 0)
            return ms_error_set(error, MS_ERROR_IO, "%s: cannot be opened as a lock file: %s", lock->name,
                                errno == ELOOP ? "it is a symbolic link" : strerror(errno));
        status = acquire(lock->descriptor, path, lock->name, break_lock, judge, i + 1 == REMOVED_MAX,
                         last_sign, &again, error);
    }
    return again && status == MS_OK
               ? ms_error_set(error, MS_ERROR_LOCKED,
                              "%s: keeps appearing and disappearing; are jobs running one after another?",
                              lock->name)
               : status;
}

static void free_lock(ms_lock *lock)
{
    if (lock && lock->descriptor >= 0)
        close(lock->descriptor);
    if (lock)
        free(lock->name);
    free(lock);
}

/* Names are made from that of the results: of this lock, of temporary files, and in MPI. */
static ms_status check_length(const char *path, const char *name, ms_error *error)
{
    const char *slash = strrchr(name, '/');
    size_t length = strlen(slash ? slash + 1 : name) - strlen(".lock");
    if (length <= NAME_MAX - ROOM)
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "%.200s%s: its name has %zu bytes; at most %d are allowed", path,
                        strlen(path) > 200 ? "..." : "", length, NAME_MAX - ROOM);
}

ms_status ms_lock_check_name(const char *path, ms_error *error)
{
    char *name = lock_name(path);
    ms_status status = name ? check_length(path, name, error)
                            : ms_error_set(error, MS_ERROR_MEMORY, "no memory to look at %s", path);
    free(name);
    return status;
}

ms_status ms_lock_acquire(ms_lock **lock, const char *path, bool break_lock, const ms_lock_judge *judge,
                          int64_t *last_sign, ms_error *error)
{
    int64_t sign = 0;
    *lock = NULL;
    ms_lock *made = ms_calloc(1, sizeof *made);
    if (made) {
        made->descriptor = -1;
        made->left = -1;
        made->name = lock_name(path);
    }
    ms_status status = made && made->name
                           ? check_length(path, made->name, error)
                           : ms_error_set(error, MS_ERROR_MEMORY, "no memory to lock %s", path);
    if (status == MS_OK)
        status = open_lock(made, path, break_lock, judge, &sign, error);
    if (status != MS_OK) {
        free_lock(made);
        return status;
    }
    made->has_number = ms_file_fate_of(made->descriptor, made->name) == MS_FATE_SAME;
    if (last_sign)
        *last_sign = sign;
    char *real = realpath(path, NULL);
    ms_new_file_clean(real ? real : path);
    free(real);
    *lock = made;
    return MS_OK;
}

void ms_lock_beat(ms_lock *lock)
{
    if (lock) {
        char text[96];
        int length =
            snprintf(text, sizeof text, SIGN_FORMAT, (long long)ms_milliseconds(), (long long)lock->left);
        if (pwrite(lock->descriptor, text, (size_t)length, 0) != length)
            return; /* no sign, no harm */
    }
}

void ms_lock_set_left(ms_lock *lock, double seconds)
{
    if (lock)
        lock->left = seconds >= 0 && seconds <= (double)LEFT_MAX ? (int64_t)(seconds + 0.5) : -1;
}

ms_status ms_lock_check(const ms_lock *lock, ms_error *error)
{
    ms_file_fate fate = lock ? ms_file_fate_of(lock->descriptor, lock->name) : MS_FATE_SAME;
    if (fate != MS_FATE_REMOVED && fate != MS_FATE_MOVED && (fate != MS_FATE_REPLACED || !lock->has_number))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO,
                        "%s: was %s while the job was running, so another job could write the same results "
                        "file; the job ends, its checkpoints are saved: the same command resumes",
                        lock->name, fate == MS_FATE_REPLACED ? "replaced by another file" : "removed");
}

void ms_lock_release(ms_lock *lock)
{
    if (lock) {
        if (ftruncate(lock->descriptor, 0) != 0) {
            /* The next job of another host will ask for --break-lock. */
        }
        /* under the lock, so that it is no other job's */
        if (ms_file_fate_of(lock->descriptor, lock->name) == MS_FATE_SAME)
            unlink(lock->name);
        free_lock(lock);
    }
}

void ms_lock_look(const char *path, ms_writer *writer)
{
    *writer = (ms_writer){.left = -1};
    char *name = lock_name(path);
    int descriptor = name ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (descriptor < 0 && name && (errno == EACCES || errno == EPERM)) {
        writer->is_hidden = true;
        snprintf(writer->text, sizeof writer->text, "%.200s: %s", name, strerror(errno));
    }
    free(name);
    if (descriptor < 0)
        return;
    holder other, self;
    find_self(&self);
    read_holder(descriptor, &other);
    bool is_dead_here = strcmp(other.host, self.host) == 0 && flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    close(descriptor);
    if (!other.host[0])
        return;
    tell_writer(&other, writer);
    writer->is_over = is_dead_here;
    writer->is_alive = !is_dead_here && age(&other) < INT64_C(60000);
}
