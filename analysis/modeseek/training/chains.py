# SPDX-License-Identifier: GPL-3.0-or-later
"""Annealed Langevin dynamics, plain and chained, with a denoised mean that is learned or exact: to see what chains do
before the program runs the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Mean = Callable[[np.ndarray, float], np.ndarray]


def noise_levels(most: float, least: float = 0.01, count: int = 10) -> np.ndarray:
    """Geometric, from the largest to the smallest."""
    return np.geomspace(most, least, count)


def anneal(x: np.ndarray, mean: Mean, levels: np.ndarray, iterations: int, random: np.random.Generator) -> np.ndarray:
    """x + (delta / 2) score + sqrt(delta) z, `iterations` times at each level, with delta = 4e-5 (level / last)^2: step_rule
    ncsn with step_size 4e-5."""
    for sigma in levels:
        delta = 4e-5 * (sigma / levels[-1])**2
        for _ in range(iterations):
            noise = random.standard_normal(x.shape, np.float32)
            x = x + (delta / 2 / sigma**2) * (mean(x, sigma) - x) + np.float32(np.sqrt(delta)) * noise
            x = x.astype(np.float32)
    return x


def anneal_learned(x, network, levels, iterations, random):
    """Chains x [n][dimension], less 1/2; patch by patch if the network is of patches."""
    x, context, size = x.copy(), network.start(len(x)), network.patch_size
    for first in range(0, x.shape[1], size):
        place = slice(first, first + size)
        x[:, place] = anneal(
            x[:, place], lambda y, sigma, at=context: network.denoise(y, sigma, at), levels, iterations, random)
        if network.states:
            context = network.absorb(x[:, place], context)
    return x


def anneal_exact(x, smoothed, levels, iterations, random):
    """The same with the exact mean; the patches before are looked at through the smallest noise."""
    x, size = x.copy(), smoothed.patch_size
    for first in range(0, x.shape[1], size):
        place, weights = slice(first, first + size), smoothed.log_weights(x[:, :first], levels[-1])
        x[:, place] = anneal(
            x[:, place], lambda y, sigma, w=weights, f=first: smoothed.denoise(y, sigma, w, f), levels, iterations, random)
    return x


def summary(x: np.ndarray, start: np.ndarray, smoothed) -> dict[str, float]:
    """Of chains that began near images, not flips: `flipped` is the share nearest to a flip, `near` that of chains no farther
    from their nearest vector than 9 of 10 of the starts are from theirs, `found` that of both. `distance` and
    `distance_of_start` are medians of these distances, `other` the least one to the mode in which a chain is not: much
    more, and there is no doubt where chains are."""
    squares = smoothed.squares(x)
    half = squares.shape[1] // 2
    image, flip = np.sqrt(squares[:, :half].min(axis=1)), np.sqrt(squares[:, half:].min(axis=1))
    usual, distance, is_flipped = np.sqrt(smoothed.squares(start).min(axis=1)), np.minimum(image, flip), flip < image
    is_near = distance <= np.quantile(usual, 0.9)
    return {"flipped": float(is_flipped.mean()), "near": float(is_near.mean()), "found": float((is_flipped & is_near).mean()),
            "distance": float(np.median(distance)), "distance_of_start": float(np.median(usual)),
            "other": float(np.maximum(image, flip).min()), "largest": float(np.abs(x).max())}
