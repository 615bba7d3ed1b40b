# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills jobs at random instants and resumes them: in the end every file must be that of a run nobody disturbed.

    crash.py PROGRAM [--sweep FILE] [--kills N] [--seed S]

Each file is created, killed and resumed with 1 to 4 ranks, another number each time, until a job ends by itself. Kills
come while the file is made, while blocks are computed and saved, and after the last block; of all processes, of one
rank, or of mpirun. After each kill the file must be there whole or not at all, and without a damaged slot."""

import argparse
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py

SWEEP = Path(__file__).resolve().parent / "crash.yaml"
CHECKPOINT = "0.02"  # seconds
LOCKED, STOPPED = 7, 75


def fail(message: str) -> None:
    """Ends the test."""
    print(f"FAILED: {message}")
    sys.exit(1)


class Job:
    """One start of the program, in a process group of its own."""

    def __init__(self, program: str, sweep: Path, file: Path, ranks: int) -> None:
        command = [program, "run", "-q", str(sweep), "-o", str(file), "--checkpoint", CHECKPOINT, "--retry-quarantined"]
        if ranks > 1:
            command = ["mpirun", "-n", str(ranks)] + command
        self.file, self.ranks = file, ranks
        self.left_over = set(glob.glob(f"{file}.tmp.*"))  # by kills before
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        start_new_session=True)

    def rank_pids(self) -> list[int]:
        """The ranks, found by the file that they write."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self.file).encode() in words and b"mpirun" not in words[0]:
                found.append(int(entry.name))
        return found

    def is_creating(self) -> bool:
        """Whether the job has a file of its own under a temporary name."""
        return bool(set(glob.glob(f"{self.file}.tmp.*")) - self.left_over)

    def kill(self, whom: str, rng: random.Random) -> bool:
        """Kills by SIGKILL; false if nobody was left to be killed."""
        ranks = self.rank_pids()
        victims = {"all": [self.process.pid] + ranks, "mpirun": [self.process.pid],
                   "rank": [rng.choice(ranks)] if ranks else []}[whom]
        killed = False
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
                killed = True
            except ProcessLookupError:
                pass
        if not killed:
            return False
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            if self.rank_pids():
                fail(f"ranks of {self.file} live on after one was killed")
            self.process.kill()  # Open MPI 4.1.4: mpirun now and then waits for ever for ranks that are gone
            print("mpirun did not notice that its ranks are gone")
        return self.process.wait() != 0

    def end(self) -> tuple[int, str]:
        """Waits for the job; its exit code and output."""
        output = self.process.communicate(timeout=120)[0]
        return self.process.returncode, output


def wait_for_ranks_to_go(job: Job) -> None:
    """mpirun's ranks outlive it by a second."""
    limit = time.monotonic() + 20
    while job.rank_pids():
        if time.monotonic() > limit:
            fail(f"ranks of {job.file} do not end after mpirun was killed")
        time.sleep(0.01)


def is_complete(file: Path) -> bool:
    """Whether every block has a commit record."""
    try:
        with h5py.File(file, "r") as opened:
            return bool((opened["block/commit"][:, 0] > 0).all())
    except OSError:
        return False


def wait_for_phase(job: Job, phase: str, rng: random.Random, typical: float) -> None:
    """Returns in the middle of the phase, or when the job has ended."""
    limit = time.monotonic() + 20
    if phase == "creation":
        while not job.is_creating() and job.process.poll() is None and time.monotonic() < limit:
            pass
        time.sleep(rng.uniform(0, 0.02))
    elif phase == "closing":
        while not is_complete(job.file) and job.process.poll() is None and time.monotonic() < limit:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.05))
    else:
        while not job.file.exists() and job.process.poll() is None and time.monotonic() < limit:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, typical))


def check(program: str, file: Path) -> None:
    """What must hold after every kill."""
    if not file.exists():
        return
    result = subprocess.run([program, "verify", "-q", str(file)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        fail(f"after a kill: {result.stdout}{result.stderr}")
    with h5py.File(file, "r") as opened:  # as a user would, without modeseek
        if opened["discovery_time"].ndim != 4:
            fail("h5py reads another file")


def missed(hits: dict[str, int]) -> list[str]:
    """The phases without a kill."""
    return [phase for phase in ("creation", "writing", "closing") if not any(name.startswith(phase) for name in hits)]


def main() -> None:
    """Files after files until there have been enough kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--sweep", type=Path, default=SWEEP)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if not Path("/proc/self/cmdline").exists():
        print("skipped: ranks cannot be found without /proc")
        sys.exit(77)
    folder = Path(tempfile.mkdtemp(prefix="crash."))
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", HWLOC_HIDE_ERRORS="2",
                      OMPI_MCA_rmaps_base_oversubscribe="1",
                      PRTE_MCA_rmaps_default_mapping_policy="slot:oversubscribe", LC_ALL="C", TMPDIR=str(folder),
                      OMPI_MCA_btl_vader_backing_directory=str(folder), OMPI_MCA_btl_sm_backing_directory=str(folder))
    reference = folder / "reference.h5"
    began = time.monotonic()
    code, output = Job(options.program, options.sweep, reference, 1).end()
    if code != 0:
        fail(f"the undisturbed run: exit code {code}\n{output}")
    typical = 1.2 * (time.monotonic() - began)

    hits: dict[str, int] = {}
    kills = files = starts = 0
    # Which phase a kill hits depends on the machine, so there are more of them where one of the phases was missed.
    while kills < options.kills or (kills < 4 * options.kills and missed(hits)):
        file = folder / f"{files}.h5"
        files += 1
        ranks = rng.randrange(1, 5)
        for attempt in range(1000):
            ranks = rng.choice([r for r in range(1, 5) if r != ranks])
            phase = rng.choice(["writing"] * 5 + ["closing"]) if file.exists() or attempt > 3 else "creation"
            whom = rng.choice(["all", "rank", "mpirun"]) if ranks > 1 else "all"
            job = Job(options.program, options.sweep, file, ranks)
            starts += 1
            if attempt < 12:
                wait_for_phase(job, phase, rng, typical / 4)
                # what was really going on when the kill came
                hit = "creation" if job.is_creating() else "writing" if file.exists() else "start"
                hit = "closing" if hit == "writing" and is_complete(file) else hit
                if job.kill(whom, rng):
                    kills += 1
                    hits[f"{hit}, {whom}"] = hits.get(f"{hit}, {whom}", 0) + 1
                    job.process.communicate()
                    wait_for_ranks_to_go(job)
                    check(options.program, file)
                    continue
            code, output = job.end()
            wait_for_ranks_to_go(job)
            if code == 0:
                break
            fail(f"a job that nobody disturbed ended with exit code {code}\n{output}")
        difference = subprocess.run(["h5diff", "--exclude-path", "/provenance", "--exclude-path", "/checkpoint",
                                     str(reference), str(file)], capture_output=True, text=True, check=False)
        if difference.returncode != 0:
            fail(f"{file} differs from an undisturbed run:\n{difference.stdout}{difference.stderr}")
        if glob.glob(f"{file}.tmp.*"):
            fail("temporary files are left after a job that ended by itself")
        file.unlink()
        print(f"{kills} kills, {files} files, {starts} starts, {time.monotonic() - began:.0f} s", flush=True)
    for name, count in sorted(hits.items()):
        print(f"  {count:4} kills during {name}")
    shutil.rmtree(folder, ignore_errors=True)
    if missed(hits):
        fail(f"no kill hit {' and '.join(missed(hits))}: the test has shown nothing about it")


if __name__ == "__main__":
    main()
