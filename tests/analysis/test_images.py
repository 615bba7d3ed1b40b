# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of targets made of data, and the verdicts on images."""

import shutil
import sys
import tempfile
import types
import unittest
from pathlib import Path

import common
import h5py
import modeseek
import numpy as np
import pandas
import xarray
from modeseek import images
from modeseek.diagnose import Subject
from modeseek.drawing import Options
from modeseek.errors import Failure, Refusal

sys.path.insert(0, str(common.PACKAGE.parent / "experiments"))
from reproduce import image_claims  # noqa: E402
from reproduce.verdict import CONFIRMED, FAILED  # noqa: E402


class TestFigures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        here = Path(cls.folder.name)
        for file in (common.HERE.parent / "support" / "images").glob("*.idx"):
            shutil.copy(file, here)
        shutil.copy(common.HERE.parent / "mpi" / "data.yaml", here)
        cls.results = here / "data.h5"
        common.modeseek("run", "-q", str(here / "data.yaml"), "-o", str(cls.results))
        cls.data = modeseek.open(cls.results)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def plot(self, kind, **options):
        return modeseek.plot(kind, [self.results], Options(**options))

    def test_shares_are_those_near_the_data(self):
        drawing = self.plot("mode-share", against="noise_level", select=(("patch_size", "4"),))
        table = drawing.tables[""]
        self.assertEqual(len(table), 4)
        last = self.data.isel(snapshot=-1)
        for _, row in table.iterrows():
            is_of = ((self.data.noise_level == row["noise_level"]) & (self.data.patch_size == 4)
                     & (self.data["sampler.conditioning"] == row["sampler.conditioning"])).values
            near = last.nearest_distance.values[is_of] <= 0.01 * 12
            self.assertEqual(row["near"], near.sum())
            self.assertEqual(row["count"], (near & (last.nearest_mode.values[is_of] == 1)).sum())
            self.assertLessEqual(row["low"], row["share"])
            self.assertEqual(row["weight"], 0.5)
        self.assertIn("near no vector of the data", drawing.warnings[0])
        self.assertIn("it remembers", common_texts(drawing))

    def test_files_without_rules(self):
        here = self.results.parent
        text = (here / "data.yaml").read_text(encoding="utf-8")
        self.assertNotIn("discovery", text)
        (here / "none.yaml").write_text(text + "discovery: {rules: []}\n", encoding="utf-8")
        common.modeseek("run", "-q", str(here / "none.yaml"), "-o", str(here / "none.h5"))
        data = modeseek.open(here / "none.h5")
        self.assertEqual(data.sizes["rule"], 0)
        np.testing.assert_array_equal(data.nearest_mode.values[..., 0, :], self.data.nearest_mode.values[..., 0, :])
        with self.assertRaisesRegex(Refusal, "has no rule by which modes are discovered"):
            modeseek.plot("survival", [here / "none.h5"], Options())
        self.assertTrue(Subject(here / "none.h5").summary.empty)

    def test_the_axis_is_found_or_named(self):
        self.assertIn("patch_size", self.plot("mode-share", select=(("noise_level", "2"),)).tables[""])
        with self.assertRaisesRegex(Failure, "--against seeds: no axis of numbers; there are "):
            self.plot("mode-share", against="seeds")
        with self.assertRaisesRegex(Failure, "no snapshot at iteration 7; it has 0, 120, 600"):
            self.plot("mode-share", iteration=7)

    def test_summary_counts_the_nearest_modes(self):
        rows = common.summary(self.results, "--shares")
        shares = {(row["sampler.conditioning"], row["patch_size"], row["noise_level"], row["iteration"]): float(row["share_1"])
                  for row in rows}
        one = self.data.isel(point=0)
        key = one["sampler.conditioning"].item(), str(one.patch_size.item()), f"{one.noise_level.item():g}", "600"
        self.assertAlmostEqual(shares[key], float((one.nearest_mode.sel(snapshot=600) == 1).mean()))

    def test_images_stand_as_they_are_looked_at(self):
        """Coordinates are columns of pixels."""
        columns = np.arange(12.0)
        image = images.images_of(self.data, 0, columns)
        self.assertEqual(image.shape, (4, 3))
        self.assertTrue((image[:, 0] == columns[:4]).all() and image[0, 2] == 8)

    def test_labels_and_distances_belong_together(self):
        """Flips have the labels of their vectors, which are i mod 3; positions are as far away as is said."""
        self.assertTrue((self.data.label == self.data.nearest % 24 % 3).all())
        self.assertTrue(((self.data.nearest >= 24) == (self.data.nearest_mode == 1)).all())

    def test_samples(self):
        drawing = self.plot("samples", select=(("patch_size", "4"), ("noise_level", "2")))
        table = drawing.tables[""]
        self.assertEqual(list(table["iteration"]), [0, 120, 600] * 2)
        self.assertTrue((table["images"] == 40).all() and (table["in_mode"] + table["near_none"] <= 40).all())
        drawing.save(Path(self.folder.name) / "samples.png")
        with self.assertRaisesRegex(Refusal, "points in common"):
            modeseek.plot("samples", [self.results] * 2, Options())

    def test_labels_are_those_of_chains_near_the_data(self):
        drawing = self.plot("labels", select=(("patch_size", "4"), ("noise_level", "2")))
        table = drawing.tables[""]
        self.assertEqual(len(table), 6)
        self.assertTrue((table["in_data"] == 1 / 3).all())
        for name, part in table.groupby("sampler.conditioning"):
            self.assertEqual(part["count"].sum(), part["near"].iloc[0])
            self.assertAlmostEqual(part["total_variation"].iloc[0], abs(part["share"] - 1 / 3).sum() / 2)
            self.assertLess(0.02, part["of_independent_draws"].iloc[0])
        self.assertIn("left out", drawing.warnings[0])

    def test_learned_and_exact_scores_stand_side_by_side(self):
        here, tests = Path(self.folder.name), common.HERE.parent
        letters = b"seven different images of nine pixels, each of them a letter".ljust(63)
        (here / "nine.idx").write_bytes(bytes((0, 0, 8, 3, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 3)) + letters)
        learned = (tests / "mpi" / "learned.yaml").read_text(encoding="utf-8")
        for name in ("network_patches.h5", "other.h5"):
            shutil.copy(tests / "data" / "network_patches.h5", here / name)
        with h5py.File(here / "other.h5", "r+") as file:
            file["out_bias"][...] += 0.01
        texts = {"learned": learned, "other": learned.replace("network_patches", "other"),
                 "exact": learned.replace("family: learned, weights: network_patches.h5", "family: empirical")}
        files = {}
        for name, text in texts.items():
            (here / f"{name}.yaml").write_text(text, encoding="utf-8")
            files[name] = here / f"{name}-results.h5"
            common.modeseek("run", "-q", str(here / f"{name}.yaml"), "-o", str(files[name]))
        drawing = modeseek.plot("mode-share", [files["learned"], files["exact"]])
        words = common_texts(drawing)
        self.assertEqual(sorted(set(drawing.tables[""]["target.family"])), ["empirical", "learned"])
        for part in ("learned score", "exact score", "where it is wrong", "it remembers"):
            self.assertIn(part, words)
        self.assertNotIn("weights", words)
        self.assertRegex(common_texts(modeseek.plot("mode-share", list(files.values()))), "learned score, weights [0-9a-f]{6}")

    def test_other_files_are_refused(self):
        folder, tiny = common.run_tiny()
        with folder:
            for kind, words in (("mode-share", "does not record near which vectors"),
                                ("labels", "does not record near which vectors"),
                                ("samples", "does not record positions")):
                with self.assertRaisesRegex(Refusal, words):
                    modeseek.plot(kind, [tiny], Options())


def common_texts(drawing) -> str:
    """All words of a figure."""
    return " ".join(text.get_text() for text in drawing.figure.findobj(lambda artist: hasattr(artist, "get_text")))


class TestVerdicts(unittest.TestCase):
    @staticmethod
    def evidence(shares, far=0):
        """In the place of Evidence: shares by (patch size, noise level), 1000 chains, of which so many are far away."""
        modes = np.zeros((len(shares), 1, 1000), dtype=int)
        distance = np.zeros(modes.shape)
        for row, share in enumerate(shares.values()):
            modes[row, 0, :round(share * 1000)] = 1
            distance[row, 0, 1000 - far:] = 1e3
        dims = ("point", "snapshot", "chain")
        data = xarray.Dataset({"nearest_mode": (dims, modes), "nearest_distance": (dims, distance)},
                              {"patch_size": ("point", [q for q, _ in shares]), "noise_level": ("point", [s for _, s in shares]),
                               "dimension": ("point", [784] * len(shares))})
        return types.SimpleNamespace(data=data)

    def outcome(self, annealed=None, chained=None, short=0.13, far=0):
        levels = annealed or {1: 0, 2: .02, 3: .12, 3.5: .2, 4.5: .35, 6: .5, 50: .5}
        return image_claims.mnist(
            self.evidence({(784, level): share for level, share in levels.items()}),
            self.evidence({(q, 1): share for q, share in (chained or {14: .41, 28: .24, 56: .03, 196: 0}).items()}),
            self.evidence({(14, 1): short}, far), self.evidence({(14, 1): .5}), None, None,
            self.evidence({(14, 1): .24})).outcome

    def test_they_follow_the_shares(self):
        self.assertEqual(self.outcome(), CONFIRMED)
        self.assertEqual(self.outcome(annealed={1: .1, 3: .12, 3.5: .2, 6: .5, 50: .5}), FAILED)
        self.assertEqual(self.outcome(annealed={1: 0, 6: .1, 10: .2, 20: .5, 50: .5}), FAILED)
        self.assertEqual(self.outcome(chained={14: .41, 28: .40, 56: .03, 196: 0}), FAILED)
        self.assertEqual(self.outcome(short=.3), FAILED)

    def test_flips_far_from_the_data_do_not_count(self):
        self.assertEqual(self.outcome(far=100), FAILED)

    def test_thresholds_are_interpolated(self):
        frame = pandas.DataFrame({"noise_level": [1, 4], "chains": [100, 100], "count": [0, 40]})
        self.assertAlmostEqual(image_claims.crossing(frame, .2), 2)
        self.assertTrue(np.isnan(image_claims.crossing(frame, .5)))


if __name__ == "__main__":
    unittest.main()
