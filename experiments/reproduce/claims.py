# SPDX-License-Identifier: GPL-3.0-or-later
"""What is claimed, by the names of the rows. In braces: what follows from the run, see Verdict.words."""

CLAIMS = {
    "F2": "Started in the spread mode, all but a few percent of the chains of vanilla Langevin dynamics are still "
          "there after {longest}; chained dynamics finds both concentrated modes within 1000 and converges to the "
          "weights",
    "F5-6": "Started in a concentrated mode, vanilla dynamics stays there, too; chained dynamics visits all modes in "
            "proportion to their weights",
    "F7-9": "From every starting mode, patches of 1 to 20 coordinates perform nearly alike in passes of 10000 "
            "iterations; in passes of 1000 chains leave it less often with patches of 20 than of 10, and hardly ever "
            "with patches of 1. Patches of 50 need far more iterations, and with a single patch of all 100, which is "
            "vanilla dynamics, chains stay put",
    "F10": "Annealing alone does not find the modes; chaining does, with or without annealing",
    "H": "The time to discover a mode grows exponentially with the dimension for vanilla dynamics, annealed with "
         "bounded noise levels or not, and about linearly for chained dynamics with a constant patch size",
    "B": "For vanilla dynamics discovery is just as hard when the concentrated modes have bounded support (slightly "
         "smoothed), and however small the weight of the spread mode; chained dynamics with a constant patch size "
         "finds these modes, too, in a time about linear in the dimension",
    "M": "With several spread modes and one of intermediate width, too, the time grows exponentially with the "
         "dimension for vanilla dynamics, and only like a power of it for chained dynamics",
    "E": "For vanilla dynamics the weights hardly matter: balanced weights are just as hard",
    "C": "In high dimension a discovery by chained dynamics costs fewer iterations, fewer coordinate updates and "
         "less CPU time",
    "A": "Assumption 1 is sufficient for hardness, but not necessary",
    "S": "Long chained runs converge to the target, up to a bias that vanishes with the step size",
    "Q": "`modeseek advise` finds the patch size that discovers a mode soonest, which depends on the target",
    "T": "Hardness is no artefact of the step size: the rate of the exponential growth with the dimension hardly "
         "depends on δ, and neither do the shares, up to a bias that vanishes with δ",
}

BEFORE_A_RUN = {"longest": "the longest run"}
