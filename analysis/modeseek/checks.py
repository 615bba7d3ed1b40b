# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of `modeseek diagnose`: one function for each subject, which yields its findings.

Where findings rest on a test, each such check raises a false alarm with probability ALARM at most: p-values are
corrected over its points and rules by Holm's method.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas

from . import convergence, program, results
from .diagnose import Finding, PointName, Subject
from .convergence import ALARM, COUNT_LEAST
from .inference import holm
from .points import unequal
from .settings import is_gaussian, number, setting, vector

FEW = 5  # discoveries, below which the program does not test their law
TEST = "p < 0.01, corrected for the number of points"
BIAS_LARGE = 0.2  # of a variance
RATIO_GOOD = 4 * 0.05 / 1.05  # of step size to variance, which is right to 5 % then
PASSES = 3  # below which it does not, either
APART = 3  # factor between mean times, from which on rules disagree
RULES = {"ball": "when a chain comes within a distance of its mean",
         "switch": "when it outweighs the spread mode where the chain is",
         "dominant": "when it holds most of the responsibility where the chain is"}


def rows_of(subject: Subject, chosen: Callable[[pandas.Series], Any]) -> list[pandas.Series]:
    """The rows of the first mode that is discovered for which something holds, of all rules."""
    return [row for _, row in subject.summary.iterrows() if row["mode"] == "any" and row["chains"] > 0 and chosen(row)]


def names_of(subject: Subject, rows: list[pandas.Series]) -> list[PointName]:
    """Their points; with the rule where the file has several."""
    further = ["rule"] if subject.data.sizes["rule"] > 1 else []
    return [subject.name_of(row, *further) for row in rows]


def prolong(subject: Subject, factor: int = 10) -> str:
    """The command that prolongs censored chains; "" where budgets are an axis."""
    if "budget.iterations" in subject.data.attrs["axes"]:
        return ""
    budget = int(subject.data.iterations.values.max()) * factor
    return f"modeseek run --set budget.iterations={budget} sweep.yaml -o {subject.shown_path}"


def check_blocks(subject: Subject) -> Iterator[Finding]:
    """Blocks that are missing, failed or are quarantined."""
    status, path = subject.status, subject.shown_path
    failures = status["failures"]
    reasons = "; ".join(list(dict.fromkeys(str(failure["reason"]) for failure in failures))[:3])
    points = {int(failure["point"]): subject.name_of_point(int(failure["point"])) for failure in failures}
    quarantined, failed = status["quarantined"], status["failed"] - status["quarantined"]
    if failed:
        yield Finding("failed-blocks", "serious", f"{failed} of {status['blocks']} blocks failed: {reasons}",
                      "Their chains are missing from every number. Whether a chain fails may depend on where it goes, "
                      "so the remaining ones may be biased.",
                      "They would fail again: change the sweep (a smaller step size, say), or drop these points.",
                      list(points.values()), f"modeseek status {path}")
    if quarantined:
        yield Finding("quarantined-blocks", "serious",
                      f"{quarantined} of {status['blocks']} blocks are quarantined: {reasons}",
                      "Three times the job died while computing them, as it does when the program crashes.",
                      "Retry them, and report a bug if they crash again.", [] if failed else list(points.values()),
                      f"modeseek run --retry-quarantined sweep.yaml -o {path}")
    if status["missing"]:
        lacking = [subject.name_of_point(i) for i, point in enumerate(status["points"]) if point["missing"]]
        writer = status["writer"]
        yield Finding("missing-blocks", "note" if writer else "serious",
                      f"{status['missing']} of {status['blocks']} blocks are missing"
                      + ("; a job is computing them" if writer else ""),
                      "Blocks whose chains discover early finish early, so the times of a point with missing blocks "
                      "may be biased towards short ones.",
                      "Wait." if writer else "Run the same command again; it resumes.", lacking,
                      f"modeseek watch {path}" if writer else f"modeseek run sweep.yaml -o {path}")


def check_discoveries(subject: Subject) -> Iterator[Finding]:
    """Points with too few discoveries, or with most chains censored."""
    nothing = rows_of(subject, lambda row: row["discovered"] == 0)
    few = rows_of(subject, lambda row: 0 < row["discovered"] < FEW and row["censored"] > 0)
    most = rows_of(subject, lambda row: row["discovered"] >= FEW and 2 * row["discovered"] < row["chains"])
    if nothing:
        yield Finding("nothing-discovered", "caution", "at some points no chain discovered a mode",
                      "There is no estimate, only a lower bound on the discovery time. The bound is a result, too, but "
                      "it does not say how far beyond it the time lies.",
                      "Show it as a bound, as the figures do. A larger budget may turn it into an estimate, unless the "
                      "time grows exponentially with the dimension.", names_of(subject, nothing), prolong(subject))
    if few:
        ratio = max(row["mean_high"] / row["mean_low"] for row in few)
        yield Finding("few-discoveries", "caution", f"at some points fewer than {FEW} chains discovered a mode",
                      f"The 95 % interval of the mean spans a factor of up to {float(f'{ratio:.2g}'):g}, and so few "
                      "discoveries cannot tell whether times are exponential.", "Use more chains, or a larger budget.",
                      names_of(subject, few), prolong(subject))
    if most:
        yield Finding("censored", "caution", "at some points more than half of the chains are censored",
                      "The median lies beyond the budget, and the mean is valid only if times beyond it remain "
                      "exponential. A mean over the discovered chains alone would be far too small.",
                      "Report how many are censored; prolong the chains to get a median.", names_of(subject, most),
                      prolong(subject))


def check_estimators(subject: Subject) -> Iterator[Finding]:
    """Points that no estimator can compute, and means to which there is an objection."""
    if not subject.has_estimators:
        return
    data, table = subject.data, subject.means
    without = np.flatnonzero(data.point_estimator.values == results.NONE)
    for reason in dict.fromkeys(data.validity.values[without, -1].tolist()):
        points = [int(point) for point in without if data.validity.values[point, -1] == reason]
        yield Finding("not-computed", "caution", f"some points are not computed: {reason}",
                      "The file has nothing of them: what is drawn or fitted is of the other points.",
                      "Give these points another estimator.", [subject.name_of_point(point) for point in points])
    for objection in dict.fromkeys(table.loc[table["estimator"] != results.NONE, "validity"]):
        rows = [row for _, row in table.iterrows() if row["validity"] == objection]
        if objection:
            yield Finding("objection", "caution", f"some means are objected to: {objection}",
                          "Neither they nor their intervals can be trusted.",
                          "Prolong the chains." if all(row["estimator"] == results.DIRECT for row in rows) else
                          "Use more replicates, or another estimator, and compare.", names_of(subject, rows),
                          f"modeseek summary --csv {subject.shown_path}")


def check_exponential(subject: Subject) -> Iterator[Finding]:
    """Times that are not exponential, or not known to be."""
    tested = rows_of(subject, lambda row: row["exponential"] != "untested" and math.isfinite(row["exponential_p"]))
    rejected = [row for row, p in zip(tested, holm([row["exponential_p"] for row in tested])) if p < ALARM]
    wrong = [row for row in rejected if row["censored"] > 0]
    plain = [row for row in rejected if row["censored"] == 0]
    short = rows_of(subject, lambda row: row["censored"] > 0 and row["discovered"] > 0
                    and row["iterations_at_risk"] > 0 and horizon(subject, row) < PASSES * row["pass_iterations"])
    if wrong:
        yield Finding("not-exponential", "serious", f"times are not exponential ({TEST}), and chains are censored",
                      "The column mean assumes that they are, and can be wrong by any factor.",
                      "Use the median or the restricted mean, or prolong the chains until none is censored.",
                      names_of(subject, wrong), prolong(subject))
    if plain:
        yield Finding("not-exponential-uncensored", "note",
                      f"times are not exponential ({TEST}); no chain is censored",
                      "The mean is valid, but its interval in the column mean is not.",
                      "Use the restricted mean and its interval, as the figures do; without censoring it is the plain "
                      "mean.", names_of(subject, plain), f"modeseek summary --pool seed --csv {subject.shown_path}")
    if short:
        yield Finding("few-passes", "caution", f"censored chains were observed for fewer than {PASSES} passes",
                      "Within a pass discoveries come at certain times; so few passes cannot show whether the next one "
                      "will be like them.", "Use a larger budget, or shorter passes.", names_of(subject, short),
                      prolong(subject))


def check_rules(subject: Subject) -> Iterator[Finding]:
    """Rules by which a mode is discovered at times of different magnitude."""
    has_shares = "snapshot" in subject.data.coords
    for (first, second), found in rules_apart(subject).items():
        _, factor, bound = max(found, key=lambda one: one[1])
        meanings = ", ".join(f"by {rule} {RULES[rule]}" for rule in (first, second) if rule in RULES)
        yield Finding("rules-disagree", "caution", f"by the rule {first} chains discover a mode up to {bound}"
                      f"{float(f'{factor:.2g}'):.12g} times earlier than by the rule {second}",
                      (f"A mode is discovered {meanings}. " if meanings else "") + "Each is a first visit: "
                      "neither says that a chain has left the mode it started in, or stays where it came to. That is "
                      "said by the shares of chains in each mode at snapshots.",
                      "Name the rule with every time, and do not take a first visit for a mode that is sampled"
                      + ("." if has_shares else ": record snapshots."), [name for name, _, _ in found],
                      f"modeseek summary --shares {subject.shown_path}" if has_shares else "")


def rules_apart(subject: Subject) -> dict[tuple[str, str], list[tuple[PointName, float, str]]]:
    """Of two rules whose intervals are apart, the earlier one first: points, factors, and what stands before these."""
    by_point: dict[tuple[tuple[str, Any], ...], list[pandas.Series]] = {}
    for row in rows_of(subject, lambda _: True):
        by_point.setdefault(tuple(subject.name_of(row).items()), []).append(row)
    apart: dict[tuple[str, str], list[tuple[PointName, float, str]]] = {}
    for point, rows in by_point.items():
        for fast, slow in itertools.permutations(rows, 2):
            if slow["mean_low"] > APART * max(fast["mean_high"], 1):  # less than an iteration is no time
                is_bound = slow["discovered"] == 0
                factor = (slow["mean_low"] if is_bound else slow["mean"]) / max(fast["mean"], 1)
                apart.setdefault((fast["rule"], slow["rule"]), []).append(
                    (dict(point), factor, "at least " if is_bound else ""))
    return apart


def horizon(subject: Subject, row: pandas.Series) -> float:
    """The budget of a row's point."""
    if "budget.iterations" in row:
        return float(row["budget.iterations"])
    return float(subject.data.iterations.values.max())


def stiffness(subject: Subject, point: int) -> float:
    """The largest ratio of step size to variance over the noise levels of langevin; NaN where it is not known."""
    data = subject.data
    if setting(data, point, "sampler.name") != "langevin" or not is_gaussian(data, point):
        return math.nan
    variances = data.variance.values[int(data.point_variant.values[point])]
    step, first = number(data, point, "sampler.step_size"), float(data.noise_level.values[point])
    last = first
    if setting(data, point, "sampler.schedule.type") == "geometric" and first > 0:
        last = number(data, point, "sampler.schedule.noise_level_min")
    grows = setting(data, point, "sampler.step_rule") == "ncsn" and last > 0
    with np.errstate(all="ignore"):
        ratios = [step * ((noise / last) ** 2 if grows else 1) / (variances + noise**2) for noise in (first, last)]
    known = [float(np.nanmax(ratio)) for ratio in ratios if np.isfinite(ratio).any()]
    return max(known, default=math.nan)


def smaller_steps(subject: Subject) -> str:
    """The command that tries smaller step sizes beside the sweep's own; "" where it has several."""
    try:
        step = float(subject.data.attrs["identity"].get("sampler.step_size", ""))
    except ValueError:
        return ""
    values = ", ".join(f"{step / divisor:.6g}" for divisor in (1, 2, 4))
    return f"modeseek run --set 'grid.sampler.step_size=[{values}]' sweep.yaml -o steps.h5"


def check_step_size(subject: Subject) -> Iterator[Finding]:
    """The bias of unadjusted Langevin dynamics."""
    ratios = {point: stiffness(subject, point) for point in range(subject.data.sizes["point"])}
    unstable = [point for point, ratio in ratios.items() if ratio >= 4]
    biased = {point: ratio / (4 - ratio) for point, ratio in ratios.items() if 0.04 < ratio < 4}
    command = smaller_steps(subject)
    steps = {point: number(subject.data, point, "sampler.step_size") for point in ratios}
    below = min((steps[point] * RATIO_GOOD / ratio for point, ratio in ratios.items() if ratio > 0.04), default=0.0)
    advice = f"Use a step size below {below:.2g}, for which variances are right to 5 %."
    if unstable:
        yield Finding("unstable", "serious", "the step size is at least four times the smallest variance v of a mode",
                      "For δ ≥ 4v every step near that component overshoots, and Langevin dynamics cannot stay there: "
                      "the sampled law is not the target.", advice,
                      [subject.name_of_point(point, False) for point in unstable], command)
    if biased:
        bias = max(biased.values())
        is_large, is_axis = bias >= BIAS_LARGE, len({steps[point] for point in biased}) > 1
        yield Finding("step-size-bias", "note" if bias < 0.05 else "caution" if bias < 0.5 else "serious",
                      f"the step size inflates the variance of the narrowest component by up to {100 * bias:.2g} %"
                      + (": the sampled law differs much from the target" if is_large else ""),
                      "On a Gaussian of variance v, unadjusted Langevin dynamics with step size δ has the stationary "
                      "variance v + vδ/(4v − δ), so chains do not sample the target exactly, and times depend on δ.",
                      advice if is_large else "State δ. To see whether it matters, "
                      + ("compare the step sizes of this sweep" if is_axis else
                         "make sampler.step_size an axis (δ, δ/2, δ/4)")
                      + ", or use mala, which has no such bias.",
                      [subject.name_of_point(point, False) for point in biased], command)


def check_seeds(subject: Subject) -> Iterator[Finding]:
    """Seeds of a point whose discovery times differ by more than chance."""
    from statsmodels.duration.survfunc import survdiff  # slow to import

    if "seed" not in subject.varying or not subject.has_chains:
        return
    others = [name for name in subject.data.attrs["axes"] if name != "seed"]
    tested: list[tuple[PointName, float]] = []
    for rule in subject.data.rule.values.tolist():
        frame = results.chains(subject.data, rule)
        for _, group in frame.groupby(others, sort=False):
            seeds = group["seed"].nunique()
            if seeds > 1 and group["discovered"].sum() >= COUNT_LEAST * seeds and group["time"].nunique() > 1:
                p = float(survdiff(group["time"], group["discovered"].astype(int), group["seed"])[1])
                name = subject.name_of_point(int(group["point"].iloc[0]), with_seed=False)
                tested.append(({**name, "rule": rule}, p))
    wrong = [name for (name, _), p in zip(tested, holm([p for _, p in tested])) if p < ALARM]
    if wrong:
        yield Finding("seeds-disagree", "serious", "seeds of the same point have different discovery times",
                      f"Log-rank test over {len(tested)} points and rules with Holm's correction: in a correct file "
                      f"this happens with probability {ALARM:.0%}. Otherwise the file mixes results of different "
                      "sweeps or programs.", "Recompute some blocks.", wrong,
                      f"modeseek verify --recompute 20 {subject.shown_path}")


def check_assumption(subject: Subject) -> Iterator[Finding]:
    """Assumption 1 of the paper, under which it proves that discovery takes exponentially long."""
    data, failing = subject.data, {}
    for point in range(data.sizes["point"]):
        name = tuple((axis, value) for axis, value in subject.name_of_point(point, with_seed=False).items()
                     if axis == "dimension" or axis.startswith("target"))
        if name not in failing and is_gaussian(data, point):
            failing[name] = not assumption_holds(subject, point)
    points = [dict(name) for name, fails in failing.items() if fails]
    if points:
        yield Finding("assumption-1", "note", "the target does not meet Assumption 1 of Cheng, Fu and Farnia",
                      "Their theorem on exponentially long discovery does not cover it. The assumption is sufficient, "
                      "not necessary: discovery may be just as hard.", "Do not cite the theorem for these points; the "
                      "measurement stands on its own.", points, "modeseek plan sweep.yaml")


def assumption_holds(subject: Subject, point: int) -> bool:
    """Whether every concentrated mode is narrow and near enough; true where the file does not say."""
    data = subject.data
    variances = data.variance.values[int(data.point_variant.values[point])]
    spread, center = variances[0], vector(data, point, "target.components[0].mean")
    for mode, v in enumerate(variances[1:], 1):
        mean = vector(data, point, f"target.components[{mode}].mean")
        if center is None or mean is None or not (variances > 0).all():
            return True
        bound = (spread - v) / 2 * (math.log(v / spread) - v / (2 * spread) + spread / (2 * v)) * len(mean)
        if v >= spread or float(((mean - center) ** 2).sum()) > bound:
            return False
    return True


def check_dependence(subject: Subject) -> Iterator[Finding]:
    """Points that share their chains: their random numbers have the same key."""
    data = subject.data
    shared: dict[tuple[str, ...], list[list[int]]] = {}
    for key in np.unique(subject.provenance.keys):
        points = np.nonzero(subject.provenance.keys == key)[0].tolist()
        axes = tuple(name for name in data.attrs["axes"] if len(set(data[name].values[points].tolist())) > 1)
        if len(points) > 1:
            shared.setdefault(axes, []).append(points)
    for axes, groups in shared.items():
        words = " and ".join(axes)
        is_vain = any(name.startswith("sampler.") for name in axes)
        yield Finding("same-chains", "note", f"points that differ only in {words} have the same chains"
                      + (f" ({len(groups)} times {len(groups[0])} points)" if len(groups) > 1 else ""),
                      (f"{words} has no effect on them: vanilla dynamics has no passes. " if is_vain else "")
                      + "Their results are not independent: differences between them vary less than the intervals "
                      "suggest, and they are no replicates.",
                      "Count them once." if is_vain else "Do not pool them, and do not fit a line through them as if "
                      "they were independent.", [subject.name_of_point(p) for points in groups for p in points])


def check_costs(subject: Subject) -> Iterator[Finding]:
    """Samplers whose iterations differ in cost."""
    costs = sorted(set(subject.data.score_evaluations.values.tolist()))
    if len(costs) == 1 and unequal(results.evaluations(subject.data)):
        yield Finding("costs", "note", "some samplers also evaluate the density, which the others do not",
                      "Times in iterations are not what they cost.", "Compare CPU seconds.", [],
                      f"modeseek plot cost -o costs.png {subject.shown_path}")
    if len(costs) > 1:
        yield Finding("costs", "note", f"an iteration costs {costs[0]:g} to {costs[-1]:g} evaluations of the score",
                      "Times in iterations must not be compared between these samplers.",
                      "Compare costs.", [],
                      f"modeseek plot hardness --cost score_evaluations -o costs.png {subject.shown_path}")


def check_versions(subject: Subject) -> Iterator[Finding]:
    """Programs that others cannot get."""
    here = program.run("--version", program=subject.program).split()[1]
    releases, commits = subject.provenance.releases, subject.provenance.commits
    if set(releases) - {here}:
        yield Finding("other-version", "note",
                      f"the file was written by modeseek {', '.join(releases)}; this is {here}",
                      "Results must be bitwise identical with every version; this can be checked.",
                      "Recompute some blocks with this version.", [],
                      f"modeseek verify --recompute 20 {subject.shown_path}")
    changed = [commit for commit in commits if commit.endswith("-dirty")]
    if changed:
        yield Finding("changed-program", "note", "the program was built from sources with uncommitted changes",
                      f"Others cannot build it: {', '.join(changed[:3])}.",
                      "Recompute some blocks with a released version.", [],
                      f"modeseek verify --recompute 20 {subject.shown_path}")


ALL: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    check_blocks, check_estimators, check_discoveries, check_exponential, check_rules, check_step_size,
    convergence.check_within_pass, convergence.check_shares, check_seeds, check_assumption,
    check_dependence, check_costs, check_versions)
