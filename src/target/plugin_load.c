/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads shared objects. They are never unloaded: one that has started threads, or has asked to be called at
 * the end of the program, does not survive that. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "target/functions.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the file has all the bytes that its head promises: one that was cut off, or is still being written,
 * would end the program with SIGBUS when it is loaded. */
static bool is_whole(int file, uint64_t size)
{
    ElfW(Ehdr) head;
    if (pread(file, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) part;
        uint64_t at = (uint64_t)head.e_phoff + (uint64_t)i * sizeof part;
        if (at > size || pread(file, &part, sizeof part, (off_t)at) != (ssize_t)sizeof part)
            return false;
        if (part.p_offset > size || part.p_filesz > size - part.p_offset)
            return false;
    }
    return true;
}

/* The bytes go to `copy`, too, unless that is negative. */
static ms_status take_bytes(int file, int copy, const char *path, uint64_t *digest, uint64_t *size,
                            ms_error *error)
{
    unsigned char bytes[1 << 16];
    ms_hash hash = ms_hash_init();
    ssize_t got = -1;
    *size = 0;
    while (*size <= MS_PLUGIN_BYTES_MAX && (got = read(file, bytes, sizeof bytes)) > 0) {
        ms_hash_bytes(&hash, bytes, (size_t)got);
        *size += (uint64_t)got;
        if (copy >= 0 && pwrite(copy, bytes, (size_t)got, (off_t)(*size - (uint64_t)got)) != got)
            return ms_error_set(error, MS_ERROR_IO, "plugin %s: cannot be copied: %s", path, strerror(errno));
    }
    if (got < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(errno));
    if (*size > MS_PLUGIN_BYTES_MAX)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: larger than %u bytes, too large for a plugin",
                            path, (unsigned)MS_PLUGIN_BYTES_MAX);
    *digest = ms_hash_value(&hash);
    return MS_OK;
}

/* Digest and copy of a file; the copy is a file in memory, where the system has such. */
static ms_status take_file(const char *path, uint64_t *digest, int *copy, ms_error *error)
{
    struct stat about;
    uint64_t size;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its other end */
    *copy = -1;
    if (file < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(errno));
    ms_status status = MS_OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        status =
            ms_error_set(error, MS_ERROR_IO, "plugin %s: not a regular file; give a shared object", path);
#ifdef MFD_CLOEXEC
    if (status == MS_OK)
        *copy = memfd_create("plugin", MFD_CLOEXEC);
#endif
    if (status == MS_OK)
        status = take_bytes(file, *copy, path, digest, &size, error);
    if (status == MS_OK && !is_whole(*copy >= 0 ? *copy : file, size))
        status = ms_error_set(error, MS_ERROR_IO, "plugin %s: not a shared object, or a truncated one", path);
    close(file);
    if (status != MS_OK && *copy >= 0)
        close(*copy);
    return status;
}

/* The copy is loaded, so that it is what the digest is of, and stays so: whoever writes into a file while it
 * is loaded exchanges the code that runs. The copy stays open, as the loader knows objects by their names. If
 * that fails, say because the object needs others from its own folder, the file itself is loaded. */
static void *load_object(const char *path, int copy)
{
    char name[64];
    void *object = NULL;
    if (copy >= 0) {
        /* not /proc/self, which is another one to a debugger */
        snprintf(name, sizeof name, "/proc/%ld/fd/%d", (long)getpid(), copy);
        object = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    }
    if (object)
        return object;
    if (copy >= 0)
        close(copy);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static ms_status load(const char *path, const ms_plugin **table, uint64_t *digest, ms_error *error)
{
    int copy;
    ms_status status = take_file(path, digest, &copy, error);
    if (status != MS_OK)
        return status;
    void *object = load_object(path, copy);
    if (!object) { /* its message names the file */
        const char *reason = dlerror();
        return ms_error_set(error, MS_ERROR_IO, "plugin %s", reason ? reason : path);
    }
    const ms_plugin *(*entry)(void);
    void *symbol = dlsym(object, "modeseek_plugin");
    if (!symbol)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "plugin %s: exports no modeseek_plugin; declare it as in modeseek/plugin.h, and in "
            "C++ extern \"C\"",
            path);
    memcpy(&entry, &symbol, sizeof entry);
    *table = entry();
    if (!*table)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: modeseek_plugin returns NULL, no table",
                            path);
    return MS_OK;
}

/* What has been loaded, for the rest of the program: an object that is compiled anew meanwhile is none of a
 * sweep that is being computed. */
typedef struct loaded {
    struct loaded *next;
    const ms_plugin *table;
    uint64_t digest;
    char path[]; /* absolute */
} loaded;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static loaded *all;
static bool watched; /* by refuse_exit() */

/* `whole` is the absolute path. */
static ms_status load_once(const char *path, const char *whole, const ms_plugin **table, uint64_t *digest,
                           ms_error *error)
{
    for (const loaded *one = all; one; one = one->next)
        if (strcmp(one->path, whole) == 0) {
            *table = one->table;
            *digest = one->digest;
            return MS_OK;
        }
    ms_status status = load(path, table, digest, error);
    loaded *one = status == MS_OK ? malloc(sizeof *one + strlen(whole) + 1) : NULL;
    if (status == MS_OK && !one)
        return ms_error_set(error, MS_ERROR_MEMORY, "plugin %s: out of memory", path);
    if (status == MS_OK) {
        *one = (loaded){.next = all, .table = *table, .digest = *digest};
        memcpy(one->path, whole, strlen(whole) + 1);
        all = one;
    }
    return status;
}

_Thread_local const char *ms_plugin_running;

/* Called before what HDF5 and MPI do at the end, which would take unfinished work for finished. */
static void refuse_exit(void)
{
    if (!ms_plugin_running)
        return;
    fprintf(stderr, "modeseek: plugin %s has called exit(), which counts as a crash\n", ms_plugin_running);
    _exit(ms_status_exit_code(MS_ERROR_INTERNAL));
}

ms_status ms_plugin_load(const char *path, const ms_plugin **table, uint64_t *digest, ms_error *error)
{
    char here[4096], folder[4096] = "", whole[sizeof here + sizeof folder];
    int length = snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    if (path[0] == '\0' || length < 0 || (size_t)length >= sizeof here)
        return ms_error_set(error, MS_ERROR_IO, "plugin: a path of 1 to %zu bytes is needed",
                            sizeof here - 3);
    if (here[0] != '/' && !getcwd(folder, sizeof folder))
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: current folder: %s", path, strerror(errno));
    snprintf(whole, sizeof whole, "%s%s%s", folder, here[0] != '/' ? "/" : "", here);
    fenv_t arithmetic; /* of one that was linked with -ffast-math, loading alone makes the program lose small
                          numbers */
    pthread_mutex_lock(&mutex);
    fegetenv(&arithmetic);
    ms_plugin_running = here;
    if (!watched)
        watched = atexit(refuse_exit) == 0;
    ms_status status = load_once(here, whole, table, digest, error);
    ms_plugin_running = NULL;
    fesetenv(&arithmetic);
    pthread_mutex_unlock(&mutex);
    return status;
}
