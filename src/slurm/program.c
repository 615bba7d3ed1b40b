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
#define MISSING  "cannot run "

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

struct ms_program {
    char name[64];
    pid_t pid;
    stream out[2];
    int to;
    const char *input; /* what is left of it */
    double seconds, deadline;
    const char *problem; /* for which it was killed */
};

/* One round of at most `wait` milliseconds. */
static void converse(ms_program *p, int wait)
{
    struct pollfd ready[3] = {{.fd = p->out[0].descriptor, .events = POLLIN},
                              {.fd = p->out[1].descriptor, .events = POLLIN},
                              {.fd = p->to, .events = POLLOUT}};
    poll(ready, 3, wait);
    for (int i = 0; i < 2; i++)
        if (ready[i].revents && !take(&p->out[i]))
            p->problem = "prints too much";
    if (ready[2].revents)
        give(&p->to, &p->input);
}

/* Whether it has ended; at most about `wait` milliseconds pass. It may live on without its streams. */
static bool go_on(ms_program *p, int wait, int *exit_code)
{
    bool was_killed = p->problem != NULL, is_heard = p->out[0].descriptor >= 0 || p->out[1].descriptor >= 0;
    double left = p->deadline - ms_clock();
    if (!p->problem && left <= 0)
        p->problem = is_heard ? "does not respond" : "does not end";
    else if (!p->problem && is_heard)
        converse(p, left < 1e-3 * wait ? (int)(1000 * left) + 1 : wait);
    if (p->problem && !was_killed)
        kill(p->pid, SIGKILL);
    if (!p->problem && is_heard)
        return false;
    int status = 0;
    pid_t ended = waitpid(p->pid, &status, WNOHANG);
    if (ended == p->pid)
        *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    else if (ended < 0 && errno != EINTR)
        *exit_code = 0; /* someone else has waited for it */
    else if (wait > 0) {
        const struct timespec pause = {.tv_nsec = 2000000};
        nanosleep(&pause, NULL);
    }
    return ended == p->pid || (ended < 0 && errno != EINTR);
}

static void free_program(ms_program *p)
{
    for (int i = 0; i < 2; i++) {
        shut(&p->out[i].descriptor);
        free(p->out[i].text);
    }
    shut(&p->to);
    free(p);
}

/* All lines: sites may have their programs greet before they say what is wrong. */
static void join_lines(const char *text, char *line, size_t size)
{
    size_t length = 0;
    while (*(text += strspn(text, "\n")) && length < size) {
        int count = (int)strcspn(text, "\n");
        length +=
            (size_t)snprintf(line + length, size - length, "%s%.*s", length > 0 ? "; " : "", count, text);
        text += count;
    }
    ms_make_printable(line);
}

/* Frees the program, which has ended. */
static ms_status end(ms_program *p, int exit_code, ms_program_output *output, ms_error *error)
{
    ms_status status = MS_OK;
    output->exit_code = exit_code;
    if (p->out[1].text)
        join_lines(p->out[1].text, output->complaint, sizeof output->complaint);
    output->text = p->out[0].text ? p->out[0].text : calloc(1, 1);
    p->out[0].text = NULL;
    if (p->problem || !output->text) {
        ms_program_output_free(output);
        status = ms_error_set(error, MS_ERROR_IO, "%s %s (after %.0f s)", p->name,
                              p->problem ? p->problem : "leaves no memory", p->seconds);
    }
    free_program(p);
    return status;
}

/* Where it is ignored, as whoever has started us may have it, nobody is told how programs end. */
static void heed_children(void)
{
    struct sigaction now;
    if (sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
        signal(SIGCHLD, SIG_DFL);
}

static ms_status begin(ms_program *p, const char *const *words, bool times_in_seconds, int pipes[3][2],
                       ms_error *error)
{
    const int theirs[3] = {pipes[0][0], pipes[1][1], pipes[2][1]};
    heed_children();
    char **environment = make_environment(times_in_seconds);
    int failure = environment ? spawn(words, environment, theirs, &p->pid) : ENOMEM;
    free(environment);
    if (failure != 0)
        return ms_error_set(error, MS_ERROR_IO, MISSING "%s: %s", words[0], strerror(failure));
    p->to = pipes[0][1];
    for (int i = 0; i < 2; i++)
        p->out[i].descriptor = pipes[i + 1][0];
    pipes[0][1] = pipes[1][0] = pipes[2][0] = -1;
    fcntl(p->to, F_SETFL, O_NONBLOCK);
    if (!*p->input)
        shut(&p->to);
    return MS_OK;
}

static ms_status start(ms_program **result, const char *const *words, const char *input, double seconds,
                       bool times_in_seconds, ms_error *error)
{
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    ms_status status;
    ms_program *p = calloc(1, sizeof *p);
    if (!p || !make_pipe(pipes[0]) || !make_pipe(pipes[1]) || !make_pipe(pipes[2])) {
        status = ms_error_set(error, MS_ERROR_IO, "cannot run %s: %s", words[0], strerror(errno));
    } else {
        *p = (ms_program){.out = {{.descriptor = -1}, {.descriptor = -1}},
                          .to = -1,
                          .input = input ? input : "",
                          .seconds = seconds,
                          .deadline = ms_clock() + seconds};
        snprintf(p->name, sizeof p->name, "%.63s", words[0]);
        status = begin(p, words, times_in_seconds, pipes, error);
    }
    for (int i = 0; i < 6; i++)
        shut(&pipes[i / 2][i % 2]);
    if (status != MS_OK)
        free(p);
    *result = status == MS_OK ? p : NULL;
    return status;
}

ms_status ms_program_run(const char *const *words, const char *input, double seconds, bool times_in_seconds,
                         ms_program_output *output, ms_error *error)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before; /* it may not read all of its input */
    ms_program *program;
    int exit_code = 0;
    *output = (ms_program_output){0};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, &before);
    ms_status status = start(&program, words, input, seconds, times_in_seconds, error);
    while (status == MS_OK && !go_on(program, 1000, &exit_code)) {
    }
    sigaction(SIGPIPE, &before, NULL);
    return status == MS_OK ? end(program, exit_code, output, error) : status;
}

ms_status ms_program_start(ms_program **program, const char *const *words, double seconds,
                           bool times_in_seconds, ms_error *error)
{
    return start(program, words, NULL, seconds, times_in_seconds, error);
}

bool ms_program_look(ms_program *program, ms_program_output *output, ms_status *status, ms_error *error)
{
    int exit_code = 0;
    if (!go_on(program, 0, &exit_code))
        return false;
    *output = (ms_program_output){0};
    *status = end(program, exit_code, output, error);
    return true;
}

void ms_program_give_up(ms_program *program)
{
    if (program) {
        kill(program->pid, SIGKILL);
        waitpid(program->pid, NULL, WNOHANG);
        free_program(program);
    }
}

bool ms_program_is_missing(const ms_error *error)
{
    return strncmp(error->message, MISSING, strlen(MISSING)) == 0;
}

void ms_program_output_free(ms_program_output *output)
{
    free(output->text);
    *output = (ms_program_output){0};
}
