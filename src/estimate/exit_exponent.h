/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast mean first-passage times grow with the dimension. */
#ifndef MS_EXIT_EXPONENT_H
#define MS_EXIT_EXPONENT_H

#include "estimate/line_region.h"

/* I, such that the mean time until a chain started in component 0 comes to the region is about e^(I d): the
 * least of V(alpha, beta) = (beta/S - 1 - log(beta/S)) / 2 + alpha^2 / (2 S),   S = variance / (1 - step_size
 * / (4 variance)), in the region, alpha = u / sqrt(d), beta = R^2 / d. It holds as long as component 0 has
 * all the responsibility outside of the region, as it has about where it is least.
 * @param region of one dimension, that is: in (alpha, sqrt(beta)), made of clauses with dimension 1,
 * positions of the means divided by sqrt(d), and equal weights, which do not matter in many dimensions
 * @param variance of component 0, smoothed
 * 0 where chains are in the region from the start, infinite where it is empty. To 1e-9. */
double ms_exit_exponent(const ms_line_region *region, double variance, double step_size);

#endif
