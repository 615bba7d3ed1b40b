#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# submit.sh PROGRAM: `modeseek submit` by a plain user, where srun starts no MPI programs unless it is told to
# (MpiDefault=none): the jobs go through to the merged and drawn file, and are never submitted twice.
. "$(dirname "$0")/common.sh"
# What a plain user can read, wherever this checkout is.
mkdir -p tree/build/release/bin && cp "$1" tree/build/release/bin && cp -r "$source/analysis" "$source/scripts" "$source/slurm" tree &&
    cp "$here/sweep.yaml" . || exit 1
program=$scratch/tree/build/release/bin/$(basename "$1")
sed 's/iterations: 8e5/iterations: 1e5/' sweep.yaml >small.yaml
sweep=$scratch/sweep.yaml
cluster_up 3 MpiDefault=none
reference "$sweep"

user() { # user COMMAND...: as a plain user
    runuser -u nobody -- env HOME="$PWD" "$@"
}

submitted() { # submitted OPTIONS...: the number of the job
    user "$program" submit "$sweep" -o a.h5 "$@" >submit.out 2>&1 || { cat submit.out; fail "submit: exit code $?"; }
    cat submit.out >&2
}

jobs_of() { # jobs_of NAME: how many of that name there are or were, those of an array once
    timeout 20 squeue -h -t all -o '%F %j %Z' | grep -F " $PWD" | sort -u | grep -vc finish
}

is_drawn() { # the second job is over, and all that it leaves is there
    [ -e a.h5 ] && [ ! -e a.h5.submit ] && [ -e a.png ]
}

is_over_or_drawn() {
    is_drawn || [ -z "$(timeout 5 squeue -h -o '%F %Z' | grep -F " $PWD")" ]
}

drawn() {
    wait_until is_over_or_drawn
    is_drawn || { ls -l; fail "no figure"; }
    "$program" verify -q a.h5 || fail "verify"
}

array() {
    submitted --array 4 --ranks 2
    drawn
    [ "$(stat -c %U a.h5)" = nobody ] || fail "a.h5 is of $(stat -c %U a.h5)"
    same ../reference.h5 a.h5
}

one_job_and_another_submit() {
    local code
    submitted --ranks 2
    user "$program" submit "$sweep" -o a.h5 --ranks 2 >again.out 2>&1
    code=$?
    cat again.out
    [ $code = 7 ] || fail "a second submit: exit code $code"
    grep -q 'job [0-9]' again.out || fail "it does not name the job"
    [ "$(jobs_of)" = 1 ] || fail "$(jobs_of) jobs"
    wait_until computes a.h5
    "$program" explain --json a.h5 >explain.json || fail "explain"
    [ -s "$(sed -n 's/.*"state": "RUNNING".*"log": "\(.*\)"}.*/\1/p' explain.json)" ] || { cat explain.json; fail "explain names no log"; }
    drawn
    same ../reference.h5 a.h5
}

no_pmix() { # srun without --mpi=pmix, by hand
    user sbatch --parsable --output=job.log --ntasks=2 --wrap "srun '$program' run '$sweep' -o '$PWD/a.h5'" >job.id
    ends "$(cat job.id)" FAILED
    cat job.log
    grep -q -e '--mpi=pmix' job.log || fail "the log does not say how to start MPI programs"
}

# slurmctld hangs while sbatch speaks to it, and submits the job when nobody waits for the answer any more.
# sbatch_in_the_middle: submits; then `sbatch` and `submitter` are their pids, and slurmctld stands still.
sbatch_in_the_middle() {
    cat >sbatch <<EOF
#!/bin/bash
if [[ " \$* " != *" --test-only "* ]]; then
    echo \$\$ >>"$PWD/asked"
    until [ -e "$PWD/stopped" ]; do sleep 0.1; done
fi
exec $(command -v sbatch) "\$@"
EOF
    chmod +x sbatch
    user PATH="$PWD:$PATH" "$program" submit "$scratch/small.yaml" -o a.h5 --ranks 2 >first.out 2>&1 &
    first=$!
    wait_until test -s asked
    kill -STOP "$(cat "$cluster/run/slurmctld.pid")"
    touch stopped
    sbatch=$(cat asked)
    submitter=$(sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$sbatch/stat")
    sleep 1
    is_alive "$sbatch" || fail "sbatch did not wait for slurmctld"
}

one_job() {
    local code
    kill -CONT "$(cat "$cluster/run/slurmctld.pid")"
    wait $first
    echo "first submit: exit code $?"
    cat first.out
    user "$program" submit "$scratch/small.yaml" -o a.h5 --ranks 2 >again.out 2>&1
    code=$?
    echo "again: exit code $code"
    cat again.out
    [ $code = "$1" ] || fail "exit code $code"
    [ "$(jobs_of)" = 1 ] || { squeue -t all; fail "$(jobs_of) jobs"; }
    drawn
    "$program" run -q "$scratch/small.yaml" -o alone.h5 >log 2>&1
    same alone.h5 a.h5
}

sbatch_killed() {
    sbatch_in_the_middle
    kill -KILL "$sbatch"
    one_job 7
}

submit_killed_with_sbatch() {
    sbatch_in_the_middle
    kill -KILL "$submitter" "$sbatch"
    one_job 0 # it submits the second job, which the first submit has not come to
}

begin array
begin one_job_and_another_submit
begin no_pmix
finish_scenarios
begin sbatch_killed
finish_scenarios
begin submit_killed_with_sbatch
finish_scenarios
