# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of forward.py in PyTorch, for training."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn.functional import silu

FREQUENCIES = 8


class Denoiser(nn.Module):
    """The mean of a patch of `patch_size` numbers; `states` > 0: given the patches before it."""

    def __init__(self, patch_size: int, width: int, blocks: int, states: int, deviation: float) -> None:
        super().__init__()
        self.patch_size, self.width, self.states, self.deviation = patch_size, width, states, deviation
        # log(sigma) covers 4.6 to 8.5: waves from longer than that to a fifth of it
        self.register_buffer("frequencies", 2.0 ** (torch.arange(FREQUENCIES) / 2) * 0.25)
        self.noise = nn.Linear(2 * FREQUENCIES, 128)
        self.shift = nn.ModuleList(nn.Linear(128, width) for _ in range(1 + blocks))
        self.first = nn.Linear(patch_size, width, bias=False)
        self.block_1 = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(blocks))
        self.block_2 = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.out = nn.Linear(width, patch_size)
        if states > 0:
            self.lstm = nn.LSTM(patch_size, states, batch_first=True)
            self.context = nn.Linear(states, width, bias=False)
        with torch.no_grad():  # blocks begin as the identity, the output as 0
            for layer in self.block_2:
                layer.weight.zero_()
                layer.bias.zero_()
            self.out.weight.zero_()
            self.out.bias.zero_()

    def scales(self, sigma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """c_skip, c_out, c_in."""
        c_in = (sigma**2 + self.deviation**2).rsqrt()
        return (self.deviation * c_in)**2, sigma * self.deviation * c_in, c_in

    def contexts(self, u: torch.Tensor) -> torch.Tensor:
        """h before each patch of vectors [n][dimension], the last patch being nobody's context: [n][patches][states]."""
        patches = u.reshape(len(u), -1, self.patch_size)
        h, _ = self.lstm(patches[:, :-1])
        return torch.cat([torch.zeros_like(h[:, :1]), h], dim=1)

    def output(self, u: torch.Tensor, sigma: torch.Tensor, h: torch.Tensor | None = None) -> torch.Tensor:
        """What the mean is made of: [n][patch_size], of u as wide, sigma [n][1] and h [n][states]."""
        _, _, c_in = self.scales(sigma)
        phase = sigma.log() * self.frequencies
        hidden = silu(self.noise(torch.cat([phase.sin(), phase.cos()], dim=1)))
        terms = [shift(hidden) for shift in self.shift]
        z = self.first(u * c_in) + terms[0]
        if h is not None:
            z = z + self.context(h)
        for b, (before, after) in enumerate(zip(self.block_1, self.block_2)):
            z = z + after(silu(before(z) + terms[b + 1]))
        return self.out(silu(z))

    def forward(self, u: torch.Tensor, sigma: torch.Tensor, h: torch.Tensor | None = None) -> torch.Tensor:
        """The mean less 1/2."""
        c_skip, c_out, _ = self.scales(sigma)
        return c_skip * u + c_out * self.output(u, sigma, h)

    def loss(self, clean: torch.Tensor, noise: torch.Tensor, sigma: torch.Tensor,
             h: torch.Tensor | None = None) -> torch.Tensor:
        """Squared errors of the output, where 1 is what no knowledge of the data would leave."""
        c_skip, c_out, _ = self.scales(sigma)
        noisy = clean + sigma * noise
        return ((self.output(noisy, sigma, h) - (clean - c_skip * noisy) / c_out)**2).mean(dim=1)


def export(state: dict[str, torch.Tensor], blocks: int, states: int) -> dict[str, np.ndarray]:
    """The weights under the names that forward.py has for them."""
    numbers = {name: value.detach().numpy().astype(np.float32) for name, value in state.items()}

    def stack(list_name: str, part: str, count: int = blocks) -> np.ndarray:
        return np.stack([numbers[f"{list_name}.{i}.{part}"] for i in range(count)])

    weights = {"frequencies": numbers["frequencies"],
               "noise": numbers["noise.weight"], "noise_bias": numbers["noise.bias"],
               "shift": stack("shift", "weight", 1 + blocks), "shift_bias": stack("shift", "bias", 1 + blocks),
               "in": numbers["first.weight"],
               "block_1": stack("block_1", "weight"), "block_2": stack("block_2", "weight"),
               "block_bias": stack("block_2", "bias"),
               "out": numbers["out.weight"], "out_bias": numbers["out.bias"]}
    if states > 0:
        weights |= {"lstm_x": numbers["lstm.weight_ih_l0"], "lstm_h": numbers["lstm.weight_hh_l0"],
                    "lstm_bias": numbers["lstm.bias_ih_l0"] + numbers["lstm.bias_hh_l0"],
                    "context": numbers["context.weight"]}
    return weights


def learning_rate(step: int, steps: int, largest: float) -> float:
    """Rises for the first 200 steps, then falls along a cosine."""
    return largest * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
