/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* renameat2 */
#endif
/* A new file appears whole or not at all: it is made under a temporary name in the same folder, sealed,
 * synced, and then renamed. */
#include "results/create.h"
#include "results/fault.h"
#include "results/hdf5_error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ATTEMPTS 100 /* at a temporary name that no killed job has left behind */

double ms_results_size(const ms_sweep *sweep)
{
    ms_layout layout;
    if (ms_layout_of_sweep(sweep, &layout, NULL) != MS_OK)
        return 0;
    double bytes = MS_RESULTS_METADATA_MAX;
    for (ms_dataset dataset = 0; dataset < MS_DATASET_COUNT; dataset++)
        if (dataset != MS_DATASET_STATE)
            bytes += ms_layout_bytes(&layout, dataset);
    return bytes;
}

double ms_results_state_room(const ms_sweep *sweep)
{
    ms_layout layout;
    return ms_layout_of_sweep(sweep, &layout, NULL) == MS_OK ? ms_layout_bytes(&layout, MS_DATASET_STATE) : 0;
}

static void print_bytes(double bytes, char text[32])
{
    static const char *const unit[] = {"kB", "MB", "GB", "TB", "PB"};
    size_t i = 0;
    double amount = bytes / 1e3;
    while (amount >= 999.95 && i + 1 < sizeof unit / sizeof *unit) {
        amount /= 1e3;
        i++;
    }
    snprintf(text, 32, "%.1f %s", amount, unit[i]);
}

/* The folder of `path`; NULL without memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Nothing may be at `path`, unless it is to be replaced, and its folder must be there, writable and large
 * enough. */
static ms_status check_place(const char *path, const char *folder, double bytes, bool replace,
                             ms_error *error)
{
    struct stat entry;
    struct statvfs space;
    if (lstat(path, &entry) == 0 && !replace) {
        return ms_error_set(error, MS_ERROR_IO, "%s: %s; choose another name for the results", path,
                            S_ISDIR(entry.st_mode) ? "is a folder"
                            : S_ISLNK(entry.st_mode) && access(path, F_OK) != 0
                                ? "is a symbolic link to nothing"
                                : "exists, and is never overwritten");
    }
    if (!replace && errno != ENOENT) {
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot create the results file: %s", path,
                            strerror(errno));
    }
    if (stat(folder, &entry) != 0 || !S_ISDIR(entry.st_mode)) {
        return ms_error_set(error, MS_ERROR_IO, "%s: the folder %s does not exist; create it first", path,
                            folder);
    }
    if (access(folder, W_OK | X_OK) != 0) {
        return ms_error_set(error, MS_ERROR_IO,
                            "%s: the folder %s is not writable: %s; choose another place for the results",
                            path, folder, strerror(errno));
    }
    if (statvfs(folder, &space) == 0 && (double)space.f_bavail * (double)space.f_frsize < bytes) {
        char needed[32], available[32];
        print_bytes(bytes, needed);
        print_bytes((double)space.f_bavail * (double)space.f_frsize, available);
        return ms_error_set(error, MS_ERROR_IO,
                            "%s: the results need %s, but only %s are free in %s; free some "
                            "space or choose another place",
                            path, needed, available, folder);
    }
    return MS_OK;
}

/* Makes an empty file under a name that no one else uses, in `temporary`, and opens it. */
static ms_status reserve_temporary(const char *path, mode_t mode, char *temporary, size_t size,
                                   int *descriptor, ms_error *error)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        snprintf(temporary, size, "%s.tmp.%ld.%d", path, (long)getpid(), attempt);
        *descriptor = MS_TRY(MS_FAULT_MAKE, open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (*descriptor >= 0)
            return MS_OK;
        if (errno != EEXIST)
            break;
    }
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot be created: %s", temporary, strerror(errno));
}

static ms_status write_content(const char *temporary, const char *path, const ms_new_file *new_file,
                               ms_seal *seal, ms_error *error)
{
    hid_t access_list = ms_file_access_list(), creation_list = H5Pcreate(H5P_FILE_CREATE),
          file = H5I_INVALID_HID;
    if (access_list >= 0 && creation_list >= 0 && H5Pset_userblock(creation_list, MS_SEAL_SIZE) >= 0)
        file = MS_TRY(MS_FAULT_MAKE, H5Fcreate(temporary, H5F_ACC_TRUNC, creation_list, access_list));
    if (file < 0) {
        ms_status status = ms_hdf5_error(error, MS_ERROR_IO, path, NULL, "cannot create");
        H5Pclose(access_list);
        H5Pclose(creation_list);
        return status;
    }
    H5Pclose(access_list);
    H5Pclose(creation_list);
    ms_status status = ms_create_content(file, path, new_file, seal, error);
    if (status == MS_OK && MS_TRY(MS_FAULT_WRITE, H5Fflush(file, H5F_SCOPE_GLOBAL)) < 0)
        status = ms_hdf5_error(error, MS_ERROR_IO, path, NULL, "cannot write");
    if (status != MS_OK && truncate(temporary, 0) != 0) {
        /* Only to help HDF5, which on closing wants to write what it still holds; the disk may be full. */
    }
    if (H5Fclose(file) < 0 && status == MS_OK)
        status = ms_hdf5_error(error, MS_ERROR_IO, path, NULL, "cannot close");
    return status;
}

/* What is there before the first result of this file: results of others. */
static ms_status fill(const char *temporary, const ms_new_file *new_file, ms_error *error)
{
    ms_results *results;
    hid_t access_list = ms_file_access_list();
    ms_status status = ms_file_open(&results, temporary, H5F_ACC_RDWR, access_list, error);
    H5Pclose(access_list);
    if (status == MS_OK) {
        results->task = new_file->task;
        status = new_file->fill(results, new_file->argument, error);
    }
    if (results) {
        ms_status closed = ms_file_close(results, status == MS_OK ? error : NULL);
        status = status == MS_OK ? closed : status;
    }
    return status;
}

static ms_status write_temporary(const char *temporary, const char *path, const ms_new_file *new_file,
                                 ms_error *error)
{
    ms_seal seal;
    ms_status status = write_content(temporary, path, new_file, &seal, error);
    if (status == MS_OK && new_file->fill)
        status = fill(temporary, new_file, error);
    return status == MS_OK ? ms_seal_write(temporary, path, new_file->task, &seal, error) : status;
}

static ms_status sync_file(int descriptor, const char *path, ms_error *error)
{
    /* some file systems cannot sync a folder and say EINVAL */
    if (descriptor >= 0 && (MS_TRY(MS_FAULT_SYNC, fsync(descriptor)) == 0 || errno == EINVAL))
        return MS_OK;
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot be synced to disk: %s", path, strerror(errno));
}

static ms_status sync_folder(const char *folder, ms_error *error)
{
    int descriptor = MS_TRY(MS_FAULT_MAKE, open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ms_status status = sync_file(descriptor, folder, error);
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

/* Who may read and write the old file stays. Where only root could give the new one to its group, that group
 * gets no more than all others have. */
static void take_over_access(int descriptor, const struct stat *replaced)
{
    mode_t mode = replaced->st_mode & 07777;
    if (fchown(descriptor, replaced->st_uid, replaced->st_gid) != 0 &&
        fchown(descriptor, (uid_t)-1, replaced->st_gid) != 0)
        mode &= ~(mode_t)070 | (mode & 07) << 3;
    if (fchmod(descriptor, mode) != 0) {
        /* It stays the owner's alone. */
    }
}

/* Gives the finished file its name; unless that is wanted, without ever replacing one that has appeared
 * meanwhile. */
static ms_status publish(const char *temporary, const char *path, bool replace, ms_error *error)
{
    struct stat entry;
    int result =
        MS_TRY(MS_FAULT_MAKE, replace ? rename(temporary, path)
                                      : renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE));
    if (result != 0 && !replace && (errno == EINVAL || errno == ENOSYS)) { /* not on this file system */
        if (lstat(path, &entry) == 0)
            errno = EEXIST;
        else
            result = rename(temporary, path);
    }
    return result == 0 ? MS_OK
                       : ms_error_set(error, MS_ERROR_IO, "%s: cannot be renamed into place: %s", path,
                                      strerror(errno));
}

static ms_status make(const char *path, const char *folder, const ms_new_file *new_file, char *temporary,
                      size_t size, ms_error *error)
{
    int descriptor = -1;
    struct stat replaced;
    ms_status status = check_place(path, folder, ms_results_size(new_file->sweep), new_file->replace, error);
    if (status == MS_OK) /* the old file may be secret */
        status =
            reserve_temporary(path, new_file->replace ? 0600 : 0666, temporary, size, &descriptor, error);
    if (status != MS_OK)
        return status;
    new_file->task->descriptor = descriptor;
    status = write_temporary(temporary, path, new_file, error);
    if (status == MS_OK && new_file->replace && stat(path, &replaced) == 0)
        take_over_access(descriptor, &replaced);
    if (status == MS_OK)
        status = sync_file(descriptor, temporary, error);
    if (status == MS_OK)
        status = publish(temporary, path, new_file->replace, error);
    new_file->task->descriptor = -1;
    close(descriptor);
    if (status != MS_OK) {
        unlink(temporary);
        return status;
    }
    return sync_folder(folder, error);
}

ms_status ms_new_file_make(const char *path, const ms_new_file *new_file, ms_error *error)
{
    /* a link is followed: the file it names is replaced, not the link */
    char *real = new_file->replace ? realpath(path, NULL) : NULL;
    const char *name = real ? real : path;
    size_t size = strlen(name) + 64;
    char *temporary = ms_calloc(size, 1);
    char *folder = folder_of(name);
    ms_status status = MS_ERROR_MEMORY;
    if (temporary && folder)
        status = make(name, folder, new_file, temporary, size, error);
    else
        ms_error_set(error, status, "no memory to create %s", path);
    free(temporary);
    free(folder);
    free(real);
    return status;
}

ms_status ms_results_create(const char *path, const ms_sweep *sweep, const ms_monitor *monitor,
                            ms_error *error)
{
    ms_task task = {.monitor = monitor, .doing = "creating", .path = path, .descriptor = -1};
    const ms_new_file new_file = {.sweep = sweep, .starts = MS_STARTS, .task = &task};
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_new_file_make(path, &new_file, error);
    ms_hdf5_quiet_end(quiet);
    return status;
}

/* ".tmp.PID.N" and nothing else */
static bool is_temporary(const char *ending)
{
    static const char digits[] = "0123456789";
    if (strncmp(ending, ".tmp.", 5) != 0)
        return false;
    ending += 5;
    size_t pid = strspn(ending, digits);
    return pid > 0 && ending[pid] == '.' && ending[pid + 1] &&
           ending[pid + 1 + strspn(ending + pid + 1, digits)] == '\0';
}

void ms_new_file_clean(const char *path)
{
    char *folder = folder_of(path);
    DIR *stream = folder ? opendir(folder) : NULL;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    for (struct dirent *entry; stream && (entry = readdir(stream));)
        if (strncmp(entry->d_name, name, length) == 0 && is_temporary(entry->d_name + length))
            unlinkat(dirfd(stream), entry->d_name, 0);
    if (stream)
        closedir(stream);
    free(folder);
}
