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

static double largest_of(size_t count, const double *value)
{
    double largest = value[0];
    for (size_t i = 1; i < count; i++)
        largest = value[i] > largest ? value[i] : largest;
    return largest;
}

double ms_log_sum(size_t count, const double *value)
{
    double largest = largest_of(count, value), sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ms_exp(value[i] - largest);
    return largest + ms_log(sum);
}

void ms_softmax(size_t count, double *value)
{
    double largest = largest_of(count, value), sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[i] = ms_exp(value[i] - largest);
    for (size_t i = 0; i < count; i++)
        value[i] /= sum;
}
