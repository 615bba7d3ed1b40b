# SPDX-License-Identifier: GPL-3.0-or-later
"""Files whose points are computed by quadrature, or by replicates, beside chains or not: what is read, and drawn."""

import csv
import json
import math
import tempfile
import unittest
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex
from scipy import stats

import common
import modeseek
from modeseek import describe, estimators, exponent, fits, marks, style
from modeseek.drawing import Options
from modeseek.figures import hardness
from modeseek.inference import median_of
from modeseek.points import Interval, Point
from modeseek.report import report

TARGET = """
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.4, mean: 1, variance: 1}
    - {weight: 0.4, mean: -1, variance: 1}
sampler: {step_size: 0.1, iterations_per_patch: 20}
"""
SWEEPS = {
    "mixed": """
discovery: {rules: [ball]}
estimator: {name: auto, quadrature: {tolerance: 0.1}}
budget: {iterations: 600, chains: 40, block: 16}
snapshots: [1, 10, 30, 100]
observables: [responsibility, squared_distance]
grid: {dimension: [8, 20], patch_size: [4, full]}
""", "direct": """
discovery: {rules: [ball]}
budget: {iterations: 600, chains: 100}
grid: {dimension: [8, 20]}
""", "restart": """
estimator: {name: restart, replicates: 8, steps: 4000}
grid: {dimension: [8, 20], seed: [1, 2]}
""", "few": """
discovery: {rules: [ball], modes: [1]}
estimator: {name: restart, replicates: 3, steps: 4000, burn_in: 2000}
grid: {dimension: [4, 8]}
""", "narrow": """
discovery: {rules: [ball]}
budget: {relative_width: 0.5}
estimator: {name: restart, replicates: 64, steps: 4000}
grid: {dimension: [8, 20]}
""", "flux": """
discovery: {rules: [ball]}
estimator: {name: reversible_flux, replicates: 8, paths: 500}
grid: {dimension: [10, 100, 1000]}
"""}
EXACT = "quadrature"
COLOR = style.COLORS[0].lower()  # of vanilla dynamics
HEAD = "dimension,patch_size,noise_level,seed," + ",".join(estimators.COLUMNS)


def row(dimension: int, estimator: str, chains: int, mean: tuple[float, float, float], kind: str, objection: str = "",
        transitions: float = 1e6) -> str:
    """A line of a table of means."""
    return ",".join(map(str, [dimension, dimension, 0, "pooled", "ball", "any", estimator, chains, 1, *mean, kind, "nan",
                              "nan", transitions, objection]))


class Files(unittest.TestCase):
    """Small sweeps, run once."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.file = {name: common.write_sweep(cls.folder, name, f"name: {name}\n{TARGET}{text}")
                    for name, text in SWEEPS.items()}
        cls.data = {name: modeseek.open(path) for name, path in cls.file.items()}

    def tearDown(self):
        plt.close("all")

    def table(self, name: str, *rows: str) -> Path:
        path = self.folder / f"{name}.csv"
        path.write_text("\n".join([HEAD, *rows]) + "\n")
        return path


def setUpModule():
    Files.setUpClass()


def tearDownModule():
    Files.doClassCleanups()


class Shared(Files):
    setUpClass = classmethod(lambda cls: None)


class Reading(Shared):
    def test_estimators(self):
        """Of each point, and why not another one."""
        mixed, flux = self.data["mixed"], self.data["flux"]
        self.assertEqual([*zip(mixed.patch_size.values.tolist(), mixed.point_estimator.values.tolist())],
                         [(4, "direct"), (8, EXACT), (4, "direct"), (20, EXACT)])
        self.assertIn("patches", str(mixed.validity.sel(estimator=EXACT).values[0]))
        self.assertEqual(str(mixed.validity.sel(estimator=EXACT).values[1]), "")
        self.assertEqual(list(flux.point_estimator.values), ["none", "reversible_flux", "reversible_flux"])
        self.assertNotEqual(str(flux.validity.values[0, -1]), "")
        self.assertEqual(set(self.data["direct"].point_estimator.values), {"direct"})

    def test_columns_of_others(self):
        """A point has the columns of its own estimator alone."""
        mixed = self.data["mixed"]
        is_direct = mixed.point_estimator.values == "direct"
        self.assertTrue((mixed.observed.values[~is_direct] == -2).all())
        self.assertTrue((mixed.observed.values[is_direct] > 0).all())
        for name in ("iterations_at_risk", "survival"):
            self.assertTrue(np.isnan(mixed[name].values[is_direct]).all())
            self.assertTrue(np.isfinite(mixed[name].isel(chain=0).values[~is_direct]).all())

    def test_extent(self):
        """As the program says it; blocks that are not needed are neither missing nor failed."""
        for name, data in self.data.items():
            told = json.loads(common.modeseek("status", "--json", str(self.file[name])))
            self.assertEqual((data.extent.done, data.extent.failed, data.extent.missing),
                             (told["done"], told["failed"], told["missing"]), name)
            self.assertEqual(str(data.extent), "")
        narrow = self.data["narrow"]
        self.assertEqual(narrow.extent.chains, narrow.extent.chains_in_all)
        self.assertLess(narrow.extent.chains, 2 * 64)
        self.assertEqual(len(modeseek.replicates(narrow)), narrow.extent.chains)

    def test_refused(self):
        """What needs chains says so; where there are some, it has those alone."""
        for read in (modeseek.chains, lambda data: modeseek.to_arviz(data, 0)):
            with self.assertRaisesRegex(modeseek.Failure, "has no chains: its estimator is restart"):
                read(self.data["restart"])
        with self.assertRaisesRegex(modeseek.Failure, "has no replicates"):
            modeseek.replicates(self.data["direct"])
        self.assertEqual(set(modeseek.chains(self.data["mixed"]).patch_size), {4})
        self.assertEqual(len(modeseek.chains(self.data["mixed"])), 80)

    def test_medians(self):
        """Those of the program, of many chains and few."""
        whole = common.HERE.parent / "cli" / "golden" / "format-2.h5"
        for file in (self.file["direct"], whole):
            data = modeseek.open(file)
            for told in common.summary(file):
                if told["mode"] != "any":
                    continue
                every = modeseek.chains(data, told["rule"])
                mine = every[np.logical_and.reduce([every[axis].astype(str) == told[axis]
                                                    for axis in ("dimension", "patch_size", "seed")])]
                self.assertEqual([f"{value:g}" for value in median_of(mine.time.to_numpy(), mine.discovered.to_numpy())],
                                 [f"{float(told[f'median{end}']):g}" for end in ("", "_low", "_high")])


class Means(Shared):
    def test_against_the_summary(self):
        """The same table, whatever the estimators."""
        for name in ("mixed", "restart", "few", "narrow", "flux"):
            for options in ([], ["--pool", "seed"]):
                told = common.summary(self.file[name], *options)
                table = modeseek.means(self.file[name], *options)
                self.assertEqual(list(table.columns), list(told[0]))
                for column in table.columns:
                    try:
                        np.testing.assert_array_equal(table[column].astype(float),
                                                      [float(one[column]) for one in told], column)
                    except ValueError:
                        self.assertEqual(list(table[column]), [one[column] for one in told])

    def test_against_scipy(self):
        """Mean and interval of replicates, from the numbers of each, by Student's t of the ratio; objections, too."""
        for name in ("restart", "few", "narrow", "flux"):
            data, table = self.data[name], modeseek.means(self.file[name])
            for one in table[table.chains > 0].to_dict("records"):
                frame = modeseek.replicates(data, one["rule"])
                mine = frame[(frame.dimension == one["dimension"]) & (frame.seed.astype(str) == one["seed"])]
                time, found = mine.iterations_at_risk.to_numpy(), mine.discoveries.to_numpy()
                n, mean = len(mine), time.sum() / found.sum()
                error = math.sqrt(n / (n - 1) * ((time - mean * found) ** 2).sum()) / time.sum()
                reach = stats.t.ppf(0.975, n - 1) * error
                bias = 0 if mine.relative_error.isna().all() else mine.relative_error.max()
                self.assertEqual(n, one["chains"])
                np.testing.assert_allclose([one["mean"], one["mean_low"], one["mean_high"], one["discoveries"]],
                                           [mean, mean / (1 + reach) * (1 - bias), mean / (1 - reach) * (1 + bias),
                                            found.sum()], rtol=1e-9)
                self.assertEqual(one["interval"], "Student t and bias" if bias else "Student t")
                self.assertAlmostEqual(one["effective_replicates"], found.sum()**2 / (found**2).sum(), 6)
                self.assertEqual(one["validity"] != "", n < 8)

    def test_of_chains(self):
        """A file without other estimators has the same table: plain means where nothing is censored, else exponential
        ones."""
        table = modeseek.means(self.file["direct"])
        frame = modeseek.chains(self.data["direct"])
        self.assertEqual(list(table.columns[-len(estimators.COLUMNS):]), estimators.COLUMNS)
        for one in table.to_dict("records"):
            mine = frame[frame.dimension == one["dimension"]]
            self.assertAlmostEqual(one["mean"], mine.time.sum() / mine.discovered.sum(), 6)
            self.assertEqual((one["estimator"], one["chains"], one["validity"]), ("direct", 100, ""))
            self.assertEqual(one["interval"], "sample mean" if mine.discovered.all() else "exponential")
        self.assertEqual(set(table.interval), {"sample mean", "exponential"})

    def test_bad_tables(self):
        """Tables that were edited."""
        good = row(8, "restart", 8, (30, 28, 32), "Student t")
        self.assertEqual(len(modeseek.means(self.table("good", good))), 1)
        for bad in (good.replace("30", "thirty"), good.replace("8,8,", "-8,-8,", 1), good.replace("8,8,", "8,9,", 1),
                    good.replace("restart,8", "restart,inf"), good.replace("restart,8", "restart,nan"),
                    good.replace("8,8,", "nan,8,", 1), good.replace("30", "nan"), good.replace("28", "31"),
                    good.replace("restart,8,1", "direct,8,9"), good.rpartition(",nan,")[0]):
            with self.assertRaisesRegex(modeseek.Failure, "is not a table of 'modeseek summary --csv'"):
                modeseek.means(self.table("bad", bad))


class Hardness(Shared):
    def axes(self, *files: Path | str, **options) -> plt.Axes:
        self.drawing = modeseek.plot("hardness", [self.file.get(str(file), file) for file in files], Options(**options))
        return self.drawing.figure.axes[0]

    def told(self) -> str:
        figure = self.drawing.figure
        return "\n".join(text.get_text() for text in [*figure.axes[0].texts, *figure.texts,
                                                      *figure.axes[0].get_legend().get_texts()])

    def marks(self, axes: plt.Axes, marker: str) -> list[tuple[float, float]]:
        return [(x, y) for line in axes.lines if line.get_marker() == marker and to_hex(line.get_color()) == COLOR
                for x, y in zip(line.get_xdata(), line.get_ydata()) if math.isfinite(y) and line.get_alpha() != 0]

    def test_together(self):
        """Chains, an exact line and replicates of the same points, of three files: one line without marks, marks of
        different kinds side by side, each named once; the digests last."""
        axes = self.axes("mixed", "direct", "restart", estimate="mean", select=(("patch_size", "full"),))
        means = {name: {one["dimension"]: one["mean"] for one in modeseek.means(self.file[name], "--pool", "seed")
                        .query("rule == 'ball' and dimension == patch_size").to_dict("records")}
                 for name in ("mixed", "direct", "restart")}
        exact = [line for line in axes.lines if list(zip(line.get_xdata(), line.get_ydata()))
                 == list(means["mixed"].items())]
        self.assertEqual([(line.get_marker(), line.get_linestyle()) for line in exact], [("None", "-")])
        apart = hardness.APART * (20 - 8)
        for marker, name, shift in (("*", "restart", -0.5), ("o", "direct", 0.5)):
            np.testing.assert_allclose(self.marks(axes, marker), [(d + shift * apart, mean)
                                                                  for d, mean in means[name].items()])
        axes.figure.canvas.draw()
        ends = axes.transData.transform([(8, 1), (8 + apart, 1)])
        self.assertGreater((ends[1] - ends[0])[0] * 72 / axes.figure.dpi, 8)  # points: that of a mark
        vanilla, *labels = [text.get_text() for text in axes.get_legend().get_texts()]
        self.assertEqual(vanilla.splitlines()[0], "vanilla (Q = d)")
        self.assertEqual([line.partition(" 0.")[0] for line in vanilla.splitlines()[1::2]],  # chains: the line is exact
                         ["quadrature: slope of ln(mean)", "restart: slope of ln(mean)"])
        self.assertEqual(vanilla.splitlines()[2::2], ["(2 points, d = 8 to 20)"] * 2)
        self.assertEqual(labels, ["quadrature: joins exact means", "direct simulation: mean, 95 % interval",
                                  "restart: mean, 95 % interval (Student t)"])
        self.assertNotIn("±", vanilla)
        self.assertTrue(self.drawing.tables["-fits"].slope_low.isna().all())
        self.assertIn("100 chains or 16 replicates per point", self.told())
        self.assertIn("at one dimension stand side by side", self.told())
        *facts, last = " · ".join(axes.figure.texts[-1].get_text().splitlines()).partition("digest ")
        self.assertEqual((facts[0].count("digest"), last.count("digest ")), (0, 2))
        table = self.drawing.tables[""]
        self.assertEqual(list(table.estimator), [EXACT] * 2 + ["restart"] * 2 + ["direct"] * 2)
        self.assertEqual(list(table.basis)[:4], ["stated_error"] * 2 + ["student_t"] * 2)

    def test_mixed_file(self):
        """A file of both has two lines; chains keep their medians."""
        axes = self.axes("mixed")
        self.assertEqual(len(self.drawing.tables[""].query("statistic == 'median'")), 2)
        self.assertEqual([*self.drawing.tables[""].query("statistic == 'mean'").estimator], [EXACT] * 2 + ["direct"] * 2)
        self.assertIn("chained, Q = 4\n", self.told())
        self.assertFalse(self.marks(axes, "o"))

    def test_other_modes(self):
        """Chains are drawn alone, others refused; of one mode any is that."""
        for mode, words in (("all", "not until all are discovered"), ("1", r"discovery: \{modes: \[1\]\}")):
            with self.assertRaisesRegex(modeseek.Refusal, words):
                self.axes("restart", mode=mode)
        self.axes("mixed", mode="all")
        self.assertEqual(set(self.drawing.tables[""].estimator), {"direct"})
        self.assertIn("left out: 2 points with times until any mode alone", self.told())
        self.axes("few", mode="1")
        self.assertEqual(len(self.drawing.tables[""]), 2)
        with self.assertRaisesRegex(modeseek.Refusal, "only means, no medians"):
            self.axes("restart", estimate="median")

    def test_objections(self):
        """Crossed marks, without a part in fits, and the reason below; points that are not computed are counted."""
        axes = self.axes("few")
        self.assertEqual(len(self.marks(axes, "x")), 2)
        self.assertIn("objection to the mean at d = 4, 8: few replicates: the interval is vague", self.told())
        self.assertTrue(self.drawing.tables["-fits"].empty)
        self.axes("flux")
        self.assertIn("not computed: 1 point (", self.told())
        self.assertEqual(list(self.drawing.tables[""].dimension), [100, 1000])

    def test_alone(self):
        """An exact line has one entry, and nothing is random in it; three points of replicates have an interval, at their
        dimensions."""
        self.axes("mixed", select=(("patch_size", "full"),))
        texts = self.told().splitlines()
        self.assertIn("rule ball, without randomness", texts)
        legend = self.drawing.figure.axes[0].get_legend().get_texts()
        self.assertEqual([text.get_text().partition("\n")[0] for text in legend], ["vanilla (Q = d), quadrature"])
        rows = [row(d, "restart", 32, (m, 0.9 * m, 1.1 * m), "Student t") for d, m in ((10, 10), (20, 30), (30, 80))]
        axes = self.axes(self.table("three", *rows))
        self.assertEqual(self.marks(axes, "*"), [(10, 10), (20, 30), (30, 80)])
        self.assertRegex(self.told(), r"slope of ln\(mean\) 0\.1\d+ ± 0\.0\d+\n\(3 points, d = 10 to 30\)")
        self.assertNotIn("side by side", self.told())

    def test_without_a_discovery(self):
        """A mean that is infinite is told, not drawn, and keeps nothing from being drawn."""
        rows = [row(d, "splitting", 32, (10.0**(d / 10), 10.0**(d / 10) / 1.2, 10.0**(d / 10) * 1.3), "Student t")
                for d in (10, 20)]
        rows += [row(30, "splitting", 32, (math.inf, 0, math.inf), "Student t", "no replicate has come to a discovery"),
                 row(40, "none", 0, (math.nan,) * 3, "", "too many dimensions")]
        axes = self.axes(self.table("none", *rows))
        self.assertEqual(self.marks(axes, "p"), [(10, 10.0), (20, 100.0)])
        self.assertIn("at d = 30: no replicate has come to a discovery", self.told())
        self.assertIn("not computed: 1 point (too many dimensions)", self.told())
        self.assertEqual(self.drawing.remarks, [])

    def test_large_times(self):
        """Up to the largest numbers there are: all within the axis, with ticks that can be read, and no warning."""
        for last in (45, 150, 300, 307):
            rows = [row(d, EXACT, 1, (m, 0.99 * m, 1.01 * m), "stated error")
                    for d, m in ((10, 1e2), (500, 10.0**(last / 2)), (1000, 10.0**last))]
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                axes = self.axes(self.table("large", *rows))
                axes.figure.canvas.draw()
            low, high = axes.get_ylim()
            self.assertLess(low, 1e2)
            self.assertTrue(0.99 * 10.0**last <= high < math.inf, high)
            ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
            self.assertTrue(4 <= len(ticks) <= 12, ticks)

    def test_low_end(self):
        """A second panel where chained lines would lie on the axis, and only there: with all of their marks."""
        for top, panels in ((1e12, 1), (1e16, 2)):
            rows = [row(d, EXACT, 1, (m, m, m), "stated error") for d, m in ((10, 10.0), (40, top))]
            rows += [row(d, "direct", 100, (m, 0.9 * m, 1.1 * m), "sample mean").replace(f"{d},{d},", f"{d},5,", 1)
                     for d, m in ((20, 2e3), (40, 4e3))]
            axes = self.axes(self.table("low", *rows))
            self.assertEqual(len(axes.figure.axes), panels)
        first, second = axes.figure.axes
        self.assertGreater(first.get_ylim()[1], 1e16)
        self.assertEqual((second.get_xscale(), second.get_ylim()), ("log", (5, 4e4)))
        self.assertTrue(any(list(zip(line.get_xdata(), line.get_ydata())) == [(20, 2e3), (40, 4e3)]
                            for line in second.lines))
        rows += [row(20, one, 16, (100, 90, 110), "Student t") for one in ("restart", "splitting")]
        second = self.axes(self.table("low", *rows)).figure.axes[1]
        ((star, _),), ((pentagon, _),) = self.marks(second, "*"), self.marks(second, "p")
        self.assertAlmostEqual(star * pentagon, 20**2)  # even on this axis, too
        self.assertAlmostEqual(pentagon / star, (40 / 10)**hardness.APART)

    def test_stated_error(self):
        """A band as wide as the error."""
        rows = [row(d, EXACT, 1, (m, 0.5 * m, 1.5 * m), "stated error") for d, m in ((10, 10.0), (20, 100.0))]
        axes = self.axes(self.table("wide", *rows))
        band = axes.collections[0].get_paths()[0].get_extents()
        self.assertEqual((band.x0, band.x1, band.y0, band.y1), (10, 20, 5, 150))

    def test_a_point_alone(self):
        """It is a dash."""
        rows = [row(10, EXACT, 1, (10, 9, 11), "stated error"), row(20, "restart", 8, (50, 40, 60), "Student t")]
        self.assertEqual(self.marks(self.axes(self.table("alone", *rows)), "_")[0], (10, 10))


class Laws(Shared):
    def test_exponent(self):
        """That of the reference target at δ = 0.1, to the digits known; the line goes through the last point."""
        flux = self.data["flux"]
        self.assertAlmostEqual(exponent.exponent_of(flux, 2, "ball"), 0.102913, 6)
        self.assertAlmostEqual(exponent.exponent_of(self.data["restart"], 0, "switch"), 0.142138, 6)
        drawing = modeseek.plot("hardness", [self.file["flux"]], Options(exponent=True))
        drawn = [line for line in drawing.figure.axes[0].lines if line.get_linestyle() == ":"
                 and str(line.get_label()).startswith("large deviations: slope of ln(mean) 0.102913")]
        (x, y), = [(line.get_xdata(), np.log(line.get_ydata())) for line in drawn]
        last = modeseek.means(self.file["flux"])["mean"].iloc[-1]
        self.assertEqual(list(x), [100, 1000])
        self.assertAlmostEqual(y[1], math.log(last), 9)
        self.assertAlmostEqual((y[1] - y[0]) / 900, 0.102913, 6)
        fit = drawing.tables["-fits"].query("law == 'large deviations'")
        self.assertEqual(list(fit.method), ["closed form"])

    def test_exponent_by_search(self):
        """The least rate over the boundary of either set, looked for in another way: over all of it."""
        scale, (alpha, beta) = 3 / (1 - 0.1 / 12), np.meshgrid(np.linspace(-1, 2, 3001), np.linspace(1e-3, 3.02, 3001))
        rate = (beta / scale - 1 - np.log(beta / scale)) / 2 + alpha**2 / (2 * scale)
        near = (alpha - 0.8) ** 2 + beta <= 1.7  # an asymmetric case
        self.assertAlmostEqual(exponent.of_ball(0.8, 1.7, scale), rate[near].min(), 3)
        outweighs = -np.log(0.9) / 2 - ((alpha - 0.8) ** 2 + beta) / 1.8 >= -np.log(3) / 2 - (alpha**2 + beta) / 6
        self.assertAlmostEqual(exponent.of_switch(0.8, 0.9, 3, scale), rate[outweighs].min(), 3)
        self.assertEqual(exponent.of_ball(0.1, 9, scale), 0)

    def test_exponent_of_the_program(self):
        """`modeseek plan` has the same exponents, of an asymmetric target."""
        file = common.write_sweep(self.folder, "asymmetric", """name: asymmetric
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.3, mean: 0.8, variance: 0.9}
    - {weight: 0.5, mean: {pattern: alternating, value: 1.4}, variance: 1.3}
sampler: {step_size: 0.2}
estimator: {name: restart, replicates: 1, steps: 2000}
grid: {dimension: 8}
""")
        told = common.modeseek("plan", str(self.folder / "asymmetric.yaml"))
        for rule in ("ball", "switch"):
            mine = exponent.exponent_of(modeseek.open(file), 0, rule)
            self.assertIn(f"{rule} {mine:.6f}".rstrip("0"), told)

    def test_exponent_refused(self):
        """Where the formula does not hold."""
        with self.assertRaisesRegex(modeseek.Refusal, "vanilla Langevin"):
            exponent.exponent_of(self.data["mixed"], 0, "ball")
        with self.assertRaisesRegex(modeseek.Refusal, "component 0 to each of the others"):
            exponent.exponent_of(self.data["few"], 0, "ball")
        with self.assertRaisesRegex(modeseek.Refusal, "not of dominant"):
            exponent.exponent_of(self.data["flux"], 1, "dominant")
        far = self.data["flux"].assign_coords(radius_squared=("point", [1.2] * 3))  # smaller than where modes win
        with self.assertRaisesRegex(modeseek.Refusal, "outweighs component 0 before"):
            exponent.exponent_of(far, 1, "ball")
        code, message = common.curve(self.table("law", row(10, EXACT, 1, (9, 8, 10), "stated error"),
                                                row(20, EXACT, 1, (50, 40, 60), "stated error")), "--exponent", "-o",
                                     self.folder / "law.png")
        self.assertEqual(code, 1)
        self.assertIn("a table does not say what the target is", message)

    def test_fits(self):
        """Least squares of an exact line, without an interval; of replicates weighted, with the interval of the known
        errors where the line fits, and a wider one where it does not."""
        def point(d: int, value: float, error: float, basis: str = "student_t", objection: str = "") -> Point:
            reach = stats.t.ppf(0.975, 15) * error
            return Point(d, d, 0, 16, 16, 0, Interval(math.inf, 0, math.inf), basis=basis, objection=objection,
                         mean=Interval(value, value / (1 + reach), value / (1 - reach)), estimator="any")

        dimensions, errors = np.array([10, 20, 50, 100]), np.array([0.01, 0.02, 0.05, 0.1])
        for bend in (0.0, 0.5):
            logs = 1 + 0.1 * dimensions + bend * np.array([1, -1, 1, 0])
            points = [point(d, math.exp(y), e) for d, y, e in zip(dimensions.tolist(), logs, errors)]
            fit = fits.fit_means([*points, point(200, 1.0, 0.001, objection="wrong")], float)
            design = np.column_stack([np.ones(4), dimensions]) / errors[:, None]
            solution, *_ = np.linalg.lstsq(design, logs / errors, rcond=None)
            known = math.sqrt(np.linalg.inv(design.T @ design)[1, 1])
            dispersion = ((logs / errors - design @ solution) ** 2).sum() / 2
            self.assertAlmostEqual(fit.slope, solution[1], 9)
            expected = 1.959964 if bend == 0 else stats.t.ppf(0.975, 2) * math.sqrt(dispersion)
            self.assertAlmostEqual(fit.half_width, expected * known, 7)
            self.assertEqual((fit.points, fit.dimensions), (4, (10, 100)))
        exact = fits.fit_means([point(d, math.exp(y), 1e-6, "stated_error") for d, y in zip(dimensions.tolist(), logs)],
                               float)
        self.assertAlmostEqual(exact.slope, np.polyfit(dimensions, logs, 1)[0], 9)
        self.assertTrue(math.isnan(exact.half_width))


class Others(Shared):
    def test_survival(self):
        """The exact curve over that of chains, where snapshots are; without chains, alone."""
        drawing = modeseek.plot("survival", [self.file["direct"], self.file["mixed"]],
                                Options(select=(("patch_size", "full"),)))
        mixed = self.data["mixed"]
        for axes, point in zip(drawing.figure.axes, (1, 3)):
            its = mixed.survival.isel(point=point, chain=0, rule=0).values
            drawn = [line for line in axes.lines if list(line.get_ydata()) == list(its)]
            self.assertEqual([list(line.get_xdata()) for line in drawn], [[1, 10, 30, 100]])
            frame = modeseek.chains(self.data["direct"])
            time = frame.time[frame.dimension == int(mixed.dimension[point])].to_numpy()
            for t, share in zip((1, 10, 30, 100), its):  # 100 chains: 5 standard deviations
                self.assertLess(abs((time > t).mean() - share), 5 * math.sqrt(share * (1 - share) / 100))
        self.assertEqual(len(drawing.tables["-exact"]), 8)
        self.assertIn("exact (quadrature) at the dots,\nstraight in between",
                      [text.get_text() for text in drawing.figure.axes[1].get_legend().get_texts()]
                      if drawing.figure.axes[1].get_legend() else
                      [text.get_text() for text in drawing.figure.axes[0].get_legend().get_texts()])
        both = modeseek.plot("survival", [self.file["mixed"]])
        self.assertEqual(set(both.tables["-medians"].line), {"Q=4"})
        self.assertEqual(set(both.tables["-exact"].line), {"vanilla"})
        alone = modeseek.plot("survival", [self.file["mixed"]], Options(select=(("patch_size", "full"),)))
        self.assertEqual((len(alone.tables[""]), len(alone.tables["-exact"])), (0, 8))

    def test_chains_needed(self):
        """Figures of chains say that there are none."""
        for kind in ("survival", "shares", "distances", "stationarity"):
            with self.assertRaisesRegex(modeseek.Refusal, "has no chains: its estimator is restart", msg=kind):
                modeseek.plot(kind, [self.file["restart"]])

    def test_chains_alone(self):
        """Of a file with both they take the points that have chains."""
        shares = modeseek.plot("shares", [self.file["mixed"]]).tables[""]
        self.assertEqual(set(shares.line), {"Q=4"})
        self.assertEqual(set(modeseek.plot("distances", [self.file["mixed"]]).tables[""].line), {"Q=4"})
        patches = modeseek.plot("patch-size", [self.file["mixed"]]).tables
        self.assertEqual(set(patches["-shares"].patch_size), {4})
        self.assertEqual(set(patches[""].patch_size), {4, 8, 20})

    def test_times(self):
        """Figures of times take all: means, where there are no medians."""
        told = modeseek.means(self.file["mixed"]).set_index(["dimension", "patch_size"])["mean"]
        cells = modeseek.plot("heat-map", [self.file["mixed"]]).tables[""]
        self.assertEqual(set(cells.statistic), {"mean"})
        for cell in cells.to_dict("records"):
            self.assertEqual(cell["value"], told[cell["dimension"], cell["patch_size"]])
        ratios = modeseek.plot("speed-up", [self.file["mixed"]]).tables[""].set_index("dimension")["value"]
        self.assertAlmostEqual(ratios[20], told[20, 20] / told[20, 4], 9)
        rows = [row(20, "restart", 16, (50, 40, 60), "Student t"),  # the number of either is told
                row(20, "direct", 100, (20, 18, 22), "sample mean").replace("20,20,", "20,5,", 1)]
        axes = modeseek.plot("speed-up", [self.table("ratio", *rows)]).figure.axes[0]
        self.assertTrue(any("100 chains or 16 replicates per point" in text.get_text() for text in axes.texts))
        bars = modeseek.plot("cost", [self.file["mixed"]]).tables[""]
        self.assertNotIn(EXACT, set(bars.query("cost == 'cpu_seconds'").estimator))
        self.assertEqual(len(bars.query(f"cost == 'coordinate_updates' and estimator == '{EXACT}'")), 2)

    def test_gain(self):
        """Iterations of direct simulation for the error of replicates over their moves; without replicates, refused."""
        table = modeseek.plot("gain", [self.file[name] for name in ("restart", "flux")]).tables[""]
        told = modeseek.means(self.file["restart"], "--pool", "seed").query("rule == 'ball'").to_dict("records")
        self.assertEqual([*table.estimator], ["restart"] * 2 + ["reversible_flux"] * 2)
        for drawn, one in zip(table.to_dict("records"), told):
            frame = modeseek.replicates(self.data["restart"], "ball")
            mine = frame[frame.dimension == one["dimension"]]
            time, found = mine.iterations_at_risk.to_numpy(), mine.discoveries.to_numpy()
            error = math.sqrt(16 / 15 * ((time - one["mean"] * found) ** 2).sum()) / time.sum()
            gain = one["mean"] / error**2 / mine.transitions.sum()
            np.testing.assert_allclose([drawn["value"], drawn["low"], drawn["high"], drawn["relative_error"]], [
                gain, gain * stats.chi2.ppf(0.025, 15) / 15, gain * stats.chi2.ppf(0.975, 15) / 15, error], rtol=1e-7)
        self.assertGreater(table.value.iloc[-1], 1e40)
        for name in ("mixed", "direct"):
            with self.assertRaisesRegex(modeseek.Refusal, "no mean is of replicates"):
                modeseek.plot("gain", [self.file[name]])
        axes = modeseek.plot("gain", [self.file["few"]]).figure.axes[0]
        self.assertEqual(sum(line.get_marker() == "x" for line in axes.lines), 2)

    def test_report(self):
        """It shows estimators, kinds of intervals, and objections; no figure fails."""
        page = self.folder / "page.html"
        files = [self.file[name] for name in ("few", "flux")]
        report([str(file) for file in files], page)
        text = page.read_text()
        for words in ("Student t and bias", "few replicates: the interval is vague", "some points are not computed",
                      "of 3 points reversible_flux computes 2, 1 cannot be computed"):
            self.assertTrue(words in text, words)
        self.assertFalse("report this bug" in text)
        words = {name: dict(describe.sweep_in_words(data)) for name, data in self.data.items()}
        self.assertEqual(words["mixed"]["estimator"], "auto: of 4 points direct computes 2, quadrature computes 2")
        self.assertRegex(words["mixed"]["quadrature"], "^tolerance 0.1, memory [0-9e+]+$")  # not those of the others
        self.assertFalse({"restart", "splitting", "reversible_flux"} & set(words["mixed"]))
        self.assertRegex(words["restart"]["restart"], "^steps 4000, .*replicates 8$")
        self.assertTrue(words["mixed"]["chains"].startswith("40 per point"))
        self.assertNotIn("estimator", words["direct"])
        self.assertEqual(words["restart"]["budget"], "")

    def test_diagnose(self):
        """Objections, and points that are not computed, are findings."""
        from modeseek.diagnose import diagnose

        codes = {name: {finding.code for finding in diagnose(str(self.file[name]))} for name in self.file}
        self.assertIn("objection", codes["few"])
        self.assertIn("not-computed", codes["flux"])
        self.assertFalse({"objection", "not-computed"} & (codes["mixed"] | codes["restart"] | codes["direct"]))


if __name__ == "__main__":
    unittest.main()
