# SPDX-License-Identifier: GPL-3.0-or-later
"""The normal distribution with the covariance of the data: its denoised mean is linear, and the network learns only what
differs from it. Without it a small network fails at small noise, where it would have to tell noise from details."""

from __future__ import annotations

import numpy as np

VARIANCE_LEAST = 1e-6  # of pixels that never change; far below that of the smallest noise


def fit(vectors: np.ndarray, patch_size: int, noise: float = 0.01) -> dict[str, np.ndarray]:
    """Of vectors less 1/2 and their negatives, for each of the p patches of size q: `regression` [p][q][dimension] gives
    the conditional mean from the coordinates before, which have such noise, `basis` [p][q][q] and `variance` [p][q] the
    principal components (columns) of what is left."""
    dimension = vectors.shape[1]
    covariance = vectors.astype(float).T @ vectors.astype(float) / len(vectors)
    patches = dimension // patch_size
    regression = np.zeros((patches, patch_size, dimension))
    basis, variance = np.zeros((patches, patch_size, patch_size)), np.zeros((patches, patch_size))
    for p in range(patches):
        first = p * patch_size
        here = slice(first, first + patch_size)
        b = np.linalg.solve(covariance[:first, :first] + noise**2 * np.eye(first), covariance[:first, here]).T
        values, columns = np.linalg.eigh(covariance[here, here] - b @ covariance[:first, here])
        regression[p, :, :first], basis[p], variance[p] = b, columns, np.maximum(values, VARIANCE_LEAST)
    return {name: value.astype(np.float32)
            for name, value in (("regression", regression), ("basis", basis), ("variance", variance))}
