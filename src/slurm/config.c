/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/config.h"

#include "base/text.h"
#include "slurm/program.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 30.0

/* Copies the value of a line "KEY   = VALUE"; "" if there is none. */
static void find_value(const char *text, const char *key, char *value, size_t size)
{
    size_t length = strlen(key);
    value[0] = '\0';
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line + length;
        if (strncmp(line, key, length) != 0 || (*at != ' ' && *at != '='))
            continue;
        at += strspn(at, " ");
        if (*at != '=')
            continue;
        at++;
        at += strspn(at, " ");
        size_t end = strcspn(at, "\n");
        while (end > 0 && isspace((unsigned char)at[end - 1]))
            end--;
        snprintf(value, size, "%.*s", (int)end, at);
        if (strcmp(value, "(null)") == 0)
            value[0] = '\0';
        ms_make_printable(value);
        return;
    }
}

ms_slurm_config ms_slurm_parse_config(const char *text)
{
    ms_slurm_config config = {.requeues = true, .kill_wait = NAN};
    char value[256], *end;
    find_value(text, "ClusterName", config.cluster, sizeof config.cluster);
    find_value(text, "MpiDefault", config.mpi, sizeof config.mpi);
    if (!config.mpi[0])
        snprintf(config.mpi, sizeof config.mpi, "none");
    find_value(text, "MaxArraySize", value, sizeof value); /* the largest number of a task is less */
    long limit = strtol(value, &end, 10);
    if (end != value && limit > 0)
        config.array_max = limit - 1;
    find_value(text, "KillWait", value, sizeof value); /* "30 sec" */
    double seconds = strtod(value, &end);
    if (end != value && seconds >= 0)
        config.kill_wait = seconds;
    find_value(text, "JobRequeue", value, sizeof value);
    config.requeues = strcmp(value, "0") != 0;
    find_value(text, "PrivateData", value, sizeof value);
    config.hides_jobs = strstr(value, "jobs") || strstr(value, "all");
    return config;
}

ms_status ms_slurm_get_config(ms_slurm_config *config, ms_error *error)
{
    static const char *const words[] = {"scontrol", "show", "config", NULL};
    ms_program_output output;
    ms_error reason = {0};
    ms_status status = ms_program_run(words, NULL, SECONDS, false, &output, &reason);
    if (status != MS_OK)
        return ms_error_set(error, status, "no Slurm is to be found here (%s)", reason.message);
    if (output.exit_code != 0)
        status = ms_error_set(error, MS_ERROR_IO, "Slurm does not respond (scontrol: %s)", output.complaint);
    else
        *config = ms_slurm_parse_config(output.text);
    ms_program_output_free(&output);
    return status;
}

bool ms_slurm_has_mpi(const char *plugin)
{
    static const char *const words[] = {"srun", "--mpi=list", NULL};
    ms_program_output output;
    if (ms_program_run(words, NULL, SECONDS, false, &output, NULL) != MS_OK)
        return true;
    bool has = !output.text[0] || strstr(output.text, plugin);
    ms_program_output_free(&output);
    return has;
}
