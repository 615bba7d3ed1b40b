/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_RULE_BALL_H
#define MS_RULE_BALL_H

typedef struct ms_ball_params {
    double radius_squared; /* 0: half the sum of the largest variances of a spread mode and of a mode */
} ms_ball_params;

/* r^2, given the largest variance of a spread mode and of a mode. */
double ms_ball_radius_squared(const ms_ball_params *params, double of_spread, double of_modes);

#endif
