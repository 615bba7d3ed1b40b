# SPDX-License-Identifier: GPL-3.0-or-later
"""Known values with which the measured ones are compared; but for the bias below, none comes from modeseek's chains.

Unless stated otherwise, the target is the reference target of all sweeps: weights 0.2, 0.4, 0.4, variances 3, 1, 1,
means 0, 1, -1 in each coordinate; vanilla dynamics with step size 0.1 from the spread mode.
"""

from __future__ import annotations

import math

SWITCH_TIME_100 = 1.15328e7  # mean iterations to the first discovery by the rule switch, d = 100, by quadrature; ± 1200
BALL_TIMES = {10: 40.316393, 50: 2899.62192, 100: 403536.984}  # the same by the rule ball
STATIONARY_BIAS = 0.023  # share of the spread mode minus its weight, Q = 10: measured, see row T

# Share of chains that have left the spread mode after one pass of 1000 and of 10000 iterations, by patch size, d = 100:
# from an independent simulation of 20000 chains, ± 0.004.
LEFT = {1: (.006, .733), 4: (.333, .782), 10: (.448, .777), 20: (.332, .765), 50: (.022, .260), 100: (.0001, .0)}

# Mean iterations to the first discovery by the rule ball in 20 dimensions, and its standard error, on product mixtures:
# an independent simulation of whole vectors. Names are those of bounded-support.yaml.
PRODUCT_TIMES_20 = {"uniform_0.2": (164.526, 1.65), "uniform_1e-3": (144.737, 2.29), "uniform_1e-6": (78.6513, 1.24),
                    "two_point_0.2": (164.41, 1.64)}


def ball_exponent(spread: float, mode: float, squared_mean: float = 1, step_size: float = 0.1) -> float:
    """The limit of log(mean time) / d in high dimension, rule ball: spread and mode are variances, squared_mean the
    squared distance of the means divided by d.

    It is the least of (β/S − 1 − log(β/S))/2 + α²/(2S) on the ball's boundary, α the projection on the line of the
    means divided by √d, β the squared distance from that line divided by d, S the variance of the stationary law about
    the spread mode. Holds where the spread mode outweighs the others outside the ball.
    """
    stationary = spread / (1 - step_size / (4 * spread))
    distance, radius_squared = math.sqrt(squared_mean), (spread + mode) / 2
    best, steps = math.inf, 2000
    for step in range(steps):
        along = distance * step / steps
        around = min(radius_squared - (along - distance) ** 2, stationary)
        if around > 0:
            ratio = around / stationary
            best = min(best, (ratio - 1 - math.log(ratio)) / 2 + along**2 / (2 * stationary))
    return best
