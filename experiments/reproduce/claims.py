# SPDX-License-Identifier: GPL-3.0-or-later
"""What is claimed, of which targets, and what readers should know besides, by the names of the rows. In braces: what
follows from the run, see Verdict.words."""

CLAIMS = {
    "F2": "Started in the spread mode, all but a few percent of the chains of vanilla Langevin dynamics are still "
          "there after {longest}; with chained dynamics more than a tenth are in each concentrated mode after 1000, "
          "and the shares converge to the weights, up to the bias of the step size",
    "F5-6": "Started in a concentrated mode, at least nine in ten chains of vanilla dynamics stay there, too; chained "
            "dynamics visits all modes in proportion to their weights, up to the bias of the step size",
    "F7-9": "From the spread mode, patches of 1 to 20 coordinates perform nearly alike in passes of 10000 iterations; "
            "from a concentrated mode, those of 1, 4 and 10 do, and fewer chains leave it with patches of 20. In "
            "passes of 1000 chains leave each mode less often with patches of 20 than of 10, and hardly ever with patches "
            "of 1. Patches of 50 need far more iterations, and with a single patch of all 100, which is vanilla dynamics, "
            "chains stay put",
    "F10": "With annealing alone only a few percent of the chains leave the spread mode within 10000 iterations, "
           "though more than without; with chaining most of them leave it, annealed or not",
    "MNIST": "On images and their flips, with the exact score, annealed Langevin dynamics from a first noise level of 1 never "
             "leaves the mode that it starts in, and needs one of 6 to find both; chained dynamics finds both from a noise "
             "level of 1, the sooner the smaller its patches and the longer its pass, also on all 120000 images and flips",
    "FASHION": "On images of clothes it is the same, but annealed dynamics finds both modes from a first noise level of 3",
    "H": "The time to discover a mode grows exponentially with the dimension for vanilla dynamics, annealed with "
         "bounded noise levels or not, and, from 50 or 60 dimensions on, about linearly for chained dynamics with a "
         "constant patch size",
    "D": "To 1000 dimensions the mean time to discover a mode grows exponentially for vanilla dynamics, to 10⁴⁵ "
         "iterations and more, at the rate that large deviations predict, also for other step sizes, variances and "
         "separations of the modes; for chained dynamics with a constant patch size it grows about linearly, to at "
         "most 10⁶",
    "B": "For vanilla dynamics discovery is just as hard when the concentrated modes have bounded support, smoothed by "
         "Gaussian noise of standard deviation 0.4, and when the spread mode has a weight of only 1e-3 or 1e-6; "
         "chained dynamics with a constant patch size finds these modes, too, from 80 dimensions on in a time about linear "
         "in the dimension",
    "M": "With several spread modes and one of intermediate width, too, the time grows exponentially with the "
         "dimension for vanilla dynamics, and only like a power of it for chained dynamics",
    "E": "For vanilla dynamics the weights hardly matter: balanced weights are just as hard",
    "C": "In high dimension a discovery by chained dynamics costs fewer iterations, fewer coordinate updates and "
         "less CPU time",
    "A": "Assumption 1 is sufficient for hardness, but not necessary",
    "S": "Long chained runs converge to the target, up to a bias that vanishes with the step size",
    "Q": "`modeseek advise` finds the patch size that discovers a mode soonest, which depends on the target",
    "T": "Hardness is no artefact of the step size: the growth with the dimension is exponential for every δ from 0.02 "
         "to 0.2, at rates that differ by less than 15 %; the share of the spread mode has a bias that vanishes with δ",
}

BEFORE_A_RUN = {"longest": "the longest run"}

REFERENCE = "weights 0.2, 0.4, 0.4; means 0, 1, −1 in every coordinate; variances 3, 1, 1"
OTHER_SUPPORT = "weights w, (1 − w)/2, (1 − w)/2; means 0, 1, −1 in every coordinate; variances 3, 1, 1"

TARGETS = {
    "F2": f"{REFERENCE}; d = 100",
    "F5-6": f"{REFERENCE}; d = 100",
    "F7-9": f"{REFERENCE}; d = 100",
    "F10": f"{REFERENCE}; d = 100",
    "MNIST": "the empirical distribution of the first 500 images of MNIST (or all 60000) and their flips 1 − x, smoothed, "
             "with its exact score; d = 784, columns of pixels one after the other; ten noise levels down to 0.01; started "
             "from test images",
    "FASHION": "the same of Fashion-MNIST",
    "H": f"{REFERENCE}; d = 10 to 180. With the assumption met: the same, but variances 5, 1, 1; d = 20 to 160",
    "D": f"{REFERENCE}; d = 2 to 1000; variants in the last figure's legend, d = 100 to 1000",
    "B": f"{OTHER_SUPPORT}, w = 0.2, 1e-3 or 1e-6. In each coordinate the concentrated modes are uniform (half-width "
         "1.587) or two points (half-distance 0.917), both with noise of standard deviation 0.4; d = 20 to 100, "
         "chained 40 to 200",
    "M": "weights 0.15, 0.15, 0.1, 0.3, 0.3; variances 3, 2.5 (spread), 1.5 (intermediate), 1, 1 (to be discovered); "
         "means 0; 0.5, −0.5, 0.5, ...; 0.7 in the first half of the coordinates and −0.7 in the second; 1; −1; d = 10 "
         "to 120",
    "E": "means 0, 1, −1 in every coordinate; variances 3, 1, 1; weights 0.8, 0.1, 0.1 (spread 0.8), equal (balanced), "
         "0.2, 0.4, 0.4 (spread 0.2), 0.01, 0.495, 0.495 (spread 0.01) and 0.2, 0.7, 0.1 (uneven); d = 20 to 100",
    "C": f"{REFERENCE}; d = 20 to 100",
    "A": "weights 0.2, 0.4, 0.4; means 0, 1, −1 in every coordinate; variances as in the list; d = 20 to 80",
    "S": f"{REFERENCE}; d = 40",
    "Q": "weights 0.2, 0.4, 0.4; variances 3, 1, 1; means 0, m, −m in every coordinate, m = 1 (reference), 1.5 (far) "
         "or 2 (farther); d = 100",
    "T": f"{REFERENCE}; d = 100 for the shares, 20 to 80 for the times",
}

NOTES = {
    "MNIST": "What this target can tell, and what not: samples of it are its images plus noise, so nothing is generated, "
             "and memorisation is in the target, not in a network; at T = 30000 the weights of single images within a "
             "mode have not settled yet. Needs the data: `scripts/fetch-data`.",
    "FASHION": "As for MNIST.",
    "H": "Powers in the legends are fitted to all dimensions drawn, powers in the list to those from 50 or 60 on: "
         "between smaller dimensions, where a vector has few patches and modes overlap, times grow faster.",
    "B": "Powers in the legend are fitted to all dimensions drawn, from 40 on; powers in the list to those from 80 "
         "on, and are smaller, because times grow faster between small dimensions.",
    "D": "Mean times of vanilla dynamics are computed, not simulated: by quadrature from the law of the chain, with a "
         "stated error. Simulated means of vanilla dynamics, to 80 dimensions, check them. Powers in the legends are "
         "fitted to all dimensions drawn, powers in the list to those from 50 on.",
    "M": "Powers above 1 do not contradict row H: the fits begin at 10 dimensions, where times grow faster, as they do "
         "there. The powers from 60 dimensions on are smaller, but their intervals are wide.",
    "A": "Powers above 1 do not contradict row H: the fits begin at 20 dimensions, where times grow faster, as they do "
         "there; powers from 50 dimensions on are given, too, with wide intervals. Row H is about "
         "concentrated modes much narrower than the spread mode, which those of `equal`, `reversed` and `overlapping` "
         "are not.",
    "S": "The p-value for the modes is that of the shares of all chains. The other two compare the positions of 1000 "
         "chains with 1000 exact draws; the Kolmogorov-Smirnov one is the smallest of 40 coordinates after Holm's "
         "correction, which makes 1 of most. A shift of a few percent between modes hardly changes the law of one "
         "coordinate, so these two do not see the bias that the shares show at larger δ.",
}
