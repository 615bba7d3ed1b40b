/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/signals.h"

#include "farm/farm.h"
#include "slurm/self.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A signal handler has no argument to find it by. */
static volatile sig_atomic_t stop_requested, asked_by_hand;
/* set before the handler is */
static sig_atomic_t is_in_job, is_at_terminal;

/* Who asks a second time by hand stops the program at once. Schedulers may send SIGUSR1 several times, and
 * SIGTERM after it; Slurm sends SIGTERM twice within milliseconds, and kills by itself in the end. */
static void request_stop(int signal_number)
{
    bool is_by_hand = is_in_job ? signal_number == SIGINT && is_at_terminal : signal_number != SIGUSR1;
    if (is_by_hand && asked_by_hand) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    asked_by_hand = asked_by_hand || is_by_hand;
    if (!stop_requested)
        stop_requested = MS_STOP_ASKED;
}

static pid_t launcher;

/* The kernel says that a thread of the parent has ended; it is gone when we have another one. */
static void see_launcher(int signal_number)
{
    (void)signal_number;
    if (getppid() != launcher)
        stop_requested = MS_STOP_ORPHAN;
}

/* What has started this rank reads what it prints, too. */
static void watch_launcher(void)
{
    struct sigaction action = {.sa_handler = see_launcher, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    launcher = getppid();
    sigaction(SIGRTMIN, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGRTMIN);
    signal(SIGPIPE, SIG_IGN);
}

const volatile sig_atomic_t *ms_signals_catch(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    const ms_slurm_self self = ms_slurm_get_self();
    sigemptyset(&action.sa_mask);
    is_in_job = self.is_inside;
    if (self.is_step)
        watch_launcher();
    is_at_terminal = isatty(STDIN_FILENO);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    return &stop_requested;
}
