/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/submission.h"

#include "base/clock.h"
#include "base/text.h"
#include "slurm/program.h"

#include <modeseek/random.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC          "modeseek submission\n"
#define TEXT_MAX       1024
#define LOOKS          3    /* for jobs that may yet appear, a second apart */
#define SBATCH_SECONDS 60.0 /* slurmctld may be busy */
#define FINISH         " finish"

struct ms_submission_file {
    int descriptor;
    char *name;
};

static char *file_name(const char *path)
{
    size_t size = strlen(path) + sizeof ".submit";
    char *name = malloc(size);
    if (name)
        snprintf(name, size, "%s.submit", path);
    return name;
}

/* The word behind "KEY " at the beginning of a line; "" if there is none. */
static void find_word(const char *text, const char *key, char *word, size_t size)
{
    size_t length = strlen(key);
    word[0] = '\0';
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, key, length) != 0 || line[length] != ' ')
            continue;
        snprintf(word, size, "%.*s", (int)strcspn(line + length + 1, " \n"), line + length + 1);
        ms_make_printable(word);
        return;
    }
}

/* False: it is something else. An empty file, which a crash may leave, is one without a token. */
static bool read_submission(int descriptor, ms_submission *s)
{
    char text[TEXT_MAX], number[32];
    *s = (ms_submission){.since = 0};
    ssize_t length = pread(descriptor, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    if (length <= 0)
        return length == 0;
    if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
        return false;
    find_word(text, "token", s->token, sizeof s->token);
    find_word(text, "user", s->user, sizeof s->user);
    find_word(text, "host", s->host, sizeof s->host);
    find_word(text, "cluster", s->cluster, sizeof s->cluster);
    find_word(text, "job", s->job, sizeof s->job);
    find_word(text, "finish", s->finish, sizeof s->finish);
    find_word(text, "tasks", number, sizeof number);
    s->tasks = strtoul(number, NULL, 10);
    find_word(text, "since", number, sizeof number);
    s->since = strtoll(number, NULL, 10);
    return true;
}

bool ms_submission_look(const char *path, ms_submission *submission)
{
    char *name = file_name(path);
    int descriptor = name ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    free(name);
    if (descriptor < 0)
        return false;
    bool found = read_submission(descriptor, submission) && submission->token[0];
    close(descriptor);
    return found;
}

static bool is_same_file(const ms_submission_file *file)
{
    struct stat here, there;
    return fstat(file->descriptor, &here) == 0 && stat(file->name, &there) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static ms_status lock(ms_submission_file *file, ms_submission *last, ms_error *error)
{
    struct stat entry;
    /* not O_CLOEXEC: sbatch is to hold the lock, too */
    file->descriptor = open(file->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (file->descriptor < 0)
        return ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", file->name, strerror(errno));
    if (fstat(file->descriptor, &entry) != 0 || !S_ISREG(entry.st_mode))
        return ms_error_set(error, MS_ERROR_IO, "%s: not a regular file; remove it", file->name);
    if (flock(file->descriptor, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? ms_error_set(error, MS_ERROR_LOCKED, "%s: another modeseek submit is running",
                                  file->name)
                   : ms_error_set(error, MS_ERROR_IO, "cannot lock %s: %s", file->name, strerror(errno));
    if (!read_submission(file->descriptor, last))
        return ms_error_set(error, MS_ERROR_IO,
                            "%s: was not written by modeseek submit; choose another name for the results, "
                            "or, if nobody needs it, remove it",
                            file->name);
    return MS_OK;
}

ms_status ms_submission_open(ms_submission_file **file, const char *path, ms_submission *last,
                             ms_error *error)
{
    ms_submission_file *made = calloc(1, sizeof *made);
    *file = NULL;
    if (!made || !(made->name = file_name(path))) {
        free(made);
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    }
    made->descriptor = -1;
    ms_status status = lock(made, last, error);
    if (status == MS_OK)
        *file = made;
    else
        ms_submission_close(made);
    return status;
}

/* So that the name outlives a crash of the machine. Not every file system can: then it is not so bad. */
static void sync_folder(const char *name)
{
    char *copy = strdup(name);
    int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    free(copy);
}

ms_status ms_submission_write(ms_submission_file *file, const ms_submission *s, bool *is_gone,
                              ms_error *error)
{
    char text[TEXT_MAX];
    *is_gone = !is_same_file(file);
    if (*is_gone)
        return MS_OK;
    int length =
        snprintf(text, sizeof text, MAGIC "token %s\nuser %s\nhost %s\ncluster %s\ntasks %lu\nsince %lld\n",
                 s->token, s->user, s->host, s->cluster, s->tasks, (long long)s->since);
    if (s->job[0])
        length +=
            snprintf(text + length, sizeof text - (size_t)length, "job %s\nfinish %s\n", s->job, s->finish);
    /* a crash between the two loses a token that is over; with numbers of jobs the text only grows */
    if ((!s->job[0] && ftruncate(file->descriptor, 0) != 0) ||
        pwrite(file->descriptor, text, (size_t)length, 0) != length || fsync(file->descriptor) != 0)
        return ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", file->name, strerror(errno));
    sync_folder(file->name);
    return MS_OK;
}

void ms_submission_remove(const ms_submission_file *file)
{
    if (is_same_file(file))
        unlink(file->name);
}

void ms_submission_close(ms_submission_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->name);
    free(file);
}

static uint64_t random_number(void)
{
    uint64_t number = 0;
    int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    bool is_read = source >= 0 && read(source, &number, sizeof number) == (ssize_t)sizeof number;
    if (source >= 0)
        close(source);
    if (is_read)
        return number;
    struct timespec now = {0};
    char host[64] = "";
    clock_gettime(CLOCK_REALTIME, &now);
    gethostname(host, sizeof host - 1);
    ms_hash hash = ms_hash_init();
    ms_hash_bytes(&hash, &now, sizeof now);
    ms_hash_bytes(&hash, host, sizeof host);
    ms_hash_u64(&hash, (uint64_t)getpid());
    return ms_hash_value(&hash);
}

/* A word of the file: it may have no spaces. */
static void copy_word(const char *from, char *word, size_t size)
{
    snprintf(word, size, "%s", *from && !strpbrk(from, " \n") ? from : "unknown");
}

ms_submission ms_submission_new(const char *cluster, unsigned long tasks)
{
    ms_submission s = {.tasks = tasks, .since = ms_milliseconds()};
    char host[64] = "";
    snprintf(s.token, sizeof s.token, "modeseek-%016llx", (unsigned long long)random_number());
    const struct passwd *entry = getpwuid(geteuid());
    if (entry && *entry->pw_name && !strpbrk(entry->pw_name, " \n,"))
        snprintf(s.user, sizeof s.user, "%s", entry->pw_name);
    else
        snprintf(s.user, sizeof s.user, "%lu", (unsigned long)geteuid());
    gethostname(host, sizeof host - 1);
    copy_word(host, s.host, sizeof s.host);
    copy_word(cluster, s.cluster, sizeof s.cluster);
    return s;
}

/* Of the jobs with the token in their comments, the first that runs the sweep and the first that finishes. */
static void choose(const ms_slurm_job *jobs, size_t count, const char *token, bool only_alive,
                   ms_slurm_job *run, ms_slurm_job *finish)
{
    size_t length = strlen(token);
    for (size_t i = 0; i < count; i++) {
        const char *rest = jobs[i].comment + length;
        if (strncmp(jobs[i].comment, token, length) != 0 || (*rest && *rest != ' ') ||
            (only_alive && ms_slurm_is_over(jobs[i].state)))
            continue;
        ms_slurm_job *place = strncmp(rest, FINISH, strlen(FINISH)) == 0 ? finish : run;
        if (!place->job[0])
            *place = jobs[i];
    }
}

static ms_status look(const ms_submission *s, bool only_alive, ms_slurm_job *run, ms_slurm_job *finish,
                      ms_error *error)
{
    ms_slurm_job *jobs;
    size_t count;
    *run = *finish = (ms_slurm_job){.start = 0};
    ms_status status = ms_slurm_find_jobs_of(s->user, &jobs, &count, error);
    if (status == MS_OK)
        choose(jobs, count, s->token, only_alive, run, finish);
    free(jobs);
    return status;
}

static void wait_a_second(void)
{
    const struct timespec second = {.tv_sec = 1};
    nanosleep(&second, NULL);
}

ms_status ms_submission_find(const ms_submission *submission, ms_slurm_job *run, ms_slurm_job *finish,
                             ms_error *error)
{
    ms_status status = look(submission, true, run, finish, error);
    for (int i = 1; i < LOOKS && status == MS_OK && !submission->job[0] && !run->job[0]; i++) {
        wait_a_second();
        status = look(submission, true, run, finish, error);
    }
    return status;
}

/* After an sbatch that told no number: is there a job with the comment, be it over already? */
static ms_status find_submitted(const ms_submission *submission, bool is_finish, char job[32],
                                ms_error *error)
{
    ms_slurm_job found[2];
    for (int i = 0; i < LOOKS; i++) {
        if (i > 0)
            wait_a_second();
        ms_status status = look(submission, false, &found[0], &found[1], error);
        if (status != MS_OK)
            return status;
        const ms_slurm_job *one = &found[is_finish];
        memcpy(job, submission->tasks > 0 && !is_finish ? one->array : one->job, 32);
        if (job[0])
            return MS_OK;
    }
    return MS_OK;
}

/* "12" or "12;CLUSTER" at the end: sites may print lines of their own before it. */
static bool read_number(char *text, char job[32])
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    const char *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    size_t digits = strspn(line, "0123456789");
    if (digits == 0 || digits > 20 || (line[digits] && line[digits] != ';'))
        return false;
    snprintf(job, 32, "%.*s", (int)digits, line);
    return true;
}

/* Whether what sbatch says, perhaps after a greeting, is Slurm's own verdict on the job. */
static bool is_verdict(const char *complaint)
{
    static const char *const doubt[] = {"timed out",  "contact",    "onnect",    "ocket",
                                        "communicat", "Zero Bytes", "nexpected", "temporarily"};
    const char *said = strstr(complaint, "sbatch: error: ");
    for (size_t i = 0; said && i < sizeof doubt / sizeof *doubt; i++)
        if (strstr(said, doubt[i]))
            return false;
    return said != NULL;
}

#define OPTIONS_MAX 16

ms_status ms_submission_submit(const ms_submission *submission, bool is_finish, const char *script,
                               const char *const *options, char job[32], bool *is_refused, ms_error *error)
{
    char comment[96];
    const char *words[OPTIONS_MAX + 4] = {"sbatch", "--parsable", comment};
    for (size_t i = 0; options[i] && i < OPTIONS_MAX; i++)
        words[3 + i] = options[i];
    snprintf(comment, sizeof comment, "--comment=%s%s", submission->token, is_finish ? FINISH : "");
    ms_program_output output;
    ms_error reason = {0}, silence = {0};
    *is_refused = false;
    job[0] = '\0';
    ms_status status = ms_program_run(words, script, SBATCH_SECONDS, false, &output, &reason);
    bool is_told = status == MS_OK && output.exit_code == 0 && read_number(output.text, job);
    bool is_wrong = status == MS_OK && output.exit_code != 0 && is_verdict(output.complaint);
    if (status == MS_OK && !is_told)
        ms_error_set(&reason, is_wrong ? MS_ERROR_USAGE : MS_ERROR_IO, "%s (exit code %d)",
                     output.complaint[0] ? output.complaint : "sbatch says nothing", output.exit_code);
    ms_program_output_free(&output);
    if (is_told)
        return MS_OK;
    status = find_submitted(submission, is_finish, job, &silence);
    if (status != MS_OK)
        return ms_error_set(error, MS_ERROR_IO,
                            "%s; it is unknown whether the job was submitted (%s). Give the same command "
                            "again: it looks for it first",
                            reason.message, silence.message);
    if (job[0])
        return MS_OK;
    *is_refused = is_wrong;
    return ms_error_set(error, reason.status, "%s; the job is not submitted", reason.message);
}
