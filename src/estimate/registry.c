/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every type of jobs: a line each. */
#include "estimate/job_type.h"
#include "observe/observables.h"

#include <string.h>

#define JOBS(JOB) JOB(direct) JOB(quadrature) JOB(reversible_flux) JOB(restart) JOB(auto)

#define DECLARE(name) extern const ms_job_type ms_##name##_job;
#define ROW(name)     &ms_##name##_job,
JOBS(DECLARE)
static const ms_job_type *const jobs[] = {JOBS(ROW)};
#define COUNT (sizeof jobs / sizeof *jobs)

const ms_kind *ms_job_kind(size_t number)
{
    return number < COUNT ? &jobs[number]->kind : NULL;
}

const ms_column *ms_column_find(const char *name)
{
    const ms_kind *kind;
    for (size_t i = 0; i < COUNT; i++)
        for (const ms_column *const *column = jobs[i]->columns; column && *column; column++)
            if (strcmp((*column)->name, name) == 0)
                return *column;
    for (size_t i = 0; (kind = ms_observable_kind(i)); i++)
        if (strcmp(((const ms_observable_type *)kind)->column.name, name) == 0)
            return &((const ms_observable_type *)kind)->column;
    return NULL;
}

void ms_job_free(ms_job *job)
{
    if (job->state)
        job->type->free(job->state);
    *job = (ms_job){0};
}
