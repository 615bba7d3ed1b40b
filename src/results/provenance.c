/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who made the file, with what, and when. Everything here may differ between runs of one sweep. */
#include "base/blas.h"
#include "base/text.h"
#include "results/file.h"
#include "results/hdf5_error.h"

#include <gsl/gsl_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef MS_GIT_COMMIT
#define MS_GIT_COMMIT "unknown"
#endif

#if defined(__clang__)
#define COMPILER __VERSION__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

#define VALUE_MAX 96 /* bytes kept of a value, before they are escaped */

/* A JSON object on one line, built in a buffer. A pair that does not fit is left out whole. */
typedef struct json {
    char *text;
    size_t size, length;
} json;

static json json_begin(char *text, size_t size)
{
    memset(text, 0, size);
    text[0] = '{';
    return (json){text, size, 1};
}

/* Adds `pair`, unless two more bytes (a brace and the NUL) would not fit behind it. */
static void json_add(json *object, const char *pair)
{
    size_t length = strlen(pair) + (object->length > 1 ? 2 : 0);
    if (object->length + length + 2 <= object->size) {
        snprintf(object->text + object->length, object->size - object->length, "%s%s",
                 object->length > 1 ? ", " : "", pair);
        object->length += length;
    }
}

static void json_number(json *object, const char *key, long value)
{
    char pair[64];
    snprintf(pair, sizeof pair, "\"%s\": %ld", key, value);
    json_add(object, pair);
}

/* `value` comes from the environment or a file: any bytes. NULL is null. */
static void json_string(json *object, const char *key, const char *value)
{
    char pair[64 + 6 * VALUE_MAX];
    if (!value) {
        snprintf(pair, sizeof pair, "\"%s\": null", key);
        json_add(object, pair);
        return;
    }
    size_t at = (size_t)snprintf(pair, 64, "\"%s\": \"", key);
    for (size_t left = strnlen(value, VALUE_MAX), used; left > 0; value += used, left -= used) {
        used = ms_json_character(value, left, pair + at);
        at += strlen(pair + at);
    }
    pair[at++] = '"';
    pair[at] = '\0';
    json_add(object, pair);
}

static void json_end(json *object)
{
    object->text[object->length] = '}';
    object->text[object->length + 1] = '\0';
}

void ms_provenance_versions(char *text, size_t size)
{
    char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    char hdf5[64];
    int length = 0;
    unsigned major = 0, minor = 0, release = 0;
    MPI_Get_library_version(mpi, &length);
    mpi[strcspn(mpi, ",\n")] = '\0'; /* after the version, Open MPI names package and builder */
    H5get_libversion(&major, &minor, &release);
    snprintf(hdf5, sizeof hdf5, "%u.%u.%u", major, minor, release);

    char blas[MS_BLAS_NAME_MAX];
    ms_blas_name(blas, sizeof blas);
    json object = json_begin(text, size);
    json_string(&object, "modeseek", ms_version());
    json_string(&object, "git_commit", MS_GIT_COMMIT);
    json_string(&object, "compiler", COMPILER);
    json_string(&object, "hdf5", hdf5);
    json_string(&object, "gsl", gsl_version);
    json_string(&object, "mpi", mpi);
    json_string(&object, "blas", blas);
    json_end(&object);
}

/* As Slurm names them; nodes last, for they may be many. */
static void add_slurm(json *object)
{
    static const char *const name[][2] = {
        {"slurm_array_job_id", "SLURM_ARRAY_JOB_ID"},   {"slurm_array_task_id", "SLURM_ARRAY_TASK_ID"},
        {"slurm_restart_count", "SLURM_RESTART_COUNT"}, {"slurm_cluster_name", "SLURM_CLUSTER_NAME"},
        {"slurm_job_partition", "SLURM_JOB_PARTITION"}, {"slurm_job_nodelist", "SLURM_JOB_NODELIST"}};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (getenv("SLURM_JOB_ID") && getenv(name[i][1]))
            json_string(object, name[i][0], getenv(name[i][1]));
}

void ms_provenance_time(char text[MS_TIME_MAX])
{
    time_t seconds = time(NULL);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || strftime(text, MS_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(text, MS_TIME_MAX, "unknown");
}

void ms_provenance_start(int ranks, char *text, size_t size)
{
    char host[VALUE_MAX] = "unknown", now[MS_TIME_MAX], blas[MS_BLAS_NAME_MAX];
    ms_blas_name(blas, sizeof blas);
    if (gethostname(host, sizeof host) == 0)
        host[sizeof host - 1] = '\0';
    ms_provenance_time(now);
    json object = json_begin(text, size);
    json_string(&object, "time", now);
    json_string(&object, "host", host);
    json_number(&object, "pid", (long)getpid());
    json_number(&object, "ranks", ranks);
    json_string(&object, "slurm_job_id", getenv("SLURM_JOB_ID"));
    json_string(&object, "version", ms_version());
    json_string(&object, "git_commit", MS_GIT_COMMIT);
    json_string(&object, "blas", blas);
    add_slurm(&object);
    json_end(&object);
}

/* The end of the string of JSON that begins at `text`; NULL if none does. */
static const char *json_string_end(const char *text)
{
    if (*text++ != '"')
        return NULL;
    for (; *text != '"'; text++)
        if (*text == '\0' || (*text == '\\' && (*++text != 'u' || strspn(text + 1, "0123456789abcdef") < 4)))
            return NULL;
    return text + 1;
}

/* Whether the text is an object of strings, as ms_provenance_versions() writes it. */
static bool is_object_of_strings(const char *text)
{
    bool is_key = true;
    if (*text != '{' || !ms_is_printable(text))
        return false;
    while ((text = json_string_end(text + 1))) {
        if (!is_key && strcmp(text, "}") == 0)
            return true;
        if (*text++ != (is_key ? ':' : ',') || *text != ' ')
            return false;
        is_key = !is_key;
    }
    return false;
}

void ms_provenance_source(const char *path, size_t starts, const char *versions, char *text, size_t size)
{
    char pair[MS_VERSIONS_MAX + 16];
    json object = json_begin(text, size);
    json_string(&object, "file", path);
    json_number(&object, "starts", (long)starts);
    snprintf(pair, sizeof pair, "\"versions\": %s", versions);
    if (is_object_of_strings(versions))
        json_add(&object, pair);
    else
        json_string(&object, "versions", versions); /* it comes from a file */
    json_end(&object);
}

/* The last MS_STARTS lines are this file's own; the first of them keeps the first start for ever, and when
 * all are used, the oldest of the others goes. */
static void add_line(char (*line)[MS_START_MAX], size_t count, int ranks)
{
    char(*own)[MS_START_MAX] = line + (count - MS_STARTS);
    size_t free_line = 0;
    while (free_line < MS_STARTS && own[free_line][0] != '\0')
        free_line++;
    if (free_line == MS_STARTS) {
        free_line = MS_STARTS - 1;
        memmove(own[1], own[2], (MS_STARTS - 2) * sizeof *own);
    }
    ms_provenance_start(ranks, own[free_line], sizeof *own);
}

static ms_status record(ms_results *results, int ranks, ms_error *error)
{
    char(*line)[MS_START_MAX];
    size_t count;
    ms_status status = ms_lines_read(results, MS_DATASET_START, &line, &count, error);
    if (status == MS_OK) {
        add_line(line, count, ranks);
        status = ms_dataset_write(results, MS_DATASET_START, line, error);
    }
    free(line);
    return status;
}

ms_status ms_results_record_start(const char *path, int ranks, int64_t last_sign, ms_error *error)
{
    ms_results *results;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    ms_status status = ms_file_open_serial(&results, path, H5F_ACC_RDWR, false, NULL, error);
    if (status == MS_OK) {
        status = ms_attempts_account(results, last_sign, error);
        if (status == MS_OK)
            status = record(results, ranks, error);
        ms_status closed = ms_file_close(results, status == MS_OK ? error : NULL);
        status = status == MS_OK ? closed : status;
    }
    ms_hdf5_quiet_end(quiet);
    return status;
}

#define BLAS_KEY "\"blas\": \""

/* The BLAS of a start, as its line has it; false: it has none, as those of older versions. */
static bool find_blas(const char *line, char name[MS_BLAS_NAME_MAX])
{
    const char *at = strstr(line, BLAS_KEY);
    if (!at)
        return false;
    at += strlen(BLAS_KEY);
    snprintf(name, MS_BLAS_NAME_MAX, "%.*s", (int)strcspn(at, "\""), at);
    ms_make_printable(name);
    return name[0] != '\0';
}

static void list_blas(char (*line)[MS_START_MAX], size_t count, ms_blas_names *names)
{
    char name[MS_BLAS_NAME_MAX];
    for (size_t i = 0; i < count; i++) {
        size_t known = 0;
        line[i][MS_START_MAX - 1] = '\0';
        if (!find_blas(line[i], name))
            continue;
        while (known < names->count && strcmp(names->name[known], name) != 0)
            known++;
        if (known == names->count && known < MS_BLAS_NAMES_MAX)
            memcpy(names->name[names->count++], name, sizeof name);
    }
}

ms_status ms_results_blas_names(const char *path, ms_blas_names *names, ms_error *error)
{
    ms_results *results;
    char(*line)[MS_START_MAX] = NULL;
    size_t count;
    *names = (ms_blas_names){.count = 0};
    ms_status status = ms_results_open(&results, path, error);
    if (status != MS_OK)
        return status;
    ms_hdf5_quiet quiet = ms_hdf5_quiet_begin();
    status = ms_lines_read(results, MS_DATASET_START, &line, &count, error);
    ms_hdf5_quiet_end(quiet);
    if (status == MS_OK)
        list_blas(line, count, names);
    free(line);
    ms_error ignored;
    ms_results_close(results, &ignored);
    return status;
}
