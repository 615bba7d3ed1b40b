#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/data/marginals.csv: log-densities and scores of marginal laws in 60 digits, rounded to 21.

    python3 tests/unit/marginals.py > tests/data/marginals.csv

needs mpmath (python3-mpmath). test_marginals.c compares the laws with the table."""
import random

from mpmath import erfc, exp, log, log1p, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def tail(z):
    return erfc(z / sqrt(2)) / 2


def uniform(a, s, t):
    p, q = (t - a) / s, (t + a) / s
    share = tail(p) - tail(q) if p > 0 else 1 - tail(-p) - tail(q)
    return log(share / (2 * a)), (exp(-q * q / 2) - exp(-p * p / 2)) / (s * sqrt(2 * pi) * share)


def two_point(a, s, t):
    p, w = (t - a) / s, 2 * a * t / s**2
    return (-p * p / 2 - log(s * sqrt(2 * pi)) + log1p(exp(-w)) - log(2),
            (-p - 2 * a / s / (1 + exp(w))) / s)


def gaussian(variance, _, t):
    return -t * t / (2 * variance) - log(2 * pi * variance) / 2, -t / variance


def arguments(a, s, rng):
    """Around 0, inside, at the edge, in the tail and far away."""
    yield 0.0
    for _ in range(5):
        yield s * 10 ** rng.uniform(-8, 0)
        yield a * rng.random()
        yield abs(a + s * rng.uniform(-9, 9))
        yield abs(a + s * rng.uniform(-1.5, 1.5))
        yield a + s * rng.uniform(0, 40)
    yield from (a, a + 29.99 * s, a + 30.01 * s, a + s * 10 ** rng.uniform(2, 8), 1e8 * s)
    yield from (s * s / a * w for w in (1e-3, 1, 15.1, 20.9, 21.1) if s * s / a * w < 1e8 * s)


def main():
    rng = random.Random(1)
    print("# Made by tests/unit/marginals.py: log f(t) and its derivative. size: half width, half distance, or variance.")
    print("law,size,smoothing,t,log_density,score")
    ratios = (1e-3, 0.1, 0.35, 0.5, 0.6, 0.6499, 0.6501, 0.9, 1.5, 2.5, 3.97, 6, 8.19, 8.21, 20, 1e3)
    for law in (uniform, two_point):
        for ratio in ratios:
            s = rng.choice((0.01, 0.4, 1.0, 30.0))
            a = ratio * s
            for t in arguments(a, s, rng):
                value, score = law(mpf(a), mpf(s), mpf(t))
                print(f"{law.__name__},{a!r},{s!r},{t!r},{nstr(value, 21)},{nstr(score, 21)}")
    for variance in (1e-6, 1.0, 3.0, 1e4):
        for t in (0.0, 0.1, 1.7, 1e8 * variance**0.5):
            value, score = gaussian(mpf(variance), 0, mpf(t))
            print(f"gaussian,{variance!r},0,{t!r},{nstr(value, 21)},{nstr(score, 21)}")


if __name__ == "__main__":
    main()
