# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a learned score is from the exact one, by noise level."""

from __future__ import annotations

import numpy as np

from .data import Images, vectors
from .forward import Network
from .smoothed import Smoothed

LEVELS = (0.01, 0.0167, 0.0278, 0.0464, 0.0774, 0.1292, 0.2154, 0.3594, 0.5995, 1.0, 2.0, 5.0, 10.0, 50.0)


def compare_with_outputs(network: Network, levels: np.ndarray, noisy: np.ndarray, means: np.ndarray) -> float:
    """The largest difference between the means of this network in NumPy and those that PyTorch has noted."""
    return max(float(np.abs(learned_mean(network, y, y, float(level)) - mean).max())
               for level, y, mean in zip(levels, noisy, means))


def learned_mean(network: Network, before: np.ndarray, noisy: np.ndarray, sigma: float) -> np.ndarray:
    """Of all patches of vectors, those before each of them being known as in `before`; less 1/2."""
    context, size, means = network.start(len(noisy)), network.patch_size, []
    for first in range(0, noisy.shape[1], size):
        here = slice(first, first + size)
        means.append(network.denoise(noisy[:, here], sigma, context))
        if network.states:
            context = network.absorb(before[:, here], context)
    return np.concatenate(means, axis=1)


def exact_mean(smoothed: Smoothed, before: np.ndarray, noisy: np.ndarray, sigma: float) -> np.ndarray:
    """The same, exactly; those before have noise 0.01."""
    size = smoothed.patch_size
    return np.concatenate([smoothed.denoise(noisy[:, first:first + size], sigma,
                                            smoothed.log_weights(before[:, :first], 0.01), first)
                           for first in range(0, noisy.shape[1], size)], axis=1)


def table(network: Network, images: Images, count: int = 256, seed: int = 1) -> list[dict[str, float]]:
    """For each noise level: the relative error |s - s_exact| / |s_exact| (roots of mean squares) of the learned score on
    noisy training and test images, and the mean squared error of both means about the clean image, per pixel and in
    units of sigma^2 (1: no denoising at all)."""
    random, smoothed, rows = np.random.default_rng(seed), Smoothed(vectors(images.train), network.patch_size), []
    for sigma in LEVELS:
        row = {"sigma": sigma}
        for name, clean in (("train", vectors(images.train[:count])), ("test", vectors(images.test[:count]))):
            def noise(level: float, like=clean) -> np.ndarray:
                return (level * random.standard_normal(like.shape)).astype(np.float32)
            noisy = clean + noise(sigma)
            before = clean + noise(0.01)
            learned = learned_mean(network, before, noisy, sigma)
            exact = exact_mean(smoothed, before, noisy, sigma)
            row[f"relative_error_{name}"] = float(np.sqrt(((learned - exact)**2).mean() / ((exact - noisy)**2).mean()))
            row[f"learned_{name}"] = float(((learned - clean)**2).mean() / sigma**2)
            row[f"exact_{name}"] = float(((exact - clean)**2).mean() / sigma**2)
        rows.append(row)
    return rows


def as_markdown(rows: list[dict[str, float | str]]) -> str:
    """A table."""
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[f"{value:.4g}" if isinstance(value, float) else value for value in row.values()] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
