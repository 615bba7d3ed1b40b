# SPDX-License-Identifier: GPL-3.0-or-later
"""Training by denoising score matching: the network learns to say what a vector was before noise was added."""

from __future__ import annotations

import copy
import ctypes
import hashlib
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch

from ..errors import Failure
from .data import Images, vectors
from .forward import Network
from .network import Denoiser, export, learning_rate


@dataclass(frozen=True)
class Plan:
    """What training follows from, besides the data."""

    patch_size: int  # that of the data: without context
    width: int = 768
    blocks: int = 4
    states: int = 0
    batch: int = 512
    noise_draws: int = 1  # of each patch, in a step
    steps: int = 8000
    minutes: float = 30  # an upper limit; a run that it ends is not reproducible, and says so
    rate: float = 1e-3
    decay: float = 0.999  # of the average of the weights
    noise_least: float = 0.008
    noise_most: float = 1.3
    wide_share: float = 0.0  # of noise levels from there on
    noise_widest: float = 65.0
    excess: float = 0.0  # standard deviation of log(noise there is / noise level told)
    context_noise_least: float = 0.01
    context_noise_most: float = 0.01
    seed: int = 1


def keep_memory() -> None:
    """Lets freed memory be used again: with glibc's defaults, half of the time goes to the kernel, for new pages."""
    threshold, trim = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(threshold, 1 << 30)
        mallopt(trim, (1 << 31) - 1)


def check_speed() -> None:
    """Raises Failure if products of matrices are as slow as with the reference BLAS."""
    a = torch.rand(512, 512)
    a @ a
    started = time.perf_counter()
    for _ in range(4):
        a @ a
    speed = 4 * 2 * 512**3 / (time.perf_counter() - started) / 1e9
    if speed < 10:
        raise Failure(f"PyTorch multiplies matrices at {speed:.1f} GFlop/s, which would take days; with Debian's packages "
                      "install libopenblas0-pthread, or set "
                      "LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-pthread if it is there already")


def draw_levels(plan: Plan, count: int) -> torch.Tensor:
    """Noise levels, uniform in their logarithms: [count][1]."""
    def between(least: float, most: float) -> torch.Tensor:
        return torch.exp(torch.rand(count, 1) * np.log(most / least) + np.log(least))
    is_wide = torch.rand(count, 1) < plan.wide_share
    return torch.where(is_wide, between(plan.noise_most, plan.noise_widest), between(plan.noise_least, plan.noise_most))


def draw_batch(plan: Plan, data: torch.Tensor) -> torch.Tensor:
    """Vectors and flips."""
    sign = torch.randint(0, 2, (plan.batch, 1)) * 2.0 - 1
    return data[torch.randint(0, len(data), (plan.batch,))] * sign


def find_loss(model: Denoiser, plan: Plan, clean: torch.Tensor) -> torch.Tensor:
    """The mean loss of vectors [n][dimension]."""
    h = None
    if plan.states > 0:
        low, high = np.log(plan.context_noise_least), np.log(plan.context_noise_most)
        level = torch.exp(low + (high - low) * torch.rand(len(clean), 1))
        h = model.contexts(clean + level * torch.randn_like(clean))
        h = h.reshape(-1, plan.states).repeat(plan.noise_draws, 1)
    patches = clean.reshape(-1, plan.patch_size).repeat(plan.noise_draws, 1)
    sigma = draw_levels(plan, len(patches))
    noise = torch.randn_like(patches)
    if plan.excess > 0:
        noise = noise * torch.exp(plan.excess * torch.randn(len(patches), 1))
    return model.loss(patches, noise, sigma, h).mean()


def train(images: Images, plan: Plan, say=print) -> tuple[Network, dict[str, object], dict[str, np.ndarray]]:
    """The network, what it was trained with, and tables for its file. Raises Failure."""
    check_speed()
    keep_memory()
    torch.manual_seed(plan.seed)
    data, test = torch.from_numpy(vectors(images.train)), torch.from_numpy(vectors(images.test[:512]))
    deviation = float(data.square().mean().sqrt())
    model = Denoiser(plan.patch_size, plan.width, plan.blocks, plan.states, deviation)
    average = copy.deepcopy(model)
    optimiser = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    started, curve, recent = time.perf_counter(), [], []
    numbers = sum(p.numel() for p in model.parameters())
    say(f"{numbers} weights, {plan.steps} steps, data of standard deviation {deviation:.4f}")
    step = 0
    while step < plan.steps and time.perf_counter() - started < 60 * plan.minutes:
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, plan.steps, plan.rate)
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
        step += 1
        if step % 250 == 0 or step == plan.steps:
            with torch.random.fork_rng(), torch.no_grad():
                torch.manual_seed(0)
                of_test, of_train = (float(find_loss(average, plan, part)) for part in (test, data[:512]))
            curve.append((step, float(np.mean(recent)), of_train, of_test))
            recent.clear()
            spent = time.perf_counter() - started
            say(f"step {step} of {plan.steps}: loss {curve[-1][1]:.4f}, averaged weights {of_train:.4f} "
                f"(test {of_test:.4f}), {spent:.0f} s, {spent / step * (plan.steps - step):.0f} s to go")
    weights = export(average.state_dict(), plan.blocks, plan.states)
    network = Network(weights, images.dimension, plan.patch_size, deviation)
    about = {**asdict(plan), "steps_done": step, "is_cut_short": step < plan.steps, "seconds": time.perf_counter() - started,
             "torch": torch.__version__, "numpy": np.__version__, "threads": torch.get_num_threads(),
             "data": f"{len(images.train)} images and their flips, SHA-256 of the pixels "
                     + hashlib.sha256(images.train.astype("<f4").tobytes()).hexdigest()}
    return network, about, {"curve": np.array(curve), **outputs(average, test)}


def outputs(model: Denoiser, test: torch.Tensor) -> dict[str, np.ndarray]:
    """Means by PyTorch of some noisy vectors, so that other forward passes can be compared: check_y and check_mean are
    [level][vector][dimension], both less 1/2; contexts are those of check_y's own patches."""
    levels = np.array([0.01, 0.1, 1.0, 10.0])
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(2)
        noisy, means = [], []
        for level in levels:
            y = test[:4] + float(level) * torch.randn_like(test[:4])
            h = model.contexts(y).reshape(-1, model.states) if model.states else None
            patches = y.reshape(-1, model.patch_size)
            mean = model(patches, torch.full((len(patches), 1), float(level)), h)
            noisy.append(y.numpy())
            means.append(mean.reshape(y.shape).numpy())
    return {"check_levels": levels, "check_y": np.stack(noisy), "check_mean": np.stack(means)}
