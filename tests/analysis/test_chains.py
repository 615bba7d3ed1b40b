# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of discovery times and snapshots, by what is in them, and the statistics behind them: against the program's,
against formulas by brute force, and against R where it is there."""

import math
import shutil
import subprocess
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import xarray

import common
import modeseek
from modeseek import exact, groups, inference, long_runs, stationarity, style
from modeseek.figures import survival

MIXTURE = """
name: chains
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.4, mean: 1, variance: 1}
    - {weight: 0.4, mean: -1, variance: 1}
"""
PRODUCT = """
name: product
target:
  family: product_mixture
  components:
    - {weight: 0.2, mean: {pattern: ramp, value: 2}, marginal: {type: gaussian, variance: 3}}
    - {weight: 0.5, mean: {pattern: alternating, value: 1}, marginal: {type: uniform, half_width: 1.5, smoothing: 0.4}}
    - {weight: 0.3, mean: [0, -1, 0.5], marginal: {type: two_point, half_distance: 0.9, smoothing: 0.4}}
sampler: {step_size: 0.1}
budget: {iterations: 40, chains: 64, stop_when_discovered: false}
snapshots: 40
observables: [positions, responsibility]
grid: {dimension: 3, start.component: [0, 1, 2]}
"""
SWEEPS = {
    "times": MIXTURE + """
sampler: {step_size: 0.1, iterations_per_patch: 20}
budget: {iterations: 600, chains: 48}
grid: {dimension: [4, 12, 60], patch_size: [2, full], seed: [1, 2]}
""",
    "snapshots": MIXTURE + """
sampler: {step_size: 0.1, iterations_per_patch: 20}
budget: {iterations: 800, chains: 48, stop_when_discovered: false}
snapshots: [0, 200, 800]
observables: [positions, squared_distance, responsibility]
grid: {dimension: 10, patch_size: [2, full], seed: [1, 2]}
""",
    "later": MIXTURE + """
sampler: {step_size: 0.1, iterations_per_patch: 20}
budget: {iterations: 1600, chains: 48, stop_when_discovered: false}
snapshots: 1600
grid: {dimension: 10, patch_size: [2, full], seed: [1, 2]}
""",
    "noise": MIXTURE + """
start: {component: 1}
sampler: {step_size: 0.01, schedule: {type: geometric, noise_level_min: 0.1, levels: 4}, iterations_per_pass: 100}
budget: {iterations: 100, chains: 64, stop_when_discovered: false}
snapshots: [50, 100]
grid: {dimension: 10, patch_size: [5, full], noise_level: [0, 1, 4]}
""",
    "noisy_times": MIXTURE + """
sampler: {step_size: 0.05, schedule: {type: geometric, noise_level_min: 0.1, levels: 4}, iterations_per_pass: 100}
budget: {iterations: 400, chains: 32}
grid: {dimension: 10, patch_size: [5, full], noise_level: [0, 1, 4]}
""",
    "runs": MIXTURE + """
sampler: {step_size: 0.1}
budget: {iterations: 6400, chains: 400, stop_when_discovered: false}
snapshots: {from: 800, to: 6400, factor: 2}
observables: [positions, squared_distance, mode]
grid: {dimension: 6, patch_size: 2, sampler.iterations_per_pass: [100, 200], sampler.step_size: [0.05, 0.2]}
""",
    "samplers": MIXTURE + """
budget: {iterations: 50, chains: 16}
snapshots: [10, 50]
grid: {dimension: 4, sampler: [{name: mala, step_size: 0.2}, {name: hmc, step_size: 0.4, leapfrog_steps: 3}]}
""",
    "starts": MIXTURE + """
sampler: {step_size: 0.1, iterations_per_patch: 20}
budget: {iterations: 2000, chains: 16}
grid: {dimension: 60, patch_size: [2, 5, full], start.component: [0, 1], sampler.step_size: [0.1, 0.05]}
""",
    "curves": MIXTURE + """
sampler: {step_size: 0.1}
budget: {iterations: 50, chains: 8}
grid: {dimension: [2, 4], patch_size: 2, sampler.iterations_per_patch: {from: 1, to: 15, step: 1}}
""",
    "product": PRODUCT,
    "file": MIXTURE.split("  components:")[0] + """  components: {file: components.csv}
sampler: {step_size: 0.1}
budget: {iterations: 10, chains: 8}
snapshots: 10
observables: [positions, mode]
grid: {dimension: 1}
""",
}


def setUpModule():
    global FILES
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    FILES = {name: Path(folder.name) / f"{name}.h5" for name in SWEEPS}
    (Path(folder.name) / "components.csv").write_text("weight,variance,mean\n0.5,3,0\n0.5,1,1\n")
    for name, text in SWEEPS.items():
        FILES[name].with_suffix(".yaml").write_text(text)
        common.modeseek("run", "--quiet", str(FILES[name].with_suffix(".yaml")), "-o", str(FILES[name]))


def plot(kind: str, *names: str, **options: object) -> modeseek.Drawing:
    return modeseek.plot(kind, [FILES[name] for name in names], modeseek.Options(**options))


def words_in(drawing: modeseek.Drawing) -> str:
    """All that can be read in a figure."""
    texts = drawing.figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(text.get_text() for text in texts)


def panels_of(drawing: modeseek.Drawing) -> list:
    return [axes for axes in drawing.figure.axes if axes.get_visible()]


class Figures(unittest.TestCase):
    def check_words(self, drawing: modeseek.Drawing, *words: str):
        for word in ("δ = 0.", "digest ", "chains per ", *words):
            self.assertIn(word, words_in(drawing))

    def refused(self, message: str, kind: str, *names: str, **options: object):
        with self.assertRaisesRegex(modeseek.Failure, message):
            plot(kind, *names, **options)


class Survival(Figures):
    def test_medians(self):
        """Where a curve and the ends of its band come down to 1/2 is the program's median and its interval."""
        checked = set()
        for rule in ("ball", "switch"):
            for mode in ("1", "any", "all"):
                told = {(row["dimension"], row["patch_size"]): row for row in common.summary(
                    FILES["times"], "--pool", "seed", "--rule", rule, "--mode", mode)}
                curves = survival.curves_of(
                    [modeseek.drawing.Source(FILES["times"], modeseek.Options(mode=mode))], rule,
                    modeseek.Options(mode=mode))
                self.assertEqual(len(curves), len(told))
                for curve in curves:
                    row = told[str(curve.group.dimension), str(curve.group.key[0] or curve.group.dimension)]
                    self.assertEqual(curve.median, float(row["median"]))
                    low = curve.first_below(curve.low)
                    self.assertEqual(low if math.isfinite(low) else curve.ends[-1], float(row["median_low"]))
                    self.assertEqual(curve.first_below(np.nan_to_num(curve.high)), float(row["median_high"]))
                    checked.add((math.isfinite(curve.median), bool(curve.censored_at.size)))
        self.assertEqual(checked, {(True, False), (True, True), (False, True)})

    def test_start_in_the_mode(self):
        """Chains that start in the mode have no curve, which is said; where all do there is no figure."""
        drawing = plot("survival", "starts", mode="1")
        said = "not drawn: 6 lines whose chains all start in the mode"
        self.assertIn(said, words_in(drawing))
        self.assertIn(said, drawing.remarks[-1])
        self.assertEqual(len(drawing.tables["-medians"]), 12)
        self.assertNotIn("start in component 1", words_in(drawing))
        self.refused("ball at iteration 0, because they start there", "survival", "starts", mode="1",
                     select=(("start.component", "1"),))

    def test_curves_can_be_told_apart(self):
        """No two have the same colour and marker; a line keeps both; beyond what can be told apart there is none."""
        def styles(**options: object) -> list[tuple]:
            axes = panels_of(plot("survival", "starts", mode="1", **options))[0]
            return [(line.get_color(), line.get_marker()) for line in axes.lines if line.get_marker() in style.MARKERS]

        every = styles()
        self.assertEqual((len(every), len(set(every))), (6, 6))
        one = styles(select=(("patch_size", "2"), ("sampler.step_size", "0.05")))
        self.assertEqual(len(one), 1)
        self.assertIn(one[0], every)
        self.refused(r"15 curves cannot be told apart, at most 14 can: choose by --select AXIS=VALUE,... among "
                     r"sampler.iterations_per_patch \(1, 2, 3, 4, 5, 6, 7, 8, ...\)$", "survival", "curves",
                     select=(("dimension", "4"), ("patch_size", "2")))

    def test_legend_has_room(self):
        """Fourteen curves: the legend is no taller than the figure, and nothing is said on standard error."""
        values = tuple(("sampler.iterations_per_patch", str(i)) for i in range(1, 15))
        drawing = plot("survival", "curves", select=(("dimension", "4"), *values))
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
            warnings.simplefilter("error")
            drawing.figure.draw_without_rendering()
            axes, = panels_of(drawing)
            legend = axes.get_legend().get_window_extent()
            self.assertEqual(len([text for text in axes.get_legend().get_texts() if "chained" in text.get_text()]), 14)
            self.assertLess(legend.height, drawing.figure.bbox.height)
            self.assertGreater(axes.get_window_extent().width, 5 * drawing.figure.dpi)
            drawing.save(f"{folder}/figure.png")

    def test_known_curve(self):
        """Five chains by hand: discovered at 1, 3 and 3, censored at 2 and 5."""
        time, share, low, high, at_risk, discovered = survival.kaplan_meier(
            np.array([1, 2, 3, 3, 5]), np.array([True, False, True, True, False]))
        for got, wanted in ((time, [1, 3]), (share, [4 / 5, 4 / 15]), (at_risk, [5, 3]), (discovered, [1, 2])):
            np.testing.assert_allclose(got, wanted)
        greenwood = np.sqrt([1 / 20, 1 / 20 + 2 / 3])
        spread = np.exp(1.959964 * greenwood / np.abs(np.log(share)))
        np.testing.assert_allclose(low, share**spread)
        np.testing.assert_allclose(high, share ** (1 / spread))

    @unittest.skipUnless(shutil.which("Rscript"), "no R")
    def test_against_r(self):
        """Curves and bands of R's package survival."""
        data = modeseek.chains(modeseek.open(FILES["times"]), "ball", "any")
        data["group"] = 1000 * data.dimension + data.patch_size
        code = ('if (!requireNamespace("survival", quietly=TRUE)) quit(status=77); library(survival); '
                'd <- read.csv(file("stdin")); for (g in sort(unique(d$group))) { '
                'f <- survfit(Surv(time, discovered) ~ 1, data=d[d$group == g, ], conf.type="log-log"); '
                'k <- f$n.event > 0; cat(sprintf("%d,%.17g,%.17g,%.17g,%.17g\\n", g, f$time[k], f$surv[k], f$lower[k], '
                'f$upper[k]), sep="") }')
        told = subprocess.run(["Rscript", "-e", code], stdout=subprocess.PIPE, text=True, check=False,
                              input=data.astype({"discovered": int}).to_csv(index=False))
        if told.returncode == 77:
            self.skipTest("R has no package survival")
        self.assertEqual(told.returncode, 0)
        rows = np.array([line.split(",") for line in told.stdout.replace("NA", "nan").split()], dtype=float)
        for group, mine in data.groupby("group"):
            got = np.column_stack(survival.kaplan_meier(mine.time.to_numpy(), mine.discovered.to_numpy())[:4])
            np.testing.assert_allclose(got, rows[rows[:, 0] == group, 1:], rtol=1e-7)  # 1.959964 has seven digits

    def test_figure(self):
        drawing = plot("survival", "times")
        self.check_words(drawing, "d = 4", "d = 60", "rule ball, 96 chains per curve", "vanilla (Q = d)",
                         "chained, Q = 2", "censored")
        panels = panels_of(drawing)
        self.assertEqual(len(panels), 3)
        for axes in panels:
            self.assertEqual(axes.get_yscale(), "linear")
            self.assertEqual(sum(line.get_drawstyle() == "steps-post" for line in axes.lines), 2)
        medians, curves, risks = (drawing.tables[name] for name in ("-medians", "", "-at-risk"))
        self.assertEqual(len(medians), 6)
        self.assertEqual(curves.groupby(["dimension", "line"]).discovered.sum().sum(), medians.discovered.sum())
        self.assertTrue((risks.at_risk <= 96).all())
        self.assertTrue((risks[risks.time <= 1].at_risk > 0).all())
        one = plot("survival", "times", select=(("dimension", "12"),), cost="coordinate_updates")
        self.check_words(one, "median ", "d = 12", "coordinate updates")
        both = medians[medians.dimension == 12].set_index("line")["median"]
        costs = one.tables["-medians"].set_index("line")["median"]
        self.assertEqual((costs["vanilla"], costs["Q=2"]), (12 * both["vanilla"], 2 * both["Q=2"]))

    def test_refusals(self):
        self.refused("no rule 'dominant'", "survival", "times", rule="dominant")
        self.refused("no mode '7'", "survival", "times", mode="7")
        self.refused("counted in seconds", "survival", "times", cost="seconds")
        self.refused("points in common", "survival", "times", "times")
        self.refused("no chain has discovered", "survival", "times", rule="switch", mode="all",
                     select=(("dimension", "60"), ("patch_size", "full")))


class Shares(Figures):
    def test_table(self):
        """The program's shares, Wilson's intervals as statsmodels has them, and the distance to the weights."""
        from statsmodels.stats.proportion import proportion_confint

        table = plot("shares", "snapshots").tables[""]
        told = {(row["patch_size"], int(row["iteration"])): row
                for row in common.summary(FILES["snapshots"], "--shares", "--pool", "seed")}
        self.assertEqual(len(table), 3 * len(told))
        self.assertEqual(set(table.chains), {96})
        for row in table.itertuples():
            of = told["10" if row.line == "vanilla" else "2", row.iteration]
            self.assertEqual(row.share, float(of[f"share_{row.component}"]))
            self.assertEqual(row.weight, (0.2, 0.4, 0.4)[row.component])
            np.testing.assert_allclose((row.low, row.high), proportion_confint(
                row.share * row.chains, row.chains, method="wilson"), atol=1e-6)
        for _, rows in table.groupby(["line", "iteration"]):
            self.assertAlmostEqual(rows.total_variation.iloc[0], (rows.share - rows.weight).abs().sum() / 2)

    def test_figures(self):
        both = plot("shares", "snapshots", "later")
        self.assertEqual(sorted(set(both.tables[""].iteration)), [0, 200, 800, 1600])
        self.assertEqual(len(panels_of(both)), 2)
        self.check_words(both, "vanilla (Q = d)", "chained, Q = 2", "target weights", "96 chains per point")
        dotted = [line for line in panels_of(both)[0].lines if line.get_linestyle() not in ("-", "None")]
        self.assertEqual(sorted(line.get_ydata()[0] for line in dotted), [0.2, 0.4, 0.4])
        single = plot("shares", "later")
        self.assertEqual([tick.get_text() for tick in panels_of(single)[0].get_xticklabels()],
                         ["vanilla (Q = d)", "chained,\nQ = 2"])
        self.assertIn("after 1600 iterations", words_in(single))

    def test_warning(self):
        """Samplers whose iterations cost differently, side by side in iterations."""
        for kind in ("shares", "distances", "survival"):
            drawing = plot(kind, "samplers")
            self.assertEqual(len(drawing.warnings), 1)
            self.assertIn("cost differently", words_in(drawing))
            self.assertEqual(set(drawing.tables[""].warning), set(drawing.warnings))

    def test_refusals(self):
        self.refused("no snapshots", "shares", "times")
        self.refused("same chains", "shares", "later", "later")

    def test_a_file_without_snapshots(self):
        """The others are drawn, and it is said which one is left out; alone it is refused."""
        for kind in ("shares", "distances"):
            drawing = plot(kind, "times", "snapshots")
            warning = f"left out: {FILES['times']} has no "
            self.assertTrue(drawing.warnings[0].startswith(warning))
            self.assertIn(warning, words_in(drawing))
            self.assertEqual(len(panels_of(drawing)), 2)
            self.refused("has no (snapshots|distances)", kind, "times")


class WithinPass(Figures):
    """Passes of 100 iterations at snapshots 50 and 100: five of six lines, vanilla has no passes."""

    def test_open_marks(self):
        drawing = plot("shares", "noise")
        background = {"white", "None"}
        opened = {axes.get_title(loc="left").replace("\n", " "): [
            tuple(line.get_xdata()) for line in axes.lines if line.get_markerfacecolor() in background
            and line.get_marker() not in ("None", "_")] for axes in panels_of(drawing)}
        self.assertEqual(sorted(len(marks) for marks in opened.values()), [0, 3, 3, 3, 3, 3])
        self.assertEqual({x for marks in opened.values() for mark in marks for x in mark}, {50.0})
        self.check_words(drawing, "open marks: in the middle of a pass (iteration 50)")
        table = drawing.tables[""]
        self.assertEqual(set(table.iteration[table.warning != ""]), {50})
        self.assertEqual(len(table[table.warning != ""]), 15)
        self.assertEqual(set(table.line[(table.warning == "") & (table.iteration == 50)]), {"vanilla"})

    def test_only_what_is_drawn(self):
        for kind in ("noise-level", "distances", "patch-size"):
            self.assertEqual(plot(kind, "noise", iteration=100).warnings, [])
            drawing = plot(kind, "noise", iteration=50)
            self.assertEqual(len(drawing.warnings), 1)
            self.check_words(drawing, "in the middle of a pass (iteration 50)")
            table = drawing.tables["-shares" if kind == "patch-size" else ""]
            self.assertIn("middle of a pass", "".join(table.warning))


class Distances(Figures):
    def test_numbers(self):
        """Distances of the positions to the means; where exact draws lie."""
        drawing = plot("distances", "snapshots")
        data = modeseek.open(FILES["snapshots"])
        quantiles = drawing.tables["-quantiles"]
        self.assertEqual(len(quantiles), 2 * 3 * 3)
        for row in quantiles.to_dict("records"):
            patch = 10 if row["line"] == "vanilla" else 2
            x = data.positions.sel(snapshot=row["iteration"]).values[data.patch_size.values == patch].reshape(-1, 10)
            distance = np.sqrt(((x - (0, 1, -1)[row["component"]]) ** 2).mean(axis=1))
            self.assertEqual(row["chains"], len(distance))
            self.assertAlmostEqual(row["quantile_0.5"], float(np.median(distance)))
            self.assertAlmostEqual(row["typical"], math.sqrt((3, 1, 1)[row["component"]]))
        points = drawing.tables[""]
        self.assertEqual(len(points), 2 * 3 * 96 * 3)
        for axes in panels_of(drawing):
            shown = sum(len(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "None")
            self.assertEqual(shown, 2 * 96 * 3)  # iteration 0 is not on the axis
        self.assertIn("iteration 0", drawing.remarks[0])
        self.check_words(drawing, "to mean 2", "d = 10", "exact draws")

    def test_thinned(self):
        drawing = plot("distances", "runs", select=(("sampler.step_size", "0.05"),), iteration=6400)
        self.assertEqual(len(drawing.tables[""]), 2 * 150 * 3)
        self.check_words(drawing, "400 chains per point, 150 of them drawn", "after 6400 iterations")

    def test_refusals(self):
        self.refused("no distances", "distances", "times")
        self.refused("no snapshot at iteration 7; it has 0, 200, 800", "distances", "snapshots", iteration=7)
        self.refused("no distances", "distances", "file")


class NoiseLevel(Figures):
    def test_shares(self):
        """Chains that are not in the component that they started in, at the last snapshot or at that asked for."""
        data = modeseek.open(FILES["noise"])
        for iteration in (None, 50):
            drawing = plot("noise-level", "noise", iteration=iteration)
            at = data.responsibility.sel(snapshot=iteration or 100)
            out = (at.transpose("point", "chain", "component").values.argmax(axis=2) != 1).sum(axis=1)
            wanted = {(int(q), float(s)): int(n) for q, s, n in zip(data.patch_size, data.noise_level, out)}
            rows = drawing.tables[""].to_dict("records")
            drawn = {(10 if row["line"] == "vanilla" else 5, row["noise_level"]): row["count"] for row in rows}
            self.assertEqual(drawn, wanted)
            self.assertEqual({round(row["by_weights"], 12) for row in rows}, {0.6})
        axes = panels_of(drawing)[0]
        labels = [tick.get_text() for tick in axes.get_xticklabels()]
        self.assertEqual(labels, ["0\nno noise", "1", "4"])
        self.assertLess(axes.get_xticks()[0], 1)
        self.check_words(drawing, "not chained (Q = d)", "chained, Q = 5", "after 50 iterations")

    def test_times(self):
        """Without snapshots it is the time, with the program's numbers."""
        drawing = plot("noise-level", "noisy_times", estimate="median")
        told = {(row["patch_size"], float(row["noise_level"])): row for row in common.summary(
            FILES["noisy_times"], "--pool", "seed", "--rule", "ball", "--mode", "any")}
        rows = drawing.tables[""].to_dict("records")
        self.assertEqual(len(rows), len(told))
        for row in rows:
            of = told[str(row["patch_size"]), row["noise_level"]]
            for name, end in (("value", ""), ("low", "_low"), ("high", "_high")):
                self.assertEqual(row[name], float(of["median" + end]))
        axes = panels_of(drawing)[0]
        self.assertEqual((axes.get_xscale(), axes.get_yscale()), ("log", "log"))
        self.check_words(drawing, "d = 10, rule ball", "median", "no noise", "Iterations until")

    def test_refusals(self):
        self.refused("all finished chains have noise level 0", "noise-level", "times")
        self.refused("no snapshot at iteration 7", "noise-level", "noise", iteration=7)
        self.refused("draws shares of chains.* takes no --mode then", "noise-level", "noise", mode="1")
        self.refused("draws discovery times, and takes no --iteration then", "noise-level", "noisy_times", iteration=7)

    def test_annealed(self):
        """Lines are called by their schedule, which a table does not tell, in every kind."""
        options = modeseek.Options()
        sources = [modeseek.drawing.Source(name, options) for name in (FILES["noise"], "table.csv")]
        self.assertEqual([source.schedule for source in sources], ["geometric", ""])
        drawing = plot("shares", "noise", select=(("noise_level", "1"),))
        told = "".join(text.get_text() for axes in drawing.figure.axes for text in
                       [*axes.get_xticklabels(), axes.title, axes._left_title])
        self.assertIn("annealed (Q = d)", told.replace("\n", " "))
        self.refused("points in common", "noise-level", "noise", "noise")


class Exact(unittest.TestCase):
    def test_responsibilities(self):
        """Those of the program, of every kind of marginal, pattern and start."""
        for name in ("product", "snapshots"):
            data = modeseek.open(FILES[name])
            for point in range(data.sizes["point"]):
                target = exact.target_of(data, point)
                x = data.positions.values[point, -1]
                np.testing.assert_allclose(target.responsibilities(x),
                                           data.responsibility.isel(point=point, snapshot=-1).values, atol=1e-12)

    def test_draws(self):
        """Means and variances within five standard errors, which is wrong once in 10^5 times for these 27 numbers;
        bounded and two-point laws by their fourth moments, too."""
        target, n = exact.target_of(modeseek.open(FILES["product"]), 0), 20000
        random = np.random.default_rng(5)
        for component in target.components:
            x = component.draw(n, random) - component.mean
            a, s = component.width, component.scale
            fourth = 3 * s**4 + {"gaussian": 0, "uniform": 2 * a**2 * s**2 + a**4 / 5,
                                 "two_point": 6 * a**2 * s**2 + a**4}[component.law]
            for power, wanted in ((1, 0), (2, component.variance), (4, fourth)):
                error = (x**power).std(axis=0) / math.sqrt(n)
                self.assertLess(np.abs(((x**power).mean(axis=0) - wanted) / error).max(), 5)
        share = target.responsibilities(target.draw(n, random)).mean(axis=0)  # its mean is the weight
        self.assertLess(np.abs(share - target.weights).max(), 5 * 0.5 / math.sqrt(n))

    def test_refused(self):
        with self.assertRaisesRegex(modeseek.Refusal, "components from a file.*second results file"):
            exact.target_of(modeseek.open(FILES["file"]), 0)


class Tests(unittest.TestCase):
    def test_energy_by_brute_force(self):
        random = np.random.default_rng(1)
        x, y = random.normal(size=(7, 3)), random.normal(size=(5, 3)) + 1

        def mean(a: np.ndarray, b: np.ndarray, of) -> float:
            return sum(of(np.linalg.norm(p - q)) for p in a for q in b) / (len(a) * len(b))

        wanted = 2 * mean(x, y, float) - mean(x, x, float) - mean(y, y, float)
        self.assertAlmostEqual(stationarity.energy_distance(x, y), wanted)
        self.assertAlmostEqual(stationarity.energy_test(x, y).statistic, wanted)
        every = np.concatenate([x, y])
        width = np.median([np.linalg.norm(every[i] - every[j]) for i in range(12) for j in range(i)])

        def kernel(r: float) -> float:
            return math.exp(-r**2 / (2 * width**2))

        self.assertAlmostEqual(stationarity.mmd_test(x, y).statistic,
                               mean(x, x, kernel) + mean(y, y, kernel) - 2 * mean(x, y, kernel))

    def test_holm(self):
        """The correction is that of statsmodels."""
        from scipy.stats import ks_2samp
        from statsmodels.stats.multitest import multipletests

        random = np.random.default_rng(2)
        x, y = random.normal(size=(400, 4)), random.normal(size=(400, 4)) + (0, 0.1, 0.25, 0.2)
        each = [ks_2samp(x[:, j], y[:, j], method="asymp").pvalue for j in range(4)]
        np.testing.assert_allclose(stationarity.kolmogorov_smirnov(x, y), multipletests(each, method="holm")[1])

    def test_known_distance(self):
        """Samples of one number each: 0 and 1 have energy distance 2, and {0, 2} and {1} 2 - 1 = 1."""
        self.assertEqual(stationarity.energy_distance(np.array([[0.0]]), np.array([[1.0]])), 2)
        self.assertEqual(stationarity.energy_distance(np.array([[0.0], [2.0]]), np.array([[1.0]])), 1)

    def test_false_alarms(self):
        """Exact draws against exact draws, 200 times: more than 22 rejections at 5 % would come once in 5000 times, for each test."""
        target = exact.target_of(modeseek.open(FILES["product"]), 0)
        random, alarms = np.random.default_rng(7), np.zeros(3, dtype=int)
        for _ in range(200):
            x, y = target.draw(40, random), target.draw(40, random)
            p = [stationarity.energy_test(x, y, 99).p_value, stationarity.mmd_test(x, y, 99).p_value,
                 stationarity.kolmogorov_smirnov(x, y).min()]
            alarms += np.array(p) <= 0.05
        self.assertTrue((alarms <= 22).all(), alarms)
        self.assertGreater(alarms[0], 1)

    def test_power(self):
        """A shifted law, and one with other weights, is rejected as far as the permutations reach."""
        target = exact.target_of(modeseek.open(FILES["product"]), 0)
        random = np.random.default_rng(8)
        x, y = target.draw(300, random), target.draw(300, random) + 0.5
        self.assertEqual(stationarity.energy_test(x, y).p_value, 1 / (stationarity.PERMUTATIONS + 1))
        self.assertEqual(stationarity.mmd_test(x, y).p_value, 1 / (stationarity.PERMUTATIONS + 1))
        self.assertLess(stationarity.kolmogorov_smirnov(x, y).max(), 0.01)
        self.assertEqual(stationarity.energy_test(x, y), stationarity.energy_test(x, y))  # a fixed seed
        one = target.components[1].draw(300, random)
        self.assertLess(stationarity.energy_test(x, one).p_value, 0.01)

    def test_bad_samples(self):
        for x, y in ((np.zeros((3, 2)), np.zeros((3, 3))), (np.zeros((1, 2)), np.zeros((3, 2))),
                     (np.zeros((stationarity.ROWS_MAX, 1)), np.zeros((2, 1)))):
            with self.assertRaises(ValueError):
                stationarity.energy_test(x, y)


class Extrapolations(unittest.TestCase):
    def sample(self, random: np.random.Generator,
               chains: int = 50) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Two snapshots of each chain, with a common part, of the law 1 + 2 δ + 3/passes; the noise differs by δ."""
        rows, group = [], 0
        for delta in (0.05, 0.1, 0.2):
            for _ in range(chains):
                common_part, group = random.normal(), group + 1
                for passes in (10.0, 40.0):
                    noise = 5 * delta * (common_part + random.normal())
                    rows.append((delta, 1 / passes, 1 + 2 * delta + 3 / passes + noise, group))
        delta, inverse, value, chain = np.array(rows).T
        return {"step_size": delta, "1/pass_time": np.ones(len(delta)), "1/passes": inverse}, value, chain

    def test_coverage(self):
        """95 % intervals of 300 samples hold the truth 270 to 297 times; outside of it once in 6000 times, were the
        coverage exact."""
        random = np.random.default_rng(3)
        fits = [stationarity.extrapolate(*self.sample(random)) for _ in range(300)]
        self.assertEqual(set(fits[0].coefficients), {"step_size", "1/passes"})  # a constant is no term
        held = sum(fit.low <= 1 <= fit.high for fit in fits)
        self.assertTrue(270 <= held <= 297, held)
        slopes = np.array([(fit.coefficients["step_size"], fit.coefficients["1/passes"]) for fit in fits])
        error = slopes.std(axis=0) / math.sqrt(300)
        self.assertLess(np.abs((slopes.mean(axis=0) - (2, 3)) / error).max(), 4)
        there = fits[0].at(**{"step_size": 0.1, "1/passes": 0.1})
        self.assertAlmostEqual(there, fits[0].value + slopes[0] @ (0.1, 0.1))
        self.assertAlmostEqual(fits[0].half_width(), (fits[0].high - fits[0].low) / 2)

    def test_same_chains_twice(self):
        """Rows that are given twice, as the same chains, say nothing new."""
        terms, value, chain = self.sample(np.random.default_rng(4))
        once = stationarity.extrapolate(terms, value, chain)
        twice = stationarity.extrapolate({name: np.tile(term, 2) for name, term in terms.items()}, np.tile(value, 2),
                                         np.tile(chain, 2))
        self.assertAlmostEqual(twice.value, once.value, places=2)
        self.assertLess(abs(twice.half_width() / once.half_width() - 1), 0.02)

    def test_nothing_to_fit(self):
        same = np.ones(10)
        self.assertIsNone(stationarity.extrapolate({"step_size": same}, same, np.arange(10)))


class Stationarity(Figures):
    def test_figure(self):
        drawing = plot("stationarity", "runs")
        data = modeseek.open(FILES["runs"])
        table, fits, tests = (drawing.tables[name] for name in ("", "-fits", "-tests"))
        self.assertEqual(len(table), 4 * 4 * 4)  # points, snapshots, quantities
        self.assertEqual(list(fits.quantity), ["share_0", "share_1", "share_2", "mean_square"])
        self.assertEqual(list(tests.step_size), [0.05, 0.2])
        self.assertTrue((tests.pass_iterations == 200).all() and (tests.iteration == 6400).all())
        x = data.positions.values[:, -1]
        for row in table[table.iteration == 6400].itertuples():
            point = np.flatnonzero((data["sampler.step_size"].values == row.step_size)
                                   & (data["sampler.iterations_per_pass"].values == row.pass_iterations))
            mode = data.chain_mode.values[point[0], -1]
            value = (x[point[0]] ** 2 if row.quantity == "mean_square" else mode == int(row.quantity[-1])).mean()
            self.assertAlmostEqual(row.value, value)
            self.assertTrue(row.low < row.value < row.high)
        mean_square = fits[fits.quantity == "mean_square"].exact.item()
        self.assertAlmostEqual(mean_square, 0.2 * 3 + 0.8 * (1 + 1))
        self.check_words(drawing, "d = 6, chained, Q = 2, 400 chains per point", "energy distance", "exact draws",
                         "extrapolated to δ → 0,\ninfinitely many and long passes", "∞")

    def test_reference(self):
        """A second file takes the place of exact draws; a file is of its own law."""
        drawing = plot("stationarity", "file", "file")
        self.assertEqual((drawing.tables["-tests"].energy_p.item(), drawing.tables["-tests"].modes_p.item()), (1, 1))
        self.assertIn("a reference", words_in(drawing))

    def test_warning(self):
        """Passes of equal length and two step sizes: nothing tells their biases apart, and that is said."""
        drawing = plot("stationarity", "runs", select=(("sampler.iterations_per_pass", "200"),))
        self.assertIn("cannot be separated from that of δ", drawing.warnings[-1])
        self.assertIn(drawing.warnings[-1], words_in(drawing))
        self.assertIn(drawing.warnings[-1], drawing.tables["-fits"].warning.iloc[0])

    def test_modes_test(self):
        """Numbers as expected have p = 1, others not; modes that nobody is in do not matter."""
        reference = long_runs.Reference(np.array([200, 400, 400, 0]), 1.0, np.empty((0, 0)), "")

        def cell(*count: int) -> long_runs.Cell:
            return long_runs.Cell(0.1, 0, 1, np.repeat(np.arange(len(count)), count), np.empty(0), np.empty((0, 0)),
                                  np.arange(sum(count)))

        self.assertAlmostEqual(long_runs.modes_test(cell(20, 40, 40), reference), 1)
        self.assertLess(long_runs.modes_test(cell(60, 20, 20), reference), 1e-6)
        self.assertLess(long_runs.modes_test(cell(18, 36, 36, 10), reference), 1e-6)

    def test_refusals(self):
        self.refused("no snapshots", "stationarity", "times")
        self.refused(r"one line at one dimension can.*2: choose by --select AXIS=VALUE,... among patch_size \(full, 2\)",
                     "stationarity", "snapshots")
        self.refused("components from a file", "stationarity", "file")
        self.refused("no snapshot at iteration 5", "stationarity", "runs", iteration=5)


class Modes(unittest.TestCase):
    def test_not_there(self):
        """A chain that did not come to a snapshot is in no mode."""
        nan = math.nan
        shares = xarray.Dataset({"responsibility": (("chain", "component"), [[0.2, 0.8], [nan, nan]])})
        self.assertEqual(long_runs.modes_at(shares, np.empty((2, 0)), None).tolist(), [1, -1])
        target = exact.target_of(modeseek.open(FILES["product"]), 0)
        position = np.array([[-2.0, 0, 2], [nan, nan, nan]])
        self.assertEqual(long_runs.modes_at(xarray.Dataset(), position, target).tolist(), [0, -1])

    def test_strange_modes(self):
        """Components that there are not, as a file may say, count nowhere, and cost no memory."""
        source = modeseek.drawing.Source(FILES["runs"], modeseek.Options())
        source.data.chain_mode.values[0, :, :2] = (2**40, -7)
        cells = long_runs.cells_of(source, (0,), None, None)
        self.assertEqual({len(cell.mode) for cell in cells}, {source.data.sizes["chain"] - 2})


class Groups(unittest.TestCase):
    def test_wilson(self):
        """Of no chain out of ten, from 0 to 3.84/(10 + 3.84); of five, symmetric."""
        low, high = inference.wilson(0, 10)
        self.assertEqual((float(low), round(float(high), 4)), (0, 0.2775))
        low, high = inference.wilson(5, 10)
        self.assertAlmostEqual(float(low + high), 1)

    def test_colours_stay(self):
        """A line has the colour that it has in the whole sweep, whatever of it is done."""
        from modeseek.style import Look

        source = modeseek.drawing.Source(FILES["times"], modeseek.Options())
        keys = [group.key for group in groups.groups_of(source)]
        every = groups.styles_of([source], keys, Look())
        self.assertEqual(groups.styles_of([source], keys[:1], Look())[keys[0]], every[keys[0]])
        self.assertEqual(len(set(every.values())), len(set(keys)))


if __name__ == "__main__":
    unittest.main()
