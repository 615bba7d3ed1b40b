/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ms_clock(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double ms_processor_clock(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double ms_process_clock(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t ms_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
