/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What mixtures have in common, in lanes: from the components' log-weights to responsibilities. */
#ifndef MS_MIXTURE_H
#define MS_MIXTURE_H

#include "random/width.h"

/* Turns rows of log-weights [components] into responsibilities, in their place. `log_sum`, unless NULL, is a
 * row for the logarithm of the sum of what they were exponents of. */
MS_INLINE void ms_mixture_softmax(double *log_weight, size_t components, size_t part, double *log_sum)
{
    ms_lanes largest = ms_row_load(log_weight, 0, part), sum = ms_lanes_of(0);
    for (size_t i = 1; i < components; i++)
        largest = ms_lanes_max(ms_row_load(log_weight, i, part), largest);
    for (size_t i = 0; i < components; i++) {
        ms_lanes weight = ms_lanes_exp(ms_row_load(log_weight, i, part) - largest);
        ms_row_store(log_weight, i, part, weight);
        sum += weight;
    }
    ms_lanes scale = 1.0 / sum;
    for (size_t i = 0; i < components; i++)
        ms_row_store(log_weight, i, part, ms_row_load(log_weight, i, part) * scale);
    if (log_sum)
        ms_row_store(log_sum, 0, part, largest + ms_lanes_log(sum));
}

/* The same without changing them. */
MS_INLINE ms_lanes ms_mixture_log_sum(const double *log_weight, size_t components, size_t part)
{
    ms_lanes largest = ms_row_load(log_weight, 0, part), sum = ms_lanes_of(0);
    for (size_t i = 1; i < components; i++)
        largest = ms_lanes_max(ms_row_load(log_weight, i, part), largest);
    for (size_t i = 0; i < components; i++)
        sum += ms_lanes_exp(ms_row_load(log_weight, i, part) - largest);
    return largest + ms_lanes_log(sum);
}

#endif
