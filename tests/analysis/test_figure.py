# SPDX-License-Identifier: GPL-3.0-or-later
"""`modeseek plot hardness` on a real results file: what is in the figure; tables hold what the program says."""

import math
import unittest
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex

import common
import modeseek
from modeseek import lines, marks, style
from modeseek.drawing import Options, Source
from modeseek.points import read_points, unequal

BUDGETS = [(600.0, 1.0)]  # of tiny.yaml
VANILLA, CHAINED = (color.lower() for color in style.COLORS[:2])


def marks_in(axes: plt.Axes, color: str, markers: str = style.MARKERS) -> int:
    """How many marks of a colour are drawn, with one of these markers."""
    drawn = [line for line in axes.lines if line.get_marker() in [*markers] and to_hex(line.get_color()) == color
             and line.get_alpha() != 0]
    return sum(int(np.isfinite(np.array(line.get_ydata(), dtype=float)).sum()) for line in drawn)


def labels_of(axes: plt.Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


class Figure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, cls.results = common.run_tiny()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.fitted = []

    def tearDown(self):
        plt.close("all")

    def axes(self, *words: str, source: Path = None) -> plt.Axes:
        """Of the figure that it is drawn in; words are fields of Options."""
        drawing = modeseek.plot("hardness", [source or self.results], Options(**dict(w.split("=") for w in words)))
        return drawing.figure.axes[0]

    def draw(self, name: str, *options: str, source: Path = None) -> Path:
        figure = Path(self.folder.name) / name
        table = [] if "--csv" in options else ["--csv", figure.with_suffix(".csv")]
        code, message = common.curve(source or self.results, "-o", figure, *table, *options)
        self.assertEqual(code, 0, message)
        return figure

    def test_image(self):
        """Marks of both lines, each with its colour; the legend names them; n, step size and digest are told."""
        axes = self.axes("estimate=mean")
        self.assertEqual([marks_in(axes, color) for color in (VANILLA, CHAINED)], [3, 4])  # and a bound
        labels = labels_of(axes)
        self.assertTrue(labels[0].startswith("vanilla (Q = d)") and labels[1].startswith("chained, Q = 4"), labels)
        self.assertIn("mean, 95 % interval", labels)
        told = " ".join(text.get_text() for text in [*axes.texts, *axes.figure.texts])
        for words in ("rule ball", "80 chains per point", "δ = 0.1",
                      f"digest {common.modeseek('digest', str(self.results)).split()[0]}"):
            self.assertIn(words, told)

    def test_budgets(self):
        """They are read from the file; a table has none."""
        source = Source(self.results, Options())
        self.assertEqual(marks.budgets_of([source, Source("table.csv", Options())], "iterations"), BUDGETS)
        drawn = [line for line in self.axes().lines if list(line.get_ydata()) == [600, 600]]
        self.assertEqual(len(drawn), 1)

    def test_bound_is_drawn(self):
        """The point without any discovery is an arrow upwards, and no estimate."""
        table = common.modeseek("summary", str(self.results), "--csv", "--pool", "seed").splitlines(keepends=True)
        whole, without = (Path(self.folder.name) / name for name in ("whole.csv", "without.csv"))
        whole.write_text("".join(table))
        without.write_text("".join(row for row in table if not row.startswith("120,120,")))
        arrows = []
        for source in (whole, without):
            axes = self.axes("estimate=mean", source=source)
            arrows.append([text.xy[0] for text in axes.texts if text.arrow_patch])
            self.assertEqual(marks_in(axes, VANILLA), 3)
            self.assertEqual(marks_in(axes, VANILLA, "_"), 3 * 2 + len(arrows[-1]))  # bars have two ends
            self.assertEqual("mean: 95 % lower bound only" in labels_of(axes), bool(arrows[-1]))
        self.assertEqual(arrows, [[120], []])

    def test_doubts_are_drawn(self):
        """A mean that is not to be trusted is not drawn like one that is."""
        lines = common.modeseek("summary", str(self.results), "--csv", "--pool", "seed").splitlines()
        column = lines[0].split(",").index("exponential")
        drawn = {}
        for verdict in ("yes", "no", "untested"):
            rows = [line.split(",") for line in lines]
            for row in rows[1:]:
                if row[:2] == ["20", "20"]:  # discovered by some
                    row[column] = verdict
            source = Path(self.folder.name) / f"{verdict}-table.csv"
            source.write_text("\n".join(",".join(row) for row in rows) + "\n")
            figure = self.draw(f"{verdict}-doubt.png", "--mode", "1", source=source)
            of_it = [mark for mark in common.read_table(figure.with_suffix(".csv"))
                     if (mark["line"], mark["dimension"], mark["statistic"]) == ("vanilla", "20", "mean")]
            self.assertEqual([mark["exponential"] for mark in of_it], [verdict])
            self.assertNotEqual(of_it[0]["censored"], "0")
            axes = self.axes("mode=1", "estimate=mean", source=source)
            signs = {marker: marks_in(axes, VANILLA, [marker]) for marker in marks.DOUBT_MARKERS.values()}
            drawn[verdict] = (signs, [label for label in labels_of(axes) if label.startswith("exponential mean")])
        trusted, doubted, untested = (drawn[verdict] for verdict in ("yes", "no", "untested"))
        self.assertEqual(doubted[0]["x"], trusted[0]["x"] + 1)
        self.assertEqual(untested[0]["$?$"], trusted[0]["$?$"] + 1)
        self.assertTrue(any("not exponential" in label.replace("\n", " ") for label in doubted[1]))
        self.assertTrue(any("untested" in label for label in untested[1]))

    def test_further_axes(self):
        """A line for each sampler, named in tables and legend; the file's first rule where it has no ball."""
        results = Path(self.folder.name) / "samplers.h5"
        sweep = Path(self.folder.name) / "samplers.yaml"
        text = (common.HERE.parent / "cli" / "input" / "samplers.yaml").read_text()
        sweep.write_text(text.replace("rules: [switch, ball]", "rules: [switch]"))
        common.modeseek("run", "--quiet", str(sweep), "-o", str(results))
        figure = self.draw("samplers.svg", source=results)
        told = common.summary(results, "--pool", "seed", "--mode", "any")
        drawn = common.read_table(figure.with_suffix(".csv"))
        key = ("sampler", "dimension", "chains", "discovered")
        self.assertEqual([row["sampler"] for row in told], [s for s in ("langevin", "mala", "hmc") for _ in range(2)])
        self.assertEqual([[mark[name] for name in key] for mark in drawn if mark["statistic"] == "median"],
                         [[row[name] for name in key] for row in told])
        fits = common.read_table(figure.with_name("samplers-fits.csv"))
        self.assertEqual({row["sampler"] for row in fits}, {"langevin", "mala", "hmc"})
        self.check_costs(results, drawn, fits, figure.read_text())
        points, rule = read_points(str(results), None, "any", None)
        self.assertEqual(rule, "switch")
        drawn_lines = lines.group_lines(points)
        varying = lines.varying_axes(drawn_lines)
        self.assertEqual([lines.describe(line, varying) for line in drawn_lines],
                         [f"{name}, vanilla (Q = d)" for name in ("langevin", "mala", "hmc")])

    def check_costs(self, results: Path, iterations: list[dict], fits: list[dict], figure: str):
        """Iterations of samplers that cost differently come with a warning, wherever they stand; costs without."""
        cost = {"langevin": 1, "mala": 1, "hmc": 5}
        why = unequal([(1, 0), (1, 1), (5, 1)])
        self.assertIn("--cost score_evaluations", why)
        self.assertIn("some also evaluate the density", unequal([(1, 0), (1, 1)]))
        self.assertEqual(unequal([(1, 1), (1, 1)]), "")
        for row in iterations + fits:
            self.assertEqual((row["cost"], row["warning"]), ("iterations", why))
        self.assertIn(why.replace("--", "- -"), figure)  # text in a comment of XML
        code, told = common.curve(results, "-o", Path(self.folder.name) / "costs.svg", "--cost", "score_evaluations",
                                  "--csv", Path(self.folder.name) / "costs.csv")
        self.assertEqual(code, 0, told)
        self.assertNotIn("warning", told)
        self.assertNotIn("cost differently", (Path(self.folder.name) / "costs.svg").read_text())
        costs = common.read_table(Path(self.folder.name) / "costs.csv")
        self.assertEqual(len(costs), len(iterations))
        for row, of_iterations in zip(costs, iterations):
            self.assertEqual((row["cost"], row["warning"]), ("score_evaluations", ""))
            for name in ("value", "low", "high"):
                self.assertEqual(float(row[name]), cost[row["sampler"]] * float(of_iterations[name]))
        moved, _ = read_points(str(results), None, "any", None, "coordinate_updates")
        plain, _ = read_points(str(results), None, "any", None)
        self.assertEqual([p.at_risk for p in moved],
                         [p.dimension * cost[dict(p.further)["sampler"]] * p.at_risk for p in plain])
        self.assertEqual(marks.budgets_of([Source(results, Options())], "score_evaluations"),
                         [(2000.0, 1.0), (10000.0, 5.0)])
        table = common.summary(results, "--pool", "seed")
        self.assertEqual({row["warning"] for row in table},
                         {"iterations of different samplers cost differently; score evaluations compare them"})

    def test_styles(self):
        """A colour for each sampler and a marker for each patch size; in turn where there are too many."""
        keys = [lines.Line(patch, 0, (("sampler", name),), []) for patch in (None, 5) for name in "abc"]
        colors, markers = zip(*marks.styles_of(keys, [], style.Look()))
        self.assertEqual((colors[:3], len(set(colors))), (colors[3:], 3))
        self.assertEqual([len(set(markers[i:i + 3])) for i in (0, 3)], [1, 1])
        self.assertNotEqual(markers[0], markers[3])
        many = [lines.Line(patch, 0, (("v", str(v)),), []) for patch in (None, 5) for v in range(8)]
        self.assertEqual(len(set(marks.styles_of(many, [], style.Look()))), len(many))

    def test_names_of_axes(self):
        """An axis is called by the last part of its path where no other one has it; one that does not vary is not."""
        def line(**further: str) -> lines.Line:
            return lines.Line(None, 0, tuple((name.replace("_", "."), further[name]) for name in further), [])

        three = [line(a_v="1", b_v="2", c_w="3", d_x="$x$"), line(a_v="2", b_v="1", c_w="4", d_x="y"), line(c_w="3")]
        self.assertEqual(lines.varying_axes(three), {"a.v": "a.v", "b.v": "b.v", "c.w": "w", "d.x": "x"})
        self.assertEqual(lines.describe(three[0], lines.varying_axes(three)),
                         r"a.v 1, b.v 2, w 3, \$x\$, vanilla (Q = d)")
        self.assertEqual(lines.describe(three[0], lines.varying_axes(three[:1])), "vanilla (Q = d)")
        names = [lines.describe(lines.Line(patch, 1, (), [], schedule=schedule), {})
                 for schedule in ("geometric", "constant", "") for patch in (None, 4)]
        self.assertEqual(names, ["annealed (Q = d), σ = 1", "chained and annealed, Q = 4, σ = 1",
                                 "constant noise (Q = d), σ = 1", "chained, constant noise, Q = 4, σ = 1",
                                 "not chained (Q = d), σ = 1", "chained, Q = 4, σ = 1"])

    def check_tables(self, mode: str, rule: str):
        figure = self.draw(f"{rule}-{mode}.png", "--mode", mode, "--rule", rule)
        drawn = common.read_table(figure.with_suffix(".csv"))
        told = {(row["dimension"], row["patch_size"]): row
                for row in common.summary(self.results, "--pool", "seed", "--rule", rule, "--mode", mode)}
        self.assertEqual(len(told), 7)
        # Q = d = 4 is on the vanilla line and on the one of Q = 4; two marks a point, mean and median
        self.assertEqual(len(drawn), 2 * (7 + 1))
        for name, dimensions in (("vanilla", ["4", "8", "20", "120"]), ("Q=4", ["4", "8", "20", "120"])):
            for statistic in ("mean", "median"):
                self.assertEqual(dimensions, [mark["dimension"] for mark in drawn
                                              if (mark["line"], mark["statistic"]) == (name, statistic)])
        kinds = set()
        for mark in drawn:
            row, statistic = told[mark["dimension"], mark["patch_size"]], mark["statistic"]
            with self.subTest(mark=mark):
                for name in ("chains", "discovered", "censored"):
                    self.assertEqual(mark[name], row[name])
                kinds.add((statistic, mark["kind"]))
                found, chains = int(row["discovered"]), int(row["chains"])
                if statistic == "mean" and mode == "all" and 2 * found < chains:
                    self.assertEqual(mark["kind"], "lower_bound")
                    self.assertEqual(float(mark["low"]), float(row["median_low"]))
                    continue
                is_known = math.isfinite(float(row[statistic]))
                self.assertEqual(mark["kind"], "estimate" if is_known else "lower_bound")
                self.assertEqual(mark["exponential"], row["exponential"])
                is_plain = statistic == "mean" and found == chains and row["exponential"] != "yes"
                self.assertEqual(mark["basis"], "kaplan_meier" if statistic == "median" else
                                 "plain" if is_plain else "exponential")
                source = "restricted_mean" if is_plain else statistic
                for name, end in (("value", ""), ("low", "_low"), ("high", "_high")):
                    self.assertEqual(float(mark[name]), float(row[source + end]))
        self.assertEqual(len(kinds), 4)  # estimates and bounds of both statistics occur
        fits = {(row["line"], row["law"]): row for row in common.read_table(figure.with_name(f"{rule}-{mode}-fits.csv"))}
        fitted = [mark for mark in drawn if (mark["line"], mark["statistic"]) == ("vanilla", "mean")
                  and mark["discovered"] != "0" and mark["basis"] != "kaplan_meier"
                  and (mark["basis"] == "plain" or mark["exponential"] != "no")]
        self.assertEqual(("vanilla", "exponential") in fits, len(fitted) >= 2)
        self.fitted.append(len(fitted))
        for row in fits.values():
            if row["points"] == "2":  # no scatter to be seen
                self.assertEqual((row["slope_low"], row["slope_high"]), ("", ""))
                continue
            self.assertLess(float(row["slope_low"]), float(row["slope"]))
            self.assertLess(float(row["slope"]), float(row["slope_high"]))

    def test_tables(self):
        for mode in ("any", "all", "2"):
            for rule in ("ball", "switch"):
                self.check_tables(mode, rule)
        self.assertTrue(min(self.fitted) < 2 <= max(self.fitted))  # fits with enough points occur, and too few

    def test_from_table(self):
        """The table that the program prints gives the same as the results file."""
        table = Path(self.folder.name) / "table.csv"
        table.write_text(common.modeseek("summary", str(self.results), "--csv", "--pool", "seed"))
        one, other = self.draw("one.png"), self.draw("other.png", source=table)
        self.assertEqual(one.with_suffix(".csv").read_text(), other.with_suffix(".csv").read_text())

    def test_estimate(self):
        for estimate in ("mean", "median"):
            figure = self.draw(f"{estimate}.svg", "--estimate", estimate, "--csv", f"{self.folder.name}/{estimate}-marks.csv")
            marks = common.read_table(figure.with_name(f"{estimate}-marks.csv"))
            self.assertEqual({mark["statistic"] for mark in marks}, {estimate})
            self.assertTrue(figure.with_name(f"{estimate}-marks-fits.csv").exists())
            self.assertIn("<svg", figure.read_text()[:2000])


if __name__ == "__main__":
    unittest.main()
