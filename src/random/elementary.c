/* SPDX-License-Identifier: GPL-3.0-or-later */
#define MS_WIDTH 1
#include "random/elementary.h"

#include "random/lanes.h"

double ms_log(double x)
{
    return ms_lanes_log(ms_lanes_of(x))[0];
}

double ms_exp(double x)
{
    return ms_lanes_exp(ms_lanes_of(x))[0];
}
