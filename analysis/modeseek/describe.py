# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep in words, from what its results file says of it."""

from __future__ import annotations

from collections import Counter

import xarray

from .points import value_text

SAMPLERS = {"langevin": "Langevin dynamics", "hmc": "Hamiltonian Monte Carlo",
            "mala": "the Metropolis-adjusted Langevin algorithm",
            "underdamped": "underdamped Langevin dynamics (BAOAB)"}
FAMILIES = {"gaussian_mixture": "a mixture of {} Gaussians", "product_mixture": "a mixture of {} product distributions",
            "plugin": "a target defined by a plugin, with {} modes"}
COMPONENTS_MAX = 16  # that are listed


def short(text: str) -> str:
    """A text of the identity, numbers in it in their shortest form."""
    return " ".join(value_text(word) for word in text.split())


def sections(identity: dict[str, str], name: str) -> dict[str, dict[str, str]]:
    """What the identity has of a section ("target"), by the names on its axis; "" where it is none."""
    found: dict[str, dict[str, str]] = {}
    for key, value in identity.items():
        head, _, rest = key.partition("}.") if key.startswith(f"{name}{{") else key.partition(".")
        if key.startswith(f"{name}{{") and rest:
            found.setdefault(head.partition("{")[2], {})[rest] = value
        elif head == name and rest:
            found.setdefault("", {})[rest] = value
    return found


def target_text(settings: dict[str, str]) -> str:
    """One target."""
    family = settings.get("family", "")
    count = settings.get("components", settings.get("components.count", settings.get("count", "several")))
    return FAMILIES.get(family, family).replace("{}", count)


def sampler_text(settings: dict[str, str]) -> str:
    """One sampler."""
    name = settings.get("name", "langevin")
    text = SAMPLERS.get(name, name)
    sign = {"langevin": "δ", "mala": "δ", "hmc": "ε"}.get(name, "h")
    parts = [f"step size {sign} = {short(settings['step_size'])}" if "step_size" in settings else
             f"step size {sign} from the grid"]
    parts += [f"{key.replace('_', ' ')} {short(settings[key])}" for key in ("leapfrog_steps", "friction")
              if key in settings]
    if settings.get("schedule.type") == "geometric":
        parts.append(f"annealed: {short(settings.get('schedule.levels', ''))} noise levels down to "
                     f"{short(settings.get('schedule.noise_level_min', ''))}, step rule "
                     + settings.get("step_rule", ""))
    return ", ".join([text, *parts])


def patches_text(data: xarray.Dataset, settings: dict[str, str]) -> str:
    """How long chained dynamics stays with a patch; "" where no point is chained."""
    if not (data.patch_size.values < data.dimension.values).any():
        return ""
    times = [f"{short(settings[key])} iterations per {key.rpartition('_')[2]}"
             for key in ("iterations_per_patch", "iterations_per_pass") if key in settings]
    return ", ".join(["patch by patch, each given the preceding ones", *times,
                      f"conditioning {settings.get('conditioning', '')}"])


def named(texts: dict[str, str]) -> str:
    """Texts of several alternatives, with their names."""
    return "; ".join(f"{name}: {text}" if name else text for name, text in texts.items())


def start_text(identity: dict[str, str]) -> str:
    """Where chains start."""
    if "start.component" in identity:
        return f"a draw from component {identity['start.component']}"
    return ", ".join(f"{key.partition('.')[2]} {short(value)}" for key, value in identity.items()
                     if key.startswith("start.")) or "see the axis"


def components(data: xarray.Dataset) -> list[list[object]]:
    """Weight, variance and mean of each component of the target; empty where there are many, or several targets."""
    identity = data.attrs["identity"]
    settings = sections(identity, "target").get("", {})
    count = data.sizes["component"]
    if count > COMPONENTS_MAX or "components[0].weight" not in settings:
        return []
    return [[i, short(settings.get(f"components[{i}].weight", "")),
             short(settings.get(f"components[{i}].variance", settings.get(f"components[{i}].marginal.type", "axis"))),
             short(settings.get(f"components[{i}].mean", "axis"))] for i in range(count)]


def sweep_in_words(data: xarray.Dataset) -> list[tuple[str, str]]:
    """Terms and what the sweep has of them."""
    identity = data.attrs["identity"]
    samplers = sections(identity, "sampler")
    points, seeds = data.sizes["point"], len(set(data.seed.values.tolist()))
    budgets = sorted(set(data.iterations.values.tolist()))
    radii = sorted({f"{r:g}" for r in data.radius_squared.values.tolist() if r == r})
    direct = data.point_estimator.values == "direct"
    chains = short(identity.get("budget.chains", str(data.sizes["chain"]))) if not direct.all() else data.sizes["chain"]
    rules = ", ".join(data.rule.values.tolist()) + (f" (r² = {', '.join(radii[:6])})" if radii else "")
    snapshots = identity.get("snapshots", "")
    return [
        ("target", named({name: target_text(s) for name, s in sections(identity, "target").items()})),
        ("sampler", named({name: sampler_text(s) for name, s in samplers.items()})),
        ("chained", named({name: patches_text(data, s) for name, s in samplers.items()})
         if (data.patch_size.values < data.dimension.values).any() else ""),
        ("chains start", start_text(identity)),
        *([] if direct.all() else estimators_text(data)),
        ("chains" if direct.any() else "points", (f"{chains} per point, " if direct.any() else "")
         + f"{points} points" + (f", {seeds} seeds" if seeds > 1 else "")),
        ("budget", " or ".join(f"{budget:,}".replace(",", " ") for budget in budgets[:6]) + " iterations per chain"
         if direct.any() else ""),
        ("discovery", f"rules {rules}; modes {', '.join(data['mode'].values.tolist()[:12])}"
         + (", ..." if data.sizes["mode"] > 12 else "")),
        ("snapshots", f"at {short(snapshots)} iterations: {identity.get('observables', '')}" if snapshots else ""),
    ]


def estimators_text(data: xarray.Dataset) -> list[tuple[str, str]]:
    """Terms and texts of what computes the points: how many each estimator does, and the settings of these alone."""
    identity = data.attrs["identity"]
    name = identity.get("estimator.name", "")
    counts = Counter(data.point_estimator.values.tolist())
    which = [f"{estimator} computes {count}" for estimator, count in counts.items() if estimator != "none"]
    which += [f"{counts['none']} cannot be computed"] if counts["none"] else []
    texts = [("estimator", f"{name}: of {data.sizes['point']} points {', '.join(which)}")]
    for estimator in counts:
        head = "estimator." if estimator == name else f"estimator.{estimator}."
        settings = [f"{key.removeprefix(head).replace('_', ' ')} {short(value)}" for key, value in identity.items()
                    if key.startswith(head) and key != "estimator.name"]
        if settings:
            texts.append((estimator, ", ".join(settings)))
    return texts


def grid(data: xarray.Dataset) -> list[list[object]]:
    """Each axis with its values."""
    rows: list[list[object]] = []
    for name in data.attrs["axes"]:
        values = short(data.attrs["identity"].get(f"grid.{name}", "")).split()
        values = values or list(dict.fromkeys(value_text(v) for v in data[name].values.tolist()))
        rows.append([name, len(values), ", ".join(values[:40]) + (", ..." if len(values) > 40 else "")])
    return rows
