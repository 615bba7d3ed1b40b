# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that lies in the current folder, beside results of others, is executed: no module, no matplotlibrc."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import common
from test_errors import GOOD

LAUNCHER = common.PACKAGE.parent / "scripts" / "python3.sh"
# Matplotlib evaluates the text of a cycle; a generator leads from there to the builtin functions.
CYCLE = ("[g := (g.gi_frame.f_back.f_back.f_builtins for _ in [1]), b := [*g][0], "
         "b['open'](b['__import__']('os').environ['TRACE'], 'w'), cycler('color', 'kr')][3]")


class Hostile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.trace = self.folder / "trace"
        for module in ("h5py", "matplotlib", "numpy", "csv", "argparse", "pandas", "xarray", "scipy", "modeseek",
                       "sitecustomize", "usercustomize"):
            self.write(f"{module}.py", f"open({str(self.trace)!r}, 'w')\n")
        self.write("matplotlibrc", f"axes.prop_cycle: {CYCLE}\n")
        self.write("good.csv", GOOD)

    def write(self, name: str, text: str):
        (self.folder / name).write_text(text, encoding="utf-8")

    def harmless(self, *command: object, **variables: str):
        environment = {"TRACE": str(self.trace), **os.environ, **variables}
        result = subprocess.run([str(word) for word in command], cwd=self.folder, env=environment, check=False,
                                capture_output=True, text=True)
        self.assertFalse(self.trace.exists(), command)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_started_by_the_launcher(self):
        for path in (None, ":", f".:{self.folder.parent}::./.:x"):
            variables = {} if path is None else {"PYTHONPATH": path}
            self.harmless(LAUNCHER, common.PACKAGE, "plot", "hardness", "good.csv", "-o", "figure.png", **variables)

    def test_started_directly(self):
        self.harmless(sys.executable, common.PACKAGE, "plot", "hardness", "good.csv", "-o", "figure.png")
        self.assertTrue((self.folder / "figure.png").exists())

    def test_the_cycle_would_be_executed(self):
        """So that the others mean something."""
        code = f"import sys; sys.path[:] = {sys.path[1:]!r}; import matplotlib"
        subprocess.run([sys.executable, "-c", code], cwd=self.folder, env={"TRACE": str(self.trace), **os.environ},
                       check=False, capture_output=True)
        if not self.trace.exists():
            self.skipTest("this Matplotlib does not execute what stands in its matplotlibrc")

    def test_own_modules_are_found(self):
        """Those of PYTHONPATH and of the user's own folder stay."""
        own = self.folder / "own"
        own.mkdir()
        (own / "marker.py").write_text("print('found')\n", encoding="utf-8")
        show = self.folder / "show.py"
        show.write_text("import marker, site\nprint(site.ENABLE_USER_SITE)\n", encoding="utf-8")
        for name in ("h5py", "matplotlib", "numpy", "csv", "argparse", "pandas", "xarray", "scipy"):
            (self.folder / f"{name}.py").unlink()
        plain = self.harmless(sys.executable, show, PYTHONPATH=str(own))
        self.assertTrue(plain.startswith("found"))
        self.assertEqual(self.harmless(LAUNCHER, show, PYTHONPATH=f":{own}:relative"), plain)


if __name__ == "__main__":
    unittest.main()
