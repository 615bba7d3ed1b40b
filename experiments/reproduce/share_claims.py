# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts on where chains are after a given number of iterations."""

from __future__ import annotations

import math

import numpy as np
import pandas
from modeseek.inference import NORMAL_QUANTILE

from .evidence import Evidence
from .exact import BALL_TIMES, LEFT, STATIONARY_BIAS, SWITCH_TIME_100
from .verdict import Verdict, is_near, number_text, share_error, share_text

WEIGHTS = (0.2, 0.4, 0.4)
TOLERANCE = 0.02
SHARE_INTERVAL = 0.0125  # wider 95 % intervals at δ = 0 hold too much: the bias at δ = 0.1 is 0.023
SHARES = ["share_0", "share_1", "share_2"]


def biased_weights() -> np.ndarray:
    """The weights, with the step size's bias of the spread mode, which the others share."""
    return np.array(WEIGHTS) + np.array([1, -0.5, -0.5]) * STATIONARY_BIAS


def texts(row: pandas.Series) -> str:
    """The three shares, with the largest standard error."""
    error = max(share_error(row[name], row.chains) for name in SHARES)
    return f"{' / '.join(f'{row[name]:.3f}' for name in SHARES)} (± {error:.3f})"


def is_mixed(row: pandas.Series) -> bool:
    """Whether the shares are those of the weights, with the step size's bias."""
    return all(is_near(row[name], expected, TOLERANCE, share_error(row[name], row.chains))
               for name, expected in zip(SHARES, biased_weights()))


def check_mixed(verdict: Verdict, row: pandas.Series, what: str) -> None:
    """Chained dynamics after a long pass."""
    wanted = " / ".join(f"{share:.3f}" for share in biased_weights())
    verdict.check(is_mixed(row), f"{what}, T = {row.length:.0f}: shares {texts(row)}",
                  f"{wanted} to within {TOLERANCE} were expected (the weights, with the step size's bias of "
                  f"{STATIONARY_BIAS})")


def mode_seeking(evidence: Evidence) -> Verdict:
    """F2."""
    verdict, ends = Verdict(), evidence.pass_ends()
    vanilla, chained = (ends[(ends.patch_size == ends.dimension) == is_vanilla].sort_values("length")
                        for is_vanilla in (True, False))
    verdict.words["longest"] = f"{vanilla.length.max():.0f} iterations"
    for _, row in vanilla[vanilla.length <= 1e5].iterrows():
        stayed = share_text(row.share_0, row.chains)
        verdict.check(row.share_0 >= 0.98, f"vanilla, T = {row.length:.0f}: {stayed} of chains in the spread mode",
                      "at least 0.98 was expected")
    if vanilla.length.max() >= 1e6:
        check_leaving(verdict, evidence, vanilla.iloc[-1])
    check_touching(verdict, evidence, vanilla.iloc[-1])
    first = chained.iloc[0]
    verdict.check(min(first.share_1, first.share_2) > 0.1,
                  f"chained Q = 10, T = {first.length:.0f}: shares {texts(first)}",
                  "more than 0.1 was expected in each concentrated mode")
    for _, row in chained[chained.length >= 1e5].iterrows():
        check_mixed(verdict, row, "chained Q = 10")
    return verdict


def check_leaving(verdict: Verdict, evidence: Evidence, row: pandas.Series) -> None:
    """Vanilla dynamics at the last T. A chain that has left must have been discovered by the rule switch before, so
    the share that has left is at most the discovered one, which the exact mean time predicts; chains at the ridge may
    turn back."""
    crossed = discovered_share(evidence, "switch", row)
    predicted = 1 - math.exp(-row.length / SWITCH_TIME_100)
    verdict.check(abs(crossed - predicted) <= 3 * share_error(predicted, row.chains),
                  f"vanilla, T = {row.length:.0f}: {share_text(crossed, row.chains)} of chains have discovered a mode "
                  f"by the rule switch; exact: 1 − exp(−T / {number_text(SWITCH_TIME_100, 6)}) = {predicted:.4f}",
                  "agreement to within three standard errors was expected")
    out = 1 - row.share_0
    verdict.check(0.3 * crossed <= out <= crossed + 1e-9,
                  f"some of them turn back at the ridge: {share_text(out, row.chains)} of chains are outside the "
                  f"spread mode at T = {row.length:.0f}",
                  f"no more than {crossed:.3f}, and not much less, was expected")


def check_touching(verdict: Verdict, evidence: Evidence, row: pandas.Series) -> None:
    """By the rule ball vanilla dynamics discovers modes much sooner, without leaving the spread mode."""
    touched = discovered_share(evidence, "ball", row)
    predicted = 1 - math.exp(-row.length / BALL_TIMES[100])
    verdict.qualify(abs(touched - predicted) <= 3 * share_error(predicted, row.chains),
                    f"the rule ball is a weaker criterion: {share_text(touched, row.chains)} of these chains have come "
                    f"within √(2 d) of the mean of a concentrated mode by T = {row.length:.0f} (exact: 1 − exp(−T / "
                    f"{number_text(BALL_TIMES[100], 6)}) = {predicted:.3f}), but where they enter this ball the spread "
                    "mode still outweighs the other, so nearly all turn back; being in a mode means here that its "
                    "component has the largest responsibility",
                    "the share of chains that have entered a ball differs from the exact one")


def discovered_share(evidence: Evidence, rule: str, row: pandas.Series) -> float:
    """The share of the vanilla chains of a length that have discovered a mode by the end."""
    chains = evidence.chains(rule)
    chains = chains[(chains.patch_size == chains.dimension) & (chains["sampler.iterations_per_pass"] == row.length)]
    return float((chains.discovered & (chains.time <= row.length)).mean())


def other_starts(evidence: Evidence) -> Verdict:
    """F5 and F6."""
    verdict, ends = Verdict(), evidence.pass_ends()
    for start in (1, 2):
        rows = ends[ends["start.component"] == start].sort_values("length")
        vanilla = rows[rows.patch_size == rows.dimension].iloc[-1]
        stayed = vanilla[f"share_{start}"]
        verdict.check(stayed >= 0.9,
                      f"vanilla from mode {start}, T = {vanilla.length:.0f}: {share_text(stayed, vanilla.chains)} of "
                      "chains still there", "at least 0.9 was expected")
        chained = rows[(rows.patch_size < rows.dimension) & (rows.length >= 1e5)]
        for _, row in chained.iterrows():
            check_mixed(verdict, row, f"chained Q = 10 from mode {start}")
    return verdict


def patch_sizes(evidence: Evidence) -> Verdict:
    """F7 to F9."""
    verdict, ends = Verdict(), evidence.pass_ends()
    spread = ends[ends["start.component"] == 0]
    for size, expected in LEFT.items():
        for length, share in zip((1000, 10000), expected):
            rows = spread[(spread.patch_size == size) & (spread.length == length)]
            for _, row in rows.iterrows():
                left = 1 - row.share_0
                verdict.check(is_near(left, share, TOLERANCE, share_error(share, row.chains)),
                              f"from the spread mode, Q = {size}, T = {length}: {share_text(left, row.chains)} of "
                              "chains have left",
                              f"{share} ± {TOLERANCE} was expected")
    check_sizes(verdict, 1 - spread.set_index(["length", "patch_size"]).share_0)
    for start in (1, 2):
        rows = ends[ends["start.component"] == start].set_index(["length", "patch_size"])
        long, short = ({size: float(rows[f"share_{start}"][length, size]) for size in LEFT} for length in (10000, 1000))
        small = [long[size] for size in (1, 4, 10)]
        sizes = f"still there with Q = {', '.join(map(str, LEFT))}"
        verdict.check(max(small) - min(small) < 0.15 and sum(small) / 3 < long[20] < 0.7 and long[100] > 0.98,
                      f"from mode {start}, T = 10000: {sizes}: " + ", ".join(f"{share:.3f}" for share in long.values()),
                      "similar shares up to Q = 10, more for 20 and more than 0.98 for 100 were expected")
        verdict.check(short[10] < short[20] < short[50] and short[1] > 0.95,
                      f"from mode {start}, T = 1000: {sizes}: " + ", ".join(f"{share:.3f}" for share in short.values()),
                      "more for 20 than for 10, and more than 0.95 for 1, were expected")
    return verdict


def check_sizes(verdict: Verdict, left_by: pandas.Series) -> None:
    """The shares that have left the spread mode, compared between patch sizes, in long and in short passes."""
    long, short = ({size: float(left_by[length, size]) for size in LEFT} for length in (10000, 1000))
    alike = [long[size] for size in (1, 4, 10, 20)]
    verdict.check(min(alike) > 0.85 * max(alike),
                  f"T = 10000: these shares differ by up to {max(alike) - min(alike):.3f} between Q = 1, 4, 10 and 20",
                  "shares that differ by less than a sixth were expected")
    verdict.check(short[10] > short[20] > 2 * short[50] and short[1] < 0.05 and long[50] < long[20] / 2,
                  f"T = 1000: these shares are {short[10]:.3f}, {short[20]:.3f} and {short[50]:.3f} for Q = 10, 20 and "
                  "50", "less for 20 than for 10 and less than half of that for 50 were expected, there and in long "
                  "passes, and less than 0.05 for 1")
    small = [short[size] for size in (1, 4, 10)]
    verdict.qualify(min(small) > 0.7 * max(small),
                    f"T = 1000: they differ by up to {max(small) - min(small):.3f} between Q = 1, 4 and 10",
                    "the paper finds Q = 1, 4 and 10 alike, and Q = 20 slower: here Q = 20 is slower than Q = 10 in "
                    "passes of 1000 iterations, but not of 10000 from the spread mode, and in passes of 1000 Q = 1, 4 "
                    f"and 10 are not alike ({', '.join(f'{share:.3f}' for share in small)} have left), because a patch "
                    "of one coordinate gets only 10 of these iterations")


def annealing(evidence: Evidence) -> Verdict:
    """F10."""
    verdict, ends = Verdict(), evidence.pass_ends()
    for length in sorted(ends.length.unique()):
        rows = ends[ends.length == length]
        for _, row in rows.iterrows():
            is_chained, is_annealed = row.patch_size < row.dimension, row.noise_level > 0
            words = [word for word, is_so in (("chained", is_chained), ("annealed", is_annealed)) if is_so]
            name = " and ".join(words) or "vanilla"
            left = 1 - row.share_0
            number = f"{name}, T = {length:.0f}: {share_text(left, row.chains)} of chains have left the spread mode"
            if is_chained:
                verdict.check(left >= 0.4, number, "at least 0.4 was expected")
            else:
                verdict.check(left <= 0.1, number, "at most 0.1 was expected")
    longest = ends[(ends.length == ends.length.max()) & (ends.patch_size == ends.dimension)]
    annealed, vanilla = (float(1 - longest[(longest.noise_level > 0) == is_so].share_0.iloc[0])
                         for is_so in (True, False))
    verdict.check(annealed > vanilla,
                  f"T = {longest.length.max():.0f}: annealing alone adds {annealed - vanilla:.3f} to the share that "
                  "has left with vanilla dynamics", "more than 0 was expected")
    return verdict


def check_step_size_shares(verdict: Verdict, evidence: Evidence) -> None:
    """The bias of the spread mode's share: a straight line in the step size, weighted by the shares' errors,
    extrapolated to 0. The samplers' names have the step sizes; shares are compared after the same time, iterations x
    step size."""
    frame = evidence.shares
    frame = frame.assign(step_size=frame.sampler.str.removeprefix("step_").astype(float)).sort_values("step_size")
    time = frame.iteration * frame.step_size
    frame = frame[np.isclose(time, frame.iteration.max() * frame.step_size.min())]
    errors = np.array([share_error(row.share_0, row.chains) for _, row in frame.iterrows()])
    (slope, share), covariance = np.polyfit(frame.step_size, frame.share_0, 1, w=1 / errors, cov="unscaled")
    bias_error, error = np.sqrt(np.diag(covariance))
    for _, row in frame.iterrows():
        verdict.numbers.append(f"δ = {row.step_size:g}, T = {row.iteration:.0f}: {share_text(row.share_0, row.chains)} "
                               "of chains in the spread mode")
    verdict.check(is_near(share, WEIGHTS[0], 0.005, error),
                  f"extrapolated to δ = 0: {share:.4f} ± {NORMAL_QUANTILE * error:.4f}",
                  "0.2 was expected, to within 0.005 or three standard errors")
    verdict.resolve("the share extrapolated to δ = 0", NORMAL_QUANTILE * error, SHARE_INTERVAL)
    verdict.qualify(slope > 2 * bias_error, f"bias: ({slope:.2f} ± {NORMAL_QUANTILE * bias_error:.2f}) δ",
                    "there are too few chains to see the bias")


SMALLEST_P = 0.003  # three tests of one sample: a false alarm in less than one case in a hundred


QUANTITIES = {"share_0": "share of the spread mode", "share_1": "share of mode 1", "share_2": "share of mode 2",
              "mean_square": "mean squared distance per coordinate"}


def stationarity(evidence: Evidence) -> Verdict:
    """S."""
    verdict, tables = Verdict(), evidence.tables("stationarity")
    for fit in tables["-fits"].itertuples():
        name = QUANTITIES[fit.quantity]
        half, tolerance = (fit.high - fit.low) / 2, 0.01 if "share" in fit.quantity else 0.01 * fit.exact
        verdict.check(is_near(fit.value, fit.exact, tolerance, half / NORMAL_QUANTILE),
                      f"{name}, extrapolated to δ = 0: {fit.value:.4f} ± {half:.4f} (exact draws: "
                      f"{fit.exact:.4f})",
                      f"agreement to within {tolerance:.3g}, or three standard errors, was expected")
        verdict.resolve(f"the {name}, extrapolated,", half,
                        SHARE_INTERVAL if "share" in fit.quantity else 0.01 * fit.exact)
        verdict.qualify(fit.misfit <= 5,
                        f"its fit deviates from the measured means by at most {fit.misfit:.1f} standard errors",
                        f"the extrapolation of the {name} does not describe all measured means")
    tests = tables["-tests"].sort_values("step_size")
    for place, test in enumerate(tests.itertuples()):
        worst = min(test.modes_p, test.energy_p, test.ks_p_holm)
        number = (f"δ = {test.step_size:g}: p = {test.modes_p:.2g} (modes), {test.energy_p:.2g} (energy distance), "
                  f"{test.ks_p_holm:.2g} (Kolmogorov-Smirnov)")
        if place == 0:
            verdict.check(worst >= SMALLEST_P, number, f"at least {SMALLEST_P} was expected")
        else:
            verdict.numbers.append(number)
    return verdict
