/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/program.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)64 << 20)

extern char **environ;

typedef struct stream {
    int descriptor; /* ours; -1: closed */
    char *text;
    size_t length, room;
} stream;

static bool is_dropped(const char *variable)
{
    /* of the job in which we run, too: sbatch would hand it on, and srun in the new job obey it */
    static const char *const name[] = {
        "SQUEUE_",           "SACCT_",       "SCONTROL_",        "SLURM_CLUSTERS=", "SLURM_JSON=",
        "SLURM_YAML=",       "SLURM_JOB_",   "SLURM_STEP",       "SLURM_ARRAY_",    "SLURM_RESTART_COUNT=",
        "SLURM_MEM_",        "SLURM_NTASKS", "SLURM_NPROCS=",    "SLURM_NNODES=",   "SLURM_CPUS_",
        "SLURM_TASKS_PER",   "SLURM_JOBID=", "SBATCH_CLUSTERS=", "SBATCH_WAIT=",    "SBATCH_ARRAY_INX=",
        "SLURM_TIME_FORMAT="};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (strncmp(variable, name[i], strlen(name[i])) == 0)
            return true;
    return false;
}

/* Freed as a whole: the strings are those of `environ`. */
static char **make_environment(bool times_in_seconds)
{
    static char format[] = "SLURM_TIME_FORMAT=%s";
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **result = calloc(count + 2, sizeof *result);
    for (size_t i = 0; result && i < count; i++)
        if (!is_dropped(environ[i]))
            result[kept++] = environ[i];
    if (result && times_in_seconds)
        result[kept] = format;
    return result;
}

/* Both ends are closed in other programs that this process starts. */
static bool make_pipe(int end[2])
{
    if (pipe(end) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        fcntl(end[i], F_SETFD, FD_CLOEXEC);
    return true;
}

static void shut(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Standard input, output and error of the program are the ends theirs[0..2]. */
static int spawn(const char *const *words, char **environment, const int theirs[3], pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int problem = posix_spawnp(pid, words[0], &actions, &attributes, (char *const *)words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

/* False when there is no room for more. */
static bool take(stream *from)
{
    if (from->room - from->length < 4097) {
        size_t room = from->room > 0 ? 2 * from->room : 16384;
        char *larger = room <= 2 * TEXT_MAX ? realloc(from->text, room) : NULL;
        if (!larger)
            return false;
        from->text = larger;
        from->room = room;
    }
    ssize_t count = read(from->descriptor, from->text + from->length, 4096);
    if (count > 0)
        from->length += (size_t)count;
    else if (count == 0 || (errno != EINTR && errno != EAGAIN))
        shut(&from->descriptor);
    from->text[from->length] = '\0';
    return true;
}

static void give(int *to, const char **input)
{
    ssize_t count = write(*to, *input, strlen(*input));
    if (count > 0)
        *input += count;
    else if (count < 0 && errno != EINTR && errno != EAGAIN)
        shut(to); /* it does not want to read */
    if (!**input)
        shut(to);
}

/* Until both streams are at their ends. NULL, or why not. */
static const char *converse(stream out[2], int to, const char *input, double deadline)
{
    fcntl(to, F_SETFL, O_NONBLOCK);
    if (!*input)
        shut(&to);
    const char *problem = NULL;
    while (!problem && (out[0].descriptor >= 0 || out[1].descriptor >= 0)) {
        struct pollfd wait[3] = {{.fd = out[0].descriptor, .events = POLLIN},
                                 {.fd = out[1].descriptor, .events = POLLIN},
                                 {.fd = to, .events = POLLOUT}};
        double left = deadline - ms_clock();
        if (left <= 0) {
            problem = "does not answer";
            break;
        }
        poll(wait, 3, left < 1 ? (int)(1000 * left) + 1 : 1000);
        for (int i = 0; i < 2; i++)
            if (wait[i].revents && !take(&out[i]))
                problem = "prints too much";
        if (wait[2].revents)
            give(&to, &input);
    }
    shut(&to);
    return problem;
}

/* The exit code; the program may live on without its streams. */
static int await(pid_t pid, double deadline, const char **problem)
{
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(pid, &status, *problem ? 0 : WNOHANG);
        if (ended == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended < 0 && errno != EINTR)
            return 0; /* someone else has waited for it */
        if (!*problem && ms_clock() > deadline) {
            *problem = "does not end";
            kill(pid, SIGKILL);
        }
        const struct timespec pause = {.tv_nsec = 2000000};
        nanosleep(&pause, NULL);
    }
}

static ms_status converse_with(const char *const *words, char **environment, const char *input,
                               double seconds, int pipes[3][2], ms_program_output *output, ms_error *error)
{
    pid_t pid;
    const int theirs[3] = {pipes[0][0], pipes[1][1], pipes[2][1]};
    double deadline = ms_clock() + seconds;
    int failure = spawn(words, environment, theirs, &pid);
    for (int i = 0; i < 3; i++)
        shut(&pipes[i][i > 0]);
    if (failure != 0)
        return ms_error_set(error, MS_ERROR_IO, "cannot run %s: %s", words[0], strerror(failure));
    stream out[2] = {{.descriptor = pipes[1][0]}, {.descriptor = pipes[2][0]}};
    const char *problem = converse(out, pipes[0][1], input ? input : "", deadline);
    pipes[0][1] = pipes[1][0] = pipes[2][0] = -1;
    if (problem)
        kill(pid, SIGKILL);
    output->exit_code = await(pid, deadline, &problem);
    for (int i = 0; i < 2; i++)
        shut(&out[i].descriptor);
    if (out[1].text) {
        snprintf(output->complaint, sizeof output->complaint, "%.*s", (int)strcspn(out[1].text, "\n"),
                 out[1].text);
        ms_make_printable(output->complaint);
    }
    free(out[1].text);
    output->text = out[0].text ? out[0].text : calloc(1, 1);
    if (!problem && output->text)
        return MS_OK;
    ms_program_output_free(output);
    return ms_error_set(error, MS_ERROR_IO, "%s %s (after %.0f s)", words[0],
                        problem ? problem : "leaves no memory", seconds);
}

ms_status ms_program_run(const char *const *words, const char *input, double seconds, bool times_in_seconds,
                         ms_program_output *output, ms_error *error)
{
    *output = (ms_program_output){0};
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    char **environment = make_environment(times_in_seconds);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before; /* it may not read all of its input */
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, &before);
    ms_status status;
    if (!environment || !make_pipe(pipes[0]) || !make_pipe(pipes[1]) || !make_pipe(pipes[2]))
        status = ms_error_set(error, MS_ERROR_IO, "cannot run %s: %s", words[0], strerror(errno));
    else
        status = converse_with(words, environment, input, seconds, pipes, output, error);
    sigaction(SIGPIPE, &before, NULL);
    for (int i = 0; i < 6; i++)
        shut(&pipes[i / 2][i % 2]);
    free(environment);
    return status;
}

void ms_program_output_free(ms_program_output *output)
{
    free(output->text);
    *output = (ms_program_output){0};
}
