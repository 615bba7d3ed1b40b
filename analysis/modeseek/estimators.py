# SPDX-License-Identifier: GPL-3.0-or-later
"""Mean first-passage times of any estimator, and what they are made of.

    table = modeseek.means("results.h5")                # a row for each point and rule, with interval and its kind
    frame = modeseek.replicates(modeseek.open("results.h5"), rule="ball")   # a row for each replicate
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas
import xarray

from . import results
from .errors import Failure, Refusal
from .inference import median_of
from .points import Interval, Point, is_selected, pooling, value_text
from .program import summary_text

COLUMNS = ("rule mode estimator chains discoveries mean mean_low mean_high interval effective_replicates drift "
           "transitions validity").split()
PLAIN, EXPONENTIAL = "sample mean", "exponential"
BASES = {"stated error": "stated_error", "Student t": "student_t", "Student t and bias": "student_t_and_bias",
         PLAIN: "plain", EXPONENTIAL: "exponential"}  # of points, by the kind of interval
NOT_EXPONENTIAL = "the times are not exponential, and chains are censored: the mean cannot be trusted"
UNTESTED = "chains are censored, and whether times are exponential cannot be told"


def replicates(data: xarray.Dataset, rule: str | None = None) -> pandas.DataFrame:
    """A row for each replicate that has been computed: the sweep's axes, `point`, `replicate`, `estimator`,
    `iterations_at_risk`, `discoveries`, `late_discoveries` (in its second half), `relative_error` and `transitions`
    (iterations of all its trajectories); NaN where an estimator does not tell.

    The mean first-passage time until any mode by that rule is the sum of iterations at risk over the sum of
    discoveries. `rule` is the file's first one by default. Raises Failure.
    """
    names = [name for name, of in results.REPLICATE_COLUMNS.items() if "snapshot" not in of]
    has_any = np.isin(data.point_estimator.values, (results.DIRECT, results.NONE), invert=True)
    if not has_any.any():
        raise Failure(f"{data.path} has no replicates: its points are simulated directly; take modeseek.chains")
    if "iterations_at_risk" not in data:
        raise Failure(f"{data.path}: no column iterations_at_risk has been read")
    of_rule = results.place_of_rule(data, rule)
    numbers = {name: data[name].isel(rule=of_rule).values if name in data else
               np.full((data.sizes["point"], data.sizes["chain"]), math.nan) for name in names}
    point, replicate = np.nonzero(~np.isnan(numbers["iterations_at_risk"]))
    frame = pandas.DataFrame({name: data[name].values[point] for name in data.attrs["axes"]})
    return frame.assign(point=point, replicate=replicate, estimator=data.point_estimator.values[point],
                        **{name: values[point, replicate] for name, values in numbers.items()})


def means(path: str | os.PathLike[str], *options: str, program: str | None = None) -> pandas.DataFrame:
    """The mean first-passage times until any mode, whatever the estimators: a row for each point and rule, as
    `modeseek summary` has them. `options` are the program's, such as "--pool", "seed"; a file named .csv is read as
    such a table.

    Columns: the sweep's axes, `rule`, `mode`, `estimator` ("none": no estimator can), `chains` (or replicates),
    `discoveries`, `mean`, `mean_low`, `mean_high`, `interval` (its kind: "stated error", which is no chance interval;
    "Student t" over replicates, "Student t and bias" where what may be left of a bias widens it; "sample mean" of chains
    that all have discovered; "exponential", of censored chains),
    `effective_replicates`, `drift`, `transitions`, and `validity`: what speaks against the mean, "" if nothing does.

    Raises Failure.
    """
    text = summary_text(path, *options, program=program)
    header = text.partition("\n")[0].split(",")
    try:
        table = pandas.read_csv(io.StringIO(text), keep_default_na=False, na_values=["nan"],
                                float_precision="round_trip", dtype={"rule": str, "mode": str, "seed": str,
                                                                     "estimator": str, "interval": str,
                                                                     "validity": str})
        return check(table) if "estimator" in header else of_chains(table)
    except (pandas.errors.EmptyDataError, pandas.errors.ParserError, LookupError, TypeError, ValueError):
        raise Failure(f"{os.fspath(path)} is not a table of 'modeseek summary --csv'") from None


def check(table: pandas.DataFrame) -> pandas.DataFrame:
    """A table of means, of which nothing is wrong: files get edited. Raises ValueError and LookupError."""
    n = table[["dimension", "patch_size", "noise_level", *COLUMNS[3:8], *COLUMNS[9:12]]].astype(float)
    is_none, is_direct = table["estimator"] == results.NONE, table["estimator"] == results.DIRECT
    is_point = (1 <= n["patch_size"]) & (n["patch_size"] <= n["dimension"]) & (n["dimension"] <= results.DIMENSION_MAX) \
        & n["noise_level"].between(0, 1e50) & n["chains"].between(0, results.MAX_NUMBERS)
    is_mean = (n["chains"] > 0) & (n["mean"] >= 0) & ~(n["mean_low"] > n["mean"]) & ~(n["mean_high"] < n["mean"]) \
        & ~(n["mean_low"] < 0) & (~is_direct | n["discoveries"].between(0, n["chains"]))
    if not (is_point & (is_none | is_mean)).all() or table[["validity", "interval"]].isna().any(axis=None):
        raise ValueError
    return table


def of_chains(times: pandas.DataFrame) -> pandas.DataFrame:
    """The same of a table of discovery times, of chains alone."""
    times = times[(times["mode"] == "any") & (times["chains"] > 0)]
    is_whole = times["discovered"] == times["chains"]
    table = times[[*times.columns[:times.columns.get_loc("mode") + 1]]].assign(
        estimator=results.DIRECT, chains=times["chains"], discoveries=times["discovered"].astype(float))
    for end in ("", "_low", "_high"):
        table[f"mean{end}"] = times[f"restricted_mean{end}"].where(is_whole, times[f"mean{end}"]).astype(float)
    objection = times["exponential"].map({"yes": "", "no": NOT_EXPONENTIAL, "untested": UNTESTED}).where(~is_whole, "")
    return table.assign(interval=np.where(is_whole, PLAIN, EXPONENTIAL), effective_replicates=math.nan,
                        drift=math.nan, transitions=math.nan, validity=objection).reset_index(drop=True)


def as_times(means_of_file: pandas.DataFrame) -> pandas.DataFrame:
    """Means of any estimator in the columns of discovery times that are known of them: replicates count as chains that
    all have discovered. Rows without an estimator are left out."""
    table = means_of_file[means_of_file["estimator"] != results.NONE]
    is_direct = table["estimator"] == results.DIRECT
    discovered = table["discoveries"].where(is_direct, table["chains"]).astype(int)
    verdict = np.where(~is_direct | (table["validity"] == ""), "yes",
                       np.where(table["validity"] == NOT_EXPONENTIAL, "no", "untested"))
    unknown = dict.fromkeys(("median", "median_low", "median_high", "exponential_p", "restricted_mean",
                             "restricted_mean_low", "restricted_mean_high", "iterations_at_risk", "pass_iterations"),
                            math.nan)
    return table.drop(columns=COLUMNS[8:]).assign(discovered=discovered, censored=table["chains"] - discovered,
                                                  exponential=verdict, **unknown)


def has_estimators(path: str, data: xarray.Dataset | None) -> bool:
    """Whether not all points of a file are simulated directly; `data` are its results, None of a table."""
    if data is not None:
        return bool((data.point_estimator.values != results.DIRECT).any())
    return "estimator" in summary_text(path).partition("\n")[0].split(",")


def without_median(data: xarray.Dataset) -> bool:
    """Whether no point has a median, or modes apart."""
    return results.DIRECT not in data.point_estimator.values


def read_points(path: str, data: xarray.Dataset | None, rule: str | None, cost: str = "iterations",
                select: Sequence[tuple[str, str]] = (), program: str | None = None) -> tuple[list[Point], str]:
    """The points of a file, of whatever estimators, with times until any mode: as points.read_points(). `data` are the
    selected results, None of a table, which has neither costs nor medians. Raises Failure."""
    if data is None and cost != "iterations":
        raise Failure(f"{path}: a table of means does not tell what iterations cost; give the results file")
    table = means(path, *pooling(select), program=program)
    rules = list(dict.fromkeys(table["rule"]))
    rule = rule or ("ball" if "ball" in rules or not rules else rules[0])
    if rules and rule not in rules:
        raise Failure(f"{path} has no rows of rule '{rule}'; it has {', '.join(rules)}")
    further = [str(name) for name in table.columns[:table.columns.get_loc("dimension")]]
    rows = [row for row in table.to_dict("records") if row["rule"] == rule and is_selected(row, select)]
    points = [point_of(row, further) for row in rows if row["estimator"] != results.NONE]
    if not points:
        raise Failure(f"{path}: nothing has been computed yet of the points that are asked for; see 'modeseek status'")
    return (points if data is None else add_costs(points, data, rule, further, cost)), rule


def point_of(row: dict[Any, Any], further: Iterable[str]) -> Point:
    """A row of the table of means."""
    is_direct, chains = row["estimator"] == results.DIRECT, int(row["chains"])
    discovered = round(row["discoveries"]) if is_direct else chains
    basis, objection = BASES.get(row["interval"], row["interval"]), row["validity"]
    verdict = "" if basis != "exponential" else "yes" if not objection else \
        "no" if objection == NOT_EXPONENTIAL else "untested"
    low, high = (default if math.isnan(end) else end for end, default in (
        (float(row["mean_low"]), 0.0), (float(row["mean_high"]), math.inf)))
    mean = Interval(float(row["mean"]), low, high)
    # without a discovery the low end of the interval, R / -log(0.025), tells the iterations at risk R
    at_risk = mean.value * discovered if discovered > 0 else -mean.low * math.log(0.025)
    return Point(int(row["dimension"]), int(row["patch_size"]), float(row["noise_level"]), chains, discovered,
                 at_risk if is_direct else 0, Interval(math.inf, 0, math.inf), mean, basis, verdict,
                 tuple((name, value_text(row[name])) for name in further), estimator=str(row["estimator"]),
                 objection="" if is_direct else objection, moves=float(row["transitions"]))


def add_costs(points: list[Point], data: xarray.Dataset, rule: str, further: list[str], cost: str) -> list[Point]:
    """The points with what an iteration costs, times counted in `cost`, and the medians of chains."""
    names = ["dimension", "patch_size", "noise_level", *further]
    places: dict[tuple[str, ...], list[int]] = {}
    for i, values in enumerate(zip(*(data[name].values.tolist() for name in names))):
        places.setdefault(tuple(map(value_text, values)), []).append(i)
    chains = None if without_median(data) else results.chains(data, rule)
    for p in points:
        mine = places[tuple(map(value_text, (p.dimension, p.patch_size, p.noise_level, *(v for _, v in p.further))))]
        first = data.isel(point=mine[0])
        p.score_evaluations, p.density_evaluations, p.coordinate_updates = (
            float(first[name]) for name in ("score_evaluations", "density_evaluations", "coordinate_updates"))
        each = 1.0 if cost == "iterations" else float(first[cost])
        if p.is_direct and chains is not None:
            of_point = chains[chains.point.isin(mine)]
            p.median = Interval(*median_of(of_point.time.to_numpy(), of_point.discovered.to_numpy()))
        p.at_risk *= each
        p.median, p.mean = (Interval(each * i.value, each * i.low, each * i.high) for i in (p.median, p.mean))
    return points


def refuse_mode(path: str, data: xarray.Dataset, mode: str) -> None:
    """Raises Refusal where no point tells modes apart."""
    if without_median(data):
        others = ", ".join(dict.fromkeys(data.point_estimator.values.tolist()))
        raise Refusal(f"{path}: points computed by {others} have times until any mode alone; for those of mode {mode} "
                      f"run a sweep with `discovery: {{modes: [{mode}]}}`" if mode != "all" else
                      f"{path}: points computed by {others} have times until any mode alone, not until all are "
                      "discovered; `estimator: direct` has these")
