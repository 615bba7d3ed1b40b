/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/signals.h"

#include <stddef.h>

/* A signal handler has no argument to find it by. */
static volatile sig_atomic_t stop_requested, asked_by_hand;

/* A second one stops at once; but schedulers may send SIGUSR1 several times, and SIGTERM after it. */
static void request_stop(int signal_number)
{
    if (signal_number != SIGUSR1 && asked_by_hand) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    asked_by_hand = asked_by_hand || signal_number != SIGUSR1;
    stop_requested = 1;
}

const volatile sig_atomic_t *ms_signals_catch(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    return &stop_requested;
}
