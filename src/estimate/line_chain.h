/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin dynamics at one step size and one noise level on a mixture of isotropic Gaussians whose means are
 * on a line, reduced to the place (u, R): u along the line from mean_0, R >= 0 the distance from the line, in
 * n = dimension - 1 directions. With z standard normal,
 *     u' = a u + (delta/2) sum_i gamma_i b_i / v_i + sqrt(delta) z,   R' = |a R e + sqrt(delta) z_n|,
 * a = 1 - (delta/2) sum_i gamma_i / v_i. */
#ifndef MS_LINE_CHAIN_H
#define MS_LINE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#define MS_LINE_COMPONENTS_MAX 64

typedef struct ms_line_chain {
    size_t components;
    const double *weight, *variance,
        *position; /* [components]; variances smoothed, positions b_i from mean_0 */
    size_t dimension;
    double step_size;
    double start_position, start_variance; /* x_0 is normal about a point of the line */
} ms_line_chain;

/* The means of what comes next: of u', and of the vector whose length is R'. */
typedef struct ms_line_step {
    double u, R;
} ms_line_step;

ms_line_step ms_line_chain_step(const ms_line_chain *chain, double u, double R);

/* Whether u and -u have the same law. */
bool ms_line_chain_is_symmetric(const ms_line_chain *chain);

/* l_i of the components at (u, R), but for a constant. */
void ms_line_chain_log_weights(const ms_line_chain *chain, double u, double R, double *log_weight);

/* The potential of a normal law of (u, R) is minus the logarithm of its density, but for a constant that is
 * the same for all. */
typedef struct ms_line_well {
    double position, variance, offset;
} ms_line_well;

double ms_line_well_potential(const ms_line_well *well, size_t directions, double u, double R);

/* The wells among which the chain moves: that of its start, with its bottom at 0, then about each component
 * the law in which the chain without the others would stay. Returns how many there are, components + 1. */
size_t ms_line_chain_wells(const ms_line_chain *chain, ms_line_well *well);

#endif
