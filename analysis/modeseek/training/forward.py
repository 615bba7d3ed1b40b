# SPDX-License-Identifier: GPL-3.0-or-later
"""The network in NumPy: what it computes, in the order in which the program does.

Of u = y - 1/2, a patch y with noise of level sigma, and the state h of an LSTM that has seen the patches before:

    z = W_in (c_in u) + W_context h + e_0,   then for each block   z += W_2 silu(W_1 z + e_b) + b_2,
    mean = 1/2 + c_skip u + c_out (W_out silu(z) + b_out),

where e_b = V_b silu(W_noise f + b_noise) + a_b with f the sines and cosines of log(sigma) times the frequencies, and
with s the standard deviation of the data: c_in = 1 / sqrt(sigma^2 + s^2), c_skip = s^2 c_in^2, c_out = sigma s c_in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def silu(x: np.ndarray) -> np.ndarray:
    """x / (1 + exp(-x))."""
    return x / (1 + np.exp(-x))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


@dataclass(frozen=True)
class Network:
    """Weights by name, float32, and what is not learned."""

    weights: dict[str, np.ndarray]
    dimension: int
    patch_size: int
    deviation: float

    @property
    def width(self) -> int:
        """Numbers in z."""
        return self.weights["in"].shape[0]

    @property
    def blocks(self) -> int:
        """How many blocks."""
        return self.weights["block_1"].shape[0]

    @property
    def states(self) -> int:
        """Numbers in h; 0: no patches before are looked at."""
        return self.weights["lstm_h"].shape[1] if "lstm_h" in self.weights else 0

    def scales(self, sigma: float) -> tuple[float, float, float]:
        """c_skip, c_out, c_in."""
        c_in = 1 / np.sqrt(sigma**2 + self.deviation**2)
        return (self.deviation * c_in)**2, sigma * self.deviation * c_in, c_in

    def noise_terms(self, sigma: float) -> np.ndarray:
        """e_0, e_1, ...: [1 + blocks][width]."""
        w = self.weights
        phase = (w["frequencies"].astype(float) * np.log(sigma)).astype(np.float32)
        hidden = silu(w["noise"] @ np.concatenate([np.sin(phase), np.cos(phase)]) + w["noise_bias"])
        return w["shift"] @ hidden + w["shift_bias"]

    def denoise(self, u: np.ndarray, sigma: float, h: np.ndarray | None = None) -> np.ndarray:
        """The mean less 1/2 of patches [n][patch_size], after patches that have left h [n][states]."""
        w = self.weights
        c_skip, c_out, c_in = self.scales(sigma)
        terms = self.noise_terms(sigma)
        z = (u * c_in).astype(np.float32) @ w["in"].T + terms[0]
        if h is not None:
            z += h @ w["context"].T
        for b in range(self.blocks):
            z += silu(z @ w["block_1"][b].T + terms[b + 1]) @ w["block_2"][b].T + w["block_bias"][b]
        return c_skip * u + c_out * (silu(z) @ w["out"].T + w["out_bias"])

    def start(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """h and c of the LSTM before the first patch."""
        return np.zeros((count, self.states), np.float32), np.zeros((count, self.states), np.float32)

    def absorb(self, u: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """h and c after a further patch, less 1/2. Gates stand in the order input, forget, cell, output."""
        w = self.weights
        gates = u.astype(np.float32) @ w["lstm_x"].T + h @ w["lstm_h"].T + w["lstm_bias"]
        i, f, g, o = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
