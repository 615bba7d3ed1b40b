# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows: what is run for each claim, which figures are drawn, and what is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modeseek import Options

from . import exact_claims as exact
from . import growth_claims as growth
from . import image_claims as images
from . import share_claims as shares
from .claims import CLAIMS
from .verdict import Verdict

EXPERIMENTS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Sweep:
    """A sweep file of experiments/, named `stem`, and the row `id` that its results are named after. `quick`: words of
    --set for a run of a few seconds; `words`: words of --set always, and `suffix` then tells results apart."""

    id: str
    stem: str
    quick: tuple[str, ...]
    words: tuple[str, ...] = ()
    suffix: str = ""

    @property
    def path(self) -> Path:
        """The sweep file."""
        return EXPERIMENTS / f"{self.stem}.yaml"

    def results(self, folder: Path) -> Path:
        """The results file."""
        return folder / f"{self.id}-{self.stem}{self.suffix}.h5"


@dataclass(frozen=True)
class Picture:
    """A figure of the row's sweep number `sweep`: its kind, the caption, and Options. `suffix` tells several of a kind
    apart. `is_timed`: it shows CPU times, too. `beside`: numbers of further sweeps in the same figure."""

    kind: str
    sentence: str
    options: Options = Options()
    sweep: int = 0
    suffix: str = ""
    is_timed: bool = False
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class Row:
    """What a claim of CLAIMS, named `id`, rests on. `paper`: the figure or the question that it is about. `verdict`
    takes one Evidence for each sweep."""

    id: str
    paper: str
    sweeps: tuple[Sweep, ...]
    pictures: tuple[Picture, ...]
    verdict: Callable[..., Verdict]

    def claim(self, words: dict[str, str]) -> str:
        """In full: `words` are those of its verdict, or BEFORE_A_RUN."""
        return CLAIMS[self.id].format(**words)


def options_of(*selection: tuple[str, object], rule: str | None = None, estimate: str = "both") -> Options:
    """Options of a figure: the values of axes to select, the rule, and whether means or medians."""
    return Options(rule=rule, estimate=estimate, select=tuple((axis, str(value)) for axis, value in selection))


PASS, START, ENGINE = "sampler.iterations_per_pass", "start.component", "sampler.engine"
STEP = "sampler.step_size"
SHORT_PASSES = ("budget.iterations=1e5", "snapshots=[1000, 10000, 100000]", f"grid.{PASS}=[1000, 10000, 100000]")
FEW = ("budget.chains=64", "budget.iterations=2e5")

SAME_CHAINS = "Vanilla dynamics has no passes: its marks are snapshots of the same chains."

def passes_of(row: str, length: int, words: tuple[str, ...]) -> Sweep:
    """Chained dynamics on images in one pass of that many iterations."""
    return Sweep(row, "images-chained", FEW_IMAGES,
                 (*words, "grid.patch_size=14", f"{PASS}={length}", f"budget.iterations={length}", f"snapshots={length}"),
                 f"-{length}")


def image_sweeps(row: str, words: tuple[str, ...] = ()) -> tuple[Sweep, ...]:
    """What rows on images have in common: annealed; chained, by patch size; chained, by the length of the pass; and
    samples from test images, of chained and of annealed dynamics."""
    annealed = (*words, "grid.patch_size=full", "grid.noise_level=[1, 50]", f"{PASS}=3000", "budget.iterations=3000",
                "snapshots=[0, 1500, 3000]")
    return (Sweep(row, "images-annealing", (*FEW_IMAGES, "grid.noise_level=[1, 50]"), words),
            Sweep(row, "images-chained", (*FEW_IMAGES, "grid.patch_size=[14, 28]"), words),
            passes_of(row, 5600, words), passes_of(row, 100000, words),
            Sweep(row, "images-samples", FEW_IMAGES, words), Sweep(row, "images-samples", FEW_IMAGES, annealed, "-annealed"))


def image_pictures(data: str) -> tuple[Picture, ...]:
    """The figures of those, and the files that they are made of."""
    to_pass = Options(against=PASS, select=(("patch_size", "14"),))
    near = "A chain is where the nearest image is, or its flip."
    return (Picture("mode-share", f"Share of chains that are flipped after annealed Langevin dynamics on {data}, by the "
                                  f"first noise level. {near}", suffix="-noise"),
            Picture("mode-share", f"The same for chained dynamics, by patch size: {data}, T = 30000, σ = 1.", sweep=1,
                    suffix="-patch-size"),
            Picture("mode-share", f"The same by the length of the pass: {data}, Q = 14, σ = 1.", to_pass, sweep=1,
                    suffix="-iterations", beside=(2, 3)),
            Picture("labels", f"Labels of the images that chains are near after T = 30000, by patch size: {data}. Within a "
                              "mode weights settle later than between the two.", sweep=1))


FASHION = ("target.data=fashion_mnist",)
FEW_IMAGES = ("budget.chains=16", "budget.block=16", "target.count=100")

PATCH_SIZE = Sweep("F7-9", "patch-size", ("budget.chains=1024",))

ROWS = (
    Row("F2", "figure 2", (Sweep("F2", "mode-seeking", ("budget.chains=512", *SHORT_PASSES)),),
        (Picture("shares", "Share of chains in each mode after one pass of T iterations, vanilla and chained. "
                           f"{SAME_CHAINS}"),
         Picture("distances", "Distances to the three means, started in the spread mode; passes of 1000 iterations.",
                 options_of((PASS, 1000)))),
        shares.mode_seeking),
    Row("F5-6", "figures 5 and 6", (Sweep("F5-6", "other-starts", ("budget.chains=256", *SHORT_PASSES)),),
        tuple(Picture("shares",
                      f"Share of chains in each mode after one pass of T iterations, started in mode {start}. "
                      f"{SAME_CHAINS}",
                      options_of((START, start)), suffix=f"-{start}") for start in (1, 2)),
        shares.other_starts),
    Row("F7-9", "figures 7 to 9", (PATCH_SIZE,),
        tuple(Picture("patch-size",
                      f"Share of chains that have left {name}, where they started, after one pass, by patch size. "
                      f"{SAME_CHAINS}"
                      + (" Discovery times are not drawn: these chains start in a mode." if start else ""),
                      options_of((START, start)), suffix=f"-{start}")
              for start, name in enumerate(("the spread mode", "mode 1", "mode 2"))),
        shares.patch_sizes),
    Row("F10", "figure 10",
        (Sweep("F10", "annealing", ("budget.chains=1024",)),),
        (Picture("shares", "Share of chains in each mode after one pass of T iterations: vanilla (σ = 0) and annealed "
                           "(σ = 1), with chaining (Q = 10) and without (Q = d)."),),
        shares.annealing),
    Row("MNIST", "figures 3 and 4, exact score",
        (*image_sweeps("MNIST"), Sweep("MNIST", "images-whole", ("budget.chains=16", "budget.block=16",
                                                                 "target.count=1000", "grid.seed=1")),
         Sweep("MNIST", "images-samples", FEW_IMAGES, ("start.flipped=true",), "-flipped"),
         Sweep("MNIST", "images-samples", FEW_IMAGES, ("start={uniform: [0, 1]}",), "-uniform"),
         Sweep("MNIST", "images-samples", FEW_IMAGES, ("sampler.conditioning=same",), "-same")),
        (*image_pictures("MNIST"),
         Picture("samples", "Chained dynamics, before, on the way and after one pass, from test images, from flipped "
                            "ones, and from uniform noise.", sweep=4, beside=(7, 8)),
         Picture("samples", "Annealed Langevin dynamics from test images: from σ = 1 nothing flips, from σ = 50 half of the "
                            "chains do.", sweep=5, suffix="-annealed"),
         Picture("samples", "Chained dynamics where each patch is drawn given the patches before it through the current "
                            "noise level (conditioning: same), not the last one: what large noise hides does not fit "
                            "together.", sweep=9, suffix="-same")),
        images.mnist),
    Row("FASHION", "the same on Fashion-MNIST", image_sweeps("FASHION", FASHION),
        (*image_pictures("Fashion-MNIST"),
         Picture("samples", "Chained dynamics, before, on the way and after one pass, from test images.", sweep=4),
         Picture("samples", "Annealed Langevin dynamics from test images.", sweep=5, suffix="-annealed")),
        images.fashion),
    Row("H", "theorems on hardness",
        (Sweep("H", "quickstart", ("budget.chains=64",)),
         Sweep("H", "theorems", ("budget.iterations=2e5",))),
        (Picture("hardness", "Iterations until the first concentrated mode is discovered, variances 3 and 1.",
                 options_of(rule="ball")),
         Picture("heat-map", "Median of the same, by dimension and patch size. Where about half of the chains discover "
                             "a mode in their first pass, the median jumps between passes, and may fall where the "
                             "dimension grows: see Q = 10 at 160 and 180 dimensions in the list.",
                 options_of(rule="ball")),
         Picture("hardness", "The same for variances 5 and 1, a target that meets Assumption 1; annealed "
                             "(σ = 1): noise levels from 1 to 0.01 every 100 iterations.", options_of(rule="ball"),
                 sweep=1, suffix="-theorems")),
        growth.hardness),
    Row("D", "to 1000 dimensions",
        (Sweep("D", "hardness-to-1000", ("budget.chains=128", "grid.dimension=[2, 30, 60, 80, 100, 150, 500, 600]",
                                         "grid.patch_size=[1, 10, full]",
                                         "estimator={name: auto, quadrature: {tolerance: 0.01}}")),
         Sweep("D", "hardness-simulated", ("budget.chains=256", "grid.dimension=[2, 30, 60]")),
         Sweep("D", "hardness-variants", ("grid.dimension=[50, 100]", "grid.sampler.step_size=0.1"))),
        (Picture("hardness", "Iterations until the first concentrated mode is discovered, by the rule ball. The line is "
                             "computed from the law of the chain; marks are simulated.",
                 options_of(rule="ball", estimate="mean"), suffix="-ball", beside=(1,)),
         Picture("hardness", "The same by the rule switch.", options_of(rule="switch", estimate="mean"),
                 suffix="-switch", beside=(1,)),
         Picture("hardness", "Vanilla dynamics at δ = 0.1, rule ball: modes that are closer (means of ±0.8 in every "
                             "coordinate), farther (±1.2) or narrower (variance 0.8), and a wider spread mode (variance "
                             "4). All computed.", options_of((STEP, 0.1), rule="ball"), sweep=2, suffix="-variants")),
        exact.to_1000),
    Row("B", "bounded support, negligible spread mode",
        (Sweep("B", "bounded-support", ("budget.chains=64", "budget.iterations=1e5",
                                        "grid.dimension=[20, 30, 40, 50, 60]")),
         Sweep("B", "bounded-support-chained", ("budget.chains=512",))),
        (Picture("hardness", "Iterations of vanilla dynamics until the first mode of bounded support is discovered; "
                             "names give the support and the weight of the spread mode.", options_of(rule="ball")),
         Picture("hardness", "The same for chained dynamics, patches of 10 coordinates.", options_of(rule="ball"),
                 sweep=1, suffix="-chained")),
        growth.bounded_support),
    Row("M", "beyond the assumptions",
        (Sweep("M", "several-modes", FEW),),
        tuple(Picture("hardness",
                      f"Iterations until the first concentrated mode is discovered, started in the {name}.",
                      options_of((START, start), rule="ball"), suffix=f"-{start}")
              for start, name in growth.SEVERAL_MODES.items()),
        growth.several_modes),
    Row("E", "balanced weights",
        (Sweep("E", "weights", (*FEW, "grid.dimension=[20, 40, 60, 80]")),),
        (Picture("hardness",
                 "Iterations of vanilla dynamics until the first concentrated mode is discovered, by weights.",
                 options_of(("patch_size", "full"), rule="ball")),
         Picture("hardness", "The same for chained dynamics.", options_of(("patch_size", 10), rule="ball"),
                 suffix="-chained")),
        growth.weights),
    Row("C", "cost", (Sweep("C", "cost", (*FEW, "grid.dimension=[20, 40, 60, 80]")),),
        (Picture("cost", "Mean cost of a discovery on the engine that moves every coordinate.",
                 options_of((ENGINE, "full"), rule="ball"), is_timed=True),
         Picture("speed-up", "Speed-up over vanilla dynamics, in iterations.",
                 options_of((ENGINE, "full"), rule="ball"))),
        growth.cost),
    Row("A", "assumption 1",
        (Sweep("A", "assumption", FEW),),
        (Picture("hardness", "Iterations of vanilla dynamics until the first mode is discovered, for targets that meet "
                             "Assumption 1 and targets that do not.", options_of(("patch_size", "full"), rule="ball")),
         Picture("hardness", "The same for chained dynamics.", options_of(("patch_size", 10), rule="ball"),
                 suffix="-chained")),
        growth.assumption),
    Row("S", "stationarity",
        (Sweep("S", "stationarity", ("budget.iterations=5e4", "snapshots=[25000, 50000]",
                                     f"grid.{PASS}=[5000, 12500]")),),
        (Picture("stationarity", "Share of chains in each mode and squared distance from the spread mode's mean, "
                                 "compared with exact draws (dotted) and extrapolated to δ = 0 (stars)."),),
        shares.stationarity),
    Row("Q", "choice of the patch size", (Sweep("Q", "advice", ("budget.chains=128",)), PATCH_SIZE),
        (Picture("patch-size", "Iterations until the first concentrated mode is discovered, by patch size, for means "
                               "of ±1 (reference), ±1.5 (far) and ±2 (farther) in every coordinate.",
                 options_of(rule="ball")),),
        growth.advice),
    Row("T", "step size",
        (Sweep("T", "step-size-shares", ("budget.chains=4096",)),
         Sweep("T", "step-size-hardness", ("budget.chains=128", "budget.iterations=1e6",
                                           "grid.dimension=[20, 30, 40, 50]"))),
        (Picture("hardness", "Iterations until the first concentrated mode is discovered, by step size δ; a unit of "
                             "time is 1/δ iterations.", options_of(rule="ball"), sweep=1),),
        growth.step_size),
)
