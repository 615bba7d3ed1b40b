# SPDX-License-Identifier: GPL-3.0-or-later
"""`modeseek summary` against the estimators written anew with NumPy, on the times that h5py reads from the file."""

import itertools
import math
import operator
import os
import subprocess
import unittest
from fractions import Fraction

import h5py
import numpy as np
import scipy.stats

import common

Z = 1.959963984540054


def kaplan_meier(time: np.ndarray, observed: np.ndarray) -> tuple[float, float, float]:
    """Median and the ends of its 95 % interval: where the log-log Greenwood band covers 1/2."""
    found = time >= 0
    end = np.where(found, time, observed)
    events = np.unique(end[found])
    at_risk = np.array([(end >= t).sum() for t in events])
    deaths = np.array([(found & (end == t)).sum() for t in events])
    exact = list(itertools.accumulate((1 - Fraction(int(d), int(n)) for d, n in zip(deaths, at_risk)), operator.mul))
    curve = np.array(exact, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths)))) / np.abs(np.log(curve))
        low = np.where(curve > 0, curve ** np.exp(Z * error), 0)
        high = np.where(curve > 0, curve ** np.exp(-Z * error), 0)

    def first(below: np.ndarray, otherwise: float) -> float:
        return float(events[below][0]) if below.any() else otherwise

    below = np.array([share <= Fraction(1, 2) for share in exact], dtype=bool)
    return first(below, math.inf), first(low <= 0.5, float(end.max())), first(high <= 0.5, math.inf)


def poisson_below(count: int, mean: float) -> float:
    """P(Poisson(mean) < count), which is the upper tail of chi-square with 2 count degrees of freedom at 2 mean."""
    return math.fsum(math.exp(j * math.log(mean) - mean - math.lgamma(j + 1)) for j in range(count))


def poisson_mean(count: int, tail: float) -> float:
    """The mean at which fewer than `count` events have probability `tail`."""
    low, high = 1e-9, 10.0 * count + 50
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if poisson_below(count, middle) > tail else (low, middle)
    return middle


def exponential_mean(time: np.ndarray, observed: np.ndarray) -> tuple[float, float, float]:
    """Mean of an exponential law and its 95 % interval."""
    count, risk = int((time >= 0).sum()), float(np.where(time >= 0, time, observed).sum())
    low = risk / poisson_mean(count + 1, 0.025)
    return (risk / count, low, risk / poisson_mean(count, 0.975)) if count else (math.inf, low, math.inf)


def restricted_mean(time: np.ndarray, observed: np.ndarray, horizon: int) -> tuple[float, float, float]:
    """Mean of the time up to the horizon and its 95 % interval. All chains are observed up to the horizon, so it is a
    plain mean with its plain standard error, here on the logit scale."""
    end = np.where(time >= 0, time, horizon).astype(float)
    assert ((time >= 0) | (observed == horizon)).all()
    mean, n = end.mean(), len(end)
    error = end.std(ddof=1) / math.sqrt(n)
    if error == 0:
        share = 0.025 ** (1 / n)
        return mean, mean * share, mean * share + horizon * (1 - share)
    logit, spread = math.log(mean / (horizon - mean)), error * horizon / (mean * (horizon - mean))
    ends = (logit + sign * scipy.stats.t.ppf(0.975, n - 1) * spread for sign in (-1, 1))
    return mean, *(horizon / (1 + math.exp(-end)) for end in ends)


def exponentiality(time: np.ndarray, observed: np.ndarray) -> float:
    """The p-value, iteration by iteration: trials, discoveries and places on the clock of trials."""
    found = time >= 0
    if found.sum() < 5:
        return math.nan
    end = np.where(found, time, observed)
    iterations = np.arange(end.max() + 1)
    trials = np.array([(end >= t).sum() for t in iterations], dtype=float)
    discoveries = np.array([(found & (end == t)).sum() for t in iterations], dtype=float)
    rate, clock = discoveries.sum() / trials.sum(), np.cumsum(trials) / trials.sum()
    before = np.concatenate([[0], clock[:-1]])
    middle = (before + clock) / 2 - 0.5
    variance = rate * (1 - rate) * ((trials * middle ** 2).sum())
    p = 2 * scipy.stats.norm.sf(abs((discoveries * middle).sum()) / math.sqrt(variance))
    wanted = min(10, discoveries.sum() // 5)
    if wanted < 2:
        return p
    # parts may end within an iteration without a discovery; one with discoveries belongs to the part it begins in
    edges, goal = [0.0], 1
    for b, c, d in zip(before, clock, discoveries):
        while goal < wanted and (goal / wanted < c if d == 0 else goal / wanted <= c):
            at = goal / wanted if d == 0 else c
            if at > edges[-1] and at < 1:
                edges.append(at)
            goal += 1
    edges.append(1.0)
    part = np.searchsorted(edges, before, side="right") - 1
    count = np.bincount(part, weights=discoveries, minlength=len(edges) - 1)[:len(edges) - 1]
    expected = np.diff(edges) * trials.sum() * rate
    if len(count) < 2:
        return p
    statistic = ((count - expected) ** 2 / (expected * (1 - rate))).sum()
    return min(1, 2 * min(p, scipy.stats.chi2.sf(statistic, len(count) - 1)))


def time_of(times: np.ndarray, mode: str) -> np.ndarray:
    """[chain] from [chain, mode]; -1 is censored."""
    if mode == "any":
        first = np.where(times >= 0, times, np.iinfo(np.int64).max).min(axis=1)
        return np.where((times >= 0).any(axis=1), first, -1)
    if mode == "all":
        return np.where((times >= 0).all(axis=1), times.max(axis=1), -1)
    return times[:, int(mode) - 1]


class Summary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, cls.results = common.run_tiny()
        cls.addClassCleanup(cls.folder.cleanup)
        with h5py.File(cls.results, "r") as file:
            cls.time, cls.observed = file["discovery_time"][:], file["observed"][:]
            cls.points = [tuple(row) for row in zip(file["dimension"][:], file["patch_size"][:], file["seed"][:])]

    verdicts: set[str] = set()

    def check(self, rows: list[dict[str, str]], pooled: bool):
        for row in rows:
            chosen = [i for i, (d, q, seed) in enumerate(self.points)
                      if (d, q) == (int(row["dimension"]), int(row["patch_size"]))
                      and (pooled or seed == int(row["seed"]))]
            self.assertEqual(len(chosen), 2 if pooled else 1)
            rule = ("ball", "switch").index(row["rule"])
            time = np.concatenate([time_of(self.time[i][:, rule, :], row["mode"]) for i in chosen])
            observed = np.concatenate([self.observed[i] for i in chosen])
            with self.subTest(row=row):
                self.assertEqual(int(row["chains"]), len(time))
                self.assertEqual(int(row["discovered"]), int((time >= 0).sum()))
                self.assertEqual(int(row["censored"]), int((time < 0).sum()))
                self.assertEqual(int(row["iterations_at_risk"]), int(np.where(time >= 0, time, observed).sum()))
                median = tuple(float(row["median" + end]) for end in ("", "_low", "_high"))
                self.assertEqual(median, kaplan_meier(time, observed))
                for end, mine in zip(("", "_low", "_high"), exponential_mean(time, observed)):
                    theirs = float(row["mean" + end])
                    self.assertTrue(theirs == mine or abs(theirs / mine - 1) < 1e-9, (end, theirs, mine))
                for end, mine in zip(("", "_low", "_high"), restricted_mean(time, observed, 600)):
                    theirs = float(row["restricted_mean" + end])
                    self.assertTrue(theirs == mine or abs(theirs / mine - 1) < 1e-6, (end, theirs, mine))
                p = exponentiality(time, observed)
                self.assertTrue(math.isclose(float(row["exponential_p"]), p, rel_tol=1e-6) or math.isnan(p), (p, row))
                # one pass of 20 iterations a patch; with less than three of them the law cannot be told
                d, q = int(row["dimension"]), int(row["patch_size"])
                is_short = q < d and 3 * 20 * d // q > 600 and (time < 0).any()
                self.assertEqual(row["exponential"], "no" if p < 0.01 else
                                 "untested" if math.isnan(p) or is_short else "yes")
                self.verdicts.add(row["exponential"])
                if (time >= 0).all():
                    self.assertAlmostEqual(float(row["coefficient_of_variation"]), time.std(ddof=1) / time.mean())
                else:
                    self.assertTrue(math.isnan(float(row["coefficient_of_variation"])))
                if q < d:
                    self.assertEqual(float(row["pass_iterations"]), 20 * d // q)
                    self.assertAlmostEqual(float(row["median_passes"]), median[0] / (20 * d // q))
                    self.assertAlmostEqual(float(row["restricted_mean_passes"]),
                                           float(row["restricted_mean"]) / (20 * d // q))
                else:
                    self.assertTrue(math.isnan(float(row["pass_iterations"])))

    def test_pooled(self):
        rows = common.summary(self.results, "--pool", "seed")
        self.assertEqual(len(rows), 7 * 2 * 4)  # points, rules, modes
        self.check(rows, pooled=True)

    def test_each_seed(self):
        rows = common.summary(self.results)
        self.assertEqual(len(rows), 14 * 2 * 4)
        self.check(rows, pooled=False)

    def test_every_case_occurs(self):
        """Otherwise the other tests check too little."""
        share = [int(row["discovered"]) / int(row["chains"]) for row in common.summary(self.results)]
        self.assertTrue(any(s == 0 for s in share) and any(s == 1 for s in share))
        self.assertTrue(any(0 < s < 0.5 for s in share) and any(0.5 < s < 1 for s in share))
        self.check(common.summary(self.results), pooled=False)
        self.assertEqual(self.verdicts, {"yes", "no", "untested"})


class Quantiles(unittest.TestCase):
    def test_all_counts(self):
        """The ends of the exponential mean's interval against SciPy, for 0 to 5000 and up to 10^8 discoveries: among
        them counts for which GSL's own inverse ends the program."""
        counts = [*range(5001), *np.unique(np.logspace(math.log10(5000), 8, 200).astype(int)), 266230, 10**6, 10**7]
        text = subprocess.run([os.environ["EXPONENTIAL_MEANS"]], input="\n".join(map(str, counts)), check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        low, high = np.array([line.split() for line in text.splitlines()], dtype=float).T
        counts = np.array(counts)
        self.assertLess(np.abs(low / (2 / scipy.stats.chi2.isf(0.025, 2 * counts + 2)) - 1).max(), 1e-9)
        some = counts > 0
        self.assertLess(np.abs(high[some] / (2 / scipy.stats.chi2.ppf(0.025, 2 * counts[some])) - 1).max(), 1e-9)
        self.assertTrue(np.isinf(high[~some]).all())


if __name__ == "__main__":
    unittest.main()
