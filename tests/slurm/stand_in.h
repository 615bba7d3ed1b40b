/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs in a folder of their own, first in PATH, that stand in for Slurm's. */
#ifndef MS_STAND_IN_H
#define MS_STAND_IN_H

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/modeseek_stand_in_XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_program(const char *name, const char *script)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(in_folder(name), 0755), 0);
}

static int make_folder(void **state)
{
    char path[4096];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s:%s", folder, getenv("PATH"));
    return setenv("PATH", path, 1);
}

static int remove_folder(void **state)
{
    static const char *const name[] = {"squeue", "sacct", "asked"};
    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        unlink(in_folder(name[i]));
    return rmdir(folder);
}

#endif
