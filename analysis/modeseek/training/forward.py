# SPDX-License-Identifier: GPL-3.0-or-later
"""The network in NumPy: what it computes, in the order in which the program does.

Of u = y - 1/2, patch p of a vector with noise of level sigma, the patches x before it, less 1/2, and the state h of an LSTM
that has seen them: with B, U and l the regression, the basis and the variances of the patch (gaussian.py),

    v = U^T (u - B x),   m = B x + U (l v / (l + sigma^2)),
    z = W_in (sqrt(l) v / (l + sigma^2)) + W_linear m + W_context h + a_p + e_0,
    then for each block   z += W_2 silu(W_1 z + e_b) + b_2,
    mean = 1/2 + m + sigma U (sqrt(l / (l + sigma^2)) (W_out silu(z) + b_out)), cut to 0..1,

where e_b = V_b silu(W_noise f + b_noise) + a_b, with f the sines and cosines of log(sigma) times the frequencies. m is the
linear mean, and if the data were normal, W_out = 0 would be best. Components that are lost in the noise neither go into the
network nor come out. It is given m as well, of which the largest components, by which modes differ, stand out. The mean is
one of pixels: where the network has learned nothing, chains would follow it away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NAMES = ("basis", "variance", "frequencies", "noise", "noise_bias", "shift", "shift_bias", "place", "in", "linear", "block_1",
         "block_2", "block_bias", "out", "out_bias")
NAMES_OF_CONTEXT = ("regression", "lstm_x", "lstm_h", "lstm_bias", "context")

LARGEST = np.float32(0.55)  # that a pixel less 1/2 can be, by 5 standard deviations of the noise that is left


def silu(x: np.ndarray) -> np.ndarray:
    """x / (1 + exp(-x))."""
    return x * sigmoid(x)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), by what does not overflow."""
    return np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * x))


@dataclass(frozen=True)
class Context:
    """What is known before a patch: its number, the coordinates before [n][...] less 1/2, and the LSTM's h and c."""

    patch: int
    before: np.ndarray
    h: np.ndarray
    c: np.ndarray


@dataclass(frozen=True)
class Network:
    """Weights by name, float32."""

    weights: dict[str, np.ndarray]

    @property
    def patches(self) -> int:
        """Of a vector; 1: no context."""
        return self.weights["basis"].shape[0]

    @property
    def patch_size(self) -> int:
        """Coordinates in a patch."""
        return self.weights["basis"].shape[1]

    @property
    def states(self) -> int:
        """Numbers in h; 0 without context."""
        return self.weights["lstm_h"].shape[1] if "lstm_h" in self.weights else 0

    def noise_terms(self, sigma: float) -> np.ndarray:
        """e_0, e_1, ...: [1 + blocks][width]."""
        w = self.weights
        phase = (w["frequencies"].astype(float) * np.log(sigma)).astype(np.float32)
        hidden = silu(w["noise"] @ np.concatenate([np.sin(phase), np.cos(phase)]) + w["noise_bias"])
        return w["shift"] @ hidden + w["shift_bias"]

    def denoise(self, u: np.ndarray, sigma: float, context: Context) -> np.ndarray:
        """The mean less 1/2 of the context's patch [n][patch_size]."""
        w, p, terms = self.weights, context.patch, self.noise_terms(sigma)
        basis, variance, total = w["basis"][p], w["variance"][p], w["variance"][p] + np.float32(sigma**2)
        expected = np.float32(0)
        if self.states:
            expected = context.before @ w["regression"][p][:, :context.before.shape[1]].T
        v = (u - expected).astype(np.float32) @ basis
        linear = expected + (variance / total * v) @ basis.T
        z = (np.sqrt(variance) / total * v) @ w["in"].T + linear @ w["linear"].T + (w["place"][p] + terms[0])
        if self.states:
            z += context.h @ w["context"].T
        for b in range(len(w["block_1"])):
            z += silu(z @ w["block_1"][b].T + terms[b + 1]) @ w["block_2"][b].T + w["block_bias"][b]
        output = silu(z) @ w["out"].T + w["out_bias"]
        mean = linear + np.float32(sigma) * (np.sqrt(variance / total) * output) @ basis.T
        return np.clip(mean, -np.float32(0.5), np.float32(0.5))

    def start(self, count: int) -> Context:
        """Before the first patch."""
        state = np.zeros((count, self.states), np.float32)
        return Context(0, np.zeros((count, 0), np.float32), state, state)

    def absorb(self, u: np.ndarray, context: Context) -> Context:
        """After a further patch u, less 1/2. Gates stand in the order input, forget, cell, output. Numbers that no pixel can
        have, with its noise, are cut: the regression would carry them on, ever larger."""
        w, u = self.weights, np.clip(u.astype(np.float32), -LARGEST, LARGEST)
        gates = u @ w["lstm_x"].T + context.h @ w["lstm_h"].T + w["lstm_bias"]
        i, f, g, o = np.split(gates, 4, axis=1)
        c = sigmoid(f) * context.c + sigmoid(i) * np.tanh(g)
        return Context(context.patch + 1, np.concatenate([context.before, u], axis=1), sigmoid(o) * np.tanh(c), c)
