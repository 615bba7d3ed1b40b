# SPDX-License-Identifier: GPL-3.0-or-later
"""images.py PROGRAM [--chains=N] [--count=N] [--rounds=N]: modeseek's dynamics on images beside the same written with
NumPy and, where it is installed, PyTorch, float32, one thread each. Round by round, so that a machine that becomes slower
does so for all; times are CPU seconds, medians of the rounds, and so are their ratios. Needs MNIST (scripts/fetch-data).

Two tasks, on the first images of MNIST and their flips: `chained`, a pass over patches of 14 pixels, in which NumPy and
PyTorch keep the weights of the patches before, as modeseek does, and drop vectors that have none; `annealed`, the whole
vector. NumPy's and PyTorch's runs are shortened (--fraction of the iterations at each level and patch), and the time of
their iterations, not of what they do once a patch, is scaled up."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np  # noqa: E402

SIDE, LEVELS, LAST, STEP = 28, 10, 0.01, 4e-5
TASKS = {"chained": (14, 30000), "annealed": (784, 3000)}


def data_folder() -> Path:
    """Where scripts/fetch-data puts MNIST."""
    shared = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    return Path(os.environ.get("MODESEEK_DATA") or shared / "modeseek") / "mnist"


def images(name: str, count: int) -> np.ndarray:
    """The first images, column by column, float32."""
    pixels = np.fromfile(data_folder() / name, dtype=np.uint8, offset=16, count=count * SIDE * SIDE)
    return np.ascontiguousarray(pixels.reshape(count, SIDE, SIDE).swapaxes(1, 2)).reshape(count, -1).astype(np.float32) / 255


def with_numpy(centre: np.ndarray, start: np.ndarray, patch: int, iterations: int) -> float:
    """One pass of chained annealed Langevin dynamics; CPU seconds of the iterations."""
    seconds = 0.0
    generator = np.random.default_rng(1)
    x, total = start - np.float32(0.5), np.zeros((len(start), 2 * len(centre)), dtype=np.float64)
    for first in range(0, centre.shape[1], patch):
        total -= total.max(axis=1, keepdims=True)
        kept = np.flatnonzero((total > -60).any(axis=0).reshape(2, -1).any(axis=0))
        c = np.ascontiguousarray(centre[kept, first:first + patch])
        half, weight = np.float32(0.5) * (c * c).sum(axis=1), total.reshape(len(x), 2, -1)[:, :, kept].astype(np.float32)
        y = np.ascontiguousarray(x[:, first:first + patch])
        begin = time.process_time()
        for sigma in np.geomspace(1, LAST, LEVELS):
            precision, step = np.float32(1 / sigma**2), np.float32(STEP * (sigma / LAST) ** 2)
            for _ in range(iterations):
                product = y @ c.T
                logits = np.stack([product - half, -product - half], axis=1) * precision + weight
                logits -= logits.max(axis=(1, 2), keepdims=True)
                np.exp(logits, out=logits)
                mean = (logits[:, 0] - logits[:, 1]) @ c / logits.sum(axis=(1, 2), dtype=np.float64)[:, None].astype(np.float32)
                y += step / 2 * precision * (mean - y) + np.sqrt(step) * generator.standard_normal(y.shape, dtype=np.float32)
        seconds += time.process_time() - begin
        x[:, first:first + patch] = y
        if first + patch == centre.shape[1]:
            return seconds
        apart = [((y[:, None, :] - sign * centre[None, :, first:first + patch]) ** 2).sum(axis=2, dtype=np.float64)
                 for sign in (1, -1)]
        total -= np.concatenate(apart, axis=1) / (2 * LAST**2)
    return seconds


def with_torch(centre: np.ndarray, start: np.ndarray, patch: int, iterations: int) -> float:
    """The same."""
    import torch

    seconds = 0.0
    torch.set_num_threads(1)
    torch.manual_seed(1)
    all_centres, x = torch.from_numpy(centre), torch.from_numpy(start) - 0.5
    total = torch.zeros(len(x), 2 * len(centre), dtype=torch.float64)
    with torch.no_grad():
        for first in range(0, centre.shape[1], patch):
            total -= total.amax(dim=1, keepdim=True)
            kept = torch.nonzero((total > -60).any(dim=0).reshape(2, -1).any(dim=0)).flatten()
            c = all_centres[kept, first:first + patch].contiguous()
            half, weight = 0.5 * (c * c).sum(dim=1), total.reshape(len(x), 2, -1)[:, :, kept].float()
            y = x[:, first:first + patch].contiguous()
            begin = time.process_time()
            for sigma in np.geomspace(1, LAST, LEVELS):
                precision, step = 1 / sigma**2, STEP * (sigma / LAST) ** 2
                for _ in range(iterations):
                    product = y @ c.T
                    logits = torch.stack([product - half, -product - half], dim=1) * precision + weight
                    weights = torch.softmax(logits.flatten(1), dim=1).reshape(logits.shape)
                    mean = (weights[:, 0] - weights[:, 1]) @ c
                    y += step / 2 * precision * (mean - y) + step**0.5 * torch.randn_like(y)
            seconds += time.process_time() - begin
            x[:, first:first + patch] = y
            if first + patch == centre.shape[1]:
                return seconds
            apart = [((y[:, None, :] - sign * all_centres[None, :, first:first + patch]) ** 2).sum(dim=2).double()
                     for sign in (1, -1)]
            total -= torch.cat(apart, dim=1) / (2 * LAST**2)
    return seconds


def seconds_of(run, patch: int, length: int, fraction: float, centre: np.ndarray, start: np.ndarray) -> float:
    """CPU seconds of a whole pass, from one with fewer iterations."""
    whole = length * patch / (centre.shape[1] * LEVELS)
    iterations = max(1, round(fraction * whole))
    begin = time.process_time()
    of_iterations = run(centre, start.copy(), patch, iterations)
    return time.process_time() - begin + of_iterations * (whole / iterations - 1)


def seconds_of_modeseek(program: str, patch: int, length: int, chains: int, count: int, folder: str) -> float:
    """CPU seconds of its block, without reading the data."""
    sweep, results = Path(folder) / "s.yaml", Path(folder) / "r.h5"
    sweep.write_text(f"""name: bench
target: {{family: empirical, data: mnist, count: {count}, flips: true, pixel_order: column}}
start: {{data: test}}
sampler:
  step_size: {STEP}
  step_rule: ncsn
  schedule: {{type: geometric, noise_level_min: {LAST}, levels: {LEVELS}}}
  iterations_per_pass: {length}
budget: {{iterations: {length}, chains: {chains}, block: {chains}}}
grid: {{dimension: {SIDE * SIDE}, patch_size: {patch}, noise_level: 1}}
""", encoding="utf-8")
    results.unlink(missing_ok=True)
    text = subprocess.run([program, "run", "-q", sweep, "-o", results], check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"in ([\d.]+) s", text)[1])


def main() -> int:
    """Prints a table, and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("program")
    parser.add_argument("--chains", type=int, default=100)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fraction", type=float, default=0.05)
    words = parser.parse_args()
    centre = images("train-images-idx3-ubyte", words.count) - np.float32(0.5)
    start = images("t10k-images-idx3-ubyte", words.chains)
    rivals = {"NumPy": with_numpy}
    try:
        import torch  # noqa: F401
        rivals["PyTorch"] = with_torch
    except ImportError:
        print("PyTorch is not installed", file=sys.stderr)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for task, (patch, length) in TASKS.items():
            rounds: dict[str, list[float]] = {}
            for _ in range(words.rounds):
                own = seconds_of_modeseek(words.program, patch, length, words.chains, words.count, folder)
                rounds.setdefault("modeseek", []).append(own)
                for name, run in rivals.items():
                    rounds.setdefault(name, []).append(seconds_of(run, patch, length, words.fraction, centre, start))
            for name, seconds in rounds.items():
                ratio = statistics.median(s / own for s, own in zip(seconds, rounds["modeseek"]))
                results[f"{task} {name}"] = {"seconds": statistics.median(seconds), "ratio": ratio}
                print(f"{task:9} {name:9} {statistics.median(seconds):8.2f} s  {ratio:6.1f} times modeseek's")
    print(json.dumps(results))
    return 0


sys.exit(main())
