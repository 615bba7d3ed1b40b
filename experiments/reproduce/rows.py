# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims: what is run for each, drawn of it, and asked of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import growth_claims as growth
from . import share_claims as shares
from .verdict import Verdict

EXPERIMENTS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Sweep:
    """A sweep file of experiments/, named `stem`, and the row `id` that its results are named after. `quick`: words of
    --set for a run of a few seconds."""

    id: str
    stem: str
    quick: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The sweep file."""
        return EXPERIMENTS / f"{self.stem}.yaml"

    def results(self, folder: Path) -> Path:
        """The results file."""
        return folder / f"{self.id}-{self.stem}.h5"


@dataclass(frozen=True)
class Picture:
    """A figure of the row's sweep number `sweep`: its kind, a sentence below it, and what of Options it is told.
    `suffix` tells several of a kind apart."""

    kind: str
    sentence: str
    options: tuple[tuple[str, object], ...] = ()
    sweep: int = 0
    suffix: str = ""


@dataclass(frozen=True)
class Row:
    """A claim. `paper`: which of its figures, or which question, it is about. `verdict` takes one Evidence for each
    sweep."""

    id: str
    claim: str
    paper: str
    sweeps: tuple[Sweep, ...]
    pictures: tuple[Picture, ...]
    verdict: Callable[..., Verdict]


def told(*selection: tuple[str, object], **options: object) -> tuple[tuple[str, object], ...]:
    """Options of a figure, and the values of axes that it selects."""
    return (*options.items(), ("select", tuple((axis, str(value)) for axis, value in selection)))


PASS, START, ENGINE = "sampler.iterations_per_pass", "start.component", "sampler.engine"
SHORT_PASSES = ("budget.iterations=1e5", "snapshots=[1000, 10000, 100000]", f"grid.{PASS}=[1000, 10000, 100000]")
FEW = ("budget.chains=64", "budget.iterations=2e5")

PATCH_SIZE = Sweep("F7-9", "patch-size", ("budget.chains=1024",))

ROWS = (
    Row("F2",
        "From the spread mode, vanilla Langevin dynamics stays there up to a million iterations, but for some per cent "
        "of the chains; chained dynamics finds both other modes within 1000 and comes to the weights",
        "figure 2", (Sweep("F2", "mode-seeking", ("budget.chains=512", *SHORT_PASSES)),),
        (Picture("shares", "Shares of the chains in each mode after one pass of T iterations, vanilla and chained."),
         Picture("distances", "Distances to the three means, from the spread mode on; passes have 1000 iterations.",
                 told((PASS, 1000)))),
        shares.mode_seeking),
    Row("F5-6",
        "From a concentrated mode, vanilla dynamics stays there, too; chained dynamics goes to all modes by their "
        "weights",
        "figures 5 and 6", (Sweep("F5-6", "other-starts", ("budget.chains=256", *SHORT_PASSES)),),
        tuple(Picture("shares", f"Shares of the chains that start in mode {start} after one pass of T iterations.",
                      told((START, start)), suffix=f"-{start}") for start in (1, 2)),
        shares.other_starts),
    Row("F7-9",
        "From each mode: patches of up to 10 coordinates do alike, of 20 need more iterations, of 50 hardly work, and "
        "with one of all 100, which is vanilla dynamics, chains stay",
        "figures 7 to 9", (PATCH_SIZE,),
        tuple(Picture("patch-size",
                      f"Share of the chains that start in mode {start} and have left it after one pass, by patch size.",
                      told((START, start)), suffix=f"-{start}") for start in (0, 1, 2)),
        shares.patch_sizes),
    Row("F10", "Annealing does not find the modes; chaining does, with annealing or without", "figure 10",
        (Sweep("F10", "annealing", ("budget.chains=1024",)),),
        (Picture("shares", "Shares of the chains in each mode after one pass of T iterations: vanilla and annealed "
                           "(σ = 1), chained and not."),),
        shares.annealing),
    Row("H",
        "The time to find a mode is exponential in the dimension for vanilla dynamics, and about proportional to it "
        "for chained dynamics with a constant patch size",
        "theorems on hardness",
        (Sweep("H", "quickstart", ("budget.chains=32",)),),
        (Picture("hardness", "Iterations until the first concentrated mode is found.", told(rule="ball")),
         Picture("heat-map", "The same, by dimension and patch size.", told(rule="ball"))),
        growth.hardness),
    Row("B",
        "It is as hard where the concentrated modes have bounded support, and however small the weight of the spread "
        "mode",
        "bounded support, negligible spread mode",
        (Sweep("B", "bounded-support", ("budget.chains=32", "budget.iterations=1e5",
                                        "grid.dimension=[20, 30, 40, 50, 60]")),),
        (Picture("hardness", "Iterations of vanilla dynamics until the first of the modes of bounded support is found; "
                             "the names have the support and the spread mode's weight.", told(rule="ball")),),
        growth.bounded_support),
    Row("M", "The same with several spread modes, and one between spread and concentrated", "beyond the assumptions",
        (Sweep("M", "several-modes", FEW),),
        tuple(Picture("hardness",
                      f"Iterations until the first concentrated mode is found, started in component {start}.",
                      told((START, start), rule="ball"), suffix=f"-{start}") for start in (0, 1, 2)),
        growth.several_modes),
    Row("E", "For vanilla dynamics the weights hardly matter: it is as hard with balanced ones", "balanced weights",
        (Sweep("E", "weights", (*FEW, "grid.dimension=[20, 40, 60, 80]")),),
        (Picture("hardness", "Iterations of vanilla dynamics until the first concentrated mode is found, by weights.",
                 told(("patch_size", "full"), rule="ball")),
         Picture("hardness", "The same for chained dynamics.", told(("patch_size", 10), rule="ball"),
                 suffix="-chained")),
        growth.weights),
    Row("C",
        "A discovery by chained dynamics costs less in iterations, in coordinates that are moved, and in time",
        "cost", (Sweep("C", "cost", (*FEW, "grid.dimension=[20, 40, 60, 80]")),),
        (Picture("cost", "What a discovery costs where every coordinate is moved.",
                 told((ENGINE, "full"), rule="ball")),
         Picture("speed-up", "How many times sooner than by vanilla dynamics, in iterations.", told((ENGINE, "full"), rule="ball"))),
        growth.cost),
    Row("A", "Assumption 1 is sufficient for hardness, not necessary", "assumption 1",
        (Sweep("A", "assumption", FEW),),
        (Picture("hardness", "Iterations of vanilla dynamics until the first mode is found, for targets that meet the "
                             "assumption and that do not.", told(("patch_size", "full"), rule="ball")),
         Picture("hardness", "The same for chained dynamics.", told(("patch_size", 10), rule="ball"),
                 suffix="-chained")),
        growth.assumption),
    Row("S", "Long chained runs come to the target itself, but for a bias that vanishes with the step size",
        "stationarity", (Sweep("S", "stationarity", ("budget.chains=512",)),),
        (Picture("stationarity", "Shares of the modes and distances from the spread mode, against those of exact draws "
                                 "(dotted), and extrapolated to no step size (stars)."),),
        shares.stationarity),
    Row("Q", "`modeseek advise` finds the patch sizes that discover the modes soonest, whichever they are",
        "choice of the patch size", (Sweep("Q", "advice", ("budget.chains=128",)), PATCH_SIZE),
        (Picture("patch-size", "Iterations until the first concentrated mode is found, by patch size, for means ±1 "
                               "(reference), ±1.5 (far) and ±2 (farther) in each coordinate.", told(rule="ball")),),
        growth.advice),
    Row("T",
        "The step size changes neither the hardness, in units of time, nor, but for a bias that vanishes with it, the "
        "shares",
        "step size",
        (Sweep("T", "step-size-shares", ("budget.chains=2048",)),
         Sweep("T", "step-size-hardness", ("budget.chains=64", "budget.iterations=1e6",
                                           "grid.dimension=[20, 30, 40, 50]"))),
        (Picture("hardness", "Iterations until the first concentrated mode is found, by step size δ; a unit of time "
                             "has 1/δ of them.", told(rule="ball"), sweep=1),),
        growth.step_size),
)
