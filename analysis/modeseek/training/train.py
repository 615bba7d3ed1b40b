# SPDX-License-Identifier: GPL-3.0-or-later
"""Training by denoising score matching: the network learns to say what a vector was before noise was added."""

from __future__ import annotations

import copy
import ctypes
import hashlib
import math
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch

from ..errors import Failure
from .data import Images, vectors
from .forward import Network
from .gaussian import fit
from .network import Denoiser, export


@dataclass(frozen=True)
class Plan:
    """What training follows from, besides the data."""

    patch_size: int  # that of the data: without context
    width: int = 512
    blocks: int = 2
    states: int = 0
    batch: int = 128
    noise_draws: int = 1  # of each vector, in a step
    steps: int = 8000
    rate: float = 1e-3
    decay: float = 0.998  # of the average of the weights
    noise_least: float = 0.009
    noise_most: float = 1.2
    wide_share: float = 0.0  # of noise levels from there on
    noise_widest: float = 60.0
    context_noise: float = 0.01
    seed: int = 1


def keep_memory() -> None:
    """Lets freed memory be used again: with glibc's defaults, half of the time goes to the kernel, for new pages."""
    threshold, trim = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(threshold, 1 << 30)
        mallopt(trim, (1 << 31) - 1)


def check_speed() -> None:
    """Raises Failure if products of matrices are as slow as with the reference BLAS, by the processor's time: other programs
    may run beside this one."""
    a = torch.rand(512, 512)
    a @ a
    started = time.process_time()
    for _ in range(4):
        a @ a
    speed = 4 * 2 * 512**3 / max(time.process_time() - started, 1e-9) / 1e9
    if speed < 8:
        raise Failure(f"PyTorch multiplies matrices at {speed:.1f} GFlop/s a core, which would take days; with Debian's "
                      "packages install libopenblas0-pthread, or set "
                      "LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-pthread if it is there already")


def draw_levels(plan: Plan, count: int, patches: int) -> torch.Tensor:
    """Noise levels, uniform in their logarithms: [count][patches][1]."""
    def between(least: float, most: float) -> torch.Tensor:
        return torch.exp(torch.rand(count, patches, 1) * np.log(most / least) + np.log(least))
    is_wide = torch.rand(count, patches, 1) < plan.wide_share
    return torch.where(is_wide, between(plan.noise_most, plan.noise_widest), between(plan.noise_least, plan.noise_most))


def draw_batch(plan: Plan, data: torch.Tensor) -> torch.Tensor:
    """Vectors and flips."""
    sign = torch.randint(0, 2, (plan.batch, 1)) * 2.0 - 1
    return data[torch.randint(0, len(data), (plan.batch,))] * sign


def find_loss(model: Denoiser, plan: Plan, clean: torch.Tensor) -> torch.Tensor:
    """The mean loss of vectors [n][dimension]."""
    sigma = draw_levels(plan, len(clean) * plan.noise_draws, model.patches)
    return model.loss(clean, sigma, clean + plan.context_noise * torch.randn_like(clean), plan.noise_draws)


def learning_rate(plan: Plan, step: int) -> float:
    """Rises for the first 200 steps, then falls along a cosine."""
    return plan.rate * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / plan.steps)))


def train(images: Images, plan: Plan, say=print) -> tuple[Network, dict[str, object], dict[str, np.ndarray]]:
    """The network, what it was trained with, and tables for its file. Raises Failure."""
    check_speed()
    keep_memory()
    torch.manual_seed(plan.seed)
    data, test = torch.from_numpy(vectors(images.train)), torch.from_numpy(vectors(images.test[:512]))
    model = Denoiser(fit(vectors(images.train), plan.patch_size, plan.context_noise), plan.width, plan.blocks, plan.states)
    average = copy.deepcopy(model)
    optimiser = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    started, cpu_started, curve, recent = time.perf_counter(), time.process_time(), [], []
    numbers = sum(p.numel() for p in model.parameters())
    say(f"{numbers} weights, {plan.steps} steps; a loss of 1 is that of a linear denoiser")
    for step in range(plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(plan, step)
        loss = find_loss(model, plan, draw_batch(plan, data))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            share = min(plan.decay, (1 + step) / (10 + step))
            for mean, now in zip(average.parameters(), model.parameters()):
                mean.lerp_(now, 1 - share)
        recent.append(float(loss))
        done = step + 1
        if done % 250 == 0 or done == plan.steps:
            with torch.random.fork_rng(), torch.no_grad():
                torch.manual_seed(0)
                of_test, of_train = (float(find_loss(average, plan, part)) for part in (test, data[:512]))
            curve.append((done, float(np.mean(recent)), of_train, of_test))
            recent.clear()
            spent = time.perf_counter() - started
            say(f"step {done} of {plan.steps}: loss {curve[-1][1]:.4f}, averaged weights {of_train:.4f} "
                f"(test {of_test:.4f}), {spent:.0f} s, {spent / done * (plan.steps - done):.0f} s to go")
    about = {**asdict(plan), "seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu_started,
             "torch": torch.__version__, "numpy": np.__version__, "threads": torch.get_num_threads(),
             "data": f"{len(images.train)} images and their flips, SHA-256 of the pixels "
                     + hashlib.sha256(images.train.astype("<f4").tobytes()).hexdigest()}
    network = Network(export(average.state_dict(), plan.blocks, plan.states))
    return network, about, {"curve": np.array(curve), **outputs(average, test)}


def outputs(model: Denoiser, test: torch.Tensor) -> dict[str, np.ndarray]:
    """Means by PyTorch of some noisy vectors, so that other forward passes can be compared: check_y and check_mean are
    [level][vector][dimension], both less 1/2; what is before a patch is check_y's as well."""
    levels = np.array([0.01, 0.1, 1.0, 10.0])
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(2)
        noisy = [test[:4] + float(level) * torch.randn_like(test[:4]) for level in levels]
        means = [model(y, torch.full((len(y), model.patches, 1), float(level)), y) for y, level in zip(noisy, levels)]
    return {"check_levels": levels, "check_y": torch.stack(noisy).numpy(), "check_mean": torch.stack(means).numpy()}
