# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures patch-size, heat-map, cost and speed-up: what is in them, of a small sweep that has estimates, bounds and
gaps."""

import math
import shutil
import unittest
from pathlib import Path
from unittest import mock

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

import common
import modeseek
from modeseek import marks, style
from modeseek.drawing import Drawing, Options
from modeseek.figures import KINDS, cost, patch_size, speed_up
from modeseek.points import Interval, Point

TARGET = """
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.4, mean: 1, variance: 1}
    - {weight: 0.4, mean: -1, variance: 1}
"""
# vanilla dynamics in 120 dimensions finds nothing, in 20 some
TIMES = TARGET + """
name: times
sampler: {step_size: 0.1, iterations_per_patch: 20}
budget: {iterations: 600, chains: 40, block: 20}
grid: {dimension: [4, 20, 120], patch_size: [2, 4, full], seed: [1, 2]}
"""
SHARES = TARGET + """
name: shares
sampler: {step_size: 0.1}
budget: {iterations: 1000, chains: 64, stop_when_discovered: false}
snapshots: [100, 1000]
grid:
  sampler.iterations_per_pass: [100, 1000]
  dimension: 20
  patch_size: [2, 5, full]
"""
SAMPLERS = TARGET + """
name: samplers
budget: {iterations: 100, chains: 8}
grid:
  sampler: [{name: langevin, step_size: 0.1}, {name: hmc, step_size: 0.4, leapfrog_steps: 5}]
  dimension: [2, 4]
  patch_size: [2, full]
"""
WEIGHTS = """
name: weights
sampler: {step_size: 0.1}
budget: {iterations: 100, chains: 8, stop_when_discovered: false}
snapshots: 100
grid:
  dimension: 4
  patch_size: [2, full]
  target:
    - as: half
      family: gaussian_mixture
      components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]
    - as: most
      family: gaussian_mixture
      components: [{weight: 0.25, mean: 0, variance: 3}, {weight: 0.75, mean: 1, variance: 1}]
"""


def texts(figure: plt.Figure) -> str:
    """All that is written in a figure outside of its legends and ticks."""
    inner = [text.get_text() for axes in figure.axes for text in
             [*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]]
    suptitle = [figure._suptitle.get_text()] if figure._suptitle else []
    return "\n".join([*inner, *suptitle, *(text.get_text() for text in figure.texts)])


def labels(figure: plt.Figure) -> list[str]:
    """The words of the legends."""
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def arrows(axes: plt.Axes) -> list[tuple[float, float]]:
    """Where the arrows of bounds end, and by what factor they go up."""
    return [(text.xy[0], round(text.xy[1] / text.xyann[1], 9)) for text in axes.texts if text.arrow_patch]


class Comparisons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, cls.tiny = common.run_tiny()
        cls.addClassCleanup(cls.folder.cleanup)
        folder = Path(cls.folder.name)
        cls.times, cls.shares, cls.samplers = (common.write_sweep(folder, name, text) for name, text in (
            ("times", TIMES), ("shares", SHARES), ("samplers", SAMPLERS)))
        cls.half = folder / "half.h5"
        shutil.copy(cls.times, cls.half)
        with h5py.File(cls.half, "r+") as file:
            is_lost = (file["dimension"][:] == 20) & (file["patch_size"][:] == 4)
            commit = file["block/commit"][:]
            commit[is_lost[file["block/point"][:]]] = 0
            file["block/commit"][:] = commit

    def tearDown(self):
        plt.close("all")

    def plot(self, kind: str, *files: Path, **options: object) -> Drawing:
        return modeseek.plot(kind, list(files), Options(**options))

    def refused(self, words: str, kind: str, *files: Path, **options: object):
        with self.assertRaisesRegex(modeseek.Refusal, words):
            self.plot(kind, *files, **options)

    def test_one_seed(self):
        """Points are selected before seeds are pooled, by every kind; two of three seeds cannot be pooled."""
        for kind in ("hardness", "survival", "patch-size", "heat-map", "cost", "speed-up"):
            with self.subTest(kind=kind):
                one, both = (self.plot(kind, self.times, select=select) for select in ((("seed", "1"),), ()))
                self.assertIn("only seed 1, not 2", texts(one.figure))
                name = "-medians" if kind == "survival" else ""
                self.assertEqual([set(drawing.tables[name].chains) for drawing in (one, both)], [{40}, {80}])
        shares = self.plot("shares", self.shares, select=(("seed", "1"), ("patch_size", "5")))
        self.assertEqual(set(shares.tables[""].chains), {64})
        told = {(row["dimension"], row["patch_size"]): float(row["median_high"]) for row in
                common.summary(self.times, "--rule", "ball", "--mode", "any") if row["seed"] == "1"}
        curves = self.plot("survival", self.times, select=(("seed", "1"), ("patch_size", "2"))).tables["-medians"]
        self.assertEqual(list(curves.median_high), [told[str(d), "2"] for d in curves.dimension])
        with self.assertRaisesRegex(modeseek.Failure, "seed=1,2: give one seed"):
            self.plot("hardness", self.times, select=(("seed", "1"), ("seed", "2")))

    def test_every_kind(self):
        """Each says rule, n, step size, digest, what is missing, and in a figure with samplers what not to compare;
        light and dark; the table has all marks."""
        digest = common.modeseek("digest", str(self.half)).split()[0]
        for kind in ("patch-size", "heat-map", "cost", "speed-up"):
            self.assertIn(kind, KINDS)
            with self.subTest(kind=kind):
                drawing = self.plot(kind, self.half, dark=True)
                told = texts(drawing.figure)
                for words in ("rule ball", "80 chains per point", "δ = 0.1", f"digest {digest}", "blocks are missing"):
                    self.assertIn(words, told)
                self.assertEqual(set(drawing.tables[""].warning), {""})
                self.assertEqual(to_hex(drawing.figure.get_facecolor()), style.Look(True).background.lower())
                self.assertNotIn("blocks are missing", texts(self.plot(kind, self.times).figure))
                warned = self.plot(kind, self.samplers)
                self.assertEqual(set(warned.tables[""].warning), set(warned.warnings))
                self.assertIn("cost differently", texts(warned.figure))

    def test_patch_size_shares(self):
        """At the end of each line's pass, from the program's own table; Wilson's interval by what it means."""
        drawing = self.plot("patch-size", self.shares)
        told = common.csv.DictReader(
            common.modeseek("summary", "--shares", "--csv", "--pool", "seed", str(self.shares)).splitlines())
        share = {(row["sampler.iterations_per_pass"], row["iteration"], row["patch_size"]): 1 - float(row["share_0"])
                 for row in told}
        table = drawing.tables["-shares"]
        self.assertEqual(len(table), 2 * 3)
        z = 1.959963984540054
        for row in table.to_dict("records"):
            length = row["sampler.iterations_per_pass"]
            self.assertEqual(str(row["iteration"]), length)
            self.assertAlmostEqual(row["share"], share[length, length, str(row["patch_size"])])
            n, p = row["chains"], row["share"]
            for end in (row["low"], row["high"]):  # the score test just does not reject it
                self.assertTrue(end in (0, 1) or abs(abs(p - end) - z * math.sqrt(end * (1 - end) / n)) < 1e-6)
            self.assertTrue(row["low"] <= p <= row["high"])
            self.assertAlmostEqual(row["by_weights"], 0.8)
        upper, lower = drawing.figure.axes
        self.assertIn("after one pass", texts(drawing.figure))
        self.assertEqual(labels(drawing.figure)[:2], ["pass of 100 iterations", "pass of 1000 iterations"])
        drawn = [line for line in upper.lines if line.get_marker() in ("o", "s")]
        beside = [[x / size for x, size in zip(line.get_xdata(), (2, 5, 20))] for line in drawn]
        for one, other in zip(*beside):  # so that they do not hide each other
            self.assertTrue(0.9 < one < 1 < other < 1.1, beside)
        self.assertEqual([list(line.get_ydata()) for line in drawn],
                         [list(table.share[:3]), list(table.share[3:])])
        self.assertIn("iterations", lower.get_ylabel())
        early = self.plot("patch-size", self.shares, iteration=100)
        self.assertEqual(set(early.tables["-shares"].iteration), {100})
        with self.assertRaisesRegex(modeseek.Failure, "no snapshot at iteration 50; it has 100, 1000"):
            self.plot("patch-size", self.shares, iteration=50)

    def test_patch_size_of_several_files(self):
        """Files that differ in the pass, or in the start, make lines of their own; the same one twice is refused."""
        folder = Path(self.folder.name)
        two = [common.write_sweep(folder, f"pass-{length}", SHARES.replace(
            "[100, 1000]\n  dimension", f"{length}\n  dimension")) for length in (100, 1000)]
        one, both = (self.plot("patch-size", *files).tables["-shares"] for files in ([self.shares], two))
        self.assertEqual(list(one.share), list(both.share))
        start = common.write_sweep(folder, "start", SHARES + "start: {component: 1}\n")
        drawing = self.plot("patch-size", start)
        self.assertIn("left mode 1, where they started", texts(drawing.figure))
        self.assertEqual(set(drawing.tables["-shares"].by_weights), {0.6})
        weights = common.write_sweep(folder, "weights", WEIGHTS)
        table = self.plot("patch-size", weights).tables["-shares"]
        self.assertEqual(set(zip(table.target, table.by_weights)), {("half", 0.5), ("most", 0.75)})
        self.assertEqual(len(drawing.figure.axes), 1)  # the first mode is where they start
        self.assertEqual(drawing.remarks, [])  # of times, which are not drawn at all
        both = self.plot("patch-size", self.shares, start)
        self.assertIn("pass of 100 iterations, from the spread mode", labels(both.figure))
        self.assertIn("pass of 1000 iterations, from mode 1", labels(both.figure))
        self.refused("occurs twice", "patch-size", self.shares, self.shares)

    def test_patch_size_times(self):
        """Without snapshots one panel; vanilla dynamics is the last mark of each line; a bound is an arrow."""
        drawing = self.plot("patch-size", self.times, estimate="mean")
        axes, = drawing.figure.axes
        self.assertEqual(labels(drawing.figure)[:3], ["d = 4", "d = 20", "d = 120"])
        self.assertEqual([(round(x / 120), up) for x, up in arrows(axes)], [(1, 3.5)])
        colors = [color for color, _ in style.marks(range(3))]
        for color, sizes, beside in zip(colors, ([2, 4], [2, 4, 20], []), (60**-0.01, 1, 1)):  # of 120 all are in doubt
            drawn = [line for line in axes.lines if line.get_color() == color and line.get_marker() in (*style.MARKERS,)
                     and line.get_linestyle() == "-"]
            x = [x / beside for line in drawn for x, y in zip(line.get_xdata(), line.get_ydata()) if y > 0]
            np.testing.assert_allclose(x, sizes)
        doubted = [x for line in axes.lines if line.get_marker() == "$?$" for x in line.get_xdata()]
        np.testing.assert_allclose(doubted, np.array([2, 4, 120]) * 60**0.01)
        self.refused("only one patch size", "patch-size", self.times, select=(("patch_size", "full"),))

    def test_vanilla_is_drawn_once(self):
        """Of lines that differ in their passes alone, its times; its shares are at other iterations."""
        drawing = self.plot("patch-size", self.shares, estimate="mean")
        times = drawing.figure.axes[1]
        at = [x for line in times.lines if line.get_marker() in (*style.MARKERS, "_") and line.get_alpha() != 0
              for x in line.get_xdata() if 15 < x < 25]
        self.assertLessEqual(len(set(at)), 1)
        self.assertEqual(sum((drawing.tables[""].patch_size == 20)), 2)
        told = texts(drawing.figure)
        self.assertIn("vanilla dynamics, which has no passes, are drawn once", told)
        self.assertNotIn("drawn once", texts(self.plot("patch-size", self.times).figure))

    def test_heat_map(self):
        """A cell for each point, those on two lines twice; bounds are hatched with >, gaps grey with a word."""
        drawing = self.plot("heat-map", self.half)
        axes = drawing.figure.axes[0]
        cells = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        table = drawing.tables[""]
        self.assertEqual(set(table.statistic), {"median"})
        self.assertEqual([text.get_text() for text in axes.get_yticklabels()], ["2", "4", "vanilla\n(Q = d)"])
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()], ["4", "20", "120"])
        self.assertEqual(len(cells), 9)
        words = [text.get_text() for text in axes.texts]
        self.assertEqual(words.count("missing"), 1)
        self.assertEqual(sum(to_hex(cell.get_facecolor()) == "#bfbfbf" for cell in cells), 1)
        bounds = int((table.kind == "lower_bound").sum())
        self.assertGreater(bounds, 0)
        self.assertEqual(sum(cell.get_hatch() is not None for cell in cells), bounds)
        self.assertEqual(sum(word.startswith("> ") for word in words), bounds)
        for row in table.to_dict("records"):
            at = row["value"] if row["kind"] == "estimate" else row["low"]
            self.assertIn(("> " if row["kind"] == "lower_bound" else "") + marks.number_text(at), words)
        self.assertIn("> 95 % lower bound only", labels(drawing.figure))
        mean = self.plot("heat-map", self.times, estimate="mean")
        self.assertTrue(texts(mean.figure).count("?") >= (mean.tables[""].exponential == "untested").sum() > 0)
        self.refused("only one dimension", "heat-map", self.times, select=(("dimension", "4"),))

    def test_cost(self):
        """A bar for each line, dimension and cost; costs of a discovery are the mean times what an iteration costs."""
        drawing = self.plot_costs(self.times)
        table = drawing.tables[""]
        self.assertEqual(list(dict.fromkeys(table.cost)), list(cost.COSTS))
        self.assertEqual(len(table), 4 * 9)
        told = {(row["dimension"], row["patch_size"]): row for row in
                common.summary(self.times, "--pool", "seed", "--mode", "any", "--rule", "ball")}
        data = modeseek.open(self.times)
        for row in table.to_dict("records"):
            summary = told[str(row["dimension"]), str(row["patch_size"])]
            is_it = (data.dimension.values == row["dimension"]) & (data.patch_size.values == row["patch_size"])
            seconds = float(data.seconds.values[is_it].sum())
            done = float(data.observed.values[is_it].sum())
            each = {"iterations": 1, "cpu_seconds": seconds / done}.get(row["cost"]) or float(summary[row["cost"]])
            if row["kind"] == "estimate":
                self.assertAlmostEqual(row["value"] / (each * float(summary["mean"])), 1, places=9)
                self.assertLess(row["low"], row["value"])
            else:
                self.assertEqual(summary["discovered"], "0")
                self.assertAlmostEqual(row["low"] / (each * float(summary["mean_low"])), 1, places=9)
        bounds = int((table.kind == "lower_bound").sum())
        bars = [patch for axes in drawing.figure.axes for patch in axes.patches]
        self.assertEqual((len(bars), bounds), (4 * 9, 4))
        self.assertEqual(sum(bar.get_hatch() is not None for bar in bars), bounds)
        self.assertEqual(sum(len(arrows(axes)) for axes in drawing.figure.axes), bounds)
        self.assertIn("on the machine that ran them", texts(drawing.figure))
        with h5py.File(self.times) as file:
            self.assertAlmostEqual(float(data.seconds.sum()), float(np.nansum(file["provenance/block_seconds"][:])))
        table = Path(self.folder.name) / "table.csv"
        table.write_text(common.modeseek("summary", "--csv", "--pool", "seed", str(self.times)))
        self.assertEqual(set(self.plot_costs(table).tables[""].cost), set(cost.COSTS) - {"cpu_seconds"})

    def plot_costs(self, *files: Path, seconds_least: float = 0, **options: object) -> Drawing:
        """Bars of CPU seconds, too, of points that take no time."""
        with mock.patch.object(cost, "SECONDS_LEAST", seconds_least):
            return self.plot("cost", *files, **options)

    def test_cost_of_chains_that_go_on(self):
        """Iterations after the discovery are no part of what it costs: the same chains, which do not all end at it."""
        results = common.write_sweep(Path(self.folder.name), "on",
                                     TIMES.replace("600,", "600, stop_when_discovered: false,"))
        on, stopped = (self.plot_costs(file).tables[""] for file in (results, self.times))
        pd.testing.assert_frame_equal(*(table[table.cost == "iterations"] for table in (on, stopped)))
        data = modeseek.open(results)
        self.assertEqual(set(data.observed.values.ravel()), {600})
        for row in on[(on.cost == "cpu_seconds") & (on.kind == "estimate")].to_dict("records"):
            is_it = (data.dimension.values == row["dimension"]) & (data.patch_size.values == row["patch_size"])
            mean = on[(on.cost == "iterations") & (on.dimension == row["dimension"]) & (on.line == row["line"])].value
            each = data.seconds.values[is_it].sum() / (600 * 80)
            self.assertAlmostEqual(row["value"] / (each * mean.item()), 1, places=9)

    def test_cost_that_is_not_known(self):
        """Points that took no time have no bar, which is said; so are dimensions that are left out, and chosen ones."""
        with mock.patch.object(cost, "DIMENSIONS_MAX", 2):
            drawing = self.plot_costs(self.times, seconds_least=1e9)
        self.assertNotIn("cpu_seconds", set(drawing.tables[""].cost))
        for words in ("9 bars of CPU seconds are missing",
                      "because at most 2 dimensions are, but in the table of --csv: d = 20"):
            self.assertIn(words, " ".join(drawing.remarks))
            self.assertIn(words, texts(drawing.figure))
        one = self.plot_costs(self.times, select=(("dimension", "20"), ("dimension", "4"), ("patch_size", "4")))
        self.assertIn("only dimension 4, 20, not 120 · only patch_size 4, not 2, 20", texts(one.figure))
        self.assertEqual(set(one.tables[""].dimension), {4, 20})

    def test_one_dimension(self):
        """Bars lie, with a name and a number each."""
        drawing = self.plot_costs(self.times, select=(("dimension", "20"),))
        axes = drawing.figure.axes[0]
        self.assertEqual([label.get_text() for label in axes.get_yticklabels()],
                         ["vanilla (Q = d)", "chained, Q = 2", "chained, Q = 4"])
        self.assertEqual(axes.get_xscale(), "log")
        value = drawing.tables[""].query("cost == 'iterations'").value
        self.assertEqual([text.get_text() for text in axes.texts], [marks.number_text(v) for v in value])

    def test_vanilla_chains_once(self):
        """Vanilla chains do not depend on the passes: there is one line of them, wherever there are lines."""
        cost_names = [label.get_text() for label in self.plot_costs(self.shares).figure.axes[0].get_yticklabels()]
        self.assertEqual([name for name in cost_names if "vanilla" in name], ["vanilla (Q = d)"])
        survival = self.plot("survival", self.shares, mode="1")
        names = [label.split("\n")[0] for label in labels(survival.figure)]
        self.assertEqual(names[:5], ["vanilla (Q = d)", "iterations per pass 100, chained, Q = 2",
                                     "iterations per pass 1000, chained, Q = 2",
                                     "iterations per pass 100, chained, Q = 5",
                                     "iterations per pass 1000, chained, Q = 5"])
        medians = survival.tables["-medians"]
        self.assertEqual(set(medians.chains), {64})
        faster = self.plot("speed-up", self.shares).tables[""]
        self.assertEqual(len(faster), 4)  # each is compared with it
        two = common.write_sweep(Path(self.folder.name), "two", SHARES.replace("dimension: 20", "dimension: [20, 30]"))
        heat = self.plot("heat-map", two)
        cells = [[text for text in axes.texts if text.get_text()] for axes in heat.figure.axes[:2]]
        self.assertEqual([len(of_map) for of_map in cells], [6, 6])

    def test_speed_up(self):
        """A mark for each chained point whose vanilla one is there, ratios of the program's means; bounds."""
        drawing = self.plot("speed-up", self.times)
        axes, table = drawing.figure.axes[0], drawing.tables[""]
        told = {(row["dimension"], row["patch_size"]): row for row in
                common.summary(self.times, "--pool", "seed", "--mode", "any", "--rule", "ball")}
        self.assertEqual(list(zip(table.line, table.dimension)), [("Q=2", 4), ("Q=2", 20), ("Q=2", 120),
                                                                  ("Q=4", 20), ("Q=4", 120)])
        for row in table.to_dict("records"):
            vanilla, chained = (told[str(row["dimension"]), str(row[name])] for name in ("dimension", "patch_size"))
            if row["kind"] == "estimate":
                self.assertAlmostEqual(row["value"] / float(vanilla["mean"]) * float(chained["mean"]), 1, places=9)
                self.assertTrue(0 < row["low"] < row["value"] < row["high"])
            else:
                self.assertEqual(row["dimension"], 120)
                high = chained["restricted_mean_high" if chained["censored"] == "0" and chained["exponential"] != "yes"
                               else "mean_high"]
                self.assertAlmostEqual(row["low"] / float(vanilla["mean_low"]) * float(high), 1, places=9)
        self.assertEqual([up for _, up in arrows(axes)], [3.5] * int((table.kind == "lower_bound").sum()))
        self.assertEqual(labels(drawing.figure)[:2], ["chained, Q = 2", "chained, Q = 4"])
        self.refused("both vanilla", "speed-up", self.times, select=(("patch_size", "2"),))

    def test_ratio(self):
        """The interval by the formula; with even intervals on the logarithmic scale, that of the delta method."""
        ratio = speed_up.ratio_of(Interval(100, 50, 200), Interval(10, 5, 20))
        self.assertAlmostEqual(ratio.value, 10)
        self.assertAlmostEqual(ratio.high, 10 * 2 ** math.sqrt(2))
        self.assertAlmostEqual(ratio.low, 10 / 2 ** math.sqrt(2))
        known, bound = Interval(100, 50, 200), Interval(math.inf, 300, math.inf)

        def mark(interval: Interval, verdict: str = "yes") -> marks.Mark:
            return marks.Mark(Point(10, 5, 0, 20, 5, 1, interval, interval, verdict=verdict), "mean", interval)

        lower = speed_up.speed_up(mark(bound), mark(known))
        upper = speed_up.speed_up(mark(known), mark(bound, "untested"))
        self.assertEqual((lower.kind, lower.at), ("lower_bound", 1.5))
        self.assertEqual((upper.kind, upper.doubt), ("upper_bound", "untested"))
        self.assertAlmostEqual(upper.at, 2 / 3)
        self.assertIsNone(speed_up.speed_up(mark(bound), mark(bound)))
        figure, axes = plt.subplots()
        axes.set_yscale("log")
        marks.draw_marks(axes, [upper], lambda p: p.dimension, ("red", "o"), style.Look(), True)
        self.assertEqual([(x, round(1 / up, 6)) for x, up in arrows(axes)], [(10, 3.5)])

    def test_coverage_of_the_ratio(self):
        """Ratios of exponential means, 30 discoveries against 200: 95.1 % of 20000. Of 2000, between 93.2 and 97.0 % (4
        standard errors, false alarm 6e-5)."""
        from scipy.stats import chi2

        random, covered = np.random.default_rng(7), 0
        for _ in range(2000):
            one, other = (Interval(t / n, 2 * t / chi2.ppf(0.975, 2 * n), 2 * t / chi2.ppf(0.025, 2 * n))
                          for n, t in ((30, 50 * random.gamma(30)), (200, 10 * random.gamma(200))))
            ratio = speed_up.ratio_of(one, other)
            covered += ratio.low <= 5 <= ratio.high
        self.assertTrue(0.932 <= covered / 2000 <= 0.970, covered)

    def test_names_and_numbers(self):
        for value, text in ((0, "0"), (2.694, "2.69"), (999.6, "1000"), (10400, "10400"), (1e6, "10⁶"),
                            (1.004e6, "1.00·10⁶"), (2e5, "2·10⁵"), (3.36e6, "3.36·10⁶"), (2.64e-4, "2.64·10⁻⁴")):
            self.assertEqual(marks.number_text(value), text)
        keys = [(10, 0.0, (("sampler", "mala"),)), (20, 1.0, (("sampler", "hmc"),))]
        self.assertEqual(list(patch_size.describe(keys).values()), ["mala, d = 10, σ = 0", "hmc, d = 20, σ = 1"])


if __name__ == "__main__":
    unittest.main()
