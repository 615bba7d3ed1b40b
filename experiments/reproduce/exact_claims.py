# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on mean times that are computed from the law of the chain."""

from __future__ import annotations

import math

from . import exact
from .evidence import Evidence, Growth
from .growth_claims import agrees, check_power, mean_text
from .verdict import Verdict, number_text

KNOWN = {"ball": exact.BALL_TIMES, "switch": {100: exact.SWITCH_TIME_100}}
KNOWN_TOLERANCE = 2e-4  # relative, beside the error that is stated
SLOPES = {"ball": (0.1033, 0.0005), "switch": (0.1426, 0.001)}  # from 500 dimensions on
LIMIT_TOLERANCE = 0.02  # of a slope, relative to the large-deviation exponent
MOST_CHAINED = 1e6


def to_1000(evidence: Evidence, simulated: Evidence, variants: Evidence) -> Verdict:
    """D."""
    verdict = Verdict()
    for rule in KNOWN:
        check_exact(verdict, evidence.growth(rule, patch_size="full"), rule)
        check_simulated(verdict, evidence.growth(rule, patch_size="full"), simulated.growth(rule), rule)
        for size in (size for size in (1, 4, 10, 20, 50) if size in evidence.values("patch_size")):
            check_chained(verdict, evidence.growth(rule, patch_size=size), f"chained Q = {size}, rule {rule}")
    for step_size in variants.values("sampler.step_size"):
        for target in variants.values("target"):
            check_variant(verdict, variants.growth("ball", target=target, sampler__step_size=step_size), target,
                          step_size)
    return verdict


def check_exact(verdict: Verdict, growth: Growth, rule: str) -> None:
    """The slope in high dimension, and means that are known."""
    fit, (slope, tolerance) = growth.beyond(500).exponential, SLOPES[rule]
    top = growth.points[-1]
    verdict.check(fit is not None and abs(fit.slope - slope) <= tolerance,
                  f"vanilla, rule {rule}: slope {fit.slope if fit else math.nan:.5f} per dimension from 500 dimensions "
                  f"on, mean {number_text(top.mean.value)} iterations at d = {top.dimension}",
                  f"{slope} ± {tolerance} was expected")
    for dimension, known in KNOWN[rule].items():
        point = growth.at(dimension)
        if point:
            tolerance = KNOWN_TOLERANCE + point.mean.high / point.mean.value - 1
            verdict.check(abs(point.mean.value / known - 1) <= tolerance,
                          f"vanilla, rule {rule}, d = {dimension}: mean {number_text(point.mean.value, 6)} (known: "
                          f"{number_text(known, 6)})", f"agreement to within {tolerance:.2g} was expected")


def check_simulated(verdict: Verdict, growth: Growth, simulated: Growth, rule: str) -> None:
    """Every simulated mean agrees with the computed one."""
    for point in simulated.points:
        computed = growth.at(point.dimension)
        verdict.check(computed is not None and agrees(point.mean, computed.mean.value),
                      f"vanilla, rule {rule}, d = {point.dimension}: simulated mean {mean_text(point.mean)}, computed "
                      f"{number_text(computed.mean.value) if computed else 'none'}",
                      "agreement to within four standard errors was expected")


def check_chained(verdict: Verdict, growth: Growth, what: str) -> None:
    """Nearly linear, and far from what vanilla dynamics takes."""
    check_power(verdict, growth.beyond(50), f"{what}, from 50 dimensions on", 0.8, 1.3)
    top = growth.points[-1]
    verdict.check(top.mean.value <= MOST_CHAINED, f"{what}, d = {top.dimension}: mean {mean_text(top.mean)}",
                  f"at most {number_text(MOST_CHAINED)} was expected")


VARIANTS = {"reference": (1, 3, 1), "closer": (0.8, 3, 1), "farther": (1.2, 3, 1), "narrower": (1, 3, 0.8),
            "wider": (1, 4, 1)}  # of hardness-variants.yaml: mean, variances of the spread mode and of the others


def check_variant(verdict: Verdict, growth: Growth, target: str, step_size: float) -> None:
    """The slope between the two largest dimensions, beside the exponent."""
    mean, spread, mode = VARIANTS[target]
    limit = exact.ball_exponent(spread, mode, mean**2, step_size)
    last = Growth(growth.points[-2:])
    fit = last.exponential
    slope, ends = (fit.slope, fit.dimensions) if fit else (math.nan, (0, 0))
    is_high = ends[0] >= 500  # with fewer dimensions, as in a quick run, prefactors matter more
    verdict.check(abs(slope / limit - 1) <= (LIMIT_TOLERANCE if is_high else 0.15),
                  f"{target}, δ = {step_size:g}: slope {slope:.5f} between d = {ends[0]} and {ends[1]}, large-deviation "
                  f"exponent {limit:.5f}",
                  "agreement to within a few percent was expected")
