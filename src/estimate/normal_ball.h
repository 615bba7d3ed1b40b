/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balls under isotropic normal laws: their probabilities, however small, and exact draws from within.
 *
 * For x of law N(0, S I) in d dimensions and a centre at distance b, |x - centre|^2 / (2 S) is a mixture of
 * Gamma(d/2 + J), J of Poisson's law with mean b^2 / (2 S) (Johnson, Kotz and Balakrishnan, chapter 29). With
 * y = radius^2 / (2 S) the probability is
 *     sum_j Poisson(j) P(d/2 + j, y),   P(a, y) = sum over k >= 0 of y^(a+k) e^-y / Gamma(a + k + 1),
 * of positive terms alone: as exact at e^-500 as at 1/2. IEEE operations in a fixed order, ms_exp() and
 * ms_log(): the same bits everywhere. */
#ifndef MS_NORMAL_BALL_H
#define MS_NORMAL_BALL_H

#include <modeseek/status.h>
#include <stddef.h>

typedef struct ms_normal_ball {
    double half_dimension;
    double bound;       /* y */
    double log_mass;    /* logarithm of the probability */
    double *cumulative; /* [count] P(J <= j) within the ball */
    size_t count;
} ms_normal_ball;

/* log_mass to 1e-11 for d up to 10^4, to 1e-8 for 10^7. It is to be freed in any case. MS_ERROR_ARGUMENT
 * where the radius is not positive, or centre or radius are more than 4000 standard deviations,
 * MS_ERROR_MEMORY. */
ms_status ms_normal_ball_set(ms_normal_ball *ball, size_t dimension, double variance, double distance,
                             double radius_square, ms_error *error);
void ms_normal_ball_free(ms_normal_ball *ball);

/* J of a point within the ball, by a uniform number. Given J, |x - centre|^2 / (2 S) has the law of
 * Gamma(d/2 + J), at most `bound`, and, with t the cosine of the angle at the centre between x and the
 * direction away from the origin, t^2 that of X / (X + Y), X and Y chi-square variates with 2 J + 1 and d - 1
 * degrees of freedom. */
size_t ms_normal_ball_order(const ms_normal_ball *ball, double uniform);

#endif
