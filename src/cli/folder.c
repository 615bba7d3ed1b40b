/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2 */
#endif
#include "cli/folder.h"

#include "cli/signals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 100 /* at a temporary name that nothing killed has left behind */

static ms_status cannot(const char *path, const char *what, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot be %s: %s", path, what, strerror(errno));
}

/* "out/" is "out". */
static size_t length_of(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

ms_status ms_folder_begin(ms_folder *folder, const char *path, ms_error *error)
{
    struct stat entry;
    size_t size = strlen(path) + 64;
    int result = -1;
    *folder = (ms_folder){.path = path, .stop = ms_signals_catch()};
    if (lstat(path, &entry) == 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: exists, and is never overwritten; choose another name",
                            path);
    folder->temporary = malloc(size);
    if (!folder->temporary)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", path);
    for (int attempt = 0; result != 0 && attempt < ATTEMPTS; attempt++) {
        snprintf(folder->temporary, size, "%.*s.tmp.%ld.%d", (int)length_of(path), path, (long)getpid(),
                 attempt);
        result = mkdir(folder->temporary, 0777);
        if (result != 0 && errno != EEXIST)
            break;
    }
    if (result == 0)
        return MS_OK;
    free(folder->temporary);
    folder->temporary = NULL;
    return cannot(path, "made", error);
}

ms_status ms_folder_go_on(const ms_folder *folder, ms_error *error)
{
    return *folder->stop ? ms_error_set(error, MS_STOPPED, "stopped; there is no %s", folder->path) : MS_OK;
}

char *ms_folder_file(const ms_folder *folder, const char *name)
{
    size_t size = strlen(folder->temporary) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", folder->temporary, name);
    return path;
}

static bool write_bytes(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = write(file, bytes, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

ms_status ms_folder_write(const ms_folder *folder, const char *name, const void *bytes, size_t size,
                          ms_error *error)
{
    ms_status status = ms_folder_go_on(folder, error);
    char *path = status == MS_OK ? ms_folder_file(folder, name) : NULL;
    if (!path)
        return status != MS_OK ? status : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", name);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool good = file >= 0 && write_bytes(file, bytes, size) && fsync(file) == 0;
    status = good ? MS_OK : cannot(path, "written", error);
    if (file >= 0 && close(file) != 0 && status == MS_OK)
        status = cannot(path, "written", error);
    free(path);
    return status;
}

/* It is flat. */
static void remove_all(const char *path)
{
    DIR *stream = opendir(path);
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(stream), entry->d_name, 0);
    if (stream)
        closedir(stream);
    rmdir(path);
}

/* Never over something that has appeared meanwhile: rename() replaces an empty folder only. */
static int give_name(const ms_folder *folder)
{
    int result = renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->path, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) /* not on this file system */
        result = rename(folder->temporary, folder->path);
    return result;
}

ms_status ms_folder_end(ms_folder *folder, ms_status status, ms_error *error)
{
    if (!folder->temporary)
        return status;
    if (status == MS_OK)
        status = ms_folder_go_on(folder, error);
    if (status == MS_OK && give_name(folder) != 0)
        status = cannot(folder->path, "given its name", error);
    if (status != MS_OK)
        remove_all(folder->temporary);
    free(folder->temporary);
    folder->temporary = NULL;
    return status;
}
