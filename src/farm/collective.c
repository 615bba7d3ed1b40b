/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/collective.h"

#include "farm/message.h"
#include "results/agree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ms_collective_begin(int *argc, char ***argv, int *rank, int *ranks)
{
    /* Open MPI's handler of crashes prints where the rank was, and may hang over it: then nobody ends the
     * job. */
    setenv("OMPI_MCA_opal_signal", "", 0);
    /* Where the daemon that has started this rank is gone it ends the rank at once, and nobody tells the
     * others: this leaves time to do so, and to save. */
    const char *name = getenv("PMIX_NAMESPACE");
    if (name && strncmp(name, "slurm.", 6) == 0)
        setenv("OMPI_MCA_opal_abort_delay", "10", 0);
    MPI_Init(argc, argv);
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, ranks);
}

void ms_collective_end(void)
{
    int started = 0;
    MPI_Initialized(&started);
    if (started)
        MPI_Finalize();
}

void ms_collective_abandon(ms_status status)
{
    int started = 0, rank = 0, ranks = 1;
    MPI_Initialized(&started);
    if (started) {
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    }
    if (ranks == 1)
        return;
    if (rank > 0) /* rank 0 first says why */
        sleep(1);
    MPI_Abort(MPI_COMM_WORLD, ms_status_exit_code(status));
}

static void share(void *data, int size, int root)
{
    MPI_Request request;
    MPI_Ibcast(data, size, MPI_BYTE, root, MPI_COMM_WORLD, &request);
    ms_wait(request);
}

static int least(int value)
{
    int smallest = value;
    MPI_Request request;
    MPI_Iallreduce(&value, &smallest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    ms_wait(request);
    return smallest;
}

ms_status ms_collective_agree(ms_status status, ms_error *error)
{
    return ms_agree(MPI_COMM_WORLD, status, error);
}

ms_status ms_collective_agree_or_stop(ms_status status, const volatile sig_atomic_t *stop, ms_error *error)
{
    int rank, over = 0, asked = 0, asked_in_all = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    int mine = status == MS_OK ? INT_MAX : rank, failed = mine;
    MPI_Request request;
    MPI_Iallreduce(&mine, &failed, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    for (;;) {
        MPI_Request_get_status(request, &over, MPI_STATUS_IGNORE);
        if (over)
            break;
        if (rank > 0 && *stop && !asked) {
            MPI_Send(NULL, 0, MPI_BYTE, 0, MS_MESSAGE_STOP, MPI_COMM_WORLD);
            asked = 1;
        }
        ms_nap();
    }
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    /* no message may be left on its way */
    MPI_Allreduce(&asked, &asked_in_all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    for (; rank == 0 && asked_in_all > 0; asked_in_all--)
        MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, MS_MESSAGE_STOP, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return ms_agree_with(MPI_COMM_WORLD, failed, status, error);
}

bool ms_collective_is_asked_to_stop(void)
{
    int started = 0, asked = 0;
    MPI_Initialized(&started);
    if (started)
        MPI_Iprobe(MPI_ANY_SOURCE, MS_MESSAGE_STOP, MPI_COMM_WORLD, &asked, MPI_STATUS_IGNORE);
    return asked;
}

static ms_status read_file(const char *path, size_t max, char *text, size_t *length, ms_error *error)
{
    struct stat entry;
    /* opening a pipe must not wait for a writer: signals would go unheard */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 && fstat(descriptor, &entry) == 0 && !S_ISREG(entry.st_mode)) {
        close(descriptor);
        return ms_error_set(error, MS_ERROR_IO, "cannot read %s: %s", path,
                            S_ISDIR(entry.st_mode) ? strerror(EISDIR) : "not a regular file");
    }
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    if (!file)
        return ms_error_set(error, MS_ERROR_IO, "cannot read %s: %s", path, strerror(errno));
    *length = fread(text, 1, max + 1, file);
    int problem = ferror(file) ? errno : 0;
    fclose(file);
    if (problem)
        return ms_error_set(error, MS_ERROR_IO, "cannot read %s: %s", path, strerror(problem));
    text[*length] = '\0';
    return MS_OK;
}

ms_status ms_collective_read(const char *path, size_t max, char **text, size_t *length, ms_error *error)
{
    int rank;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    uint64_t size = 0;
    ms_status status = MS_OK;
    *length = 0;
    *text = malloc(max + 2);
    if (!*text)
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the text of %s", path);
    else if (rank == 0)
        status = read_file(path, max, *text, length, error);
    status = ms_collective_agree(status, error);
    if (status != MS_OK) {
        free(*text);
        *text = NULL;
        return status;
    }
    size = *length;
    share(&size, (int)sizeof size, 0);
    share(*text, (int)size + 1, 0);
    *length = (size_t)size;
    return MS_OK;
}

bool ms_collective_same(uint64_t value)
{
    uint64_t first = value;
    share(&first, (int)sizeof first, 0);
    return least(first == value) == 1;
}

bool ms_collective_of_first(bool value)
{
    unsigned char first = value;
    share(&first, 1, 0);
    return first;
}

void ms_collective_library(char *text, size_t size)
{
    char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0';
    snprintf(text, size, "%s", version);
}
