/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/message.h"

#include <sched.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#define BUSY_SECONDS 2e-4

void ms_message_send(MPI_Comm comm, int rank, ms_message_tag tag, const ms_message *message)
{
    size_t size = tag == MS_MESSAGE_TROUBLE ? sizeof *message : offsetof(ms_message, text);
    MPI_Send(message, (int)size, MPI_BYTE, rank, (int)tag, comm);
}

bool ms_message_receive(MPI_Comm comm, int *rank, ms_message_tag *tag, ms_message *message)
{
    MPI_Status status;
    int arrived = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &arrived, &status);
    if (!arrived)
        return false;
    MPI_Recv(message, (int)sizeof *message, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, comm, &status);
    *rank = status.MPI_SOURCE;
    *tag = (ms_message_tag)status.MPI_TAG;
    return true;
}

void ms_message_sleep_until(MPI_Request request)
{
    int over = 0;
    for (;;) {
        MPI_Request_get_status(request, &over, MPI_STATUS_IGNORE);
        if (over)
            return;
        ms_message_nap();
    }
}

void ms_message_nap(void)
{
    const struct timespec nap = {.tv_sec = 0, .tv_nsec = 1000000};
    nanosleep(&nap, NULL); /* a signal may end it early: welcome */
}

void ms_message_idle(double idle_since)
{
    if (ms_clock() - idle_since < BUSY_SECONDS)
        sched_yield();
    else
        ms_message_nap();
}

void ms_message_feed_watchdog(double timeout)
{
    if (timeout > 0)
        alarm((unsigned)(2 * timeout) + 1);
}

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ms_clock(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double ms_processor_clock(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
