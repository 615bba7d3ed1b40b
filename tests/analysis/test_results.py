# SPDX-License-Identifier: GPL-3.0-or-later
"""What the package reads: against the program's own export, half-finished files, and files that nobody vouches for."""

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest
from collections.abc import Callable
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np

import common
import modeseek
from modeseek import lines, marks, results, style
from modeseek.drawing import Options, Source

GOLDEN = common.HERE.parent / "cli" / "golden"
WHOLE = GOLDEN / "format-2.h5"
SNAPSHOTS = """
name: snapshots
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.8, mean: 1, variance: 1}
sampler: {step_size: 0.1}
budget: {iterations: 100, chains: 6, block: 3}
snapshots: [10, 100]
observables: [positions, squared_distance]
grid: {dimension: [2, 4], patch_size: [2, full]}
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tearDown(self):
        plt.close("all")

    def changed(self, change: Callable[[h5py.File], None], original: Path = WHOLE) -> Path:
        """A copy of a file of which something is changed."""
        copy = self.folder / "changed.h5"
        shutil.copy(original, copy)
        copy.chmod(0o600)
        with h5py.File(copy, "r+") as file:
            change(file)
        return copy


class Reading(Folder):
    def test_against_the_export(self):
        """Every chain of every rule and mode, as `modeseek export` prints it, in files of all kinds."""
        for name in ("format-2", "format-2-half", "format-2-grown", "format-2-merged"):
            data = modeseek.open(GOLDEN / f"{name}.h5")
            told = list(csv.DictReader(common.modeseek("export", str(GOLDEN / f"{name}.h5")).splitlines()))
            self.assertEqual(len(told), data.extent.chains)
            for rule in data.rule.values:
                for mode in data["mode"].values:
                    rows = modeseek.chains(data, rule, mode)
                    self.assertEqual([[f"{value:g}" for value in row] for row in rows[[*data.axes, "chain"]].values],
                                     [[row[axis] for axis in [*data.axes, "chain"]] for row in told])
                    times = [row[f"{rule}_{mode}"] for row in told]
                    self.assertEqual(list(rows.discovered), [time != "" for time in times])
                    self.assertEqual(list(rows.time), [int(time or row["observed"]) for time, row in zip(times, told)])

    def test_any_and_all(self):
        """The first and the last of the modes; a chain that lacks one has not discovered all."""
        data = modeseek.open(WHOLE)
        one, two, any_, all_ = (modeseek.chains(data, "ball", mode) for mode in ("1", "2", "any", "all"))
        self.assertTrue(0 < all_.discovered.sum() < len(all_))
        self.assertTrue((any_.discovered == (one.discovered | two.discovered)).all())
        self.assertTrue((all_.discovered == (one.discovered & two.discovered)).all())
        found = all_.discovered
        self.assertTrue((all_.time[found] == np.maximum(one.time, two.time)[found]).all())
        self.assertTrue((any_.time[found] == np.minimum(one.time, two.time)[found]).all())
        for rule, mode in (("x", "any"), ("ball", "3")):
            with self.assertRaisesRegex(modeseek.Failure, "it has"):
                modeseek.chains(data, rule, mode)

    def test_extent(self):
        """Of a half-finished file as many blocks are done as the program says; what is not done is not computed."""
        data = modeseek.open(GOLDEN / "format-2-half.h5")
        told = common.modeseek("status", str(GOLDEN / "format-2-half.h5"))
        self.assertIn(f"{data.extent.blocks} blocks: {data.extent.done} done", told)
        self.assertIn(f"{data.extent.missing} of {data.extent.blocks} blocks are missing", str(data.extent))
        self.assertEqual(str(modeseek.open(WHOLE).extent), "")

        def fail(file: h5py.File):
            file["block/commit"][1, 1] = 2

        data = modeseek.open(self.changed(fail), damaged=())
        self.assertEqual((data.extent.failed, data.extent.missing), (1, 0))
        self.assertIn(f"1 of {data.extent.blocks} blocks failed", str(data.extent))
        chains = data.extent.chains_in_all // data.extent.blocks
        self.assertEqual(data.extent.chains, data.extent.chains_in_all - chains)
        self.assertEqual(int((data.observed == results.NOT_COMPUTED).sum()), chains)

    def test_damaged(self):
        """A block whose checksum is wrong counts as missing, as for the program, and no figure draws it."""
        def damage(file: h5py.File):
            file["discovery_time"][0, 0, 0, 0] += 1

        path = self.changed(damage)
        told = json.loads(common.modeseek("status", "--json", str(path)))
        self.assertEqual((told["damaged"], told["missing"]), ([0], 1))
        self.assertIn("1 of the missing ones are damaged", common.modeseek("status", str(path)))
        data = modeseek.open(path)
        self.assertIn(f"1 of {data.extent.blocks} blocks are missing", str(data.extent))
        with h5py.File(path) as file:
            chains = int(file["block/chains"][0])
        self.assertTrue((data.discovery_time[0, :chains] == results.NOT_COMPUTED).all())
        self.assertEqual(int((data.observed == results.NOT_COMPUTED).sum()), chains)
        self.assertEqual(int((modeseek.open(path, damaged=()).observed == results.NOT_COMPUTED).sum()), 0)

    def test_half_finished_figure(self):
        """Lines keep their colours while others are not there yet, and the figure says what is missing."""
        whole, _ = self.tiny()

        def lose_vanilla(file: h5py.File):
            vanilla = file["dimension"][:] == file["patch_size"][:]
            commit = file["block/commit"][:]
            commit[vanilla[file["block/point"][:]]] = 0
            file["block/commit"][:] = commit

        half = self.changed(lose_vanilla, whole)
        colors = []
        for path in (whole, half):
            source = Source(path, Options())
            drawing = modeseek.plot("hardness", [path])
            labels = [text.get_text() for text in drawing.figure.axes[0].get_legend().get_texts()]
            told = " ".join(text.get_text() for text in drawing.figure.texts)
            self.assertEqual("blocks are missing" in told, path == half)
            self.assertEqual(labels[0].startswith("vanilla"), path == whole)
            chained = [lines.Line(4, 0, (), [])]
            colors.append(marks.styles_of(chained, [source], style.Look()))
            self.assertEqual({line.get_color() for line in drawing.figure.axes[0].lines
                              if line.get_marker() == colors[0][0][1]} - {style.Look().faint}, {colors[0][0][0]})
        self.assertEqual(colors[0], colors[1])

    def tiny(self) -> tuple[Path, object]:
        folder, path = common.run_tiny()
        self.addCleanup(folder.cleanup)
        return path, folder

    def test_select(self):
        data = modeseek.open(self.tiny()[0])
        for wanted, points in (([("dimension", "20")], 4), ([("dimension", "2e1"), ("patch_size", "4")], 2),
                               ([("patch_size", "full"), ("seed", "1")], 4)):
            chosen = results.select(data, wanted)
            self.assertEqual(chosen.sizes["point"], points)
        self.assertTrue((chosen.patch_size == chosen.dimension).all() and (chosen.seed == 1).all())
        for wanted, words in ((("dim", "1"), "no axis 'dim'; it has dimension"),
                              (("dimension", "5"), "no dimension 5; it has 4, 8, 20, 120")):
            with self.assertRaisesRegex(modeseek.Failure, words):
                results.select(data, [wanted])

    def test_columns(self):
        data = modeseek.open(WHOLE, columns=["observed"])
        self.assertEqual(set(data.data_vars), {"observed", "validity", "weight", "variance"})

    def test_arviz(self):
        """Groups are as the schema of InferenceData has them: dimensions chain and draw come first, all dimensions
        have index values, no variable has a dimension's name, and each group says where it is from."""
        data = modeseek.open(common.write_sweep(self.folder, "snapshots", SNAPSHOTS))
        point = int(np.flatnonzero(data.dimension == 2)[0])
        groups = modeseek.to_arviz(data, point)
        self.assertEqual(set(groups), {"posterior", "sample_stats", "observed_data"})
        for name, group in groups.items():
            self.assertLessEqual({"created_at", "inference_library", "inference_library_version"}, set(group.attrs))
            for variable, values in group.data_vars.items():
                self.assertNotIn(variable, values.dims)
                self.assertLessEqual(set(values.dims), set(group.coords))
                self.assertEqual(values.dims[:2] if name != "observed_data" else values.dims[:1],
                                 ("chain", "draw") if name != "observed_data" else ("chain",))
        x = groups["posterior"].x
        self.assertEqual((x.shape, list(x.draw.values)), ((6, 2, 2), [10, 100]))
        self.assertTrue(np.isfinite(x.values).all())
        # the spread mode has mean 0, so its squared distance is that of the position
        distance = groups["sample_stats"].squared_distance.sel(component=0)
        self.assertTrue(np.allclose((x**2).sum("coordinate"), distance, rtol=1e-12))
        with self.assertRaisesRegex(modeseek.Failure, "no snapshots"):
            modeseek.to_arviz(modeseek.open(self.tiny()[0]), 0)


class Hostile(Folder):
    """A Failure, and nothing read from elsewhere."""

    def refused(self, words: str, path: Path):
        with self.assertRaisesRegex(modeseek.Failure, words):
            modeseek.open(path)

    def replaced(self, name: str, make: Callable[[h5py.File, str], object]) -> Path:
        def change(file: h5py.File):
            del file[name]
            make(file, name)

        return self.changed(change)

    def test_links(self):
        for name in ("iterations", "discovery_time", "provenance/name", "block/commit"):
            for link in (h5py.SoftLink("/observed"), h5py.SoftLink("/nowhere"),
                         h5py.ExternalLink(str(WHOLE), name), h5py.ExternalLink("/etc/passwd", name)):
                self.refused("is a link to somewhere else",
                             self.replaced(name, lambda file, name, link=link: file.__setitem__(name, link)))
        self.refused("is a link to somewhere else",
                     self.replaced("block", lambda file, name: file.__setitem__(name, h5py.SoftLink("/provenance"))))

    def test_links_are_not_followed(self):
        """Not even to see whether something is there: a pipe would never answer."""
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for name in ("coordinate", "observed"):
            def lead_out(file: h5py.File, name: str = name):
                if name == "observed":
                    del file[name]
                file[name] = h5py.ExternalLink(str(pipe), "x")

            self.refused("is a link to somewhere else", self.changed(lead_out))

    def test_numbers_elsewhere(self):
        layout = h5py.VirtualLayout((4,), "<i8")
        layout[:] = h5py.VirtualSource(str(WHOLE), "iterations", (4,))
        outside = self.folder / "outside"
        outside.write_bytes(bytes(64))
        for make in (lambda file, name: file.create_virtual_dataset(name, layout),
                     lambda file, name: file.create_dataset(name, (4,), "<i8", external=[(str(outside), 0, 32)])):
            for name in ("iterations", "dimension", "observed"):
                self.refused("keeps its numbers in another file", self.replaced(name, make))

    def test_sizes(self):
        """Nothing is read, or asked of the memory, that the file claims to have."""
        def huge(file: h5py.File, name: str):
            file.create_dataset(name, (2**40,), "<i8", chunks=(1024,))

        def wide(file: h5py.File, name: str):
            file.create_dataset(name, (2**16, 2**16), "S1", chunks=(64, 64))

        def long_words(file: h5py.File, name: str):
            file.create_dataset(name, (1024,), f"S{2**24}", chunks=(1,))

        for name, make in (("discovery_time", huge), ("dimension", huge), ("rule", wide),
                           ("provenance/name", long_words)):
            self.refused("more than", self.replaced(name, make))

        def many(file: h5py.File):
            for name in ("point", "chain"):
                del file[name]
                file.create_dataset(name, (2**21,), "<i8", chunks=(1024,))

        self.refused("points of", self.changed(many))

    def test_wrong_types(self):
        """Missing, a group, of another type or shape: a message, no traceback."""
        makes = (lambda file, name: None, lambda file, name: file.create_group(name),
                 lambda file, name: file.create_dataset(name, data=h5py.Empty("f8")),
                 lambda file, name: file.create_dataset(name, (2,), [("a", "<i4"), ("b", "S3")]),
                 lambda file, name: file.create_dataset(name, data=np.float64(3)),
                 lambda file, name: file.create_dataset(name, data=["a", "b"]),
                 lambda file, name: file.create_dataset(name, (0,), "<i8"),
                 lambda file, name: file.create_dataset(name, (3, 1, 1, 1, 1), "<f4"))
        names = ("axis", "point", "chain", "rule", "mode", "component", "dimension", "iterations", "weight",
                 "block/point", "block/first_chain", "block/chains", "block/commit", "column", "column_dimensions",
                 "discovery_time", "observed")
        refused = 0
        for name in names:
            for make in makes:
                path = self.replaced(name, make)
                try:  # some of these are datasets that could be, and are read
                    data = modeseek.open(path)
                    modeseek.chains(data)
                except modeseek.Failure as failure:
                    self.assertIn("changed.h5", str(failure))
                    refused += 1
        self.assertGreater(refused, len(names) * 5)

    def test_wrong_numbers(self):
        """Blocks that lie outside of the points and chains."""
        for name, value in (("block/point", 10**6), ("block/point", -1), ("block/first_chain", -5),
                            ("block/first_chain", 2**62), ("block/chains", -1), ("block/chains", 2**62)):
            self.refused("block", self.changed(lambda file, name=name, value=value: file[name].__setitem__(0, value)))

    def test_wrong_points(self):
        """Dimensions that no array could have, patches that do not fit, variants that there are not."""
        for name, value in (("dimension", 2**40), ("dimension", -1), ("patch_size", 0), ("patch_size", 10**6),
                            ("point_variant", 10**6), ("point_variant", -1)):
            self.refused("a point",
                         self.changed(lambda file, name=name, value=value: file[name].__setitem__(0, value)))

    def test_truncated(self):
        content = WHOLE.read_bytes()
        path = self.folder / "truncated.h5"
        for size in (0, 1, 4096, 5000, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:size])
            self.refused("is not a modeseek results file, or is damaged", path)
        with h5py.File(path, "w") as file:
            file["dimension"] = [1]
        self.refused("no modeseek results", path)
        self.refused("no such file", self.folder / "absent.h5")
        self.refused("", self.folder)


class Installing(Folder):
    def test_version(self):
        """The package has the version of the program, from one place."""
        about = tomllib.loads((common.PACKAGE / "pyproject.toml").read_text())
        self.assertEqual(about["project"]["dynamic"], ["version"])
        self.assertEqual(common.modeseek("--version").split()[1], modeseek.__version__)

    def test_pip(self):
        """pip installs every module, and no more, without a network."""
        if not (importlib.util.find_spec("pip") and importlib.util.find_spec("setuptools")):
            self.skipTest("no pip or setuptools")
        source, target = self.folder / "analysis", self.folder / "target"
        shutil.copytree(common.PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
        result = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
                                 "--no-compile", "--no-index", "--target", target, source], check=False,
                                capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        installed, written = ({path.relative_to(top).as_posix() for path in (top / "modeseek").rglob("*.py")}
                              for top in (target, common.PACKAGE))
        self.assertEqual(installed, written)
        self.assertTrue((target / f"modeseek-{modeseek.__version__}.dist-info").is_dir())


if __name__ == "__main__":
    unittest.main()
