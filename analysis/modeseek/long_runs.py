# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of long runs, by step size, passes and snapshot, and what exact draws of their target are like."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas
import xarray

from . import exact, groups
from .drawing import Options, Source
from .errors import Failure, Refusal
from .inference import NORMAL_QUANTILE, wilson
from .lines import choices
from .results import NOT_COMPUTED, require_chains, step_sizes
from .stationarity import PERMUTATIONS, SEED, Extrapolation, energy_test, extrapolate, kolmogorov_smirnov, mmd_test

WITHIN = ("sampler.step_size", "sampler.iterations_per_pass", "sampler.iterations_per_patch", "budget.iterations")
TESTED_MAX = 1000  # chains, and as many exact draws
DRAWS = 20000
NUMBERS_MAX = 2**27  # of the exact draws
LATE = 4  # the extrapolation takes snapshots from 1/4 of the last on
MEAN_SQUARE = "mean square"


@dataclass(eq=False)
class Cell:
    """Chains with the same step size and passes at one snapshot: component and squared distance of each, and who they
    are (equal numbers are equal chains)."""

    delta: float
    pass_iterations: float  # 0: no passes
    iteration: int
    mode: np.ndarray
    square: np.ndarray  # empty: not observed
    position: np.ndarray  # [n, d]; empty: not observed
    chain: np.ndarray

    @property
    def passes(self) -> float:
        """Their number; NaN where there are none."""
        return self.iteration / self.pass_iterations if self.pass_iterations else math.nan

    @property
    def terms(self) -> dict[str, float]:
        """What the extrapolation takes to 0."""
        if not self.pass_iterations:
            return {"step_size": self.delta, "1/pass_time": 0.0, "1/passes": 0.0}
        return {"step_size": self.delta, "1/pass_time": 1 / (self.delta * self.pass_iterations),
                "1/passes": 1 / self.passes}

    def value(self, quantity: int | str) -> np.ndarray:
        """Of each chain: whether it is in a component, or the squared distance per coordinate."""
        return self.square if quantity == MEAN_SQUARE else (self.mode == quantity).astype(float)

    def estimate(self, quantity: int | str) -> tuple[float, float, float]:
        """Mean and 95 % interval."""
        value = self.value(quantity)
        if quantity == MEAN_SQUARE:
            half = NORMAL_QUANTILE * value.std(ddof=1) / math.sqrt(len(value)) if len(value) > 1 else math.inf
            return float(value.mean()), float(value.mean() - half), float(value.mean() + half)
        low, high = wilson(value.sum(), len(value))
        return float(value.mean()), float(low), float(high)


@dataclass
class Reference:
    """Exact draws: their numbers by largest responsibility, mean square, and some of the draws themselves."""

    count: np.ndarray
    mean_square: float
    position: np.ndarray
    name: str

    @property
    def share(self) -> np.ndarray:
        """Of each component."""
        return self.count / self.count.sum()


def modes_at(one: xarray.Dataset, position: np.ndarray, target: exact.Target | None) -> np.ndarray:
    """The component of each chain at a snapshot, -1 where it did not come to it. Raises Refusal where nothing tells."""
    if "chain_mode" in one:
        return one.chain_mode.values
    if "responsibility" in one:
        shares = one.responsibility.transpose("chain", "component").values
        return np.where(np.isfinite(shares).all(axis=1), shares.argmax(axis=1), -1)
    if target is None or not position.size:
        raise Refusal("the file does not say in which mode chains are: give the sweep observables: "
                      "[responsibility, positions]")
    is_there = np.isfinite(position).all(axis=1)
    mode = np.full(len(position), -1)
    mode[is_there] = target.responsibilities(position[is_there]).argmax(axis=1)
    return mode


def cells_of(source: Source, points: tuple[int, ...], target: exact.Target | None, only: int | None) -> list[Cell]:
    """The snapshots of some points, one cell for each step size, length of a pass and iteration."""
    data = source.data
    parts: dict[tuple[float, float, int], dict[int, Cell]] = {}  # by seed
    require_chains(data)
    if "snapshot" not in data.dims:
        raise Refusal(f"{source.path} has no snapshots; a reference needs positions at one")
    snapshots = data.snapshot.values.tolist()
    if only is not None and only not in snapshots:
        raise Failure(f"{source.path} has no snapshot at iteration {only}; it has {', '.join(map(str, snapshots))}")
    sizes, dimension = step_sizes(data), int(data.dimension.values[points[0]])
    for point in points:
        for s, iteration in enumerate(snapshots):
            if iteration == 0 or (only is not None and iteration != only):
                continue
            one = data.isel(point=point, snapshot=s)
            position = one.positions.values[:, :dimension] if "positions" in one else np.empty((one.sizes["chain"], 0))
            mode = modes_at(one, position, target)
            done = np.flatnonzero((one.observed.values != NOT_COMPUTED) & (mode >= 0) & (mode < one.sizes["component"]))
            if not done.size:
                continue
            square = one.squared_distance.transpose("chain", "component").values[:, 0] / dimension \
                if "squared_distance" in one else \
                ((position - target.components[0].mean) ** 2).mean(axis=1) if position.size and target else np.empty(0)
            name = (int(one.seed), float(sizes[point]), float(np.nan_to_num(one.pass_iterations)))
            who = np.array([hash((*map(str, name), c)) for c in done.tolist()])
            parts.setdefault((name[1], name[2], iteration), {})[name[0]] = Cell(
                name[1], name[2], iteration, mode[done], square[done] if square.size else square, position[done], who)
    return [joined(list(of_seeds.values())) for of_seeds in parts.values()]


def joined(cells: list[Cell]) -> Cell:
    """Cells of several seeds as one."""
    of = {name: np.concatenate([getattr(cell, name) for cell in cells])
          for name in ("mode", "square", "position", "chain")}
    return Cell(cells[0].delta, cells[0].pass_iterations, cells[0].iteration, **of)


def reference_of(sources: list[Source], dimension: int, target: exact.Target | None, number: int) -> Reference:
    """Exact draws of the target, or what the second file has. Raises Failure."""
    if target is not None:
        random = np.random.default_rng(SEED)
        size = dimension * len(target.components)
        if size * number > NUMBERS_MAX:
            raise Refusal(f"{number} exact draws of {len(target.components)} components in dimension {dimension} are "
                          "too many numbers; choose a smaller dimension by --select")
        many = target.draw(max(number, min(DRAWS, NUMBERS_MAX // size)), random)
        count = np.bincount(target.responsibilities(many).argmax(axis=1), minlength=len(target.components))
        return Reference(count, target.mean_square, target.draw(number, random), "exact draws")
    source = sources[1]
    points = tuple(np.flatnonzero(source.data.dimension.values == dimension).tolist())
    cells = cells_of(source, points, None, None) if points else []
    if not cells or not all(cell.position.shape[1] for cell in cells):
        raise Failure(f"{source.path}: a reference needs positions of chains in dimension {dimension}")
    last = joined([cell for cell in cells if cell.iteration == max(c.iteration for c in cells)])
    count = np.bincount(last.mode, minlength=source.data.sizes["component"])
    return Reference(count, float(last.square.mean()) if last.square.size else math.nan, last.position[:number],
                     "a reference")


def read_cells(sources: list[Source], options: Options) -> tuple[list[Cell], groups.Group, Reference]:
    """The chains and what they are compared with. Raises Failure, and Refusal where there are several lines."""
    if len(sources) > 2:
        raise Failure("give one results file, and at most one more as reference")
    require_chains(sources[0].data)
    if "snapshot" not in sources[0].data.dims:
        raise Refusal(f"{sources[0].path} has no snapshots; give the sweep snapshots, and observables: [positions, "
                      "mode]")
    every = groups.groups_of(sources[0], WITHIN)
    if len(every) > 1:
        raise Refusal(f"only one line at one dimension can be compared, and there are {len(every)}: "
                      + choices((group.key for group in every), (group.dimension for group in every)))
    group = every[0]
    target = None if len(sources) == 2 else exact.target_of(sources[0].data, group.points[0])
    cells = cells_of(sources[0], group.points, target, options.iteration)
    if not cells:
        raise Refusal("no chain has come to a snapshot after iteration 0 yet; see 'modeseek status'")
    cells.sort(key=lambda cell: (cell.delta, cell.pass_iterations, cell.iteration))
    number = min(TESTED_MAX, max(len(cell.chain) for cell in cells))
    reference = reference_of(sources, group.dimension, target, number)
    return cells, group, reference


def last_cells(cells: list[Cell]) -> list[Cell]:
    """Of each step size the longest pass, at the last snapshot."""
    best: dict[float, Cell] = {}
    for cell in cells:
        if cell.delta not in best or (cell.pass_iterations, cell.iteration) >= (best[cell.delta].pass_iterations,
                                                                               best[cell.delta].iteration):
            best[cell.delta] = cell
    return list(best.values())


def fitted(cells: list[Cell]) -> list[Cell]:
    """Those that the extrapolations take."""
    last = max(cell.iteration for cell in cells)
    return [cell for cell in cells if not cell.passes < 1 and LATE * cell.iteration >= last]


def fits_of(cells: list[Cell], quantities: list[int | str]) -> dict[int | str, Extrapolation]:
    """The extrapolations."""
    used, fits = fitted(cells), {}
    for quantity in quantities if used else []:
        value = np.concatenate([cell.value(quantity) for cell in used])
        terms = {name: np.concatenate([np.full(len(cell.chain), cell.terms[name]) for cell in used])
                 for name in used[0].terms}
        fit = extrapolate(terms, value, np.concatenate([cell.chain for cell in used]))
        if fit:
            fits[quantity] = fit
    return fits


def modes_test(cell: Cell, reference: Reference) -> float:
    """p-value of the numbers of chains and of exact draws in the modes, by chi-square; modes with less than five chains
    to be expected count as one."""
    from scipy.stats import chi2_contingency

    k = len(reference.count)
    table = np.array([np.bincount(cell.mode, minlength=k)[:k], reference.count], dtype=float)
    rare = table.sum(axis=0) * table[0].sum() / table.sum() < 5
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table, correction=False)[1]) if table.shape[1] > 1 else 1.0


def tests_of(cells: list[Cell], reference: Reference) -> pandas.DataFrame:
    """The tests of chains against exact draws; NaN without positions."""
    rows = []
    for cell in cells:
        row = {"step_size": cell.delta, "pass_iterations": cell.pass_iterations, "iteration": cell.iteration,
               "modes_p": modes_test(cell, reference)}
        x = cell.position[:TESTED_MAX]
        if x.size and len(x) > 1 and np.isfinite(x).all():
            energy, mmd = energy_test(x, reference.position), mmd_test(x, reference.position)
            row.update(chains=len(x), draws=len(reference.position), energy_distance=energy.statistic,
                       energy_p=energy.p_value, mmd_squared=mmd.statistic, mmd_p=mmd.p_value,
                       permutations=PERMUTATIONS, ks_p_holm=float(kolmogorov_smirnov(x, reference.position).min()))
        rows.append(row)
    return pandas.DataFrame(rows)
