# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of scripts/reproduce, its command line, and how it is stopped."""

import contextlib
import dataclasses
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import types
import unittest
import unittest.mock
from pathlib import Path

import common

sys.path.insert(0, str(common.PACKAGE.parent / "experiments"))
from modeseek import Failure  # noqa: E402
from reproduce import command_line, gallery, main, running  # noqa: E402
from reproduce.claims import CLAIMS  # noqa: E402
from reproduce.rows import ROWS  # noqa: E402
from reproduce.verdict import CONFIRMED, FAILED, Verdict  # noqa: E402


class Page(unittest.TestCase):
    @staticmethod
    def entry(row, failures=(), number="a number"):
        return gallery.Entry(row.id, f"claim of {row.id}", FAILED if failures else CONFIRMED, [number], list(failures),
                             {f"{row.id}.h5": [60.0, 3e6]}, 1, ["facts"],
                             [[f"{row.id}.png", "Shares."], ["", "Not drawn: no."]])

    @staticmethod
    def keep(folder: Path, entry) -> None:
        (folder / f"{entry.id}.json").write_text(gallery.json.dumps(gallery.asdict(entry)), encoding="utf-8")

    def test_page(self):
        """A row that has been judged, one that failed, and the others."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.keep(folder, self.entry(ROWS[0]))
            self.keep(folder, self.entry(ROWS[1], ["too few"]))
            (folder / f"{ROWS[2].id}.json").write_text("{", encoding="utf-8")  # cut off
            page = gallery.write_page(folder, False).read_text(encoding="utf-8")
            self.assertEqual([path.name for path in folder.glob(".*")], [])
        self.assertIn("Of 2 claims: 1 confirmed, 1 not confirmed.", page)
        self.assertIn(f"![Shares.]({ROWS[0].id}.png)", page)
        self.assertIn(f"claim of {ROWS[1].id} | **not confirmed**: too few | 61 s |", page)
        self.assertEqual(page.count("| not run |"), len(ROWS) - 2)
        self.assertEqual(page.count("\n## "), 2)

    def test_one_row_again(self):
        """Its text is replaced; that of the other rows stays, also where its own run fails."""
        def run(judge):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), \
                    unittest.mock.patch.multiple(main, run_row=lambda *_: None), \
                    unittest.mock.patch.object(gallery, "judge", judge):
                return main.reproduce(ROWS[1], where, False, "1 of 1")
        def judge(row, results, pictures):
            again = self.entry(row, number="another number")
            self.keep(pictures, again)
            return again
        def fail(row, results, pictures):
            raise Failure("no")
        with tempfile.TemporaryDirectory() as name:
            where = main.Places(Path(name), Path(name), Path(name))
            for row in ROWS:
                self.keep(where.pictures, self.entry(row))
            whole = gallery.write_page(where.pictures, False).read_text(encoding="utf-8")
            self.assertTrue(run(judge))
            page = (where.pictures / "README.md").read_text(encoding="utf-8")
            self.assertFalse(run(fail))
            self.assertEqual((where.pictures / "README.md").read_text(encoding="utf-8"), page)
        of_row = whole.split("\n## ")
        of_row[2] = of_row[2].replace("a number", "another number")
        self.assertEqual(page, "\n## ".join(of_row))

    def judged(self, folder: Path, seconds: float, digest: str, milliseconds: str) -> tuple[str, bool]:
        """The entry of a row after another run, and whether its pictures of CPU times are kept."""
        times = types.SimpleNamespace(sum=lambda: seconds)
        made = types.SimpleNamespace(data=None, processor_seconds=times, path=None)
        numbers = [f"vanilla: 12 iterations and {milliseconds} ms of CPU time per discovery"]
        row = dataclasses.replace(ROWS[0], verdict=lambda *_: Verdict(numbers, words={"longest": "2"}))
        kept = []
        for sweep in row.sweeps:
            sweep.results(folder).touch()
        with unittest.mock.patch.multiple(
                gallery, Evidence=lambda *_: made, digest=lambda _: digest, chains_text=lambda _: "2 chains",
                describe_step_size=lambda _: "δ = 0.1", draw=lambda *words: kept.append(words[3]) or []):
            gallery.judge(row, folder, folder)
        return (folder / f"{row.id}.json").read_text(encoding="utf-8"), kept[0]

    def test_the_same_results_elsewhere(self):
        """Other timings change nothing; other results do."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            first = self.judged(folder, 60.0, "abc", "0.1")
            self.assertIn('"vanilla: 12 iterations and 0.1 ms', first[0])
            self.assertEqual(self.judged(folder, 60.0, "abc", "0.1"), (first[0], False))
            self.assertEqual(self.judged(folder, 75.0, "abc", "3e+02"), (first[0], True))
            other, is_kept = self.judged(folder, 75.0, "def", "3e+02")
        self.assertIn("75.0", other)
        self.assertIn("3e+02 ms", other)
        self.assertFalse(is_kept)

    def test_the_page_in_docs(self):
        """It is that of its entries, and all rows and pictures are there."""
        folder = common.PACKAGE.parent / "docs" / "gallery"
        self.assertEqual((folder / "README.md").read_text(encoding="utf-8"), gallery.page_text(folder, False))
        entries = gallery.read_entries(folder)
        self.assertEqual(list(entries), [row.id for row in ROWS])
        pictures = {name for entry in entries.values() for name, _ in entry.pictures}
        self.assertEqual(pictures, {path.name for path in folder.glob("*.png")})

    def test_needs(self):
        """A file that two rows share counts once, and one that is there not at all."""
        first, second = self.entry(ROWS[0]), self.entry(ROWS[1])
        second.sweeps = first.sweeps | {"more.h5": [10.0, 1e6]}
        self.assertEqual(gallery.needs([first, second]), (72.0, 4e6))
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / f"{ROWS[0].id}.h5").touch()
            self.assertEqual(gallery.needs([first, second], Path(name)), (12.0, 1e6))

    def test_places(self):
        """--quick never writes into docs, nor does an installed tree."""
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            self.assertEqual(main.places(False, root).pictures, Path.cwd() / "results/reproduce/gallery")
            (root / "CMakeLists.txt").touch()
            self.assertEqual(main.places(False, root).pictures, root / "docs/gallery")
            self.assertEqual(main.places(True, root).pictures, root / "results/reproduce-quick/gallery")

    def test_words(self):
        self.assertEqual(command_line.parse(["f2", "--quick", "F8", "F7-9"]).ids, ["F2", "F7-9"])
        self.assertEqual(command_line.parse([]).ids, list(CLAIMS))
        for words, wanted in ((["F3"], "no claim F3; did you mean F2?"),
                              (["--quik"], "unknown option --quik; did you mean --quick?")):
            with contextlib.redirect_stderr(io.StringIO()) as message, self.assertRaises(SystemExit):
                command_line.parse(words)
            self.assertIn(wanted, message.getvalue())

    def test_answers_without_a_build(self):
        """Help, the list and errors, in a tree where nothing is built; and by a Python that has no modules."""
        source = common.PACKAGE.parent
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            shutil.copytree(source / "experiments", root / "experiments")
            (root / "scripts").mkdir()
            for script in ("reproduce", "common.sh"):
                shutil.copy(source / "scripts" / script, root / "scripts")
            (root / "CMakeLists.txt").touch()
            environment = {key: value for key, value in os.environ.items() if key != "MODESEEK"}
            for word, code, wanted in (("--help", 0, "--quick"), ("--list", 0, "Assumption 1 is sufficient"),
                                       ("F3", 2, "did you mean F2?")):
                result = subprocess.run([root / "scripts/reproduce", word], capture_output=True, text=True, check=False,
                                        env=environment)
                self.assertEqual(result.returncode, code)
                self.assertIn(wanted, result.stdout + result.stderr)
        bare = subprocess.run([sys.executable, "-I", "-S", "-B", source / "experiments", "--check", "--list", "h"],
                              capture_output=True, text=True, check=True)
        self.assertTrue(bare.stdout.startswith("H "))

    def test_stopping(self):
        """A signal meanwhile is handed on, and told of; the handlers are as before."""
        before = signal.getsignal(signal.SIGTERM)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
        code, was_stopped = running.call(["sleep", "60"])
        self.assertEqual((code, was_stopped), (-signal.SIGTERM, True))
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)
        self.assertEqual(running.call(["false"]), (1, False))


if __name__ == "__main__":
    unittest.main()
