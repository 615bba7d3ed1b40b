/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/self.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(const char *name, char *word, size_t size)
{
    const char *value = getenv(name);
    snprintf(word, size, "%s", value && !strpbrk(value, " \t\n") ? value : "");
    ms_make_printable(word);
}

static int64_t number(const char *name)
{
    const char *value = getenv(name);
    char *end;
    if (!value)
        return 0;
    int64_t result = strtoll(value, &end, 10);
    return end == value || *end || result < 0 ? 0 : result;
}

ms_slurm_self ms_slurm_get_self(void)
{
    ms_slurm_self self = {.node_count = (long)number("SLURM_JOB_NUM_NODES"),
                          .tasks = (long)number("SLURM_NTASKS"),
                          .restarts = (long)number("SLURM_RESTART_COUNT"),
                          .end = number("SLURM_JOB_END_TIME")};
    copy("SLURM_JOB_ID", self.job, sizeof self.job);
    copy("SLURM_CLUSTER_NAME", self.cluster, sizeof self.cluster);
    copy("SLURM_JOB_PARTITION", self.partition, sizeof self.partition);
    copy("SLURM_JOB_NODELIST", self.nodes, sizeof self.nodes);
    self.is_inside = self.job[0] != '\0';
    /* Slurm counts the batch script and an interactive shell among the steps, with numbers near 2^32 */
    const char *step = getenv("SLURM_STEP_ID");
    self.is_step = self.is_inside && step && strtoull(step, NULL, 10) < 0xf0000000U;
    char array[32], task[24];
    copy("SLURM_ARRAY_JOB_ID", array, sizeof array);
    copy("SLURM_ARRAY_TASK_ID", task, sizeof task);
    if (array[0] && task[0])
        snprintf(self.name, sizeof self.name, "%s_%s", array, task);
    else
        snprintf(self.name, sizeof self.name, "%s", self.job);
    return self;
}
