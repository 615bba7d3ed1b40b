# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of scripts/reproduce: that each can be run and drawn, and that verdicts follow numbers, made up here."""

import math
import os
import subprocess
import sys
import tempfile
import types
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import common
import numpy as np
import pandas
import xarray

sys.path.insert(0, str(common.PACKAGE.parent / "experiments"))
from modeseek.points import Interval, Point  # noqa: E402
from reproduce import exact, exact_claims, gallery, growth_claims, share_claims  # noqa: E402
from reproduce.claims import BEFORE_A_RUN, CLAIMS  # noqa: E402
from reproduce.evidence import Growth  # noqa: E402
from reproduce.rows import ROWS  # noqa: E402
from reproduce.verdict import CONFIRMED, FAILED, QUALIFIED, UNDECIDED, Verdict, number_text  # noqa: E402


def point(dimension: int, patch_size: int, mean: float, chains: int = 400) -> Point:
    """All chains have discovered, with the interval that so many exponential times would give."""
    factor = math.exp(1.96 / math.sqrt(chains))
    interval = Interval(mean, mean / factor, mean * factor)
    return Point(dimension, patch_size, 0, chains, chains, mean * chains, interval, interval)


def line(dimensions, patch_size, mean_of) -> Growth:
    return Growth([point(d, patch_size or d, mean_of(d)) for d in dimensions])


def exponential(slope: float, intercept: float = math.log(2899.62192) - 50 * .102913):
    return lambda d: math.exp(intercept + slope * d)


class Made:
    """In place of Evidence: lines and tables that are made up. `mean_of(d, selection)` gives the mean times."""

    def __init__(self, axes=None, mean_of=None, shares=None, chains=None, races=None, tables=None):
        self.axes, self.mean_of, self.shares, self.table = axes or {}, mean_of, shares, chains
        self.races, self.of_kind = races, tables

    def values(self, axis):
        return self.axes[axis]

    def growth(self, rule=None, mode="any", **selection):
        size = selection.get("patch_size", "full")
        return line(self.axes["dimension"], None if size == "full" else size,
                    lambda d: self.mean_of(d, selection | {"rule": rule}))

    def pass_ends(self):
        return self.shares

    def chains(self, rule, mode="any"):
        return self.table[rule]

    def advice(self):
        return self.races

    def tables(self, kind):
        return self.of_kind


def write_images(folder: Path, count: int) -> None:
    """Something in the place of the data sets, which are not always there."""
    folder.mkdir()
    for name, rank, number in (("train-images-idx3-ubyte", 3, count), ("train-labels-idx1-ubyte", 1, count),
                               ("t10k-images-idx3-ubyte", 3, 10), ("t10k-labels-idx1-ubyte", 1, 10)):
        extents = (number, 28, 28)[:rank]
        head = bytes([0, 0, 8, rank]) + b"".join(one.to_bytes(4, "big") for one in extents)
        pixels = bytes(range(10)) * (math.prod(extents) // 10)
        (folder / name).write_bytes(head + pixels)


def ends(rows, chains=8192) -> pandas.DataFrame:
    """(start, T, Q, noise level, shares of the modes 0, 1, 2) as the table of the ends of passes."""
    names = ["start.component", "length", "patch_size", "noise_level", "share_0", "share_1", "share_2"]
    frame = pandas.DataFrame([[start, T, Q, noise, *shares] for start, T, Q, noise, shares in rows], columns=names)
    return frame.assign(dimension=100, chains=chains, **{"sampler.iterations_per_pass": frame.length})


MIXED = (.223, .3885, .3885)


def left(share: float):
    return 1 - share, share / 2, share / 2


class Rows(unittest.TestCase):
    def test_well_formed(self):
        self.assertEqual([row.id for row in ROWS], list(CLAIMS))
        for row in ROWS:
            with self.subTest(row.id):
                self.assertTrue(row.claim(BEFORE_A_RUN) and row.paper and callable(row.verdict))
                files = [f"{p.kind}{p.suffix}" for p in row.pictures]
                self.assertEqual(len(set(files)), len(files))
                for picture in row.pictures:
                    self.assertLess(max(picture.sweep, *picture.beside, 0), len(row.sweeps))
        self.assertEqual(gallery.missing_kinds(), set())

    def test_sweeps_are_valid(self):
        """In full and quick: the program takes them, and the quick ones are not the same."""
        jobs = {(sweep.path, (*sweep.words, *quick)) for row in ROWS for sweep in row.sweeps for quick in ((), sweep.quick)}
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
            environment = os.environ | {"MODESEEK_DATA": folder}
            for name in ("mnist", "fashion_mnist"):
                write_images(Path(folder) / name, 1000)

            def check(job):
                path, quick = job
                words = [word for value in quick for word in ("--set", value)]
                command = [os.environ["MODESEEK"], "run", "--dry-run", path, "-o", f"{folder}/none.h5", *words]
                return job, subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            for (path, quick), result in pool.map(check, jobs):
                self.assertEqual(result.returncode, 0, f"{path} {quick}: {result.stderr}")
        self.assertTrue(all(sweep.quick for row in ROWS for sweep in row.sweeps))

    def test_every_sweep_is_of_a_row(self):
        kept = {"hardness", "first-passage", "first-passage-50", "first-passage-100", "first-passage-100-wide",
                "images-learned-annealing", "images-learned-annealing-exact", "images-learned-chained",
                "images-learned-chained-exact"}
        files = {path.stem for path in (common.PACKAGE.parent / "experiments").glob("*.yaml")}
        self.assertEqual(files, {sweep.stem for row in ROWS for sweep in row.sweeps} | kept)


class Shares(unittest.TestCase):
    def test_patch_sizes(self):
        rows = [(0, T, Q, 0, left(share)) for Q, pair in exact.LEFT.items() for T, share in zip((1000, 10000), pair)]
        for start, T in ((1, 1000), (1, 10000), (2, 1000), (2, 10000)):
            stay = {1: .43, 4: .42, 10: .43, 20: .5, 50: .9, 100: 1.} if T == 10000 else \
                {1: .99, 4: .8, 10: .8, 20: .87, 50: .99, 100: 1.}
            rows += [(start, T, Q, 0, [1 - s if i == 0 else s * (i == start) for i in range(3)])
                     for Q, s in stay.items()]
        self.assertEqual(share_claims.patch_sizes(Made(shares=ends(rows))).outcome, QUALIFIED)  # T = 1000, Q = 1
        moved = [(s, T, Q, n, left(.50) if (s, T, Q) == (0, 1000, 10) else shares) for s, T, Q, n, shares in rows]
        verdict = share_claims.patch_sizes(Made(shares=ends(moved)))
        self.assertEqual(verdict.outcome, FAILED)
        self.assertIn("0.500 ± 0.006", verdict.failures[0])
        late = [(*row[:4], left(.45)) if row[:3] == (0, 1000, 20) else row for row in rows]
        self.assertIn("0.448, 0.450 and 0.022", share_claims.patch_sizes(Made(shares=ends(late))).failures[-1])
        same = [(*row[:4], (.2, .8, 0)) if row[:3] == (1, 1000, 20) else row for row in rows]
        self.assertIn("from mode 1, T = 1000", share_claims.patch_sizes(Made(shares=ends(same))).failures[0])
        alike = [(*row[:4], (.6, .4, 0)) if row[:3] == (1, 10000, 20) else row for row in rows]
        self.assertIn("from mode 1, T = 10000", share_claims.patch_sizes(Made(shares=ends(alike))).failures[0])
        slow = [(*row[:4], left(.60)) if row[:3] == (0, 10000, 20) else row for row in rows]
        self.assertIn("between Q = 1, 4, 10 and 20", share_claims.patch_sizes(Made(shares=ends(slow))).failures[-1])
        few = share_claims.patch_sizes(Made(shares=ends(moved, chains=200)))  # too few to tell
        self.assertEqual(few.failures, [])

    def mode_seeking(self, crossed: float = .083, out: float = .06, late=MIXED, early=(.55, .23, .22), touched=.916,
                     longest=10**6):
        rows = [(0, T, 100, 0, (1, 0, 0)) for T in (1000, 10000, 100000)] + [(0, 10**6, 100, 0, left(out))]
        rows += [(0, 1000, 10, 0, early)] + [(0, T, 10, 0, late) for T in (10**5, 10**6)]
        count = 2000
        chains = {rule: pandas.DataFrame({"patch_size": 100, "dimension": 100, "sampler.iterations_per_pass": longest,
                                          "time": longest // 2, "discovered": np.arange(count) < share * count})
                  for rule, share in (("switch", crossed), ("ball", touched))}
        rows = [row for row in rows if row[1] <= longest]
        return share_claims.mode_seeking(Made(shares=ends(rows, count), chains=chains))

    def test_mode_seeking(self):
        self.assertEqual(self.mode_seeking().outcome, CONFIRMED)
        self.assertEqual(self.mode_seeking(touched=.8).outcome, QUALIFIED)
        self.assertIn("1000000 iterations", ROWS[0].claim(self.mode_seeking().words))
        short = self.mode_seeking(longest=10**5, touched=.2195)
        self.assertIn("after 100000 iterations", ROWS[0].claim(short.words))
        self.assertEqual(short.outcome, CONFIRMED)
        self.assertTrue(any("the rule ball is a weaker criterion: 0.220" in number for number in short.numbers))
        self.assertEqual(self.mode_seeking(crossed=.12).outcome, FAILED)
        self.assertEqual(self.mode_seeking(out=.1).outcome, FAILED)  # more have left than have crossed
        self.assertEqual(self.mode_seeking(late=(.3, .35, .35)).outcome, FAILED)
        self.assertEqual(self.mode_seeking(early=(.98, .01, .01)).outcome, FAILED)

    def test_other_starts(self):
        def made(stayed, mixed):
            rows = [(s, 10**5, Q, 0, [stayed if i == s else (1 - stayed) / 2 for i in range(3)] if Q == 100 else mixed)
                    for s in (1, 2) for Q in (10, 100)]
            return share_claims.other_starts(Made(shares=ends(rows))).outcome
        self.assertEqual((made(.99, MIXED), made(.5, MIXED), made(.99, (.2, .6, .2))), (CONFIRMED, FAILED, FAILED))

    def test_annealing(self):
        def made(annealed, chained):
            rows = [(0, 1000, Q, noise, left(chained if Q == 10 else annealed if noise else 0))
                    for Q in (10, 100) for noise in (0, 1)]
            return share_claims.annealing(Made(shares=ends(rows))).outcome
        self.assertEqual([made(.04, .5), made(.4, .5), made(.04, .2), made(0, .5)], [CONFIRMED] + 3 * [FAILED])

    def step_size(self, share_of, slope_of=lambda size: .102) -> Verdict:
        rows = [(f"step_{size:g}", T, 16384, share_of(size))
                for size in (.2, .1, .05, .02) for T in (10**4, 2 * 10**4, 4 * 10**4, 10**5)]
        frame = pandas.DataFrame(rows, columns=["sampler", "iteration", "chains", "share_0"])
        hard = Made({"dimension": [20, 40, 60, 80], "sampler.step_size": [.2, .1, .05, .02]},
                    lambda d, s: exponential(slope_of(s["sampler__step_size"]), 3)(d) / s["sampler__step_size"])
        return growth_claims.step_size(Made(shares=frame), hard)

    def test_step_size(self):
        self.assertEqual(self.step_size(lambda size: .2 + .23 * size).outcome, CONFIRMED)
        self.assertEqual(self.step_size(lambda size: .2).outcome, QUALIFIED)  # no bias to be seen
        self.assertEqual(self.step_size(lambda size: .25).outcome, FAILED)
        uneven = self.step_size(lambda size: .2 + .23 * size, lambda size: .09 if size > .1 else .115)
        self.assertIn("the rates differ by a factor of up to 1.278", uneven.failures[0])

    def stationarity(self, share: float, p: float, misfit: float = 1.0, half: float = .01) -> str:
        fits = pandas.DataFrame({"quantity": ["share_0"], "value": [share], "low": [share - half],
                                 "high": [share + half], "misfit": [misfit], "exact": [.2]})
        tests = pandas.DataFrame({"step_size": [.1, .02], "modes_p": [0, .5], "energy_p": [.5, p],
                                  "ks_p_holm": [.5, .5]})
        return share_claims.stationarity(Made(tables={"-fits": fits, "-tests": tests})).outcome

    def test_stationarity(self):
        """What larger step sizes are off by does not matter."""
        self.assertEqual((self.stationarity(.205, .5), self.stationarity(.205, .5, 9)), (CONFIRMED, QUALIFIED))
        self.assertEqual((self.stationarity(.23, .5), self.stationarity(.205, .001)), (FAILED, FAILED))
        self.assertEqual(self.stationarity(.205, .5, half=.02), UNDECIDED)  # too wide to exclude the bias


class Growing(unittest.TestCase):
    AXES = {"dimension": list(range(10, 121, 10)), "patch_size": [2, 5, 10]}

    def hardness(self, vanilla, chained, theorems=exponential(.095), switch=None) -> str:
        switch = switch or exponential(.136, math.log(exact.SWITCH_TIME_100) - 13.6)
        def made(vanilla):
            of_rule = {"switch": switch}
            return Made(self.AXES | {"noise_level": [0, 1]},
                        lambda d, s: of_rule.get(s["rule"], vanilla)(d) if s["patch_size"] == "full" else chained(d))
        return growth_claims.hardness(made(vanilla), made(theorems)).outcome

    def test_hardness(self):
        linear = lambda d: 20 * d  # noqa: E731
        self.assertEqual(self.hardness(exponential(.0987, math.log(403537) - 9.87), linear), CONFIRMED)
        self.assertEqual(self.hardness(exponential(.0987, 5), linear), QUALIFIED)  # the slope, but not the exact times
        self.assertEqual(self.hardness(exponential(.05), linear), FAILED)
        confirmed = exponential(.0987, math.log(403537) - 9.87)
        self.assertEqual(self.hardness(confirmed, linear, switch=exponential(.136, 5)), QUALIFIED)
        self.assertEqual(self.hardness(confirmed, linear, switch=linear), FAILED)
        self.assertEqual(self.hardness(exponential(.0987), exponential(.05)), FAILED)
        self.assertEqual(self.hardness(exponential(.0987), lambda d: d**2), FAILED)
        self.assertEqual(self.hardness(exponential(.0987), linear, theorems=lambda d: 1000 * d), FAILED)

    def to_1000(self, vanilla=None, chained=lambda d: 20 * d, simulated=None, factor=1.0) -> str:
        """Of lines that go through the known values."""
        def through(d, rule):
            slope, at_100 = (.1033, 403536.984) if rule == "ball" else (.1426, exact.SWITCH_TIME_100)
            known = exact_claims.KNOWN[rule].get(d)
            return known or at_100 * math.exp(slope * (d - 100))
        vanilla = vanilla or through
        dimensions = [10, 50, 60, 80, 100, 200, 500, 700, 1000]
        main = Made({"dimension": dimensions, "patch_size": [10]},
                    lambda d, s: vanilla(d, s["rule"]) if s["patch_size"] == "full" else chained(d))
        check = Made({"dimension": [10, 50]}, lambda d, s: (simulated or through)(d, s["rule"]))
        variants = Made({"dimension": [100, 500, 1000], "target": list(exact_claims.VARIANTS),
                         "sampler.step_size": [.05, .2]},
                        lambda d, s: math.exp(factor * d * self.limit(s["target"], s["sampler__step_size"])))
        return exact_claims.to_1000(main, check, variants).outcome

    @staticmethod
    def limit(target: str, step_size: float) -> float:
        mean, spread, mode = exact_claims.VARIANTS[target]
        return exact.ball_exponent(spread, mode, mean**2, step_size)

    def test_to_1000(self):
        self.assertEqual(self.to_1000(), CONFIRMED)
        self.assertEqual(self.to_1000(chained=lambda d: d**2), FAILED)
        self.assertEqual(self.to_1000(chained=lambda d: 2000 * d), FAILED)  # linear, but above what is claimed
        self.assertEqual(self.to_1000(vanilla=lambda d, rule: 403536.984 * math.exp(.1033 * (d - 100))), FAILED)
        self.assertEqual(self.to_1000(simulated=lambda d, rule: 2 * exact.BALL_TIMES[d]), FAILED)
        self.assertEqual(self.to_1000(factor=1.03), FAILED)

    def test_medians(self):
        """Two dimensions, of whose chains half and a quarter discover a mode in the first pass."""
        chains = pandas.DataFrame({"dimension": [160] * 4 + [180] * 4, "patch_size": 10,
                                   "time": [1600, 1601, 3000, 3100, 1500, 1800, 3400, 3500]})
        verdict = Verdict()
        growth_claims.note_medians(verdict, Made({"dimension": [160, 180]}, lambda d, s: 2000, chains={"ball": chains}))
        self.assertIn("0.250 ± 0.022 of chains within the first pass (1600 iterations)", verdict.numbers[0])
        self.assertIn("0.500 ± 0.025 of chains within the first pass (1800 iterations)", verdict.numbers[0])

    def bounded(self, mean_of, chained=lambda d, s: 20 * d) -> Verdict:
        axes = {"dimension": [20, 40, 60, 80], "target": ["uniform_0.2", "two_point_1e-6"]}
        large = axes | {"dimension": [80, 100, 120, 160, 200]}
        return growth_claims.bounded_support(Made(axes, mean_of), Made(large, chained))

    def test_bounded_support(self):
        known = lambda d, s: 164.5 * math.exp(.1 * (d - 20))  # noqa: E731
        self.assertEqual(self.bounded(known).outcome, CONFIRMED)
        self.assertEqual(self.bounded(lambda d, s: 2 * known(d, s)).outcome, QUALIFIED)
        self.assertEqual(self.bounded(lambda d, s: 164.5 * d).outcome, FAILED)
        self.assertEqual(self.bounded(known, lambda d, s: d**2).outcome, FAILED)
        self.assertEqual(self.bounded(known, known).outcome, FAILED)

    def test_wide_intervals(self):
        """A power that is right, but hardly known, decides nothing."""
        verdict = Verdict()
        few = Growth([point(d, 10, 20 * d, chains=30) for d in (60, 80, 100)])
        growth_claims.check_power(verdict, few, "chained", .8, 1.3)
        self.assertEqual((verdict.outcome, verdict.failures), (UNDECIDED, []))

    def test_weights(self):
        axes = {"dimension": [20, 40, 60, 80, 100], "target": ["balanced", "spread_0.01"]}
        def made(factor):
            def mean_of(d, s):
                vanilla = exponential(.1)(d) * (factor if s["target"] == "balanced" else 1)
                return 20 * d if s["patch_size"] == 10 else vanilla
            return growth_claims.weights(Made(axes, mean_of)).outcome
        self.assertEqual((made(1.5), made(10)), (CONFIRMED, FAILED))

    def test_several_modes(self):
        axes = {"dimension": [10, 20, 40, 60, 80, 100, 120], "start.component": [0, 1, 2]}
        def made(vanilla, chained):
            def mean_of(d, s):
                return (vanilla if s["patch_size"] == "full" else chained)(d)
            return growth_claims.several_modes(Made(axes, mean_of)).outcome
        linear = lambda d: 30 * d  # noqa: E731
        steep = exponential(.07)
        self.assertEqual((made(steep, linear), made(linear, linear), made(steep, steep)), (CONFIRMED, FAILED, FAILED))
        self.assertEqual(made(lambda d: d**2, linear), FAILED)  # steep enough, but a power

    def assumption(self, slope_of) -> Verdict:
        made = Made({"dimension": [20, 40, 60, 80]}, lambda d, s: exponential(slope_of(s["target"]))(d))
        return growth_claims.assumption(made)

    def test_assumption(self):
        slopes = {"meets": .099, "misses_slightly": .1, "misses": .102, "equal": .123, "reversed": .1,
                  "overlapping": .03}
        verdict = self.assumption(slopes.get)
        self.assertEqual(verdict.outcome, CONFIRMED)
        self.assertIn("the assumption is not met: misses slightly, misses, equal, reversed", verdict.numbers[-1])
        self.assertEqual(self.assumption(lambda name: .01 if name == "meets" else slopes[name]).outcome, FAILED)

    def advice(self, advised: int, best: int = 4) -> str:
        races = [{"variant": f"target is {name}", "answers": [{"best": [size], "equal": [], "open": []}]}
                 for name, size in (("reference", 10), ("far", advised))]
        axes = {"dimension": [100], "patch_size": [1, 4, 10], "target": ["reference", "far"]}
        made = Made(axes, lambda d, s: 1000 * (1 + abs(s["patch_size"] - (10 if s["target"] == "reference" else best))),
                    races=races)
        ends_of = Made(shares=ends([(0, 1000, Q, 0, left(.4 if Q == 10 else .3)) for Q in (1, 4, 10)]))
        return growth_claims.advice(made, ends_of).outcome

    def test_advice(self):
        self.assertEqual((self.advice(4), self.advice(10), self.advice(10, best=10)), (CONFIRMED, FAILED, FAILED))

    def test_exponents(self):
        """The closed form against the known limit, and the bound of the assumption against the program's words."""
        self.assertAlmostEqual(exact.ball_exponent(3, 1), 0.102913, places=5)
        self.assertAlmostEqual(growth_claims.bound(3, 1), 0.2347210, places=6)

    def test_no_estimate_no_agreement(self):
        self.assertFalse(growth_claims.agrees(Interval(math.inf, 100, math.inf), 2899.6))
        self.assertTrue(growth_claims.agrees(Interval(3000, 2700, 3300), 2899.6))

    def test_chains_of_all_seeds(self):
        """Chains per point are those that figures and statistics pool."""
        data = xarray.Dataset({"x": ("chain", np.zeros(128)), "point_estimator": ("point", ["direct"] * 4)},
                              {"seed": ("point", [1, 2, 1, 2])})
        self.assertEqual(gallery.chains_text(types.SimpleNamespace(data=data)), "256 chains per point (2 seeds)")
        data = xarray.Dataset({"x": ("chain", np.zeros(128)), "point_estimator": ("point", ["direct", "quadrature"])},
                              {"seed": ("point", [1, 1])})
        self.assertEqual(gallery.chains_text(types.SimpleNamespace(data=data)),
                         "128 chains per point, of 2 points, 1 by quadrature")
        self.assertEqual(gallery.chains_text(types.SimpleNamespace(data=data.isel(point=[1]))), "1 point by quadrature")

    def test_numbers(self):
        """No digit is dropped, be it a 0."""
        numbers = (153.2, 1.04e4, 10020, 99999, 340040, 1.15328e7, 0.0675)
        self.assertEqual([number_text(x) for x in numbers],
                         ["153", "10400", "10000", "100000", "3.40e5", "1.15e7", "0.0675"])
        self.assertEqual(number_text(403536.984, 6), "4.03537e5")

    def test_no_numbers_no_claim(self):
        self.assertEqual(Verdict().outcome, FAILED)


if __name__ == "__main__":
    unittest.main()
