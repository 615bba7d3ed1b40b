/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/columns.h"
#include "observe/observables.h"

#include <string.h>

const ms_column ms_column_discovery_time = {
    .name = "discovery_time",
    .units = "iterations",
    .long_name = "iteration at which the chain discovered the mode; -1: censored, -2: not computed",
    .type = MS_COLUMN_INT64,
    .rank = 3,
    .extent = {MS_EXTENT_CHAIN, MS_EXTENT_RULE, MS_EXTENT_MODE},
    .role = MS_COLUMN_EVENT};

const ms_column ms_column_observed = {.name = "observed",
                                      .units = "iterations",
                                      .long_name =
                                          "iterations through which the chain was observed; -2: not computed",
                                      .type = MS_COLUMN_INT64,
                                      .rank = 1,
                                      .extent = {MS_EXTENT_CHAIN},
                                      .role = MS_COLUMN_CLOCK};

const ms_column *ms_column_find(const char *name)
{
    static const ms_column *const own[] = {&ms_column_discovery_time, &ms_column_observed};
    const ms_kind *kind;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i]->name, name) == 0)
            return own[i];
    for (size_t i = 0; (kind = ms_observable_kind(i)); i++)
        if (strcmp(((const ms_observable_type *)kind)->column.name, name) == 0)
            return &((const ms_observable_type *)kind)->column;
    return NULL;
}
