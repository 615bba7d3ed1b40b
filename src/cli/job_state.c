/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/job_state.h"

#include "base/clock.h"
#include "cli/facts.h"
#include "slurm/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_SECONDS 5.0  /* that Slurm may take */
#define PAUSE_SECONDS  60.0 /* Slurm is everybody's */

static void ask(ms_job_state *state, const char *cluster)
{
    ms_error error = {0};
    ms_slurm_entry *entry;
    size_t count;
    ms_status status = ms_slurm_list(state->name, NULL, ANSWER_SECONDS, &entry, &count, &error);
    size_t i = 0; /* of an array, whose number may be a task's, there are all tasks */
    while (i < count && strcmp(entry[i].job.name, state->name) != 0 &&
           strcmp(entry[i].job.job, state->name) != 0)
        i++;
    if (status != MS_OK)
        snprintf(state->text, sizeof state->text, "Slurm gives no information on job %s: %s", state->name,
                 error.message);
    else if (i == count)
        snprintf(state->text, sizeof state->text, "Slurm does not know job %s here, or no longer",
                 state->name);
    else if (cluster[0] && entry[i].cluster[0] && strcmp(cluster, entry[i].cluster) != 0)
        snprintf(state->text, sizeof state->text, "job %s is one of cluster %s, not of this one", state->name,
                 cluster);
    else {
        char description[512];
        state->is_known = true;
        state->entry = entry[i];
        ms_slurm_describe(&entry[i].job, description, sizeof description);
        snprintf(state->text, sizeof state->text, "Slurm job %s", description);
    }
    free(entry);
}

void ms_job_state_look(ms_job_state *state, const ms_writer *writer, const char *last_start)
{
    ms_past_start start = {.ranks = 0};
    if (last_start[0] && !writer->host[0])
        ms_past_start_read(last_start, &start);
    const char *name = writer->host[0] ? writer->job_name : start.name;
    bool is_same = strcmp(name, state->name) == 0;
    if (is_same && (!name[0] || ms_clock() - state->asked < PAUSE_SECONDS))
        return;
    *state = (ms_job_state){.asked = ms_clock()};
    snprintf(state->name, sizeof state->name, "%s", name);
    if (name[0])
        ask(state, writer->host[0] ? writer->cluster : start.cluster);
}
