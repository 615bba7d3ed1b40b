# SPDX-License-Identifier: GPL-3.0-or-later
"""data/first-passage.csv: its form, its two columns of means against each other, known values, and a row computed again."""

import csv
import math
import subprocess
import sys
import unittest
from pathlib import Path

import common  # noqa: F401  (the environment of the program)

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "data"))
import first_passage  # noqa: E402


def rows() -> list[dict[str, str]]:
    with first_passage.TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def check(row: int | str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "first-passage-table", "--check", str(row)], check=False, text=True,
                          capture_output=True)


class Table(unittest.TestCase):
    def test_form(self):
        table = rows()
        self.assertEqual(list(table[0]), first_passage.COLUMNS)
        self.assertGreaterEqual(len(table), 200)
        self.assertEqual([int(row["row"]) for row in table], list(range(1, len(table) + 1)))
        plan = [(*map(str, curve), d) for curve, dimensions in first_passage.curves().items() for d in dimensions]
        self.assertEqual([(row["target"], row["mode"], str(float(row["step_size"])), row["rule"], int(row["dimension"]))
                          for row in table], plan)

    def test_values(self):
        for row in rows():
            with self.subTest(row=row["row"]):
                mean, error = float(row["mean"]), float(row["error"])
                self.assertTrue(0 < error < 1e-3 * mean, f"{mean} +- {error}")
                self.assertAlmostEqual(math.log(mean), float(row["log_mean"]), 12)
                self.assertEqual([row[name] for name in ("weights", "variances", "centres")],
                                 first_passage.parameters(row["target"]))

    def test_the_second_estimates_agree(self):
        scores = []
        for row in rows():
            with self.subTest(row=row["row"]):
                low, second, high = (float(row[name]) for name in ("second_low", "second_mean", "second_high"))
                self.assertTrue(0 < low < second < high)  # high may be inf
                scores.append(float(row["z"]))
                if abs(abs(scores[-1]) - 1.96) > 0.1:  # the interval holds the value, or does not, as z says
                    self.assertEqual(low <= float(row["mean"]) <= high, abs(scores[-1]) < 1.96)
        self.assertLess(max(map(abs, scores)), 4)  # of 270 normal deviates: by chance once in 60 tables
        self.assertLess(abs(math.sqrt(sum(score * score for score in scores) / len(scores)) - 1), 0.15)

    def test_known_values(self):
        with (ROOT / "tests" / "data" / "mfpt.csv").open(encoding="utf-8") as known:
            lines = csv.DictReader(line for line in known if not line.startswith("#"))
            values = {(row["d"], row["set"]): row for row in lines
                      if (row["delta"], row["nu0sq"], row["ms"]) == ("0.1", "3", "1") and row["set"] != "mode1"}
        compared = 0
        for row in rows():
            known = values.get((row["dimension"], "any" if row["rule"] == "ball" else row["rule"]))
            if known and row["target"] == "reference" and row["step_size"] == "0.1" and row["mode"] == "any":
                compared += 1
                # the last digit of the known value is rounded
                self.assertLessEqual(abs(float(row["mean"]) - float(known["mfpt"])),
                                     float(row["error"]) + float(known["error"]), row["row"])
        self.assertEqual(compared, 9)

    def test_a_row_computed_again(self):
        cheap = ("0.2", "2", "ball")
        number = next(row["row"] for row in rows() if (row["step_size"], row["dimension"], row["rule"]) == cheap)
        told = check(number)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f"row {number}: ", told.stdout)
        self.assertTrue(told.stdout.endswith(": the same\n"), told.stdout)

    def test_no_such_row(self):
        told = check(len(rows()) + 1)
        self.assertNotIn(told.returncode, (0, None))
        self.assertIn(f"has the rows 1 to {len(rows())}, not {len(rows()) + 1}", told.stderr)


if __name__ == "__main__":
    unittest.main()
