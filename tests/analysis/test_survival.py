# SPDX-License-Identifier: GPL-3.0-or-later
"""`modeseek summary` against the estimators written anew with NumPy, on the times that h5py reads from the file."""

import math
import unittest

import h5py
import numpy as np

import common

Z = 1.959963984540054


def kaplan_meier(time: np.ndarray, observed: np.ndarray) -> tuple[float, float, float]:
    """Median and the ends of its 95 % interval: where the log-log Greenwood band covers 1/2."""
    found = time >= 0
    end = np.where(found, time, observed)
    events = np.unique(end[found])
    at_risk = np.array([(end >= t).sum() for t in events])
    deaths = np.array([(found & (end == t)).sum() for t in events])
    curve = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths)))) / np.abs(np.log(curve))
        low = np.where(curve > 0, curve ** np.exp(Z * error), 0)
        high = np.where(curve > 0, curve ** np.exp(-Z * error), 0)

    def first(below: np.ndarray, otherwise: float) -> float:
        return float(events[below][0]) if below.any() else otherwise

    return first(curve <= 0.5, math.inf), first(low <= 0.5, float(end.max())), first(high <= 0.5, math.inf)


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


if __name__ == "__main__":
    unittest.main()
