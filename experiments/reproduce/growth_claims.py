# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on how discovery times grow with the dimension."""

from __future__ import annotations

import math

from modeseek.fits import Fit
from modeseek.inference import NORMAL_QUANTILE
from modeseek.points import Interval

from . import exact
from .evidence import Evidence, Growth
from .share_claims import check_step_size_shares
from .verdict import Verdict, is_near, number_text, share_text

# between 10 and 100 dimensions the exact mean times have slopes from 0.099 to 0.107; the limit is 0.103
SLOPE_TOLERANCE = 0.015
# wider 95 % intervals hold too much for a check to mean something: of a slope in units of the expected one, of a power
SLOPE_INTERVAL, POWER_INTERVAL = 0.25, 0.25


def check_slope(verdict: Verdict, growth: Growth, what: str, expected: float) -> None:
    """Exponential growth with a known slope; an interval that reaches down to 0 shows no growth."""
    fit = growth.exponential
    is_so = fit is not None and fit.slope > fit.half_width and \
        abs(fit.slope - expected) <= max(SLOPE_TOLERANCE, fit.half_width)
    verdict.check(is_so, f"{what}: slope {growth.slope_text} (high-dimensional limit {expected:.4f})",
                  f"agreement to within {SLOPE_TOLERANCE} was expected")
    if fit is not None:
        verdict.resolve(f"the slope of {what}", fit.half_width, SLOPE_INTERVAL * expected)


def agrees(mean: Interval, known: float, error: float = 0) -> bool:
    """Within four standard errors, of both numbers, on the logarithmic scale; never where there is no estimate."""
    if not math.isfinite(mean.value):
        return False
    own = math.log(mean.high / mean.low) / (2 * NORMAL_QUANTILE)
    return abs(math.log(mean.value / known)) <= 4 * math.hypot(own, error / known)


def check_steep(verdict: Verdict, growth: Growth, what: str, at_least: float) -> None:
    """Exponential growth: steep, and described better by an exponential than by a power of the dimension."""
    fit, power = growth.exponential, growth.power
    is_so = fit is not None and power is not None and fit.slope - fit.half_width > at_least and \
        fit.dispersion < power.dispersion
    verdict.check(is_so, f"{what}: slope {growth.slope_text}",
                  f"more than {at_least} per dimension was expected, and a better fit than that of a power of d")


def check_power(verdict: Verdict, growth: Growth, what: str, low: float, high: float) -> None:
    """Growth like a power of the dimension, and no faster."""
    fit = growth.power
    is_so = fit is not None and low <= fit.slope + fit.half_width and fit.slope - fit.half_width <= high
    verdict.check(is_so and not growth.is_exponential, f"{what}: power {growth.power_text} of d",
                  f"{low} to {high} was expected, and an exponential that fits no better")
    if fit is not None:
        verdict.resolve(f"the power of {what}", fit.half_width, POWER_INTERVAL)


def hardness(evidence: Evidence, theorems: Evidence) -> Verdict:
    """H."""
    verdict = Verdict()
    check_slope(verdict, evidence.growth("ball", patch_size="full"), "vanilla", exact.ball_exponent(3, 1))
    sizes = [size for size in (2, 5, 10) if size in evidence.values("patch_size")]
    for size in sizes:
        growth = evidence.growth("ball", patch_size=size).beyond(50)
        check_power(verdict, growth, f"chained Q = {size}, from 50 dimensions on", 0.8, 1.3)
    for dimension in (50, 100):
        point = evidence.growth("ball", patch_size="full").at(dimension)
        if point:
            mean, known = point.mean, exact.BALL_TIMES[dimension]
            verdict.qualify(agrees(mean, known),
                            f"vanilla, d = {dimension}: mean {mean_text(mean)} (exact: {known:.6g})",
                            f"the mean at d = {dimension} differs from the exact one")
    check_switch(verdict, evidence.growth("switch", patch_size="full"))
    note_medians(verdict, evidence)
    check_theorems(verdict, theorems)
    return verdict


def check_switch(verdict: Verdict, growth: Growth) -> None:
    """The same by the rule that tells whether chains leave the spread mode."""
    check_steep(verdict, growth, "vanilla, rule switch", 0.05)
    point = growth.at(100)
    if point and point.discovered:
        verdict.qualify(agrees(point.mean, exact.SWITCH_TIME_100),
                        f"vanilla, rule switch, d = 100: mean {mean_text(point.mean)} (exact: "
                        f"{number_text(exact.SWITCH_TIME_100, 6)}), {point.discovered} of {point.chains} chains "
                        "discovered a mode",
                        "the mean at d = 100 by the rule switch differs from the exact one")


def note_medians(verdict: Verdict, evidence: Evidence) -> None:
    """Why the median falls from 160 to 180 dimensions, where both are there."""
    points = [evidence.growth("ball", patch_size=10).at(dimension) for dimension in (160, 180)]
    if not all(points):
        return
    chains = evidence.chains("ball")
    texts = []
    for point in points:
        times = chains.time[(chains.dimension == point.dimension) & (chains.patch_size == 10)]
        length = 10 * point.dimension  # of a pass: 100 iterations for each patch
        texts.append(f"d = {point.dimension}: median {mean_text(point.median)}, mean {mean_text(point.mean)}, "
                     f"{share_text(float((times <= length).mean()), point.chains)} of chains within the first pass "
                     f"({length} iterations)")
    verdict.numbers.append(f"chained Q = 10, {'; '.join(texts)}")


def check_theorems(verdict: Verdict, evidence: Evidence) -> None:
    """The target that meets Assumption 1, with and without annealing."""
    for noise in evidence.values("noise_level"):
        name = f"assumption met, annealed (σ = {noise:g})" if noise else "assumption met"
        vanilla = evidence.growth(noise_level=noise, patch_size="full")
        if noise:  # no closed form
            check_steep(verdict, vanilla, f"vanilla, {name}", 0.05)
        else:
            check_slope(verdict, vanilla, f"vanilla, {name}", exact.ball_exponent(5, 1))
        for size in (5, 10):
            check_power(verdict, evidence.growth(noise_level=noise, patch_size=size).beyond(60),
                        f"chained Q = {size}, {name}, from 60 dimensions on", 0.8, 1.3)


def bounded_support(evidence: Evidence, chained: Evidence) -> Verdict:
    """B."""
    verdict = Verdict()
    for name in evidence.values("target"):
        growth = evidence.growth(target=name)
        what = support_of(name)
        # the exponent is that of Gaussians of the same variance
        check_slope(verdict, growth, f"vanilla, {what}", exact.ball_exponent(3, 1))
        point = growth.at(20)
        if point and name in exact.PRODUCT_TIMES_20:
            known, error = exact.PRODUCT_TIMES_20[name]
            verdict.qualify(agrees(point.mean, known, error),
                            f"{what}, d = 20: mean {mean_text(point.mean)} (independent simulation: {known:.4g} ± "
                            f"{error:.2g})",
                            f"{what}, d = 20: the mean differs from that of an independent simulation")
        top = growth.points[-1]
        verdict.numbers.append(f"{what}, d = {top.dimension}: mean {mean_text(top.mean)}, {top.discovered} of "
                               f"{top.chains} chains discovered a mode")
    for name in chained.values("target"):
        check_power(verdict, chained.growth(target=name).beyond(80),
                    f"chained Q = 10, {support_of(name)}, from 80 dimensions on", 0.8, 1.3)
    return verdict


def support_of(name: str) -> str:
    """A target of bounded-support.yaml in words."""
    support, _, weight = name.rpartition("_")
    return f"{support.replace('_', '-')} support, spread mode of weight {weight}"


def mean_text(mean: Interval) -> str:
    """A mean time with its 95 % interval."""
    return f"{number_text(mean.value)} [{number_text(mean.low)}, {number_text(mean.high)}]"


def weights(evidence: Evidence) -> Verdict:
    """E."""
    verdict = Verdict()
    for name in evidence.values("target"):
        check_slope(verdict, evidence.growth(target=name, patch_size="full"), f"vanilla, {name.replace('_', ' ')}",
                    exact.ball_exponent(3, 1))
    top = max(evidence.values("dimension"))
    means = {}
    for name in evidence.values("target"):
        point = evidence.growth(target=name, patch_size="full").at(top)
        means[name] = point.mean.value if point else math.nan
    ratio = max(means.values()) / min(means.values())
    verdict.check(ratio < 3, f"at d = {top} the means differ by a factor of up to {ratio:.2f} between these weights",
                  "less than 3 was expected")
    for name in evidence.values("target"):
        chained = evidence.growth(target=name, patch_size=10).at(top)
        if chained:
            verdict.check(chained.mean.value < means[name],
                          f"chained Q = 10, {name.replace('_', ' ')}, d = {top}: mean "
                          f"{number_text(chained.mean.value)}",
                          f"less than vanilla dynamics' {number_text(means[name])} was expected")
    return verdict


SEVERAL_MODES = {0: "first spread mode", 1: "second spread mode", 2: "intermediate mode"}  # of several-modes.yaml


def several_modes(evidence: Evidence) -> Verdict:
    """M."""
    verdict = Verdict()
    for start in evidence.values("start.component"):
        check_steep(verdict, evidence.growth("ball", start__component=start, patch_size="full"),
                    f"vanilla from the {SEVERAL_MODES[start]}", 0.03)
        for size in (5, 10):
            growth = evidence.growth("ball", start__component=start, patch_size=size)
            verdict.check(not growth.is_exponential,
                          f"chained Q = {size} from the {SEVERAL_MODES[start]}: power {growth.power_text} of d, "
                          f"from 60 dimensions on {growth.beyond(60).power_text}",
                          "an exponential fits better")
    return verdict


ASSUMPTION = {"meets": (5, 1), "misses_slightly": (4, 1), "misses": (3, 1), "equal": (1, 1), "reversed": (1, 1.2),
              "overlapping": (3, 2.9)}  # variances of assumption.yaml
HARD = 0.05  # a slope per dimension


def bound(spread: float, mode: float) -> float:
    """Assumption 1 wants the first variance to be the larger one, and the squared distance of the means, divided by d,
    to be at most this."""
    return (spread - mode) / 2 * (math.log(mode / spread) - mode / (2 * spread) + spread / (2 * mode))


def assumption(evidence: Evidence) -> Verdict:
    """A."""
    verdict = Verdict()
    holding = [name for name, (spread, mode) in ASSUMPTION.items() if spread > mode and bound(spread, mode) >= 1]
    hard = []
    for name, (spread, mode) in ASSUMPTION.items():
        growth, called = evidence.growth(target=name, patch_size="full"), name.replace("_", " ")
        what = (f"{called}: variances {spread} and {mode}, squared distance d, bound {bound(spread, mode):.2g} d, "
                f"assumption {'met' if name in holding else 'not met'}")
        if name in ("reversed", "overlapping"):  # no closed form, or hardly hard
            verdict.numbers.append(f"{what}: slope {growth.slope_text}")
        else:
            check_slope(verdict, growth, what, exact.ball_exponent(spread, mode))
        fit = growth.exponential
        if fit is not None and fit.slope - fit.half_width > HARD:
            hard.append(name)
        chained = evidence.growth(target=name, patch_size=10)
        verdict.numbers.append(f"chained Q = 10, {called}: power {chained.power_text} of d, from 50 dimensions "
                               f"on {chained.beyond(50).power_text}")
    both, others = ([name for name in hard if (name in holding) == is_so] for is_so in (True, False))
    verdict.check(both == holding, f"hard (slope above {HARD}), and the assumption is met: {called_list(both)}",
                  f"{called_list(holding)} was expected")
    verdict.check(bool(others), f"hard, although the assumption is not met: {called_list(others)}",
                  "at least one was expected")
    return verdict


def called_list(names: list[str]) -> str:
    """Names of targets."""
    return ", ".join(name.replace("_", " ") for name in names) or "none"


def step_size(shares: Evidence, hardness_file: Evidence) -> Verdict:
    """T."""
    verdict = Verdict()
    check_step_size_shares(verdict, shares)
    top = max(hardness_file.values("dimension"))
    times, fits = {}, []
    for size in sorted(hardness_file.values("sampler.step_size")):
        growth = hardness_file.growth(**{"sampler__step_size": size})
        check_slope(verdict, growth, f"vanilla, δ = {size:g}", exact.ball_exponent(3, 1, step_size=size))
        if growth.exponential:
            fits.append(growth.exponential)
        point = growth.at(top)
        if point:
            times[size] = size * point.mean.value
            verdict.numbers.append(f"δ = {size:g}, d = {top}: mean δ × iterations = {times[size]:.4g} units of time")
    check_rates(verdict, fits)
    factor = max(times.values()) / min(times.values())
    verdict.qualify(factor < 1.5, f"at d = {top} these times differ by a factor of up to {factor:.2f}",
                    f"growth rates differ little, but discovery times in units of time differ by a factor of "
                    f"{factor:.1f} between these step sizes")
    small = [times[size] for size in sorted(times)[:2]]
    if len(small) == 2:
        ratio = small[0] / small[1]
        verdict.check(0.75 < ratio < 1.33, f"ratio of the times of the two smallest step sizes: {ratio:.2f}",
                      "0.75 to 1.33 was expected")
    return verdict


def check_rates(verdict: Verdict, fits: list[Fit]) -> None:
    """Slopes that differ by less than 15 %, or three standard errors where these are larger."""
    least, most = min(fits, key=lambda fit: fit.slope), max(fits, key=lambda fit: fit.slope)
    ratio = most.slope / least.slope
    error = ratio * math.hypot(*(fit.half_width / fit.slope for fit in (least, most))) / NORMAL_QUANTILE
    verdict.check(is_near(ratio, 1, 0.15, error),
                  f"the rates differ by a factor of up to {ratio:.3f} between these step sizes",
                  "less than 1.15, to within three standard errors, was expected")


def cost(evidence: Evidence) -> Verdict:
    """C."""
    verdict, top, data = Verdict(), max(evidence.values("dimension")), evidence.data
    seconds = evidence.processor_seconds
    found: dict[tuple[str, str], tuple[float, float, float]] = {}
    for engine in evidence.values("sampler.engine"):
        for size in ("full", 10, 2):
            point = evidence.growth(sampler__engine=engine, patch_size=size).at(top)
            place = int(((data["sampler.engine"] == engine) & (data.dimension == top)
                         & (data.patch_size == (top if size == "full" else size))).values.nonzero()[0][0])
            if not point or not point.discovered:
                continue
            updates = point.at_risk / point.discovered * float(data.coordinate_updates[place])
            processor = seconds[place] / point.discovered
            found[engine, str(size)] = point.mean.value, updates, processor
            name = "vanilla" if size == "full" else f"chained Q = {size}"
            verdict.numbers.append(f"{name}, engine {engine}, d = {top}: {number_text(point.mean.value)} iterations, "
                                   f"{number_text(updates)} coordinate updates and {processor * 1e3:.3g} ms of CPU "
                                   "time per discovery")
            wanted = top if size == "full" else size
            moved = float(data.coordinate_updates[place])
            verdict.check(moved == wanted, f"{name}, engine {engine}: {moved:g} coordinate updates per iteration",
                          f"{wanted} was expected")
    for engine in evidence.values("sampler.engine"):
        vanilla, chained = found.get((engine, "full")), found.get((engine, "10"))
        if vanilla and chained:
            ratios = [of_vanilla / of_chained for of_vanilla, of_chained in zip(vanilla, chained)]
            verdict.check(min(ratios[:2]) > 3 and ratios[2] > 1,
                          f"vanilla relative to chained Q = 10, engine {engine}, d = {top}: {ratios[0]:.0f} times the "
                          f"iterations, {ratios[1]:.0f} times the coordinate updates, {ratios[2]:.0f} times the "
                          "CPU time",
                          "more than three times the iterations and updates, and more CPU time, was expected")
    return verdict


def advice(evidence: Evidence, patch_size: Evidence) -> Verdict:
    """Q."""
    verdict, best_of = Verdict(), {}
    for target, answer in ((race["variant"].split()[-1], race["answers"][0]) for race in evidence.advice()):
        means = {size: evidence.growth(target=target, patch_size=size).points[0].mean
                 for size in evidence.values("patch_size")}
        least = min(means, key=lambda size: means[size].value)
        best_of[target] = least
        advised = [*answer["best"], *answer["equal"], *answer["open"]]
        verdict.check(bool(answer["best"]) and means[answer["best"][0]].low <= means[least].high,
                      f"{target}: advised Q = {', '.join(map(str, answer['best']))}"
                      + (f" or {', '.join(map(str, advised[1:]))}" if advised[1:] else "")
                      + f"; in the sweep Q = {least} is best, with a mean of {mean_text(means[least])} iterations",
                      "advice that cannot be told from the best was expected")
    verdict.check(any(size != 10 for size in best_of.values()),
                  "best patch sizes: " + ", ".join(f"{target} {size}" for target, size in best_of.items()),
                  "other than 10 for some target was expected")
    ends = patch_size.pass_ends()
    left = 1 - ends[(ends["start.component"] == 0) & (ends.length == 1000)].set_index("patch_size").share_0
    verdict.check(left.idxmax() == best_of["reference"],
                  f"in row F7-9, in passes of 1000 iterations, chains leave the spread mode most often with Q = "
                  f"{left.idxmax()}", f"{best_of['reference']}, as here, was expected")
    return verdict
