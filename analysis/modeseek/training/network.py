# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of forward.py in PyTorch, for training."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.functional import silu

from .forward import LARGEST

FREQUENCIES = 8
HIDDEN = 128


class Denoiser(nn.Module):
    """The means of all patches of vectors; `states` > 0: given the patches before each. `normal` is that of gaussian.py."""

    def __init__(self, normal: dict[str, np.ndarray], width: int, blocks: int, states: int) -> None:
        super().__init__()
        for name, value in normal.items():
            self.register_buffer(name, torch.from_numpy(value))
        # log(sigma) covers 4.6 to 8.5: waves from longer than that to a fifth of it
        self.register_buffer("frequencies", 2.0 ** (torch.arange(FREQUENCIES) / 2) * 0.25)
        self.patches, size, _ = self.basis.shape
        self.states = states
        self.noise = nn.Linear(2 * FREQUENCIES, HIDDEN)
        self.shift = nn.ModuleList(nn.Linear(HIDDEN, width) for _ in range(1 + blocks))
        self.place = nn.Parameter(torch.zeros(self.patches, width))
        self.first = nn.Linear(size, width, bias=False)
        self.linear = nn.Linear(size, width, bias=False)
        self.block_1 = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(blocks))
        self.block_2 = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.out = nn.Linear(width, size)
        if states > 0:
            self.lstm = nn.LSTM(size, states, batch_first=True)
            self.context = nn.Linear(states, width, bias=False)
        with torch.no_grad():  # blocks begin as the identity, the output as 0
            self.linear.weight.mul_(2)  # numbers from -1/2 to 1/2
            for layer in self.block_2:
                layer.weight.zero_()
                layer.bias.zero_()
            self.out.weight.zero_()
            self.out.bias.zero_()

    def split(self, u: torch.Tensor) -> torch.Tensor:
        """Vectors [n][dimension] as [n][patch][patch_size]."""
        return u.reshape(len(u), self.patches, -1)

    def look(self, before: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What vectors [n][dimension] say of each patch after the first: the conditional means [n][patch][patch_size] of the
        normal distribution, and h [n][patch][states]."""
        before = before.clamp(-float(LARGEST), float(LARGEST))
        if self.states == 0:
            return torch.zeros_like(self.split(before)), None
        h, _ = self.lstm(self.split(before)[:, :-1])
        return (torch.einsum("nd,pqd->npq", before, self.regression),
                torch.cat([torch.zeros_like(h[:, :1]), h], dim=1))

    def denoise(self, v: torch.Tensor, sigma: torch.Tensor, expected: torch.Tensor,
                h: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """The linear mean less `expected`, and what the network adds, of v and sigma [n][patch][1], in components."""
        phase = sigma.log() * self.frequencies
        hidden = silu(self.noise(torch.cat([phase.sin(), phase.cos()], dim=2)))
        terms = [shift(hidden) for shift in self.shift]
        share = self.variance / (self.variance + sigma**2)
        scaled, linear = share / self.variance.sqrt() * v, share * v
        z = self.first(scaled) + self.linear(expected + self.from_components(linear)) + terms[0] + self.place
        if h is not None:
            z = z + self.context(h)
        for b, (before, after) in enumerate(zip(self.block_1, self.block_2)):
            z = z + after(silu(before(z) + terms[b + 1]))
        return linear, sigma * share.sqrt() * self.out(silu(z))

    def to_components(self, patches: torch.Tensor) -> torch.Tensor:
        """In the bases of the patches."""
        return torch.einsum("npq,pqk->npk", patches, self.basis)

    def from_components(self, numbers: torch.Tensor) -> torch.Tensor:
        """And back."""
        return torch.einsum("npk,pqk->npq", numbers, self.basis)

    def forward(self, u: torch.Tensor, sigma: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """The means less 1/2 of vectors u [n][dimension] with noise sigma [n][patch][1]."""
        expected, h = self.look(before)
        linear, added = self.denoise(self.to_components(self.split(u) - expected), sigma, expected, h)
        return (expected + self.from_components(linear + added)).reshape(u.shape).clamp(-0.5, 0.5)

    def loss(self, clean: torch.Tensor, sigma: torch.Tensor, before: torch.Tensor, draws: int) -> torch.Tensor:
        """The mean squared error of the score in units of 1 / sigma, relative to that of the normal distribution: about 1 if
        the network adds nothing. `draws` of the noise share the look at what is before; sigma [draws * n][patch][1]."""
        expected, h = self.look(before)
        w = self.to_components(self.split(clean) - expected).repeat(draws, 1, 1)
        linear, added = self.denoise(w + sigma * torch.randn_like(w), sigma, expected.repeat(draws, 1, 1),
                                     None if h is None else h.repeat(draws, 1, 1))
        error = w - linear - added
        whole = self.variance.reshape(-1)
        usual = (whole / (whole + sigma**2)).mean(dim=2, keepdim=True) * sigma**2
        return (error**2 / usual).mean()


def export(state: dict[str, torch.Tensor], blocks: int, states: int) -> dict[str, np.ndarray]:
    """The weights under the names that forward.py has for them."""
    numbers = {name: value.detach().numpy().astype(np.float32) for name, value in state.items()}

    def stack(list_name: str, part: str, count: int = blocks) -> np.ndarray:
        return np.stack([numbers[f"{list_name}.{i}.{part}"] for i in range(count)])

    weights = {name: numbers[name] for name in ("basis", "variance", "frequencies", "place")}
    weights |= {"noise": numbers["noise.weight"], "noise_bias": numbers["noise.bias"],
                "shift": stack("shift", "weight", 1 + blocks), "shift_bias": stack("shift", "bias", 1 + blocks),
                "in": numbers["first.weight"], "linear": numbers["linear.weight"],
                "block_1": stack("block_1", "weight"), "block_2": stack("block_2", "weight"),
                "block_bias": stack("block_2", "bias"),
                "out": numbers["out.weight"], "out_bias": numbers["out.bias"]}
    if states > 0:
        weights |= {"regression": numbers["regression"],
                    "lstm_x": numbers["lstm.weight_ih_l0"], "lstm_h": numbers["lstm.weight_hh_l0"],
                    "lstm_bias": numbers["lstm.bias_ih_l0"] + numbers["lstm.bias_hh_l0"],
                    "context": numbers["context.weight"]}
    return weights
