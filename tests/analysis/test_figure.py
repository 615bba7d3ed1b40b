# SPDX-License-Identifier: GPL-3.0-or-later
"""hardness_curve.py on a real results file: the image shows something, the tables hold what the program says."""

import math
import unittest
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np

import common
import hardness_curve

BUDGETS = {(600.0, 1.0)}  # of tiny.yaml
VANILLA, CHAINED = (np.array([int(color[i:i + 2], 16) for i in (1, 3, 5)]) for color in hardness_curve.COLORS[:2])


def pixels_like(image: np.ndarray, color: np.ndarray) -> int:
    return int((np.abs(image[:, :, :3] * 255 - color).max(axis=2) < 8).sum())


class Figure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder, cls.results = common.run_tiny()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.fitted = []

    def draw(self, name: str, *options: str, source: Path = None) -> Path:
        figure = Path(self.folder.name) / name
        code, message = common.curve(source or self.results, "-o", figure, *options)
        self.assertEqual(code, 0, message)
        return figure

    def test_image(self):
        image = matplotlib.image.imread(self.draw("image.png"))
        height, width = image.shape[:2]
        self.assertTrue(1200 <= width <= 4000 and 600 <= height <= 2500, image.shape)
        drawn = float((image[:, :, :3].min(axis=2) < 0.95).mean())
        self.assertTrue(0.01 < drawn < 0.4, drawn)
        for color in (VANILLA, CHAINED):  # the marks alone cover more
            self.assertGreater(pixels_like(image, color), 500)

    def test_budgets(self):
        """They are read from the file, and from none that leads elsewhere."""
        budgets = hardness_curve.read_budgets(str(self.results))
        self.assertEqual(budgets, BUDGETS)
        self.assertEqual(hardness_curve.read_budgets("table.csv"), set())
        elsewhere = Path(self.folder.name) / "elsewhere.h5"
        for make in (lambda file: file.__setitem__("iterations", h5py.ExternalLink(str(self.results), "iterations")),
                     lambda file: file.__setitem__("iterations", h5py.SoftLink("/nowhere")),
                     lambda file: file.create_dataset("iterations", (1,), "<i8", external=[(str(self.results), 0, 8)])):
            with h5py.File(elsewhere, "w") as file:
                make(file)
            self.assertEqual(hardness_curve.read_budgets(str(elsewhere)), set())

    def test_bound_is_drawn(self):
        """The point without any discovery shows: there is less of the vanilla colour when it is taken out."""
        table = common.modeseek("summary", str(self.results), "--csv", "--pool", "seed").splitlines(keepends=True)
        whole, without = (Path(self.folder.name) / name for name in ("whole.csv", "without.csv"))
        whole.write_text("".join(table))
        without.write_text("".join(row for row in table if not row.startswith("120,120,")))
        images = [matplotlib.image.imread(self.draw(f"{source.stem}-bound.png", "--estimate", "mean", source=source))
                  for source in (whole, without)]
        right = [image[:, image.shape[1] // 2:] for image in images]  # the legend is there in both
        self.assertGreater(pixels_like(right[0], VANILLA), pixels_like(right[1], VANILLA) + 100)

    def test_doubts_are_drawn(self):
        """A mean that is not to be trusted is not drawn like one that is."""
        lines = common.modeseek("summary", str(self.results), "--csv", "--pool", "seed").splitlines()
        column = lines[0].split(",").index("exponential")
        images = {}
        for verdict in ("yes", "no", "untested"):
            rows = [line.split(",") for line in lines]
            for row in rows[1:]:
                if row[:2] == ["20", "20"]:  # discovered by some
                    row[column] = verdict
            source = Path(self.folder.name) / f"{verdict}-table.csv"
            source.write_text("\n".join(",".join(row) for row in rows) + "\n")
            figure = self.draw(f"{verdict}-doubt.png", "--mode", "1", source=source)
            images[verdict] = matplotlib.image.imread(figure)
            marks = [mark for mark in common.read_table(figure.with_suffix(".csv"))
                     if (mark["line"], mark["dimension"], mark["statistic"]) == ("vanilla", "20", "mean")]
            self.assertEqual([mark["exponential"] for mark in marks], [verdict])
            self.assertNotEqual(marks[0]["censored"], "0")
        trusted, doubted = (pixels_like(images[verdict], VANILLA) for verdict in ("yes", "no"))
        self.assertNotEqual(trusted, doubted)
        self.assertFalse(images["no"].shape == images["untested"].shape and (images["no"] == images["untested"]).all())

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
        points, rule = hardness_curve.read_points(str(results), None, "any", None)
        self.assertEqual(rule, "switch")
        lines = hardness_curve.group_lines(points)
        varying = hardness_curve.varying_axes(lines)
        self.assertEqual([hardness_curve.describe(line, varying) for line in lines],
                         [f"{name}, vanilla (Q = d)" for name in ("langevin", "mala", "hmc")])

    def check_costs(self, results: Path, iterations: list[dict], fits: list[dict], figure: str):
        """Iterations of samplers that cost differently come with a warning, wherever they stand; costs without."""
        cost = {"langevin": 1, "mala": 1, "hmc": 5}
        for row in iterations + fits:
            self.assertEqual((row["cost"], row["warning"]), ("iterations", hardness_curve.UNEQUAL))
        self.assertIn(hardness_curve.UNEQUAL.replace("--", "- -"), figure)  # text in a comment of XML
        code, told = common.curve(results, "-o", Path(self.folder.name) / "costs.svg", "--cost", "score_evaluations")
        self.assertEqual(code, 0, told)
        self.assertNotIn("warning", told)
        self.assertNotIn("cost differently", (Path(self.folder.name) / "costs.svg").read_text())
        costs = common.read_table(Path(self.folder.name) / "costs.csv")
        self.assertEqual(len(costs), len(iterations))
        for row, of_iterations in zip(costs, iterations):
            self.assertEqual((row["cost"], row["warning"]), ("score_evaluations", ""))
            for name in ("value", "low", "high"):
                self.assertEqual(float(row[name]), cost[row["sampler"]] * float(of_iterations[name]))
        moved, _ = hardness_curve.read_points(str(results), None, "any", None, "coordinate_updates")
        plain, _ = hardness_curve.read_points(str(results), None, "any", None)
        self.assertEqual([p.at_risk for p in moved],
                         [p.dimension * cost[dict(p.further)["sampler"]] * p.at_risk for p in plain])
        self.assertEqual(hardness_curve.read_budgets(str(results), "score_evaluations"),
                         {(2000.0, 1.0), (10000.0, 5.0)})
        table = common.summary(results, "--pool", "seed")
        self.assertEqual({row["warning"] for row in table},
                         {"iterations of different samplers cost differently; score evaluations compare them"})

    def test_styles(self):
        """A colour for each sampler and a marker for each patch size; in turn where there are too many."""
        lines = [hardness_curve.Line(patch, 0, (("sampler", name),), []) for patch in (None, 5) for name in "abc"]
        colors, markers = zip(*hardness_curve.styles_of(lines))
        self.assertEqual((colors[:3], len(set(colors))), (colors[3:], 3))
        self.assertEqual([len(set(markers[i:i + 3])) for i in (0, 3)], [1, 1])
        self.assertNotEqual(markers[0], markers[3])
        many = [hardness_curve.Line(patch, 0, (("v", str(v)),), []) for patch in (None, 5) for v in range(8)]
        self.assertEqual(len(set(hardness_curve.styles_of(many))), len(many))

    def test_names_of_axes(self):
        """An axis is called by the last part of its path where no other one has it; one that does not vary is not."""
        def line(**further: str) -> hardness_curve.Line:
            return hardness_curve.Line(None, 0, tuple((name.replace("_", "."), further[name]) for name in further), [])

        lines = [line(a_v="1", b_v="2", c_w="3", d_x="$x$"), line(a_v="2", b_v="1", c_w="4", d_x="y"), line(c_w="3")]
        self.assertEqual(hardness_curve.varying_axes(lines), {"a.v": "a.v", "b.v": "b.v", "c.w": "w", "d.x": "x"})
        self.assertEqual(hardness_curve.describe(lines[0], hardness_curve.varying_axes(lines)),
                         r"a.v 1, b.v 2, w 3, \$x\$, vanilla (Q = d)")
        self.assertEqual(hardness_curve.describe(lines[0], hardness_curve.varying_axes(lines[:1])), "vanilla (Q = d)")

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
