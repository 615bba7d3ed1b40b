# SPDX-License-Identifier: GPL-3.0-or-later
"""Denoisers: the linear part against conditioning of a normal distribution, the exact mean against the slope of the
density, chains against their stationary law, and PyTorch's forward pass against NumPy's."""

import os
import tempfile
import unittest
from importlib.util import find_spec
from unittest import mock

import numpy as np

import common  # noqa: F401  (finds the package)
from modeseek.errors import Failure
from modeseek.training import check, data, gaussian, weights
from modeseek.training.chains import anneal, noise_levels, summary
from modeseek.training.forward import Network
from modeseek.training.smoothed import Smoothed

PATCHES, SIZE = 3, 2
DIMENSION = PATCHES * SIZE


def some_vectors(count: int = 200) -> np.ndarray:
    """Of correlated numbers."""
    random = np.random.default_rng(1)
    return (random.standard_normal((count, DIMENSION)) @ random.standard_normal((DIMENSION, DIMENSION))).astype(np.float32)


def linear_network(vectors: np.ndarray) -> Network:
    """One that adds nothing to the linear mean, whatever its context says."""
    width, states, frequencies = 4, 3, 2
    shapes = {"frequencies": (frequencies,), "noise": (5, 2 * frequencies), "noise_bias": (5,), "shift": (1, width, 5),
              "shift_bias": (1, width), "place": (PATCHES, width), "in": (width, SIZE), "linear": (width, SIZE),
              "block_1": (0, width, width), "block_2": (0, width, width), "block_bias": (0, width), "out": (SIZE, width),
              "out_bias": (SIZE,), "lstm_x": (4 * states, SIZE), "lstm_h": (4 * states, states), "lstm_bias": (4 * states,),
              "context": (width, states)}
    zeros = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    return Network(zeros | gaussian.fit(vectors, SIZE, noise=0.3))


class Means(unittest.TestCase):
    def test_linear_part_is_that_of_a_normal_distribution(self):
        vectors, sigma = some_vectors(), 0.7
        covariance = vectors.T.astype(float) @ vectors / len(vectors)
        y = np.clip(some_vectors(5), -0.5, 0.4)
        mean = check.learned_mean(linear_network(vectors), y, y, sigma)
        for p in range(PATCHES):
            end, here = (p + 1) * SIZE, slice(p * SIZE, (p + 1) * SIZE)
            noise = np.diag([0.3**2] * (p * SIZE) + [sigma**2] * SIZE)
            expected = y[:, :end] @ np.linalg.solve(covariance[:end, :end] + noise, covariance[:end, here])
            np.testing.assert_allclose(mean[:, here], np.clip(expected, -0.5, 0.5), atol=2e-5)
        self.assertGreater(int((abs(mean) < 0.5).sum()), 15)  # of 30; the others are cut to what pixels can be

    def test_numbers_that_no_pixel_can_have_are_cut_before_they_are_carried_on(self):
        network, y = linear_network(some_vectors()), np.full((1, DIMENSION), 0.55, np.float32)
        far = y.copy()
        far[0, :SIZE] = 1e6
        np.testing.assert_array_equal(check.learned_mean(network, far, y, 0.7), check.learned_mean(network, y, y, 0.7))

    def test_exact_mean_follows_from_the_slope_of_the_density(self):
        smoothed, sigma, y, step = Smoothed(some_vectors(20)), 0.8, some_vectors(1)[0] + 0.1, 1e-4

        def log_density(point: np.ndarray) -> float:
            return float(np.log(np.exp(-((point - smoothed.vectors)**2).sum(1) / (2 * sigma**2)).sum()))

        slope = [(log_density(y + step * e) - log_density(y - step * e)) / (2 * step) for e in np.eye(DIMENSION)]
        np.testing.assert_allclose(smoothed.denoise(y[None], sigma)[0], y + sigma**2 * np.array(slope), atol=1e-4)

    def test_what_is_before_counts_for_the_exact_mean(self):
        smoothed = Smoothed(np.array([[1, 2, 3, 4], [1, -2, 5, 6]], np.float32), 2)
        mean = check.exact_mean(smoothed, np.array([[1, -2, 0, 0]], np.float32), np.zeros((1, 4), np.float32), 2.0)
        np.testing.assert_allclose(mean[0, 2:], [5, 6], atol=1e-5)

    def test_chains_end_in_their_stationary_law(self):
        """Variance 1.1111 sigma^2 about a single vector: 40000 numbers, 5 standard deviations, a false alarm in 10^6."""
        x = anneal(np.full((4000, 10), 3, np.float32), lambda y, sigma: np.zeros_like(y), noise_levels(1), 60,
                   np.random.default_rng(1))
        self.assertLess(abs(float((x**2).mean()) / (1e-4 / 0.9) - 1), 5 * np.sqrt(2 / x.size))

    def test_summary_counts_flips_and_distances(self):
        images = np.array([[2, 0], [3, 1]], np.float32)
        found = summary(np.array([[2, 0.5], [-2, 0.1], [-3, -4], [-2, 0]], np.float32),
                        np.array([[2, 0.2]] * 4, np.float32), Smoothed(images))
        expected = {"flipped": 0.75, "near": 0.5, "found": 0.5, "distance": 0.3, "distance_of_start": 0.2,
                    "other": 4.0, "largest": 4.0}
        self.assertEqual(found.keys(), expected.keys())
        for name, value in expected.items():
            self.assertAlmostEqual(found[name], value, places=5, msg=name)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "file")

    def test_pixels_stand_column_by_column(self):
        image = np.arange(16).reshape(1, 4, 4)
        reduced = data.reduce(image)
        np.testing.assert_allclose(reduced[0] * 255, [[2.5, 4.5], [10.5, 12.5]], rtol=1e-6)
        np.testing.assert_allclose((data.vectors(reduced)[0] + 0.5) * 255, [2.5, 10.5, 4.5, 12.5], rtol=1e-4)

    def test_bad_files(self):
        with self.assertRaisesRegex(Failure, "fetch-data"):
            data.read_idx(self.path)
        for content, message in ((b"", "no IDX"), (b"\0\0\x08\x01", "no IDX"), (b"\0\0\x08\x01\0\0\0\x05abc", "truncated"),
                                 (b"\0\0\x0d\x01\0\0\0\x01abcd", "no IDX")):
            with open(self.path, "wb") as file:
                file.write(content)
            with self.assertRaisesRegex(Failure, message):
                data.read_idx(self.path)
            for read in (weights.read, data.read):
                with self.assertRaisesRegex(Failure, "modeseek train"):
                    read(self.path)

    def test_weights_come_back(self):
        network = linear_network(some_vectors())
        weights.write(self.path, network, {"seed": 1}, {})
        again = weights.read(self.path)
        self.assertEqual(again.weights.keys(), network.weights.keys())
        for name, value in network.weights.items():
            np.testing.assert_array_equal(again.weights[name], value)


@unittest.skipUnless(find_spec("torch"), "PyTorch is not installed")
class Training(unittest.TestCase):
    def test_it_is_repeatable_and_equal_to_the_forward_pass(self):
        from modeseek.training import train

        pixels = np.random.default_rng(1).random((40, 4, 4), np.float32)
        images = data.Images(pixels, np.zeros(40, int), pixels[:8], np.zeros(8, int))
        for size, states in ((16, 0), (4, 6)):
            plan = train.Plan(patch_size=size, width=8, blocks=2, states=states, batch=4, noise_draws=2, steps=12, rate=0.1)
            with mock.patch.object(train, "check_speed"):
                network, about, tables = train.train(images, plan, say=lambda line: None)
                again = train.train(images, plan, say=lambda line: None)[0]
            for name, value in network.weights.items():
                np.testing.assert_array_equal(value, again.weights[name], err_msg=name)
            self.assertEqual(about["seed"], 1)
            self.assertGreater(float(np.abs(network.weights["out"]).max()), 1e-3)  # it adds something
            self.assertLess(check.compare_with_outputs(
                network, tables["check_levels"], tables["check_y"], tables["check_mean"]), 1e-5)


if __name__ == "__main__":
    unittest.main()
