/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/columns.h"

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

const ms_column ms_column_squared_distance = {
    .name = "squared_distance",
    .units = "1",
    .long_name = "squared distance of the chain to the component's mean; NaN: not computed",
    .type = MS_COLUMN_DOUBLE,
    .rank = 3,
    .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COMPONENT}};

const ms_column ms_column_responsibility = {
    .name = "responsibility",
    .units = "1",
    .long_name = "responsibility of the component for the chain, un-smoothed target; NaN: not computed",
    .type = MS_COLUMN_DOUBLE,
    .rank = 3,
    .extent = {MS_EXTENT_SNAPSHOT, MS_EXTENT_CHAIN, MS_EXTENT_COMPONENT}};

const ms_column *ms_column_find(const char *name)
{
    static const ms_column *const all[] = {&ms_column_discovery_time, &ms_column_observed,
                                           &ms_column_squared_distance, &ms_column_responsibility};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
