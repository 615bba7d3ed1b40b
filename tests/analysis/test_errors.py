# SPDX-License-Identifier: GPL-3.0-or-later
"""`modeseek plot` on bad input: a message, exit code 1, no figure, and no input is lost."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import common
import modeseek
from modeseek import Failure
from modeseek.main import parse_selection, whole_number

HEADER = ("dimension,patch_size,noise_level,seed,rule,mode,chains,discovered,censored,iterations_at_risk,"
          "median,median_low,median_high,mean,mean_low,mean_high,exponential,"
          "restricted_mean,restricted_mean_low,restricted_mean_high,score_evaluations,density_evaluations,"
          "coordinate_updates\n")
ROW = "10,10,0,pooled,ball,any,8,8,0,800,70,20,200,100,50,200,yes,100,60,160,1,0,10\n"
GOOD = HEADER + ROW + ROW.replace("10,10", "20,20")


class Errors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.figure = self.folder / "figure.png"
        self.good = self.write("good.csv", GOOD)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def refused(self, message: str, *arguments, code: int = 1):
        exit_code, text = common.curve(*arguments)
        self.assertEqual(exit_code, code, text)
        self.assertIn(message, text)
        self.assertFalse(self.figure.exists())

    def test_good(self):
        """So that the others fail for their own reasons."""
        code, text = common.curve(self.good, "-o", self.figure)
        self.assertEqual(code, 0, text)
        self.assertTrue(self.figure.exists())

    def test_as_a_program(self):
        """The same from the shell: exit codes, and a message instead of a traceback."""
        for source, code, message in ((self.good, 0, ""), (self.folder / "absent.csv", 1, "cannot read")):
            words = [common.PACKAGE, "plot", "hardness", source, "-o", self.figure]
            result = subprocess.run([sys.executable, *words], check=False, capture_output=True, text=True)
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertIn(message, result.stderr)
            self.assertNotIn("Traceback", result.stderr)

    def test_command_line(self):
        self.refused("usage", code=2)
        self.refused("--output", self.good, code=2)

    def test_no_file(self):
        for name in ("absent.csv", "absent.h5"):
            self.refused(f"cannot read {self.folder / name}: ", self.folder / name, "-o", self.figure)

    def test_not_results(self):
        for content in ("", "text\n", b"\x89HDF\r\n\x1a\n" + bytes(100)):
            self.refused("bad.h5", self.write("bad.h5", content), "-o", self.figure)

    def test_tables(self):
        for content, message in (("", "it lacks dimension"), ("a,b\n", "it lacks dimension"),
                                 (HEADER, "no finished chains"),
                                 (b"\xff\xfe\x00", "cannot read"), ("a,b\n1,2\n", "it lacks dimension"),
                                 (HEADER + "10,10,0,1\n", "it lacks rule"),
                                 (HEADER + ROW + ROW.replace("800", "many"), "not a row"),
                                 (HEADER + ROW.replace("10,10", "10,11"), "not a row"),
                                 (HEADER + ROW.replace("800", "inf"), "not a row"),
                                 (HEADER + ROW.replace("yes", "perhaps"), "not a row"),
                                 (HEADER + ROW.replace(",1,0,10\n", ",nan,0,10\n"), "not a row"),
                                 (HEADER + ROW.replace(",1,0,10\n", ",1,nan,10\n"), "not a row"),
                                 (HEADER.replace(",exponential", ""), "it lacks exponential"),
                                 (GOOD + ROW, "occurs twice"),
                                 (HEADER + ROW, "all points have dimension 10")):
            self.refused(message, self.write("bad.csv", content), "-o", self.figure)
        self.refused("occurs twice", self.good, self.good, "-o", self.figure)

    def test_messages_are_printable(self):
        for mode in ("a\x1b[2J", "a\x9b2J", "a\u202e"):
            self.refused("it has a?", self.write("bad.csv", HEADER + ROW.replace("any", mode)), "-o", self.figure)

    def test_no_such_mode(self):
        self.refused("has no mode '7'; it has any", self.good, "-o", self.figure, "--mode", "7")
        self.refused("no rows of rule 'switch'; it has ball", self.good, "-o", self.figure, "--rule", "switch")

    def test_too_many_lines(self):
        """What cannot be told apart is not drawn."""
        rows = "".join(f"{i},{row}\n" for i in range(41) for row in GOOD.splitlines()[1:])
        self.refused("41 lines cannot be told apart", self.write("bad.csv", f"sampler.step_size,{HEADER}{rows}"), "-o",
                     self.figure)

    def test_inputs_stay(self):
        """None of the three files that are written may be an input, under whatever name."""
        self.refused("is an input", self.good, "-o", self.figure, "--csv", self.good)
        fits, table = self.write("figure-fits.csv", GOOD), self.folder / "figure.csv"
        self.refused("is an input", fits, "-o", self.figure, "--csv", table)
        self.refused("is an input", self.good, "-o", self.figure, "--csv", self.folder / "." / "good.csv")
        os.link(self.good, table)
        self.refused("is an input", self.good, "-o", self.figure, "--csv", table)
        self.assertEqual(self.good.read_text(), GOOD)
        self.assertEqual(fits.read_text(), GOOD)

    def test_tables_are_asked_for(self):
        """Without --csv a table of the figure's name, which is not an input, stays as it is."""
        mine = self.write("figure.csv", "mine")
        code, text = common.curve(self.good, "-o", self.figure)
        self.assertEqual(code, 0, text)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["figure.csv", "figure.png", "good.csv"])
        self.assertEqual(mine.read_text(), "mine")

    def test_options_that_a_kind_ignores(self):
        for kind, option, value in (("shares", "iteration", "5"), ("survival", "iteration", "5"), ("shares", "mode", "any"),
                                    ("cost", "cost", "score_evaluations"), ("distances", "rule", "ball")):
            code, text = common.command("plot", kind, self.good, "-o", self.figure, f"--{option}", value)
            self.assertEqual(code, 2)
            self.assertIn(f"the kind {kind} takes no --{option}, only --", text)
        code, text = common.command("plot", "heat-map", self.good, "-o", self.figure, "--estimate", "both")
        self.assertEqual(code, 2)
        self.assertIn("draws one estimate", text)
        with self.assertRaisesRegex(Failure, "the kind survival takes no --iteration"):
            modeseek.plot("survival", [self.good], modeseek.Options(iteration=0))

    def test_numbers(self):
        self.assertEqual([whole_number(text) for text in ("0", "1000", "1e3")], [0, 1000, 1000])
        for text in ("-1", "1.5", "x", "inf", "nan"):
            with self.assertRaisesRegex(Failure, "give a whole number"):
                whole_number(text)
        for text in ("x", "-1", "0.5", "nan"):
            code, told = common.command("report", self.good, f"--watch={text}")
            self.assertEqual(code, 2)
            self.assertIn(f"--watch {text}: give seconds", told)

    def test_output(self):
        for suffix in (".h5", ".jpg", ".webp"):  # noticed before anything is read
            self.refused(f"not written as {suffix}; end the name in .png, .pdf or .svg", self.folder / "absent.h5",
                         "-o", self.folder / f"figure{suffix}", code=2)
        absent = self.folder / "absent"
        for words in (["-o", absent / "figure.png"], ["-o", self.figure, "--csv", absent / "table.csv"]):
            self.refused(f"cannot write {words[-1]}: there is no folder {absent}", self.folder / "absent.h5", *words)
        self.refused("has this name already", self.good, "-o", self.figure, "--csv", self.figure)

    def test_full_disk(self):
        code, text = common.curve(self.good, "-o", self.figure, "--csv", "/dev/full")
        self.assertEqual(code, 1)
        self.assertIn("cannot write /dev/full: No space left", text)

    def test_program(self):
        results = self.write("results.h5", "x")
        with mock.patch.dict(os.environ, MODESEEK=str(self.good)):
            self.refused("is not a program", results, "-o", self.figure)

    def test_kind_and_selection(self):
        code, text = common.command("plot", "hardnes", self.good, "-o", self.figure)
        self.assertEqual(code, 2)
        self.assertIn("no kind of figure 'hardnes'; choose one of hardness", text)
        self.refused("write it like dimension=20,40,patch_size=10", self.good, "-o", self.figure, "--select",
                     "dimension", code=2)
        self.assertEqual(parse_selection("dimension=20,40, patch_size=10,dimension=80"),
                         tuple(zip(("dimension", "dimension", "patch_size", "dimension"), ("20", "40", "10", "80"))))
        self.refused("write it like dimension=20,40,patch_size=10", self.good, "-o", self.figure, "--select", "20,x=1",
                     code=2)
        self.refused("no finished chains with dimension=30", self.good, "-o", self.figure, "--select", "dimension=30")


if __name__ == "__main__":
    unittest.main()
