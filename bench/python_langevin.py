# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference target in NumPy and PyTorch, as the papers' codes do it: 1000 chains in one array, one thread.

python_langevin.py numpy|closed-form|autograd float32|float64 DIMENSION SECONDS prints nanoseconds for each chain,
iteration and coordinate, or nan where PyTorch is not installed; `python_langevin.py blas` the BLAS behind both.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import sys
import time

import numpy as np

CHAINS, STEP_SIZE = 1000, 0.1
WEIGHT, VARIANCE, MEAN = (0.2, 0.4, 0.4), (3.0, 1.0, 1.0), (0.0, 1.0, -1.0)


def numpy_step(dimension: int, dtype: str):
    """One iteration of all chains with NumPy."""
    rng = np.random.default_rng(1)
    state = {"x": (np.sqrt(3) * rng.standard_normal((CHAINS, dimension))).astype(dtype)}

    def step():
        x = state["x"]
        log_weight = np.stack([np.log(w) - dimension / 2 * np.log(v) - ((x - m) ** 2).sum(axis=1) / (2 * v)
                               for w, v, m in zip(WEIGHT, VARIANCE, MEAN)])
        gamma = np.exp(log_weight - log_weight.max(axis=0))
        gamma /= gamma.sum(axis=0)
        rate = sum(g / v for g, v in zip(gamma, VARIANCE))[:, None]
        drift = sum(g / v * m for g, v, m in zip(gamma, VARIANCE, MEAN))[:, None]
        noise = rng.standard_normal(x.shape, dtype=x.dtype)
        state["x"] = x + STEP_SIZE / 2 * (drift - rate * x).astype(x.dtype) + np.sqrt(x.dtype.type(STEP_SIZE)) * noise

    return step


def torch_step(dimension: int, dtype: str, autograd: bool):
    """One iteration of all chains with PyTorch; the score in closed form or by differentiating the log-density."""
    import torch

    torch.set_num_threads(1)
    kind = getattr(torch, dtype)
    weight, variance, mean = (torch.tensor(values, dtype=kind)[:, None] for values in (WEIGHT, VARIANCE, MEAN))
    state = {"x": 3 ** 0.5 * torch.randn(CHAINS, dimension, dtype=kind)}

    def log_weights(x):
        distance = ((x[None] - mean[:, :, None]) ** 2).sum(dim=2)
        return torch.log(weight) - dimension / 2 * torch.log(variance) - distance / (2 * variance)

    def score(x):
        if autograd:
            x = x.detach().requires_grad_(True)
            return torch.autograd.grad(torch.logsumexp(log_weights(x), dim=0).sum(), x)[0]
        gamma = torch.softmax(log_weights(x), dim=0) / variance
        return (gamma * mean).sum(dim=0)[:, None] - gamma.sum(dim=0)[:, None] * x

    def step():
        x = state["x"]
        state["x"] = x + STEP_SIZE / 2 * score(x) + STEP_SIZE ** 0.5 * torch.randn_like(x)

    return step


def blas() -> str:
    """NumPy's and PyTorch's BLAS: what of that kind they have loaded."""
    try:
        import torch
        found = [f"NumPy {np.__version__}, PyTorch {torch.__version__}"]
    except ImportError:
        found = [f"NumPy {np.__version__}"]
    np.ones((2, 2)) @ np.ones((2, 2))
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split()[-1] for line in maps if "/" in line}
    return ", ".join(found + sorted(p for p in paths if any(n in os.path.basename(p) for n in ("blas", "mkl", "blis"))))


def main() -> None:
    """Time steps until the seconds are used up."""
    if sys.argv[1:] == ["blas"]:
        print(blas())
        return
    what, dtype, dimension, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    try:
        step = numpy_step(dimension, dtype) if what == "numpy" else torch_step(dimension, dtype, what == "autograd")
    except ImportError:
        print("nan")
        return
    step()
    steps, start = 0, time.process_time()
    while time.process_time() - start < limit or steps == 0:
        step()
        steps += 1
    print(f"{1e9 * (time.process_time() - start) / steps / CHAINS / dimension:.6g}")


main()
