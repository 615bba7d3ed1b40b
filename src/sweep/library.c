/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/sweep.h"

#include <stdio.h>
#include <yaml.h>

void ms_sweep_library(char *text, size_t size)
{
    snprintf(text, size, "libyaml %s", yaml_get_version_string());
}
