/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening for writing by all ranks. Collective HDF5 calls hang when some rank does not take part, so before
 * each of them the ranks agree that all of them will. */
#include "results/agree.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ms_status check_writable(const char *path, ms_error *error)
{
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) {
        close(descriptor);
        return MS_OK;
    }
    int number = errno;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot open it for writing on %s: %s%s", path, host,
                        strerror(number), number == ENOENT ? "; is the folder on a shared file system?" : "");
}

/* By one rank alone, so that a damaged file is refused before any collective call. */
static ms_status check_sweep(const char *path, const ms_sweep *sweep, ms_error *error)
{
    ms_results *results;
    ms_status status = ms_file_open_serial(&results, path, H5F_ACC_RDONLY, false, NULL, error);
    if (status == MS_OK) {
        status = results->archive
                     ? ms_error_set(error, MS_ERROR_ARGUMENT, "%s is an archive, which is read-only", path)
                     : ms_file_match(results, sweep, error);
        ms_file_close(results, NULL);
    }
    return status;
}

/* Nobody here uses the file pointers that MPI lets all ranks share, and two of Open MPI's ways to have them
 * do harm: "lockedfile" writes the path into 256 bytes, however long it is, and so ends the program; "sm"
 * opens a semaphore that is named after the file without its folder. That of another user may be in the way,
 * and for one that a killed rank has left locked every later run would wait for ever. */
static void avoid_shared_pointers(void)
{
    setenv("OMPI_MCA_sharedfp", "^lockedfile,sm", 0);
}

static ms_status open_all(ms_results **results, const char *path, MPI_Comm comm, ms_error *error)
{
    hid_t access_list = ms_file_access_list();
    ms_status status = MS_OK;
    avoid_shared_pointers();
    if (access_list < 0 || H5Pset_fapl_mpio(access_list, comm, MPI_INFO_NULL) < 0)
        status = ms_hdf5_error(error, MS_ERROR_IO, path, NULL, "cannot make an access list");
    status = ms_agree(comm, status, error);
    if (status == MS_OK) {
        status = ms_file_open(results, path, H5F_ACC_RDWR, access_list, error);
        if (status == MS_OK)
            status = ms_guard_begin(*results, error);
        status = ms_agree(comm, status, error);
        if (status != MS_OK && *results) {
            ms_file_close(*results, NULL);
            *results = NULL;
        }
        if (status == MS_OK)
            (*results)->archive = false;
    }
    H5Pclose(access_list);
    return status;
}

static ms_status open_parallel(ms_results **results, const char *path, const ms_sweep *sweep, MPI_Comm comm,
                               ms_error *error)
{
    int rank = 0;
    MPI_Comm own;
    *results = NULL;
    MPI_Comm_dup(comm, &own);
    MPI_Comm_rank(own, &rank);

    ms_status status = ms_agree(own, check_writable(path, error), error);
    if (status == MS_OK)
        status = ms_agree(own, rank == 0 ? check_sweep(path, sweep, error) : MS_OK, error);
    if (status == MS_OK)
        status = open_all(results, path, own, error);
    if (status != MS_OK) {
        MPI_Comm_free(&own);
        return status;
    }
    (*results)->parallel = true;
    (*results)->comm = own;
    return MS_OK;
}

ms_status ms_results_open_parallel(ms_results **results, const char *path, const ms_sweep *sweep,
                                   MPI_Comm comm, ms_error *error)
{
    ms_error own = {MS_OK,
                    ""}; /* the message is needed for the other ranks even if this caller has no use for it */
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = open_parallel(results, path, sweep, comm, error ? error : &own);
    ms_hdf5_quiet_end(quiet);
    return status;
}

ms_status ms_results_close(ms_results *results, ms_error *error)
{
    if (!results)
        return MS_OK;
    ms_error own = {MS_OK, ""};
    error = error ? error : &own;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    bool parallel = results->parallel;
    MPI_Comm comm = results->comm;
    ms_status status = ms_file_close(results, error);
    if (parallel) {
        status = ms_agree(comm, status, error);
        MPI_Comm_free(&comm);
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}
