# SPDX-License-Identifier: GPL-3.0-or-later
"""How long sweeps take with two ranks, and how wrong the time left is that they tell meanwhile. See docs/performance.md."""

import argparse
import json
import math
import os
import pty
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SHARES = (0.1, 0.25, 0.5, 0.75)  # of the time gone, when we look
LEFT = re.compile(rb"left ((?:\d+:)?\d+:\d\d|\?)")
BAR = re.compile(rb"\] +(\d+) %")
QUICKSTART = (ROOT / "experiments" / "quickstart.yaml").read_text(encoding="utf-8")
TARGET = QUICKSTART[QUICKSTART.index("target:"):QUICKSTART.index("sampler:")]


class Scenario(NamedTuple):
    """A sweep, and under what circumstances it runs."""

    sweep: str
    loops: int = 0  # busy ones beside the ranks
    first_start: int = 0  # seconds of an earlier start, which counts but is not looked at


SCENARIOS = {
    "quickstart": Scenario(QUICKSTART),
    "quickstart beside two busy loops": Scenario(QUICKSTART, loops=2),
    "quickstart, resumed after 10 s": Scenario(QUICKSTART, first_start=10),
    "nothing discovered": Scenario(f"""name: censored
{TARGET}sampler: {{step_size: 0.1, engine: full}}
budget: {{iterations: 15e3, chains: 64, block: 16}}
grid: {{dimension: {{from: 100, to: 1000, step: 100}}}}
"""),
    "1000 points of one block": Scenario(f"""name: many
{TARGET}sampler: {{step_size: 0.1, iterations_per_patch: 100}}
budget: {{iterations: 2e5, chains: 8, block: 8}}
grid: {{dimension: {{from: 20, to: 1018, step: 2}}, patch_size: [2, full]}}
"""),
    "all discovered early": Scenario(f"""name: early
{TARGET}sampler: {{step_size: 0.1, iterations_per_patch: 100}}
budget: {{iterations: 1e9, chains: 128}}
grid: {{dimension: [20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 180], patch_size: [2, 5, 10], seed: {{from: 1, count: 6}}}}
"""),
}


def seconds_of(text: bytes) -> float:
    """Of "1:02:03" or "2:03"; not a number of "?"."""
    value = 0.0
    for part in text.split(b":"):
        value = float("nan") if part == b"?" else 60 * value + int(part)
    return value


def processor_seconds(process: int) -> float:
    """What a process and those that it started have used up to now."""
    total = 0.0
    try:
        words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            total += sum(processor_seconds(int(child)) for child in children.read_text(encoding="utf-8").split())
    except OSError:
        pass  # it has ended meanwhile
    return total


def told_at(told: list[tuple[float, float]], when: float) -> float:
    """What was told last, seconds left."""
    return next((left for at, left in reversed(told) if at <= when), float("nan"))


def run_once(program: str, sweep: Path, file: Path, *options: str) -> dict[str, float]:
    """The ranks write to a terminal of ours, as they would by an mpirun in front of one."""
    terminal, end_of_ranks = pty.openpty()
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", TERM="xterm",
                       OMPI_MCA_rmaps_base_oversubscribe="1", PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe")
    command = ["mpirun", "-n", "2", "sh", "-c", 'exec "$@" 2>"$0"', os.ttyname(end_of_ranks),
               program, "run", str(sweep), "-o", str(file), *options]
    began = time.monotonic()
    watch = subprocess.Popen(["sh", "-c", 'until "$0" watch --interval 1 "$1"; do sleep 0.1; done', program, str(file)],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ranks = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=environment)
    assert watch.stdout
    told: dict[int, list[tuple[float, float]]] = {terminal: [], watch.stdout.fileno(): []}
    used: list[tuple[float, float]] = []
    bar: list[tuple[float, float]] = []
    pid = 0
    while not pid:
        for source in select.select(list(told), [], [], 0.05)[0]:
            now = time.monotonic() - began
            text = os.read(source, 65536)
            told[source] += [(now, seconds_of(left)) for left in LEFT.findall(text)]
            if source == terminal:
                used.append((now, processor_seconds(ranks.pid)))
                bar += [(now, int(percent) / 100) for percent in BAR.findall(text)]
        pid, code, usage = os.wait4(ranks.pid, os.WNOHANG)
    seconds = time.monotonic() - began
    ranks.returncode = os.waitstatus_to_exitcode(code)
    watch.kill()
    watch.wait()
    if ranks.returncode not in (0, 75):
        sys.exit(f"{' '.join(command)} ended with exit code {ranks.returncode}")
    result = {"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime}
    for share in SHARES:
        now = share * seconds
        left, already = told_at(told[terminal], now), told_at(used, now)
        result[f"wrong {share:g}"] = left / (seconds - now) - 1
        result[f"bar {share:g}"] = (1 - told_at(bar, now)) / (1 - already / result["processor"]) - 1
    between = [abs(left - told_at(told[terminal], at)) for at, left in told[watch.stdout.fileno()]]
    result["watch"] = statistics.median(between) if between else float("nan")
    for descriptor in (terminal, end_of_ranks):
        os.close(descriptor)
    watch.stdout.close()
    return result


def run_scenario(program: str, scenario: Scenario) -> dict[str, float]:
    """In a folder of its own."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(scenario.loops)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            sweep, file = Path(folder) / "sweep.yaml", Path(folder) / "results.h5"
            sweep.write_text(scenario.sweep, encoding="utf-8")
            first = {"seconds": 0.0, "processor": 0.0}
            if scenario.first_start:
                first = run_once(program, sweep, file, "--walltime", f"00:00:{scenario.first_start:02}")
            result = run_once(program, sweep, file)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    result["span"] = result["seconds"] + first["seconds"]
    result["processor"] += first["processor"]
    return result


def errors(runs: list[dict[str, float]], what: str) -> str:
    """Medians over the runs of the errors without their signs, "?" where nothing was told."""
    text = ""
    for share in SHARES:
        each = [abs(run[f"{what} {share:g}"]) for run in runs]
        text += f"{'?' if any(map(math.isnan, each)) else f'{statistics.median(each):.0%}':>7}"
    return text


def print_table(runs: dict[str, list[list[dict[str, float]]]]) -> None:
    """A row for each scenario and program."""
    print(f"{'':33} time   of the  processor  time left wrong by, after    work left wrong by the bar")
    print(f"{'median of the rounds':33}    s  2nd's          s"
          + f"{''.join(f'{share:7.0%}' for share in SHARES)} " * 2 + "watch, s")
    for name, of in runs.items():
        for its in of:
            ratio = statistics.median(a["span"] / b["span"] for a, b in zip(its, of[-1]))
            middle = {key: statistics.median(run[key] for run in its) for key in ("span", "processor", "watch")}
            print(f"{name if its is of[0] else '':33} {middle['span']:5.1f} {ratio:6.3f} {middle['processor']:10.1f} "
                  f"{errors(its, 'wrong')} {errors(its, 'bar')} {middle['watch']:7.1f}")


def main() -> int:
    """Runs, prints a row for each program and scenario, writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", nargs="*", help="modeseek, and another one to compare it with (default: this build's)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="scenarios whose name has this in it")
    parser.add_argument("--json", default="eta.json", help="where to write all figures (default: eta.json)")
    options = parser.parse_args()
    programs = options.program or [str(ROOT / "build" / "release" / "bin" / "modeseek")]
    runs: dict[str, list[list[dict[str, float]]]] = {}
    for number in range(options.rounds):
        for name, scenario in SCENARIOS.items():
            if (options.only or "") in name:
                for program, its in zip(programs, runs.setdefault(name, [[] for _ in programs])):
                    its.append(run_scenario(program, scenario))
                    print(f"round {number + 1}: {name}, {program}: {its[-1]['span']:.1f} s", file=sys.stderr)
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"programs": programs, "runs": runs}, file, indent=1)
    print_table(runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
