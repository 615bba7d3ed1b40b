/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* One writer. The lock is an flock, so it goes with the process, however that ends. The file PATH.lock stays:
 * removing it would let one job lock the removed file while the next locks a new one of the same name. */
#include "results/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct ms_lock {
    int descriptor;
};

/* PATH.lock; of the file itself where `path` is a symbolic link, so that all its names share one lock. */
static char *lock_name(const char *path)
{
    char *resolved = realpath(path, NULL);
    const char *base = resolved ? resolved : path;
    size_t size = strlen(base) + sizeof ".lock";
    char *name = malloc(size);
    if (name) {
        snprintf(name, size, "%s.lock", base);
    }
    free(resolved);
    return name;
}

static void write_holder(int descriptor)
{
    char host[64] = "unknown", since[32] = "unknown", text[256];
    const char *job = getenv("SLURM_JOB_ID");
    time_t now = time(NULL);
    struct tm utc;
    if (gethostname(host, sizeof host) == 0) {
        host[sizeof host - 1] = '\0';
    }
    if (gmtime_r(&now, &utc)) {
        strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    int length = snprintf(text, sizeof text, "host %s, pid %ld, Slurm job %.32s, since %s\n", host,
                          (long)getpid(), job ? job : "none", since);
    /* The text only serves the message to a second job; the lock holds without it, so failures do not count.
     */
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text, (size_t)length, 0) != length) {
        return;
    }
}

static void read_holder(int descriptor, char *text, size_t size)
{
    ssize_t length = pread(descriptor, text, size - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    ms_make_printable(text);
}

static ms_status acquire(int descriptor, const char *path, const char *name, ms_error *error)
{
    struct stat entry;
    if (fstat(descriptor, &entry) != 0 || !S_ISREG(entry.st_mode)) {
        return ms_error_set(error, MS_ERROR_IO, "%s: is no regular file; remove it", name);
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        write_holder(descriptor);
        return MS_OK;
    }
    if (errno == EWOULDBLOCK) {
        char holder[256];
        read_holder(descriptor, holder, sizeof holder);
        return ms_error_set(error, MS_ERROR_LOCKED,
                            "%s: is being written by another job (%s); wait for its end or "
                            "stop it",
                            path, *holder ? holder : "unknown");
    }
    return ms_error_set(error, MS_ERROR_IO,
                        "%s: cannot be locked: %s; without a lock two jobs could spoil each "
                        "other's results, so put them on a file system that has flock",
                        name, strerror(errno));
}

ms_status ms_lock_acquire(ms_lock **lock, const char *path, ms_error *error)
{
    *lock = NULL;
    char *name = lock_name(path);
    ms_lock *made = malloc(sizeof *made);
    if (!name || !made) {
        free(name);
        free(made);
        return ms_error_set(error, MS_ERROR_MEMORY, "no memory to lock %s", path);
    }
    ms_status status;
    made->descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (made->descriptor < 0) {
        status = ms_error_set(error, MS_ERROR_IO, "%s: cannot be opened as a lock file: %s", name,
                              errno == ELOOP    ? "it is a symbolic link"
                              : errno == ENOENT ? "the folder does not exist; make it first"
                                                : strerror(errno));
    } else {
        status = acquire(made->descriptor, path, name, error);
    }
    free(name);
    if (status != MS_OK) {
        if (made->descriptor >= 0) {
            close(made->descriptor);
        }
        free(made);
        return status;
    }
    *lock = made;
    return MS_OK;
}

void ms_lock_release(ms_lock *lock)
{
    if (lock) {
        close(lock->descriptor);
        free(lock);
    }
}
