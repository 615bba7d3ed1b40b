# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of `modeseek diagnose` that look at snapshots: whether chains are a sample of the target there, and if
not, what keeps them from it.

A chained pass samples one patch after another, given those before. So shares of modes go up and down within a pass, and
are looked at where passes end. If a visit is long enough for its patch to reach equilibrium, one pass is an exact
sample; if it is not, the law to which passes settle is not the target, however many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .diagnose import Finding, PointName, Subject, plain, span
from .groups import is_within_pass
from .inference import NORMAL_QUANTILE, holm
from .results import DIRECT
from .settings import is_gaussian, number, setting

ALARM = 0.01  # probability of a false alarm of a test, over all points
TEST = f"(t-tests with Holm's correction: false alarms in {ALARM:.0%} of files)"
COUNT_LEAST = 5  # chains in a mode, and out of it, that a t-test needs to be trusted
NEARLY_ALL = 0.99  # chains in one mode
RELAXED = 10  # relaxation times, from which on a visit is not short by itself
SMALL = 0.1  # total variation, up to which a difference is but a note
LENGTHS = ("sampler.iterations_per_pass", "sampler.iterations_per_patch")


@dataclass(eq=False)
class Chains:
    """The chains of a point, seeds pooled, at snapshots."""

    subject: Subject
    name: PointName
    points: list[int]

    @property
    def point(self) -> int:
        """The first of them."""
        return self.points[0]

    @cached_property
    def weights(self) -> np.ndarray:
        """Of the target; NaN where they are not known."""
        data = self.subject.data
        return data.weight.values[int(data.point_variant.values[self.point])]

    @property
    def pass_iterations(self) -> float:
        """Iterations of a pass; NaN: no passes."""
        return float(self.subject.data.pass_iterations.values[self.point])

    @property
    def is_chained(self) -> bool:
        """Whether it has several patches."""
        return bool(self.subject.data.patch_size.values[self.point] < self.subject.data.dimension.values[self.point])

    @cached_property
    def ends(self) -> list[int]:
        """Iterations of the snapshots that are not in the middle of a pass."""
        return [t for t in self.subject.data.snapshot.values.tolist()
                if t > 0 and not is_within_pass(t, self.pass_iterations)]

    def shares(self, iteration: int) -> np.ndarray:
        """Responsibilities [chain, component] at a snapshot, of the chains that came to it."""
        values = self.subject.positions.responsibility.isel(point=self.points).sel(snapshot=iteration)
        rows = values.transpose("point", "chain", "component").values.reshape(-1, values.sizes["component"])
        return rows[np.isfinite(rows).all(axis=1)]

    def distance(self, iteration: int) -> float:
        """Total variation between mean responsibilities and weights."""
        return float(np.abs(self.shares(iteration).mean(axis=0) - self.weights).sum() / 2)

    @cached_property
    def earlier(self) -> int:
        """The end of a pass to compare the last one with: the last in the first half; 0: there is none."""
        return max((t for t in self.ends if 2 * t <= self.ends[-1]), default=0)

    @cached_property
    def changes(self) -> np.ndarray:
        """Of responsibilities between the earlier end of a pass and the last one, [chain, component]; of no chain where
        there is no earlier one, or it has other chains."""
        last = self.shares(self.ends[-1])
        first = self.shares(self.earlier) if self.earlier else last[:0]
        return last - first if first.shape == last.shape else last[:0]

    def drift(self) -> list[float]:
        """p-values of mean responsibilities being the same at both."""
        return paired_tests(self.changes) if len(self.changes) else []

    @property
    def change_at_most(self) -> float:
        """How much the mean responsibility of a component may have changed between both: the furthest end of the 95 %
        intervals."""
        error = self.changes.std(axis=0, ddof=1) / math.sqrt(len(self.changes))
        return float((np.abs(self.changes.mean(axis=0)) + NORMAL_QUANTILE * error).max())


def all_chains(subject: Subject) -> list[Chains]:
    """Those of all points; none where it is not known in which mode they are."""
    if "snapshot" not in subject.data.coords or "responsibility" not in subject.positions:
        return []
    found: dict[tuple[tuple[str, object], ...], Chains] = {}
    for point in np.flatnonzero(subject.data.point_estimator.values == DIRECT).tolist():
        name = subject.name_of_point(point, with_seed=False)
        found.setdefault(tuple(name.items()), Chains(subject, name, [])).points.append(point)
    return [chains for chains in found.values() if np.isfinite(chains.weights).all()]


def within_passes(chains: Chains) -> list[int]:
    """Snapshots in the middle of its passes; without those that are for passes of other lengths, which end there."""
    data, own = chains.subject.data, chains.pass_iterations
    snapshots = data.snapshot.values.tolist()
    others = set(data.pass_iterations.values.tolist()) if own in snapshots and setting(
        data, chains.point, LENGTHS[0]) else set()
    return [t for t in snapshots if is_within_pass(t, own) and t not in others]


def check_within_pass(subject: Subject) -> Iterator[Finding]:
    """Snapshots in the middle of passes."""
    every = all_chains(subject)
    found = [(chains, within) for chains in every if (within := within_passes(chains))]
    if not found:
        return
    lengths = {int(chains.pass_iterations) for chains, _ in found}
    all_lengths = {int(chains.pass_iterations) for chains in every if math.isfinite(chains.pass_iterations)}
    common, budget = math.lcm(*all_lengths), int(subject.data.iterations.values.min())
    count = budget // common
    ends = [common * k for k in range(count, 0, -(count // 6 + 1))][::-1]
    command = f"modeseek run --set 'snapshots={ends}' sweep.yaml -o ends.h5" if ends else ""
    yield Finding("within-pass", "caution", "snapshots lie in the middle of a pass (iteration "
                  f"{span(t for _, within in found for t in within)}; passes of {span(lengths)})",
                  "New patches stand beside those of the pass before there, so that shares of modes go up and down "
                  "along a pass. They are no sample of anything, however long the chains are.",
                  "Look only at snapshots where passes end, as the other findings do; or ask for such snapshots"
                  + ("." if ends else ", with passes that fit into the budget."),
                  [chains.name for chains, _ in found], command)


def check_shares(subject: Subject) -> Iterator[Finding]:
    """Mean responsibilities at the last end of a pass; those of an exact sample are the weights."""
    single, tested = [], []
    every = [chains for chains in all_chains(subject) if chains.ends and len(chains.shares(chains.ends[-1])) > 1]
    for chains in every:
        shares, weights = chains.shares(chains.ends[-1]), chains.weights
        mean, enough = shares.mean(axis=0), len(shares) * np.minimum(weights, 1 - weights) >= COUNT_LEAST
        top = int(mean.argmax())
        if mean[top] > NEARLY_ALL and weights[top] < min(1 - COUNT_LEAST / len(shares), 0.9):
            single.append((chains, top))
        else:
            tested += [(chains, p) for p in t_tests(shares[:, enough], weights[enough])]
    yield from one_mode(single)
    corrected = holm([p for _, p in tested])
    wrong = list({id(chains): chains for (chains, _), p in zip(tested, corrected) if p < ALARM}.values())
    yield from findings_of(sort_by_cause(wrong, every))


def one_mode(single: list[tuple[Chains, int]]) -> Iterator[Finding]:
    """Points whose chains are nearly all in one component: those that stayed where they started, and others."""
    started = {id(chains): setting(chains.subject.data, chains.point, "start.component") for chains, _ in single}
    stayed = [(chains, top) for chains, top in single if started[id(chains)] == str(top)]
    for those, where in ((stayed, "where they started"),
                         ([one for one in single if one not in stayed], "")):
        if not those:
            continue
        tops = sorted({top for _, top in those})
        advice = "Do not report averages over these chains as averages over the target."
        if len(tops) == 1:
            advice += " Start in another component, too, to see whether chains stay there as well."
        yield Finding("one-mode", "caution", "at the last snapshot (nearly) all chains of a point are in "
                      + (f"the component {where}" if where else "one component") + f" ({', '.join(map(str, tops))})",
                      "By the weights of the target they should not be, so these positions are not a sample of it. If "
                      "that is the claim, as for vanilla Langevin dynamics in high dimension, it is the result.",
                      advice, [chains.name for chains, _ in those],
                      f"modeseek summary --shares {those[0][0].subject.shown_path}")


@dataclass
class Causes:
    """Points whose mean responsibilities differ from the weights, by why, as far as the file can tell."""

    better: list[Chains]  # chained; the same with longer passes comes nearer
    short: list[Chains]  # chained, no longer changing, with short visits
    biased: list[Chains]  # no longer changing for another reason
    moving: list[Chains]  # towards the weights
    unknown: list[Chains]


def sort_by_cause(wrong: list[Chains], every: list[Chains]) -> Causes:
    """Why they differ. What some point tells by longer passes counts more than how it moves itself."""
    causes = Causes([], [], [], [], [])
    drifts = [(chains, p) for chains in wrong if chains.earlier for p in chains.drift()]
    moved = {id(chains) for (chains, _), p in zip(drifts, holm([p for _, p in drifts])) if p < ALARM}
    for chains in wrong:
        now, before = (chains.distance(t) if t else math.nan for t in (chains.ends[-1], chains.earlier))
        is_settled = id(chains) not in moved and before < 1.5 * now
        if chains.is_chained and has_longer(chains, every):
            causes.better.append(chains)
        elif is_settled and chains.is_chained and not relaxations(chains) >= RELAXED:
            causes.short.append(chains)
        elif is_settled and (chains.is_chained or now <= SMALL):
            causes.biased.append(chains)
        elif id(chains) in moved and now < before:
            causes.moving.append(chains)
        else:
            causes.unknown.append(chains)
    return causes


def findings_of(causes: Causes) -> Iterator[Finding]:
    """A finding for each cause."""
    if short := causes.better + causes.short:
        yield Finding("short-visits", severity(short), f"shares of modes differ from the weights {by(short)}: visits "
                      "to a patch are too short", visits(short)
                      + ("Points with longer passes come nearer to the weights: the law to which so short visits lead "
                         "is not the target. More passes do not help." if causes.better else
                         f"{changes(short)}: the law to which so short visits lead is not the target, and if the "
                         "chains have come to it, more passes do not help."),
                      "Make passes longer, tenfold, say, and prolong the chains with them." + step_remark(short)
                      if causes.short else "Use the points with longer passes.", names(short), longer_passes(short[0]))
    if biased := causes.biased:
        yield Finding("biased-shares", severity(biased), f"shares of modes differ from the weights {by(biased)} and "
                      "hardly change", f"{changes(biased)}: the chains have come to another law, or change too "
                      "slowly to be seen.", "Use a smaller step size, or a sampler without such a bias, "
                      "as mala." + (" If that changes nothing, make passes longer." if chained(biased) else ""),
                      names(biased))
    if moving := causes.moving:
        yield Finding("unconverged", severity(moving), f"shares of modes differ from the weights {by(moving)} and "
                      "still move towards them", f"The chains have not converged yet {TEST}. "
                      + visits(chained(moving)), "Prolong the chains"
                      + ("; if they settle beside the weights, make passes longer." if chained(moving) else
                         ", unless the time grows exponentially with the dimension."),
                      names(moving), more_iterations(moving))
    if unknown := causes.unknown:
        yield Finding("shares", severity(unknown), f"shares of modes differ from the weights {by(unknown)}",
                      f"For an exact sample they agree {TEST}. {visits(chained(unknown))}There are too few chains, or "
                      "snapshots" + (" where passes end" if chained(unknown) else "") + ", to tell why.",
                      "Compare several snapshots" + (" where passes end" if chained(unknown) else "")
                      + " of more chains: where shares still move, prolong the chains"
                      + ("; where they do not, make passes longer." + step_remark(chained(unknown))
                         if chained(unknown) else "."),
                      names(unknown), f"modeseek summary --shares {unknown[0].subject.shown_path}")


def chained(those: list[Chains]) -> list[Chains]:
    """Those that have several patches."""
    return [chains for chains in those if chains.is_chained]


def names(those: list[Chains]) -> list[PointName]:
    """Of their points."""
    return [chains.name for chains in those]


def by(those: list[Chains]) -> str:
    """How much they differ."""
    return f"(total variation up to {max(chains.distance(chains.ends[-1]) for chains in those):.2g})"


def changes(those: list[Chains]) -> str:
    """How little they change."""
    most = max(those, key=lambda chains: chains.change_at_most)
    return (f"From iteration {most.earlier} to {most.ends[-1]} no share changes by more than {most.change_at_most:.2g} "
            "(95 % interval)")


def severity(those: list[Chains]) -> str:
    """Of a difference from the weights."""
    return "caution" if max(chains.distance(chains.ends[-1]) for chains in those) > SMALL else "note"


def has_longer(chains: Chains, every: list[Chains]) -> bool:
    """Whether the same with longer passes comes significantly nearer to the weights."""
    axes = (*LENGTHS, "budget.iterations")
    rest = {name: value for name, value in chains.name.items() if name not in axes}
    longer = [other for other in every if other.pass_iterations > chains.pass_iterations
              and {name: value for name, value in other.name.items() if name not in axes} == rest]
    own = chains.shares(chains.ends[-1])
    for other in longer:
        if other.distance(other.ends[-1]) < chains.distance(chains.ends[-1]):
            theirs = other.shares(other.ends[-1])
            error = np.sqrt(own.var(axis=0, ddof=1) / len(own) + theirs.var(axis=0, ddof=1) / len(theirs))
            step = np.abs(own.mean(axis=0) - theirs.mean(axis=0))
            if (step > 4 * error).any():  # a normal number beyond 4: p < 1e-4, for up to a hundred points
                return True
    return False


def visits(those: list[Chains]) -> str:
    """How long visits to a patch are, in relaxation times where that is known."""
    if not those:
        return ""
    chains = min(those, key=visit)
    times = relaxations(chains)
    return (f"A visit to a patch has {'as few as ' if len(those) > 1 else ''}{visit(chains):.4g} iterations"
            + (f", {times:.2g} relaxation times 2v/δ of the widest component" if math.isfinite(times) else "") + ". ")


def relaxations(chains: Chains) -> float:
    """Relaxation times 2v/δ of langevin in the widest component that a visit to a patch lasts; NaN: not known."""
    data, point = chains.subject.data, chains.point
    if setting(data, point, "sampler.name") != "langevin" or not is_gaussian(data, point):
        return math.nan
    widest = float(np.nanmax(data.variance.values[int(data.point_variant.values[point])]))
    return visit(chains) * number(data, point, "sampler.step_size") / (2 * widest)


def visit(chains: Chains) -> float:
    """Iterations of a visit to a patch."""
    data = chains.subject.data
    return chains.pass_iterations * int(data.patch_size.values[chains.point]) / int(data.dimension.values[chains.point])


def step_remark(those: list[Chains]) -> str:
    """What else it may be."""
    if not any(setting(c.subject.data, c.point, "sampler.name") in ("langevin", "underdamped") for c in those):
        return ""
    return " If that changes nothing it is the step size: halve it."


def longer_passes(chains: Chains) -> str:
    """The command that computes longer ones beside; "" where lengths differ between points."""
    data = chains.subject.data
    key = LENGTHS[0] if setting(data, chains.point, LENGTHS[0]) else LENGTHS[1]
    if {name for name in data.attrs["axes"] if name in ("sampler", *LENGTHS)} or len(
            {c for c in data.pass_iterations.values.tolist() if math.isfinite(c)}) > 1:
        return ""
    ends = [int(chains.pass_iterations) * 10 * i for i in (1, 2)]
    return (f"modeseek run --set {key}={plain(10 * int(number(data, chains.point, key)))} "
            f"--set budget.iterations={ends[-1]} --set 'snapshots={ends}' sweep.yaml -o longer.h5")


def more_iterations(those: list[Chains]) -> str:
    """The command that prolongs the chains; "" where their budgets are an axis."""
    subject = those[0].subject
    if "budget.iterations" in subject.data.attrs["axes"]:
        return ""
    end = 4 * max(chains.ends[-1] for chains in those)
    snapshots = [*subject.data.snapshot.values.tolist(), end]
    return (f"modeseek run --set budget.iterations={max(end, int(subject.data.iterations.values.max()))} "
            f"--set 'snapshots={snapshots}' sweep.yaml -o longer.h5")


def t_tests(values: np.ndarray, means: np.ndarray) -> list[float]:
    """p-values of each column of `values`, which lie between 0 and 1, having that mean.

    The standard deviation is at least the largest that such a mean allows: a rare mode that few chains are in, or none,
    would otherwise seem to be known exactly.
    """
    from scipy.stats import t as student

    count = len(values)
    deviation = np.maximum(values.std(axis=0, ddof=1), np.sqrt(means * (1 - means)))
    distance = np.abs(values.mean(axis=0) - means) * math.sqrt(count) / deviation
    return [float(p) for p in 2 * student.sf(distance, count - 1)]


def paired_tests(differences: np.ndarray) -> list[float]:
    """p-values of each column having mean 0; 1 where all are 0."""
    from scipy.stats import t as student

    count = len(differences)
    deviation = np.maximum(differences.std(axis=0, ddof=1), 1e-12)
    distance = np.abs(differences.mean(axis=0)) * math.sqrt(count) / deviation
    return [float(p) for p in 2 * student.sf(distance, count - 1)]
