/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sweep_file.h"

#include <stdlib.h>
#include <string.h>

bool ms_sweep_file_is_results(const char *path, ms_error *error)
{
    static const char begin[] = "modeseek results;";
    char first[sizeof begin - 1] = "";
    FILE *file = fopen(path, "re");
    bool is_results =
        file && fread(first, sizeof first, 1, file) == 1 && memcmp(first, begin, sizeof first) == 0;
    if (file)
        fclose(file);
    if (is_results)
        ms_error_set(
            error, MS_ERROR_SWEEP,
            "%s: is a results file, not a sweep; modeseek export --sweep %s -o FOLDER writes its sweep, "
            "FOLDER/sweep.yaml",
            path, path);
    return is_results;
}

/* How many of the messages that were kept are about values of --set. */
static size_t count_of_set(const ms_diagnostics *diagnostics)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnostics->count && i < MS_DIAGNOSTICS_MAX; i++)
        count += strncmp(diagnostics->message[i], "--set ", 6) == 0;
    return count;
}

ms_status ms_sweep_file_refuse(ms_status status, const char *path, const ms_assignments *set,
                               const ms_diagnostics *diagnostics, ms_error *error)
{
    if (status == MS_ERROR_IO && diagnostics->count == 1)
        return ms_error_set(error, status, "%s", diagnostics->message[0]);
    ms_diagnostics_print(diagnostics, stderr);
    if (status != MS_ERROR_SWEEP || !set || set->count == 0)
        return ms_error_set(error, status, "%s: %s", path, ms_status_message(status));
    if (count_of_set(diagnostics) == diagnostics->count)
        return ms_error_set(error, status, "--set: invalid value");
    return ms_error_set(error, status, "%s with the values of --set: invalid sweep", path);
}

ms_status ms_sweep_file_load(ms_sweep **sweep, const char *path, const ms_assignments *set, ms_error *error)
{
    *sweep = NULL;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", path);
    ms_status status = ms_sweep_load_with(sweep, path, set, diagnostics);
    if (status == MS_ERROR_SWEEP && ms_sweep_file_is_results(path, error))
        status = error->status;
    else if (status != MS_OK)
        status = ms_sweep_file_refuse(status, path, set, diagnostics, error);
    free(diagnostics);
    return status;
}
