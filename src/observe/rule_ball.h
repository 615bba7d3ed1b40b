/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_RULE_BALL_H
#define MS_RULE_BALL_H

typedef struct ms_ball_params {
    double radius_squared; /* 0: half the sum of the largest variances of a spread mode and of a mode */
} ms_ball_params;

#endif
