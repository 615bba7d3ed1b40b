# SPDX-License-Identifier: GPL-3.0-or-later
"""`modeseek train`: its kinds data, denoiser, check and chains."""

from __future__ import annotations

import argparse
import os

import h5py
import numpy as np

from ..drawing import check_folder
from ..errors import Failure, Misuse, printable_name
from . import chains, check, data, weights
from .smoothed import Smoothed

DEFAULTS = {"count": "2000", "patch_size": "", "steps": "8000", "seed": "1", "noise_level": "1", "iterations": "300"}
OPTIONS = {"data": {"count"}, "denoiser": {"patch_size", "steps", "seed", "noise_level"}, "check": {"seed"},
           "chains": {"count", "seed", "noise_level", "iterations"}}
FILES = {"data": 0, "denoiser": 1, "check": 2, "chains": 2}


def number(words: argparse.Namespace, name: str, most: float, kind: type = int) -> float:
    """The value of an option, more than 0. Raises Misuse."""
    text = getattr(words, name) or DEFAULTS[name]
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value <= most:
        raise Misuse(f"--{name.replace('_', '-')} {text}: give a number, more than 0 and at most {most:g}")
    return value


def make_data(words: argparse.Namespace) -> str:
    """Writes images for training."""
    data.write(words.output, data.read_mnist(number(words, "count", 60000)))
    return f"written: {printable_name(words.output)}"


def plan_of(words: argparse.Namespace, dimension: int):
    """What training follows from: a network of patches needs a context, and smaller layers do."""
    from .train import Plan  # PyTorch, which nothing else needs

    size = number(words, "patch_size", dimension) if words.patch_size else dimension
    if dimension % size:
        raise Misuse(f"--patch-size {size}: patches of equal size have to make up the {dimension} pixels")
    widest = number(words, "noise_level", 1000, float)
    chosen = {"patch_size": size, "steps": number(words, "steps", 10**7), "seed": number(words, "seed", 2**31)}
    if size < dimension:
        chosen |= {"width": 256, "blocks": 2, "states": 192, "batch": 32, "noise_draws": 2, "rate": 3e-3}
    if widest > 1:
        chosen |= {"wide_share": 0.2, "noise_widest": 1.2 * widest}
    return Plan(**chosen)


def make_denoiser(words: argparse.Namespace) -> str:
    """Trains, and writes the weights."""
    images = data.read(words.files[0])
    try:
        plan = plan_of(words, images.dimension)
    except ModuleNotFoundError as missing:
        raise Failure(f"training needs PyTorch: {missing}; Debian: apt-get install python3-torch libopenblas0-pthread. "
                      "MODESEEK_PYTHON names the Python that has it") from missing
    from .train import train

    network, about, tables = train(images, plan, say=lambda line: print(line, flush=True))
    weights.write(words.output, network, about, tables)
    return f"written: {printable_name(words.output)}"


def make_check(words: argparse.Namespace) -> str:
    """A table of errors of the learned score, by noise level."""
    network, images = weights.read(words.files[0]), data.read(words.files[1])
    with h5py.File(words.files[0], "r") as file:
        apart = check.compare_with_outputs(network, *(file[f"check_{name}"][()] for name in ("levels", "y", "mean")))
    table = check.as_markdown(check.table(network, images, seed=number(words, "seed", 2**31)))
    return f"{table}\n\nNumPy's and PyTorch's means differ by at most {apart:.2g}."


def make_chains(words: argparse.Namespace) -> str:
    """Chains with the learned and the exact score, from the same test images and with equal random numbers."""
    network, images = weights.read(words.files[0]), data.read(words.files[1])
    smoothed = Smoothed(data.vectors(images.train), network.patch_size)
    start = data.vectors(images.test[:number(words, "count", 10000)])
    levels = chains.noise_levels(number(words, "noise_level", 1000, float))
    rows = []
    for name, run, of in (("learned", chains.anneal_learned, network), ("exact", chains.anneal_exact, smoothed)):
        random = np.random.default_rng(number(words, "seed", 2**31))
        x = run(start, of, levels, number(words, "iterations", 10**6), random)
        rows.append({"score": name} | chains.summary(x, start, smoothed))
    return check.as_markdown(rows)


def run_train(words: argparse.Namespace) -> None:
    """`train KIND FILE ... [-o FILE]`."""
    for name in DEFAULTS:
        if getattr(words, name) is not None and name not in OPTIONS[words.kind]:
            raise Misuse(f"--{name.replace('_', '-')} has no meaning for train {words.kind}")
    if len(words.files) != FILES[words.kind]:
        raise Misuse(f"train {words.kind} reads {FILES[words.kind]} files, not {len(words.files)}")
    is_table = words.kind in ("check", "chains")
    if not words.output and not is_table:
        raise Misuse(f"train {words.kind} needs --output=FILE")
    check_folder(words.output or "")
    make = {"data": make_data, "denoiser": make_denoiser, "check": make_check, "chains": make_chains}[words.kind]
    try:
        text = make(words)
        if words.output and is_table:
            with open(words.output, "w", encoding="utf-8") as file:
                file.write(text + os.linesep)
            text = f"written: {printable_name(words.output)}"
    except OSError as error:
        raise Failure(f"{words.output}: {error}") from error
    print(text)
