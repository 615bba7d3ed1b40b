# SPDX-License-Identifier: GPL-3.0-or-later
"""The fitted slope, on counts that were simulated with a known one (fixed seeds)."""

import math
import sys
import unittest
from unittest import mock

import numpy as np

import common  # noqa: F401  (finds the package)
from modeseek.errors import Failure
from modeseek.fits import fit_line
from modeseek.lines import group_lines
from modeseek.points import Interval, Point

SLOPE, INTERCEPT, BUDGET = 0.1, 2.5, 20000
UNKNOWN = Interval(math.inf, 0, math.inf)


def point(dimension: int, chains: int, discovered: int, at_risk: float, patch_size: int = 0,
          verdict: str = "yes") -> Point:
    return Point(dimension, patch_size or dimension, 0.0, chains, discovered, at_risk, UNKNOWN, UNKNOWN, verdict=verdict)


def simulate(random: np.random.Generator, dimensions: range, mean_of, chains: int = 100) -> list[Point]:
    """Exponential times, censored at the budget."""
    points = []
    for d in dimensions:
        time = random.exponential(mean_of(d), chains)
        points.append(point(d, chains, int((time < BUDGET).sum()), float(np.minimum(time, BUDGET).sum())))
    return points


def planted(d: float) -> float:
    return math.exp(INTERCEPT + SLOPE * d)


class Fits(unittest.TestCase):
    def test_planted_slope(self):
        """One simulation with many chains: within 4.5 standard errors (false alarm 7e-6), which are small."""
        points = simulate(np.random.default_rng(1), range(10, 171, 10), planted, chains=1000)
        self.assertEqual(points[-1].discovered, 0)  # 0.07 expected: points without a discovery take part
        fit = fit_line(points, float)
        self.assertLess(abs(fit.slope - SLOPE), 4.5 * fit.half_width / 1.96)
        self.assertLess(fit.half_width, 0.002)
        self.assertLess(abs(fit.intercept - INTERCEPT), 0.2)
        self.assertEqual(fit.points, len(points))

    def test_coverage(self):
        """The interval covers the slope in 95 % of the cases, a little more as the dispersion only widens it: 96.6 %
        of 20000. Of 1000, between 94.3 and 98.9 % (4 standard errors, false alarm 6e-5)."""
        random = np.random.default_rng(2)
        fits = [fit_line(simulate(random, range(10, 151, 20), planted), float) for _ in range(1000)]
        covered = sum(abs(fit.slope - SLOPE) <= fit.half_width for fit in fits)
        self.assertGreaterEqual(covered, 943)
        self.assertLessEqual(covered, 989)
        bias = np.mean([fit.slope for fit in fits]) - SLOPE
        self.assertLess(abs(bias), 0.001)

    def test_coverage_of_scattered_means(self):
        """Means that scatter about the law by 30 %, of four dimensions: 94.2 % of 3000. Of 1000, between 91.3 and
        97.2 % (4 standard errors, false alarm 6e-5)."""
        random = np.random.default_rng(6)
        covered = 0
        for _ in range(1000):
            factor = dict(zip(range(10, 50, 10), np.exp(0.3 * random.standard_normal(4))))
            fit = fit_line(simulate(random, range(10, 50, 10), lambda d: planted(d) * factor[d], chains=200), float)
            covered += abs(fit.slope - SLOPE) <= fit.half_width
        self.assertGreaterEqual(covered, 913)
        self.assertLessEqual(covered, 972)

    def test_maximum_of_the_likelihood(self):
        """No other straight line is more likely."""
        points = simulate(np.random.default_rng(3), range(10, 111, 10), planted)

        def log_likelihood(intercept: float, slope: float) -> float:
            return sum(-p.discovered * (intercept + slope * p.dimension)
                       - p.at_risk / math.exp(intercept + slope * p.dimension) for p in points)

        fit = fit_line(points, float)
        best = log_likelihood(fit.intercept, fit.slope)
        for a in (-1e-3, 0, 1e-3):
            for b in (-1e-5, 0, 1e-5):
                if a or b:
                    self.assertLess(log_likelihood(fit.intercept + a, fit.slope + b), best)

    def test_known_fits(self):
        """Intercept, slope, half its interval and dispersion as a Newton iteration written out by hand gave them:
        through many points, through two, and with points without discoveries."""
        curve = [(10, 100, 97, 3210), (20, 100, 90, 9080), (40, 100, 61, 6.05e4), (60, 100, 8, 1.43e5),
                 (80, 100, 0, 1.6e5)]
        two, wild = [(10, 50, 50, 2000), (30, 50, 20, 4.1e4)], [(10, 100, 97, 9210), (20, 100, 90, 5080),
                                                               (40, 100, 61, 9.05e4), (60, 100, 30, 6.43e4)]
        known = [
            (curve, float, 2.247141740082351, 0.119703672014042, 0.015408336692269837, 1.2397196518606888),
            (curve, math.log, -3.698361177934511, 2.9959537122752575, 1.4750421200218269, 29.634552723356027),
            (two, float, 1.720521645104677, 0.19683578090092588, 0.025927886613197015, 1.0),
            (two, math.log, -4.5620956996372355, 3.583352979594968, 0.4720115891772958, 1.0),
            ([*two, (50, 50, 0, 1e5)], float, 1.6555199354016326, 0.20176033386059866, 0.024596737232686464,
             0.9434405918316311),
            (wild, float, 3.470138611080303, 0.08191658145747825, 0.1428039544142066, 78.28840293561329),
        ]
        for rows, x_of, *numbers in known:
            fit = fit_line([point(*row) for row in rows], x_of)
            self.assertEqual(fit.points, len(rows))
            for one, other in zip((fit.intercept, fit.slope, fit.half_width, fit.dispersion), numbers):
                self.assertLess(abs(one / other - 1), 1e-8)

    def test_power(self):
        points = simulate(np.random.default_rng(4), range(10, 101, 10), lambda d: 20 * d ** 1.2, chains=1000)
        fit = fit_line(points, math.log)
        self.assertLess(abs(fit.slope - 1.2), 4.5 * fit.half_width / 1.96)
        self.assertLess(fit.half_width, 0.1)

    def test_dispersion_widens(self):
        """Counts that do not follow the law: a wider interval than that of the counts alone."""
        wild = [point(d, 100, 100, 100 * planted(d) * (3 if d % 20 else 1 / 3)) for d in range(10, 101, 10)]
        tame = [point(d, 100, 100, 100 * planted(d)) for d in range(10, 101, 10)]
        self.assertGreater(fit_line(wild, float).half_width, 3 * fit_line(tame, float).half_width)
        self.assertAlmostEqual(fit_line(tame, float).slope, SLOPE, places=9)

    def test_without_statsmodels(self):
        with mock.patch.dict(sys.modules, {"statsmodels.api": None}), self.assertRaisesRegex(Failure, "python3-stats"):
            fit_line([point(10, 5, 5, 100), point(20, 5, 5, 1000)], float)

    def test_nothing_to_fit(self):
        self.assertIsNone(fit_line([], float))
        self.assertIsNone(fit_line([point(10, 5, 5, 100), point(20, 5, 0, 1000)], float))

    def test_points_left_out(self):
        """Times that are not exponential have no part in the fit, nor have untested ones of chained dynamics."""
        good = [point(d, 100, 100, 100 * planted(d)) for d in (10, 20, 30)]
        for bad in (point(40, 100, 60, 1e9, verdict="no"), point(40, 100, 1, 1e9, 10, verdict="untested")):
            self.assertEqual(fit_line(good + [bad], float), fit_line(good, float))
        self.assertNotEqual(fit_line(good + [point(40, 100, 1, 1e9, verdict="untested")], float), fit_line(good, float))

    def test_plain_means(self):
        """Means that assume no law count by their intervals: here each has a relative error of 0.02, as 2500
        discoveries have."""
        points = [point(d, 100, 100, 1.0, verdict="no") for d in (10, 20, 30, 40)]
        for p in points:
            mean, factor = planted(p.dimension), math.exp(1.959964 * 0.02)
            p.basis, p.mean = "plain", Interval(mean, mean / factor, mean * factor)
        same = [point(d, 2500, 2500, 2500 * planted(d)) for d in (10, 20, 30, 40)]
        self.assertAlmostEqual(fit_line(points, float).slope, SLOPE, places=9)
        self.assertAlmostEqual(fit_line(points, float).half_width, fit_line(same, float).half_width, places=9)


class Lines(unittest.TestCase):
    def test_vanilla_and_chained(self):
        """Q = d is vanilla, and belongs to the chained line too where larger dimensions have that patch size."""
        lines = group_lines([point(20, 1, 1, 1, 10), point(10, 1, 1, 1), point(20, 1, 1, 1), point(5, 1, 1, 1)])
        self.assertEqual([(line.patch_size, [p.dimension for p in line.points]) for line in lines],
                         [(None, [5, 10, 20]), (10, [10, 20])])


if __name__ == "__main__":
    unittest.main()
