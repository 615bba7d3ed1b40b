# SPDX-License-Identifier: GPL-3.0-or-later
"""The densities in test_radial.c, in 40 digits: python3 tests/unit/radial.py (needs mpmath)."""
import mpmath as mp

mp.mp.dps = 40
CASES = [(0.5, 0, 1, 0.1), (1.9, 1.5, 1, 0.1), (0.001, 0.4, 2, 0.1), (2.2, 3.1, 2, 1.0), (0.7, 0.2, 3, 0.1),
         (3.0, 2.5, 4, 0.1), (0.25, 1.0, 9, 0.01), (4.0, 5.5, 9, 1.0), (6.5, 5.0, 10, 0.5),
         (12.0, 11.5, 49, 0.1), (7.0, 3.0, 50, 1.0), (2.0, 0, 51, 0.1), (17.0, 17.3, 99, 0.1),
         (14.0, 16.5, 99, 0.1), (0.001, 0.1, 99, 0.01), (40.0, 39.0, 499, 0.1), (57.0, 54.0, 999, 0.1),
         (37.0, 39.5, 999, 0.1), (78.0, 77.0, 1999, 0.1)]


def density(to, start, directions, variance):
    to, start, variance, n = map(mp.mpf, (to, start, variance, directions))
    if start == 0:
        return 2 * to**(n - 1) * mp.exp(-to**2 / (2 * variance)) / ((2 * variance)**(n / 2) * mp.gamma(n / 2))
    order = n / 2 - 1
    return (to / variance * (to / start)**order * mp.exp(-(to**2 + start**2) / (2 * variance))
            * mp.besseli(order, to * start / variance))


for case in CASES:
    print("{%r, %r, %d, %r, %s}," % (*case, mp.nstr(density(*case), 17)))
