# SPDX-License-Identifier: GPL-3.0-or-later
"""Times everything on one core, in interleaved rounds, and prints medians and ratios. See docs/performance.md."""

import argparse
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERIC = {"generic": math.inf, "diagonal": 1.6, "uniform": 6}  # on the generic engine; at most so many times the full one's time
BANANA_DIMENSIONS = [2, 10, 100]  # of a target given by functions
REDUCED_DIMENSIONS = [10, 100, 1000, 10000, 100000, 1000000]


def measurements(bin_dir: Path, seconds: float, old: Path | None) -> dict[str, list[str]]:
    """Name to command; each command prints one number. `old`: the engines of another commit."""
    engines, python = str(bin_dir / "bench_engines"), [sys.executable, str(ROOT / "bench" / "python_langevin.py")]
    commands: dict[str, list[str]] = {}
    for d in (100, 1000):
        commands[f"naive C, GSL d={d}"] = [str(bin_dir / "bench_naive_gsl"), str(d), str(seconds)]
        commands[f"NumPy float64 d={d}"] = [*python, "numpy", "float64", str(d), str(seconds)]
        for score in ("closed-form", "autograd"):
            for dtype in ("float32", "float64"):
                commands[f"PyTorch {score} {dtype} d={d}"] = [*python, score, dtype, str(d), str(seconds)]
        for simd in ("portable", "avx2", "avx512"):
            commands[f"full {simd} d={d}"] = [engines, "full", simd, str(d), "0", str(seconds)]
            commands[f"normals {simd} d={d}"] = [engines, "normals", simd, str(d), "0", str(seconds)]
        commands[f"full d={d}"] = [engines, "full", "auto", str(d), "0", str(seconds)]
        commands[f"normals d={d}"] = [engines, "normals", "auto", str(d), "0", str(seconds)]
        for what in GENERIC:
            commands[f"{what} d={d}"] = [engines, what, "auto", str(d), "0", str(seconds)]
        commands[f"triad d={d}"] = [engines, "triad", "auto", str(d), "0", str(seconds)]
        sleef = next((p for s in ("avx512", "avx2") if can_run(p := bin_dir / f"bench_sleef_{s}")), None)
        if sleef:
            commands[f"normals SLEEF d={d}"] = [str(sleef), str(d), str(seconds)]
        if old:
            commands[f"old full d={d}"] = [str(old), "full", "auto", str(d), "0", str(seconds)]
            commands[f"old normals d={d}"] = [str(old), "normals", "auto", str(d), "0", str(seconds)]
    for d in BANANA_DIMENSIONS:
        for what, name in ("banana", "banana"), ("banana_alone", "banana's function"), ("normals", "normals"):
            commands[f"{name} d={d}"] = [engines, what, "auto", str(d), "0", str(seconds)]
    if old:
        commands["old reduced d=100"] = [str(old), "reduced", "auto", "100", "0", str(seconds)]
    for d in REDUCED_DIMENSIONS:
        commands[f"reduced d={d}"] = [engines, "reduced", "auto", str(d), "0", str(seconds)]
    commands["reduced chained Q=10 d=100"] = [engines, "reduced", "auto", "100", "10", str(seconds)]
    return commands


def can_run(program: Path) -> bool:
    """Whether it was built and knows this processor's instructions."""
    return program.exists() and "nan" not in subprocess.run([program, "1", "1e-6"], check=True, capture_output=True,
                                                            text=True).stdout


def build_old(commit: str, folder: Path) -> Path:
    """This tree's bench_engines with the commit's library, so that both are timed in the same way; the commit's own where
    its library is another one."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    own = (folder / "bench" / "engines.c").read_bytes()
    build = folder / "build"
    subprocess.run(["cmake", "-S", folder, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DMODESEEK_BUILD_TESTS=OFF",
                    "-DMODESEEK_BUILD_PROGRAM=OFF"], check=True, stdout=subprocess.DEVNULL)
    for source in ((ROOT / "bench" / "engines.c").read_bytes(), own):
        (folder / "bench" / "engines.c").write_bytes(source)
        result = subprocess.run(["cmake", "--build", build, "--target", "bench_engines"], check=False,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if result.returncode == 0:
            return build / "bin" / "bench_engines"
    raise SystemExit(f"bench_engines of {commit} cannot be built")


def one_core() -> None:
    """This process and its children stay on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def run_rounds(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    """Every command once a round, so that a machine that changes speed does so for all."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds):
        for done, (name, command) in enumerate(commands.items()):
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number + 1} of {rounds}: {done + 1} of {len(commands)}, {name}", end="",
                      file=sys.stderr, flush=True)
            times[name].append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"\r\033[Kround {number + 1} of {rounds} done" if sys.stderr.isatty() else
              f"round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return times


def ratio(times: dict[str, list[float]], above: str, below: str, scale: float = 1) -> float:
    """Median over the rounds of above / below: both of a round see the same machine."""
    return statistics.median(scale * a / b for a, b in zip(times[above], times[below]))


def thousand_chains(program: Path) -> tuple[float, float]:
    """Seconds and MB of the larger rank for 1000 chains of 10^6 iterations at d = 100 on two cores."""
    sweep = """name: thousand chains
target:
  family: gaussian_mixture
  components:
    - {weight: 0.2, mean: 0, variance: 3}
    - {weight: 0.4, mean: 1, variance: 1}
    - {weight: 0.4, mean: -1, variance: 1}
sampler: {step_size: 0.1}
budget: {iterations: 1e6, chains: 1000, stop_when_discovered: false}
grid: {dimension: 100}
"""
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                       OMPI_MCA_rmaps_base_oversubscribe="1", PRTE_MCA_rmaps_default_mapping_policy="slot:oversubscribe")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sweep.yaml"
        path.write_text(sweep, encoding="utf-8")
        # a shell beside each rank watches its memory
        watch = ('"$0" run -q "$1" -o "$2" & while peak=$(sed -n "s/VmHWM:[^0-9]*//p" /proc/$!/status 2>/dev/null) '
                 '&& [ -n "$peak" ]; do last=$peak; sleep 0.2; done; wait $! && echo "peak $last"')
        command = ["mpirun", "-n", "2", "sh", "-c", watch, str(program), str(path),
                   str(Path(folder) / "results.h5")]
        start = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        elapsed = time.perf_counter() - start
        peaks = [int(n) / 1024 for n in re.findall(r"peak (\d+)", result.stdout)]
    return elapsed, max(peaks)


def machine() -> dict[str, str]:
    """What it ran on."""
    model = ""
    if Path("/proc/cpuinfo").exists():
        model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "")
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    blas = subprocess.run([sys.executable, str(ROOT / "bench" / "python_langevin.py"), "blas"], capture_output=True,
                          text=True, check=True).stdout.strip()
    return {"processor": model, "arrays": blas, "system": platform.platform(), "compiler": compiler, "date": time.strftime("%Y-%m-%d")}


def main() -> int:
    """Builds, measures, prints, writes JSON; exit code 1 when something is slower than it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works; figures are noise")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.4, help="of each measurement (default: 0.4)")
    parser.add_argument("--json", default="bench.json", help="where to write all times (default: bench.json)")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"), help="build folder")
    parser.add_argument("--against", metavar="COMMIT", help="times the engines of this commit, too, and compares")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(options, build_old(options.against, Path(folder)) if options.against else None)


def measure(options: argparse.Namespace, old: Path | None) -> int:
    """All of it, with the engines `old` of another commit beside this one's."""
    if not Path(options.build, "CMakeCache.txt").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True)
    subprocess.run(["cmake", "--build", options.build, "--target", "bench_programs", "modeseek_program"], check=True,
                   stdout=subprocess.DEVNULL)
    bin_dir = Path(options.build) / "bin"
    chains = None if options.quick else thousand_chains(bin_dir / "modeseek")
    one_core()
    times = run_rounds(measurements(bin_dir, 0.02 if options.quick else options.seconds, old), 1 if options.quick else options.rounds)

    for name, value in machine().items():
        print(f"{name}: {value}")
    per_iteration = re.compile(r"^(old )?(full|reduced|generic|diagonal|uniform|banana)")
    print(f"{'nanoseconds for a chain, iteration and coordinate':52} median      min      max")
    for name, values in times.items():
        if math.isnan(values[0]):
            print(f"{name:52} not available here")
            continue
        scale = 1 / int(name.rsplit("=", 1)[1]) if per_iteration.match(name) and "reduced" not in name else 1
        note = "  for a chain and iteration" if "reduced" in name else ""
        print(f"{name:52} {scale * statistics.median(values):6.3f}   {scale * min(values):6.3f}   "
              f"{scale * max(values):6.3f}{note}")

    checks: list[tuple[str, float, str, float]] = []
    for d in (100, 1000):
        checks.append((f"full engine / its normals, d={d}", ratio(times, f"full d={d}", f"normals d={d}", 1 / d), "<=", 1.15))
        checks.append((f"naive C with GSL / full engine, d={d}", ratio(times, f"naive C, GSL d={d}", f"full d={d}", d), ">=", 8))
        checks.append((f"NumPy / full engine, d={d}", ratio(times, f"NumPy float64 d={d}", f"full d={d}", d), ">=", 14))
        for kind, target in (("closed-form float32", 5), ("autograd float64", 20)):
            name = f"PyTorch {kind} d={d}"
            if not math.isnan(times[name][0]):
                checks.append((f"PyTorch {kind} / full engine, d={d}", ratio(times, name, f"full d={d}", d), ">=",
                               target))
        if f"normals SLEEF d={d}" in times:
            checks.append((f"normals with SLEEF / normals, d={d}",
                           ratio(times, f"normals SLEEF d={d}", f"normals d={d}"), ">=", 0))
        for what, target in GENERIC.items():
            checks.append((f"{what} / full engine, d={d}", ratio(times, f"{what} d={d}", f"full d={d}"), "<=", target))
        if old:
            checks.append((f"normals / those of {options.against}, d={d}",
                           ratio(times, f"normals d={d}", f"old normals d={d}"), "<=", 1.02))
            checks.append((f"full engine / that of {options.against}, d={d}",
                           ratio(times, f"full d={d}", f"old full d={d}"), "<=", 1.02))
    for d in BANANA_DIMENSIONS:
        rounds = zip(times[f"banana d={d}"], times[f"banana's function d={d}"], times[f"normals d={d}"])
        checks.append((f"banana / its function and normals, d={d}",
                       statistics.median(whole / (function + d * normal) for whole, function, normal in rounds), "<=", 1.3))
    if old:
        checks.append((f"reduced engine / that of {options.against}, d=100",
                       ratio(times, "reduced d=100", "old reduced d=100"), "<=", 1.02))
    speeds = [1e9 / statistics.median(times[f"reduced d={d}"]) for d in REDUCED_DIMENSIONS]
    middle = statistics.median(speeds)
    checks.append(("reduced engine, least iterations/s", min(speeds), ">=", 4e7))
    checks.append(("reduced engine, largest deviation from the median", max(abs(s / middle - 1) for s in speeds), "<=", 0.1))
    checks.append(("reduced engine, chained Q=10 / vanilla, d=100",
                   ratio(times, "reduced chained Q=10 d=100", "reduced d=100"), "<=", 1))
    if chains:
        checks.append(("1000 chains x 10^6 iterations, d=100, two cores: seconds", chains[0], "<=", 30))
        checks.append(("   MB of the larger rank", chains[1], "<=", 200))
    print()
    short = 0
    for name, value, sign, target in checks:
        met = value <= target if sign == "<=" else value >= target
        short += not met
        limit = "" if target in (0, math.inf) else f"   target {sign} {target:g}"
        print(f"{name:58} {value:10.4g}{limit}{'' if met else '   SHORT'}")
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "nanoseconds": times,
                   "checks": [{"name": n, "value": v, "target": f"{s} {w:g}" if w not in (0, math.inf) else None} for n, v, s, w in checks]}, file, indent=1)
    print(f"\nall times: {options.json}")
    return 1 if short and not options.quick else 0


if __name__ == "__main__":
    sys.exit(main())
