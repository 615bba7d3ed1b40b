# SPDX-License-Identifier: GPL-3.0-or-later
"""Results files as xarray and pandas.

    data = modeseek.open("results.h5")              # an xarray.Dataset
    frame = modeseek.chains(data, rule="ball")      # a pandas.DataFrame, a row for each chain
    trace = modeseek.to_arviz(data, point=3)        # groups as ArviZ has them

A results file may come from somebody else, so nothing in it is trusted: links that lead out of it, virtual and
external datasets, plugins that it names and sizes beyond MAX_NUMBERS are refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
import xarray

from .errors import Failure, Refusal
from .points import listed, value_text
from .program import status

os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # no plugins: a file could name one
import h5py  # noqa: E402

MAX_NUMBERS = 2**28  # of a dataset that is read
DIMENSION_MAX = 10**7  # of a sweep
NOT_COMPUTED = -2
COLUMNS = {"discovery_time": ("point", "chain", "rule", "mode"), "observed": ("point", "chain")}
REPLICATE_COLUMNS: dict[str, tuple[str, ...]] = {
    **{name: ("point", "chain", "rule") for name in (
        "iterations_at_risk", "discoveries", "late_discoveries", "relative_error", "transitions")},
    **{name: ("point", "snapshot", "chain", "rule") for name in ("survival", "survival_error")}}
DIRECT, NONE = "direct", "none"  # estimators of points: chains; nothing can compute it
DONE, NOT_NEEDED = 1, 4  # status of a block's commit record; not needed: the point's intervals are narrow without it


def _has(group: h5py.Group, name: str) -> bool:
    """Whether a group has a link of that name. (`name in group` would follow it, out of the file.)"""
    return bool(group.id.links.exists(name.encode()))


def _dataset(file: h5py.File, path: str) -> h5py.Dataset:
    """A dataset of the file itself; raises KeyError where there is none, Failure where it leads elsewhere."""
    place: Any = file
    for part in path.split("/"):
        if not (isinstance(place, h5py.Group) and _has(place, part)):
            raise KeyError(path)
        if place.id.links.get_info(part.encode()).type != h5py.h5l.TYPE_HARD:
            raise Failure(f"{file.filename}: {path} is a link to somewhere else; modeseek writes none")
        place = place[part]
    if not isinstance(place, h5py.Dataset):
        raise KeyError(path)
    if place.is_virtual or place.external:
        raise Failure(f"{file.filename}: {path} keeps its numbers in another file; modeseek writes none like it")
    if place.size is None:
        raise KeyError(path)
    if place.size * max(1, place.dtype.itemsize / 8) > MAX_NUMBERS:
        raise Failure(f"{file.filename}: {path} has more than {MAX_NUMBERS} numbers; take 'modeseek summary' or "
                      "'modeseek export', which do not keep them in memory")
    return place


def _read(file: h5py.File, path: str) -> np.ndarray:
    return _dataset(file, path)[()]


def _text(file: h5py.File, path: str) -> str:
    value = _read(file, path)
    return (value.tobytes() if isinstance(value, np.ndarray) else bytes(value)).rstrip(b"\0").decode("utf-8", "replace")


def _names(file: h5py.File, path: str) -> list[str]:
    """Rows of single characters as words."""
    rows = _read(file, path)
    return [row.tobytes().rstrip(b"\0").decode("utf-8", "replace") for row in rows]


def _identity(text: str) -> dict[str, str]:
    """The lines `key = value` that say what the results depend on."""
    return dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)


@dataclass(frozen=True)
class Extent:
    """How much of a sweep is in a file: blocks that are done (or not needed), failed (or quarantined), and all; chains
    (or replicates) of the done blocks, and of all that are needed; points without any, though they have blocks."""

    done: int
    failed: int
    blocks: int
    chains: int
    chains_in_all: int
    empty_points: int

    @property
    def missing(self) -> int:
        """Blocks that have not been computed."""
        return self.blocks - self.done - self.failed

    def __str__(self) -> str:
        """What a figure says of it: "" where nothing is missing."""
        parts = [f"{self.missing} of {self.blocks} blocks are missing"] if self.missing else []
        parts += [f"{self.failed} of {self.blocks} blocks failed"] if self.failed else []
        parts += [f"{self.empty_points} points are empty"] if parts and self.empty_points else []
        return ", ".join(parts)


def open(path: str | os.PathLike[str], columns: list[str] | None = None,  # noqa: A001
         damaged: Iterable[int] | None = None) -> xarray.Dataset:
    """The results in a file, as one dataset.

    Dimensions are `point`, `chain`, `rule`, `mode` and, where there are snapshots, `snapshot`, `component` and
    `coordinate`. The axes of the sweep are coordinates of `point`, and so is `seconds`, the CPU time spent on the
    done blocks. Of the columns (`discovery_time`, `observed`,
    `responsibility`, ...) those named are read, by default all. What has not been computed is -2 in `discovery_time`,
    `observed`, `chain_mode` and `nearest`, NaN elsewhere; -1 in `discovery_time` is a censored chain.

    `point_estimator` is the estimator that computes each point: "direct" where chains are simulated, "none" where none
    can; `validity` [point, estimator] says why not. Points of other estimators than direct have replicates instead of
    chains, in the same dimension, and columns of their own (`iterations_at_risk`, `discoveries`, ...).

    Blocks that are `damaged`, by their numbers, count as not computed. By default the modeseek program tells which are;
    where there is no program, none is looked for.

    Attributes: `name`, `path`, `axes` (their names), `sweep` (the sweep file's text), `identity` (a dictionary of what
    the results depend on), `created_at`, `version`, and `extent`, an Extent.

    Raises Failure where the file cannot be read, is no results file, or is not to be trusted.
    """
    path = os.fspath(path)
    damaged = _damaged(path) if damaged is None else list(damaged)
    try:
        with h5py.File(path, "r") as file:
            return _open(file, path, columns, damaged)
    except (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, MemoryError) as error:
        if not os.path.exists(path):
            raise Failure(f"cannot read {path}: no such file") from None
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise Failure(f"{path} is not a modeseek results file, or is damaged ({reason}); 'modeseek verify' says "
                      "more") from None


def _damaged(path: str) -> list[int]:
    """The numbers of damaged blocks; none where they cannot be told."""
    try:
        return list(status(path)["damaged"])
    except Failure:
        return []  # h5py says better what is wrong with the file


def _blocks(file: h5py.File, points: int, chains: int, damaged: list[int]) -> tuple[Extent, np.ndarray, np.ndarray]:
    """What is there, which chains of which points have been computed [points, chains], and the CPU time of each point,
    NaN where a done block does not say its own."""
    point, first, count, commit = (_read(file, f"block/{name}")
                                   for name in ("point", "first_chain", "chains", "commit"))
    if points * chains > MAX_NUMBERS:
        raise ValueError(f"{points} points of {chains} chains")
    is_outside = (point < 0) | (point >= points) | (first < 0) | (count < 0) | (count > chains)
    if (is_outside | (first > chains - count)).any():
        raise ValueError("a block lies outside of the points and chains")
    is_written = commit[:, 0] > 0
    is_written[damaged] = False
    is_done = is_written & (commit[:, 1] == DONE)
    is_needless = is_written & (commit[:, 1] == NOT_NEEDED)
    is_failed = is_written & ~is_done & ~is_needless
    computed = np.zeros((points, chains), dtype=bool)
    for p, begin, n in zip(point[is_done], first[is_done], count[is_done]):
        computed[p, begin:begin + n] = True
    has_blocks = np.bincount(point, minlength=points) > 0
    extent = Extent(int((is_done | is_needless).sum()), int(is_failed.sum()), len(is_done), int(computed.sum()),
                    int(count[~is_needless].sum()),
                    int((has_blocks & ~computed.any(axis=1)).sum()))
    return extent, computed, np.bincount(point[is_done], _read(file, "provenance/block_seconds")[is_done],
                                         minlength=points)


def _check_points(dimension: np.ndarray, patch_size: np.ndarray, variant: np.ndarray, variants: int) -> None:
    """Raises ValueError where points have numbers that arrays cannot be made of, or indexed by."""
    if not ((1 <= patch_size) & (patch_size <= dimension) & (dimension <= DIMENSION_MAX)).all():
        raise ValueError("a point has no dimension, or no patch size, that a sweep can have")
    if not ((variant >= 0) & (variant < variants)).all():
        raise ValueError("a point is of no variant of the target")


def _estimators(file: h5py.File, points: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The estimators, why each is invalid for each point [points, estimators] ("": it is valid), and that of each
    point: the first valid one."""
    names, letters = _names(file, "estimator"), _read(file, "validity")
    if letters.dtype != "S1" or letters.shape[:2] != (points, len(names)) or not names:
        raise ValueError("validity has other dimensions")
    texts = np.ascontiguousarray(letters).view(f"S{letters.shape[2]}")[..., 0]
    validity = np.char.decode(texts, "utf-8", "replace")
    is_valid = validity == ""
    return names, validity, np.where(is_valid.any(axis=1), np.array(names)[is_valid.argmax(axis=1)], NONE)


def _open(file: h5py.File, path: str, columns: list[str] | None, damaged: list[int]) -> xarray.Dataset:
    if file.attrs.get("format") not in (b"modeseek results", "modeseek results"):
        raise ValueError("no modeseek results")
    axes = _names(file, "axis")
    of_point = ["iterations", "radius_squared", "score_evaluations", "density_evaluations", "coordinate_updates",
                "pass_iterations", "point_variant"]
    coordinates: dict[str, Any] = {"point": _read(file, "point"), "chain": _read(file, "chain"),
                                   "rule": _names(file, "rule") if _has(file, "rule") else [],
                                   "mode": _read(file, "mode").astype(str) if _has(file, "mode") else [],
                                   "component": _read(file, "component")}
    for name in axes + of_point:
        dataset = _dataset(file, name)
        coordinates[name] = ("point", _names(file, name) if dataset.ndim == 2 else dataset[()])
    for name in ("snapshot", "coordinate"):
        if _has(file, name):
            coordinates[name] = _read(file, name)
    points = len(coordinates["point"])
    extent, computed, seconds = _blocks(file, points, len(coordinates["chain"]), damaged)
    estimators, validity, of_point_estimator = _estimators(file, points)
    coordinates |= {"seconds": ("point", seconds), "estimator": estimators,
                    "point_estimator": ("point", of_point_estimator)}
    variables: dict[str, Any] = {"weight": (("variant", "component"), _read(file, "weight")),
                                 "variance": (("variant", "component"), _read(file, "variance")),
                                 "validity": (("point", "estimator"), validity)}
    is_direct = (of_point_estimator == DIRECT)[:, None]
    _check_points(coordinates["dimension"][1], coordinates["patch_size"][1], coordinates["point_variant"][1],
                  len(variables["weight"][1]))
    for name, dimensions in zip(_names(file, "column"), _names(file, "column_dimensions")):
        if columns is not None and name not in columns:
            continue
        values, of = _read(file, name), ("point", *dimensions.split())
        if of != (COLUMNS | REPLICATE_COLUMNS).get(name, of):
            raise ValueError(f"{name} has other dimensions")
        place, its = of.index("chain"), computed & (is_direct != (name in REPLICATE_COLUMNS))
        hidden = ~np.moveaxis(its.reshape(*its.shape, *[1] * (values.ndim - 2)), 1, place)
        variables[name] = (of, np.where(hidden, np.nan if values.dtype.kind == "f" else
                                        np.array(NOT_COMPUTED).astype(values.dtype), values))
    return xarray.Dataset(variables, coordinates,
                          {"name": _text(file, "provenance/name"), "path": path, "extent": extent, "axes": axes,
                           "identity": _identity(_text(file, "provenance/identity")),
                           "sweep": _text(file, "provenance/sweep_yaml"),
                           "created_at": _text(file, "provenance/created_at"),
                           "version": str(file.attrs.get("inference_library_version", b""), "utf-8", "replace")
                           if isinstance(file.attrs.get("inference_library_version", b""), bytes)
                           else str(file.attrs["inference_library_version"])})


def evaluations(data: xarray.Dataset) -> list[tuple[float, float]]:
    """Evaluations of score and log-density in an iteration, of each point."""
    return list(zip(data.score_evaluations.values.tolist(), data.density_evaluations.values.tolist()))


def select(data: xarray.Dataset, values: Iterable[tuple[str, str]]) -> xarray.Dataset:
    """Only the points whose axes have the given values, which are texts: ("dimension", "100"), and ("patch_size",
    "full") for the patches of the whole vector; of an axis that is named several times, any of its values. Raises
    Failure where there is no such axis or value."""
    values = list(values)
    for name in dict.fromkeys(name for name, _ in values):
        if name not in data.attrs["axes"]:
            raise Failure(f"{data.path} has no axis '{name}'; it has {', '.join(data.attrs['axes'])}")
        is_chosen = np.zeros(data.sizes["point"], dtype=bool)
        for value in (value for of, value in values if of == name):
            has_it = _has_value(data, name, value)
            if not has_it.any():
                raise Failure(f"{data.path} has no {name} {value}; it has {listed(data[name].values.tolist(), 40)}")
            is_chosen |= has_it
        data = data.isel(point=is_chosen)
    return data


def _has_value(data: xarray.Dataset, name: str, value: str) -> np.ndarray:
    """Which points have a value on an axis."""
    if (name, value) == ("patch_size", "full"):
        return np.asarray(data.patch_size.values == data.dimension.values)
    return np.array([value_text(v) == value_text(value) for v in data[name].values.tolist()], dtype=bool)


def describe_selection(whole: xarray.Dataset, data: xarray.Dataset, names: Iterable[str]) -> list[str]:
    """What a figure says of points that were chosen by these axes, and which values it leaves out."""
    texts = []
    for name in dict.fromkeys(names):
        chosen = dict.fromkeys(map(value_text, data[name].values.tolist()))
        left = [v for v in whole[name].values.tolist() if value_text(v) not in chosen]
        texts += [f"only {name} {listed(chosen)}, not {listed(left)}"] if left else []
    return texts


def describe_step_size(data: xarray.Dataset) -> str:
    """The step size of a sweep, or its range, as a figure says it."""
    texts = ([value_text(v) for v in data["sampler.step_size"].values] if "sampler.step_size" in data.coords else
             [v for k, v in data.attrs["identity"].items() if k.startswith("sampler") and k.endswith(".step_size")])
    sizes = sorted({float(value_text(text)) for text in texts})
    if not sizes:
        return ""
    return f"δ = {sizes[0]:g}" if len(sizes) == 1 else f"δ = {sizes[0]:g} to {sizes[-1]:g}"


def step_sizes(data: xarray.Dataset) -> np.ndarray:
    """The step size of each point. Raises Failure where the file does not say it."""
    if "sampler.step_size" in data.coords:
        return data["sampler.step_size"].values.astype(float)
    names = [f"sampler{{{name}}}" for name in data["sampler"].values] if "sampler" in data.coords else \
        ["sampler"] * data.sizes["point"]
    try:
        return np.array([float(data.attrs["identity"][f"{name}.step_size"]) for name in names])
    except (KeyError, ValueError):
        raise Failure(f"{data.path} does not say the step size of each point") from None


def require_chains(data: xarray.Dataset) -> None:
    """Raises Refusal where no point has chains."""
    others = dict.fromkeys(data.point_estimator.values.tolist())
    if DIRECT not in others and data.sizes["point"]:
        raise Refusal(f"{data.path} has no chains: its estimator is {', '.join(others)}, which gives mean "
                      "first-passage times alone (modeseek.means, 'modeseek plot hardness'); `estimator: direct` "
                      "simulates chains")


def place_of_rule(data: xarray.Dataset, rule: str | None) -> int:
    """Where a rule stands among those of the file, by default the first. Raises Failure."""
    rules = list(data.rule.values)
    if rule is not None and rule not in rules:
        raise Failure(f"{data.path} has no rule '{rule}'; it has {', '.join(rules)}")
    return 0 if rule is None else rules.index(rule)


def chains(data: xarray.Dataset, rule: str | None = None, mode: str = "any") -> pandas.DataFrame:
    """A row for each chain that has been computed: the sweep's axes, `chain`, `time` and `discovered`.

    `time` is the iteration of the discovery, or the last one observed where `discovered` is false: the chain is
    censored there. `mode` is a mode's number, `any` (the first that is discovered) or `all` (the last). `rule` is
    the file's first one by default. Raises Failure where the file has no such rule or mode, or no chains, because
    other estimators compute all of its points: `replicates` has what these come to.
    """
    require_chains(data)
    absent = [name for name in COLUMNS if name not in data]
    if absent:
        raise Failure(f"{data.path}: no column {' and '.join(absent)} has been read")
    modes, of_rule = list(data["mode"].values), place_of_rule(data, rule)
    if mode not in [*modes, "any", "all"]:
        raise Failure(f"{data.path} has no mode '{mode}'; it has {', '.join([*modes, 'any', 'all'])}")
    times = data.discovery_time.isel(rule=of_rule).values.astype(float)  # [point, chain, mode]
    times[times < 0] = np.inf
    time = {"any": times.min, "all": times.max}.get(mode, lambda axis: times[:, :, modes.index(mode)])(axis=2)
    observed = data.observed.values
    point, chain = np.nonzero(observed != NOT_COMPUTED)
    time, observed = time[point, chain], observed[point, chain]
    frame = pandas.DataFrame({name: data[name].values[point] for name in data.attrs["axes"]})
    return frame.assign(point=point, chain=chain, time=np.where(np.isfinite(time), time, observed).astype(np.int64),
                        discovered=np.isfinite(time))


def to_arviz(data: xarray.Dataset, point: int) -> dict[str, xarray.Dataset]:
    """The groups of ArviZ's InferenceData of one point: `posterior` (positions as `x`, chain by draw, a draw for each
    snapshot), `sample_stats` (what else was observed) and `observed_data` (discovery times).

    `arviz.InferenceData(**groups)` makes one of them; the package itself does not need ArviZ. Chains that have not been
    computed are left out. Raises Failure where the sweep has no snapshots.
    """
    require_chains(data)
    if "snapshot" not in data.dims:
        raise Failure(f"{data.path} has no snapshots; give the sweep snapshots, and observables: [positions]")
    one = data.isel(point=point)
    one = one.isel(chain=np.nonzero(one.observed.values != NOT_COMPUTED)[0])
    groups: dict[str, dict[str, Any]] = {"posterior": {}, "sample_stats": {}, "observed_data": {}}
    for name, values in one.data_vars.items():
        if "chain" not in values.dims:
            continue
        if "snapshot" not in values.dims:
            groups["observed_data"][name] = values
            continue
        values = values.rename(snapshot="draw").transpose("chain", "draw", ...)
        if name == "positions":
            groups["posterior"]["x"] = values.isel(coordinate=slice(int(one.dimension)))
        else:
            groups["sample_stats"][name] = values
    about = {"created_at": data.created_at, "inference_library": "modeseek",
             "inference_library_version": data.version}
    return {group: xarray.Dataset(content, attrs=about) for group, content in groups.items() if content}
