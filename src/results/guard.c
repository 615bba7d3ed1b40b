/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open file as the operating system sees it. HDF5 would write into a file that has been removed, replaced
 * or overwritten and never know; MPI-IO does not say why it failed; and to close a file collectively after a
 * failure hangs or crashes. So each rank has a descriptor of its own beside HDF5's. */
#include "base/clock.h"
#include "results/fault.h"
#include "results/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKING_SHARE 0.005 /* of the time, at most, for reading the sealed bytes again */

ms_file_fate ms_file_fate_of(int descriptor, const char *path)
{
    struct stat open_file, entry;
    if (fstat(descriptor, &open_file) != 0)
        return errno == ESTALE ? MS_FATE_REMOVED : MS_FATE_UNKNOWN;
    if (stat(path, &entry) != 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ESTALE
                   ? open_file.st_nlink > 0 ? MS_FATE_MOVED : MS_FATE_REMOVED
                   : MS_FATE_UNKNOWN;
    return entry.st_dev == open_file.st_dev && entry.st_ino == open_file.st_ino ? MS_FATE_SAME
                                                                                : MS_FATE_REPLACED;
}

ms_status ms_guard_begin(ms_results *results, ms_error *error)
{
    ms_seal seal;
    results->descriptor = MS_TRY(MS_FAULT_MAKE, open(results->path, O_RDONLY | O_CLOEXEC));
    if (results->descriptor < 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be opened: %s", results->path, strerror(errno));
    ms_status status = ms_seal_check_open(results->descriptor, results->path, true, NULL, &seal, error);
    results->sealed_size = seal.file_size;
    /* some file systems give a file another number each time it is looked up */
    results->has_number = ms_file_fate_of(results->descriptor, results->path) == MS_FATE_SAME;
    return status;
}

int ms_guard_reason(ms_results *results, int left_over)
{
    if (results->descriptor < 0)
        return 0;
    /* of a full disk ms_hdf5_error() speaks anyway */
    int reason = fsync(results->descriptor) != 0                                 ? errno
                 : left_over == EIO || left_over == ESTALE || left_over == EROFS ? left_over
                                                                                 : 0;
    if (reason) /* the system reports an error of the disk only once */
        results->broken = reason;
    return reason;
}

/* Whether the name still leads to the file. */
static ms_status check_name(const ms_results *results, ms_error *error)
{
    switch (ms_file_fate_of(results->descriptor, results->path)) {
    case MS_FATE_REMOVED:
        return ms_error_set(error, MS_ERROR_IO,
                            "%s: was removed while the job was writing it; the job ends, and its contents "
                            "are lost: restore a backup if there is one, and start again",
                            results->path);
    case MS_FATE_MOVED:
        return ms_error_set(error, MS_ERROR_IO,
                            "%s: was moved or renamed while the job was writing it; the job ends: move it "
                            "back, and the same command resumes",
                            results->path);
    case MS_FATE_REPLACED:
        if (results->has_number)
            return ms_error_set(error, MS_ERROR_IO,
                                "%s: was replaced by another file while the job was writing it, by a copy or "
                                "by another job; the job ends, and what it has computed is not in the new "
                                "file: the same command computes what is missing there",
                                results->path);
        break;
    case MS_FATE_UNKNOWN:
        return ms_error_set(error, MS_ERROR_IO, "%s: can no longer be inspected: %s", results->path,
                            strerror(errno));
    case MS_FATE_SAME:
        break;
    }
    return MS_OK;
}

static ms_status check_size(const ms_results *results, ms_error *error)
{
    struct stat entry;
    if (fstat(results->descriptor, &entry) != 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: can no longer be inspected: %s", results->path,
                            strerror(errno));
    long long size = (long long)entry.st_size, sealed = (long long)results->sealed_size;
    if (size == sealed)
        return MS_OK;
    if (size < sealed)
        return ms_error_set(
            error, MS_ERROR_FORMAT,
            "%s: was truncated while the job was writing it, from %lld to %lld bytes; the job "
            "ends: restore a backup, or remove it, and start again",
            results->path, sealed, size);
    return ms_error_set(error, MS_ERROR_FORMAT,
                        "%s: was enlarged by another program while the job was writing it, from %lld to %lld "
                        "bytes; the job ends: modeseek repack --force copies what can be read",
                        results->path, sealed, size);
}

static ms_status check_seal(const ms_results *results, ms_error *error)
{
    ms_seal seal;
    ms_error reason = {0};
    /* the message begins with ": ", for the path */
    ms_status status = ms_seal_check_open(results->descriptor, "", false, NULL, &seal, &reason);
    if (status == MS_OK)
        return MS_OK;
    if (status != MS_ERROR_FORMAT)
        return ms_error_set(error, status, "%s%s" MS_IO_ADVICE, results->path, reason.message);
    return ms_error_set(error, MS_ERROR_FORMAT, "%s: was damaged while the job was writing it%s",
                        results->path, reason.message);
}

ms_status ms_results_check(ms_results *results, bool at_end, ms_error *error)
{
    ms_status status = check_name(results, error);
    if (status == MS_OK)
        status = check_size(results, error);
    double began = ms_clock();
    if (status != MS_OK || (!at_end && began < results->check_at))
        return status;
    status = check_seal(results, error);
    double ended = ms_clock();
    results->check_at = ended + (ended - began) / CHECKING_SHARE;
    return status;
}

ms_status ms_results_settle(ms_results *results, ms_error *error)
{
    int rank = 0;
    MPI_Comm_rank(results->comm, &rank);
    if (!results->broken && MS_TRY(MS_FAULT_SYNC, fsync(results->descriptor)) != 0)
        results->broken = errno;
    if (results->broken)
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be written to disk: %s" MS_IO_ADVICE,
                            results->path, strerror(results->broken));
    ms_status status = rank == 0 ? ms_results_check(results, true, error) : MS_OK;
    return status == MS_OK ? MS_OK : MS_ERROR_IO;
}

bool ms_results_all_closed(void)
{
    return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_FILE) <= 0;
}
