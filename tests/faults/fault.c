/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts the operations of the results room and makes one fail. A test arms it by a call, or from outside by
 *   MODESEEK_FAULT=N[+]     operation number N fails; with +, all writes after it too
 *   MODESEEK_FAULT_KIND=K   only operations of this kind count: write, read, memory, sync, make
 *   MODESEEK_FAULT_RANK=R   on rank R of an Open MPI or MPICH job only
 *   MODESEEK_FAULT_LOG=F    the process in which it came appends a line to F */
#include "results/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_name[MS_FAULT_COUNT] = {"write", "read", "memory", "sync", "make"};

static struct {
    bool is_armed, stays, came;
    long number, count;
    const char *kind; /* NULL: any */
} plan;

void ms_fault_arm(long number, bool stays)
{
    plan.is_armed = true;
    plan.stays = stays;
    plan.came = false;
    plan.number = number;
    plan.count = 0;
}

bool ms_fault_came(void)
{
    return plan.came;
}

static void arm_from_environment(void)
{
    const char *number = getenv("MODESEEK_FAULT"), *rank = getenv("MODESEEK_FAULT_RANK"),
               *own = getenv("OMPI_COMM_WORLD_RANK");
    if (!own)
        own = getenv("PMI_RANK"); /* MPICH */
    bool is_meant = !rank || strcmp(rank, own ? own : "0") == 0;
    ms_fault_arm(number && is_meant ? strtol(number, NULL, 10) : 0, number && strchr(number, '+'));
    plan.kind = getenv("MODESEEK_FAULT_KIND");
}

static void log_fault(ms_fault_kind kind)
{
    const char *path = getenv("MODESEEK_FAULT_LOG");
    FILE *log = path ? fopen(path, "a") : NULL;
    if (log) {
        fprintf(log, "operation %ld, a %s\n", plan.count, kind_name[kind]);
        fclose(log);
    }
}

bool ms_fault(ms_fault_kind kind)
{
    if (!plan.is_armed)
        arm_from_environment();
    bool counts = !plan.kind || strcmp(plan.kind, kind_name[kind]) == 0;
    plan.count += counts;
    bool fails = (counts && plan.count == plan.number) || (plan.came && plan.stays && kind == MS_FAULT_WRITE);
    if (!fails)
        return false;
    if (!plan.came)
        log_fault(kind);
    plan.came = true;
    errno = kind == MS_FAULT_MEMORY ? ENOMEM : kind == MS_FAULT_WRITE ? ENOSPC : EIO;
    return true;
}
