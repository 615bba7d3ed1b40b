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
    size, most = network.patch_size, 0.0
    for level, y, expected in zip(levels, noisy, means):
        h, c = network.start(len(y)) if network.states else (None, None)
        for first in range(0, network.dimension, size):
            u = y[:, first:first + size]
            most = max(most, float(np.abs(network.denoise(u, float(level), h) - expected[:, first:first + size]).max()))
            if network.states:
                h, c = network.absorb(u, h, c)
    return most


def mean_of(network: Network, smoothed: Smoothed, clean: np.ndarray, noisy: np.ndarray,
            sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """The learned and the exact mean of whole vectors or, if the network is of patches, of all patches, given the patches
    before, which have noise 0.01."""
    if network.states == 0:
        return network.denoise(noisy, sigma), smoothed.denoise(noisy, sigma)
    (h, c), size, learned, exact = network.start(len(noisy)), network.patch_size, [], []
    for first in range(0, network.dimension, size):
        u = noisy[:, first:first + size]
        learned.append(network.denoise(u, sigma, h))
        exact.append(smoothed.denoise(u, sigma, smoothed.log_weights(clean[:, :first], 0.01), first))
        h, c = network.absorb(clean[:, first:first + size], h, c)
    return np.concatenate(learned, axis=1), np.concatenate(exact, axis=1)


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
            learned, exact = mean_of(network, smoothed, clean + noise(0.01), noisy, sigma)
            row[f"relative_error_{name}"] = float(np.sqrt(((learned - exact)**2).mean() / ((exact - noisy)**2).mean()))
            row[f"learned_{name}"] = float(((learned - clean)**2).mean() / sigma**2)
            row[f"exact_{name}"] = float(((exact - clean)**2).mean() / sigma**2)
        rows.append(row)
    return rows


def as_markdown(rows: list[dict[str, float]]) -> str:
    """A table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    return "\n".join(lines + ["| " + " | ".join(f"{value:.4g}" for value in row.values()) + " |" for row in rows])
