/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean first-passage time of several replicates. */
#ifndef MS_REPLICATE_MEAN_H
#define MS_REPLICATE_MEAN_H

#include <stddef.h>

typedef struct ms_replicate_mean {
    double mean;      /* sum of iterations at risk / sum of discoveries; infinite where there were none */
    double error;     /* its standard error, by the delta method; NaN for one replicate */
    double low, high; /* the interval */
} ms_replicate_mean;

/* With an interval that holds the truth with probability `confidence`, as far as mean discoveries are normal:
 * by Student's t for the rate discoveries / iterations, inverted, so that it is wider upwards. Where few
 * replicates have most of the discoveries, both are too small. @param iterations, discoveries [count] */
ms_replicate_mean ms_replicate_mean_of(const double *iterations, const double *discoveries, size_t count,
                                       double confidence);

/* Student's t, of count - 1 degrees of freedom, of the differences between the discoveries of the second half
 * and of the first: far from 0 where trajectories were not stationary, and the mean is wrong. 0 for one
 * replicate, NaN where halves are not told.
 * @param discoveries, late_discoveries [count] */
double ms_replicate_drift_of(const double *discoveries, const double *late_discoveries, size_t count);

/* The square of the sum of discoveries / the sum of their squares: how many equal replicates would tell as
 * much. @param discoveries [count] */
double ms_replicate_effective(const double *discoveries, size_t count);

/* What speaks against the mean of such replicates: a sentence, or NULL.
 * @param discoveries, late_discoveries [count] */
const char *ms_replicate_objection(const double *discoveries, const double *late_discoveries, size_t count);

/* The t that Student's law of so many degrees of freedom (>= 1) exceeds in absolute value with probability
 * 1 - confidence. */
double ms_student_quantile(size_t degrees_of_freedom, double confidence);

#endif
