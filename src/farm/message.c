/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/message.h"

#include "base/clock.h"
#include "results/agree.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BUSY_SECONDS   2e-4
#define WATCHDOG_TICKS 8 /* of its time, in which it must be fed */

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

void ms_message_idle(double idle_since)
{
    if (ms_clock() - idle_since < BUSY_SECONDS)
        sched_yield();
    else
        ms_nap();
}

/* A signal handler has no argument to find it by. */
static volatile sig_atomic_t ticks;
static double watchdog_seconds;

/* Ticks are counted, not seconds: of all that come while the process is stopped, one is delivered. Only what
 * is safe in a handler: the program may be anywhere, in MPI most likely. */
static void tick(int signal_number)
{
    static const char text[] = "modeseek: no progress for too long: a rank or a file system hangs; the job "
                               "ends, the same command resumes\n";
    (void)signal_number;
    ticks = ticks + 1;
    if (ticks <= WATCHDOG_TICKS)
        return;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    _exit(written < 0 ? 1 : ms_status_exit_code(MS_ERROR_RANK));
}

void ms_message_watchdog(double seconds)
{
    ticks = 0;
    if (seconds == watchdog_seconds)
        return;
    watchdog_seconds = seconds;
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    double pause = seconds > 0 && seconds < 1e9 ? seconds / WATCHDOG_TICKS : 0;
    const struct timeval time = {(time_t)pause, (suseconds_t)(1e6 * (pause - (double)(time_t)pause))};
    const struct itimerval timer = {time, time};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void ms_message_feed_watchdog(double timeout)
{
    if (timeout > 0)
        ms_message_watchdog(2 * timeout + 1);
}

double ms_awake_clock(ms_awake *awake, double timeout)
{
    double now = ms_clock(), processor = ms_process_clock(), gap = now - awake->looked;
    /* who has computed for long instead was not stopped */
    if (awake->looked > 0 && gap > timeout / 4 && processor - awake->processor < gap / 2)
        awake->stopped += gap;
    awake->looked = now;
    awake->processor = processor;
    return now - awake->stopped;
}
