/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean first-passage time of several replicates of RESTART. */
#ifndef MS_RESTART_MEAN_H
#define MS_RESTART_MEAN_H

#include <stddef.h>

typedef struct ms_restart_mean {
    double mean;      /* sum of steps / sum of rewards; infinite where nothing was discovered */
    double error;     /* its standard error, by the delta method; NaN for one replicate */
    double low, high; /* the interval */
} ms_restart_mean;

/* With an interval that holds the truth with probability `confidence`, as far as mean rewards are normal: by
 * Student's t for the rate rewards / steps, inverted, so that it is wider upwards. Where few replicates have
 * most of the reward, both are too small. @param steps, reward [count] */
ms_restart_mean ms_restart_mean_of(const double *steps, const double *reward, size_t count,
                                   double confidence);

/* Student's t, of count - 1 degrees of freedom, of the differences between the rewards of the second half and
 * of the first: far from 0 where trajectories were not stationary, and the mean is wrong. 0 for one
 * replicate.
 * @param reward, late_reward [count] */
double ms_restart_drift_of(const double *reward, const double *late_reward, size_t count);

/* How many replicates the mean rests upon: (sum of rewards)^2 / sum of squares, `count` where all have the
 * same. Far below that, mean and interval cannot be trusted. 0 where nothing was discovered.
 * @param reward [count] */
double ms_restart_carriers_of(const double *reward, size_t count);

/* The t that Student's law of so many degrees of freedom (>= 1) exceeds in absolute value with probability
 * 1 - confidence. */
double ms_student_quantile(size_t degrees_of_freedom, double confidence);

#endif
