# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact denoised mean of a data set with noise, as the family `empirical` has it: what a network could learn best."""

from __future__ import annotations

import numpy as np


class Smoothed:
    """Vectors less 1/2 [count][dimension], and with each its flip, which is the negative."""

    def __init__(self, vectors: np.ndarray, patch_size: int | None = None) -> None:
        self.vectors = np.concatenate([vectors, -vectors])
        self.patch_size = patch_size or vectors.shape[1]

    def squares(self, u: np.ndarray, first: int = 0) -> np.ndarray:
        """Squared distances of coordinates `first`... [n][length] to those of all components."""
        part = self.vectors[:, first:first + u.shape[1]]
        return np.maximum((u**2).sum(1)[:, None] + (part**2).sum(1) - 2 * (u @ part.T), 0)

    def denoise(self, u: np.ndarray, sigma: float, log_weight: np.ndarray | float = 0, first: int = 0) -> np.ndarray:
        """The mean less 1/2 of coordinates `first`... [n][length] with noise sigma, given log-weights [n][components]."""
        log = log_weight - self.squares(u, first) / (2 * sigma**2)
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        weight = (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
        return weight @ self.vectors[:, first:first + u.shape[1]]

    def log_weights(self, u: np.ndarray, sigma: float) -> np.ndarray:
        """What coordinates [n][length] before a patch, left with noise sigma, say of the components."""
        return -self.squares(u).astype(float) / (2 * sigma**2) if u.shape[1] else np.zeros((1, 1))
