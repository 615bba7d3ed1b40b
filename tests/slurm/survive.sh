#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# survive.sh PROGRAM [SCENARIO...]: `modeseek run` in jobs that are cut, killed, cancelled and begun again: each ends with the
# bits of a run that nobody disturbed. Without SCENARIO all of them, side by side. Those that could not be tested, because a
# job was over before it was disturbed, run once more by themselves.
if [ -z "${UNTESTED:-}" ]; then
    UNTESTED=$(mktemp)
    export UNTESTED
    "$0" "$@"
    code=$?
    if [ $code = 76 ]; then
        echo "==== once more: $(cat "$UNTESTED")"
        # shellcheck disable=SC2046 # word splitting is meant
        "$0" "$1" $(cat "$UNTESTED")
        code=$?
    fi
    rm -f "$UNTESTED"
    exit $code
fi
. "$(dirname "$0")/common.sh"
program=$1
shift
cluster_up 6
reference "$here/sweep.yaml"

# Two nodes are for one scenario each. The one that dies: until Slurm notices, it would start others there, which fail at
# once. And the one where a job is preempted, by a job that would wait for others.
dying=n5 preempting=n6

# job [SBATCH OPTIONS] -- [RUN OPTIONS]: the number of a job that writes a.h5
job() {
    local options=(--exclude=$dying,$preempting)
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    sbatch --parsable --open-mode=append --output=job.log "${options[@]}" <<EOF
#!/bin/bash
${launch:-srun} "$program" run "${sweep:-$here/sweep.yaml}" -o a.h5 $*
EOF
}

srun_3_by_2() {
    local id
    id=$(job --nodes=3 --ntasks-per-node=2 -- )
    ends "$id" COMPLETED
    grep 'on 6 ranks' job.log || fail "not six ranks"
    same ../reference.h5 a.h5
}

mpirun_3_by_2() {
    launch='mpirun printenv SLURMD_NODENAME; mpirun' srun_3_by_2
    [ "$(grep -x 'n[0-9]' job.log | sort | uniq -c | awk '{print $1}' | xargs)" = "2 2 2" ] ||
        fail "not two ranks on each node: $(grep -x 'n[0-9]' job.log | xargs)"
}

walltime() { # given by the user
    local id
    id=$(job --ntasks=2 -- --walltime 00:00:05)
    ends "$id" FAILED
    grep 'the same command resumes' job.log || fail "it was not stopped"
    nothing_lost a.h5
    again
}

again() { # again [SBATCH OPTIONS]: another job goes on, with another number of ranks
    local id
    id=$(job --nodes=3 --ntasks=3 "$@" -- )
    wait_until is "$id" "$over"
    if is "$id" FAILED && never_began "$id"; then
        echo "a task of job $id crashed before its program had begun; once more"
        id=$(job --nodes=3 --ntasks=3 "$@" -- )
    fi
    ends "$id" COMPLETED
    started a.h5 2
    same ../reference.h5 a.h5
}

# Slurm's and MPI's own starts crash once in a thousand times. From the beginning of MPI_Init on, Open MPI prints the
# stack of a crash: where there is none, it was not the program's; nor where the program had not told that it begins, and
# the stack is but the handler's own line, a jump to nowhere.
export OMPI_MCA_opal_signal=6,7,8,11
never_began() { # never_began JOB
    grep 'task .*: Segmentation fault' job.log && ! grep "modeseek: Slurm job $1, start" job.log &&
        [ "$(grep -c '^\[.*\] \[ *[0-9]*\] ' job.log)" -le 1 ]
}

# hold JOB: its ranks, $ranks, stopped at work, so that it is not over before what shall happen to it does
hold() {
    works "$1" a.h5
    ranks=$(ranks_of "$1")
    kill -STOP $ranks 2>/dev/null || {
        go_on
        wait_until is "$1" "$over"
        untested "job $1 was over before it was disturbed"
    }
}

go_on() { # the ranks that are left
    kill -CONT $ranks 2>/dev/null
}

cancelled() {
    local id ranks
    id=$(job --requeue --ntasks=2 -- )
    hold "$id"
    scancel "$id"
    go_on
    ends "$id" CANCELLED
    nothing_lost a.h5
    again
    is "$id" CANCELLED || fail "job $id is $(state "$id") again"
}

# template [SBATCH OPTIONS]: the number of a job of slurm/sweep.sbatch, which requeues itself
template() {
    MODESEEK=$program sbatch --parsable --output=job.log --exclude=$dying,$preempting "$@" \
        "$source/slurm/sweep.sbatch" "$here/sweep.yaml" a.h5
}

comes_again() { # comes_again JOB STARTS: once Slurm has requeued it
    wait_until has_begun_again_or_over "$1"
    [ "$(restarts "$1")" != 0 ] || untested "job $1 was over before it was disturbed"
    ends "$1" COMPLETED
    started a.h5 "$2"
    same ../reference.h5 a.h5
}

has_begun_again_or_over() { # has_begun_again_or_over JOB
    soon "$1"
    is "$1" COMPLETED || { [ "$(restarts "$1")" -ge 1 ] 2>/dev/null && ! is "$1" 'PENDING|REQUEUED'; }
}

restarts() { # restarts JOB: "" if Slurm does not answer
    timeout 5 scontrol show job "$1" 2>/dev/null | sed -n 's/.* Restarts=\([0-9]*\).*/\1/p'
}

node_dies() { # slurmd, slurmstepd and rank at once; the same job goes on when the node has come back
    local id ranks
    export MODESEEK_OPTIONS='--checkpoint 1'
    id=$(template --exclude=$preempting --nodelist=n4,$dying --nodes=2 --ntasks=2 --ntasks-per-node=1)
    hold "$id"
    node_down $dying
    go_on
    wait_until is "$id" PENDING # after SlurmdTimeout
    node_up $dying
    wait_until is_back $dying
    comes_again "$id" 2
}

rank_dies() {
    local id ranks
    id=$(template --ntasks=3)
    hold "$id"
    kill -KILL "$(head -n 1 <<<"$ranks")"
    go_on
    comes_again "$id" 2
}

stepd_dies() { # nobody would tell the other ranks, nor srun
    local id rank ranks
    export MODESEEK_LAUNCHER='srun --kill-on-bad-exit=1 --wait=3'
    id=$(template --nodelist=n2,n3 --nodes=2 --ntasks=2 --ntasks-per-node=1)
    hold "$id"
    for rank in $ranks; do grep -qzx SLURMD_NODENAME=n3 "/proc/$rank/environ" && break; done
    go_on # before that: else the kernel sends SIGHUP to what is stopped and loses its parent
    kill -KILL "$(parent_of "$rank")" || fail "no slurmstepd was found"
    wait_until grep 'rank 1: .*slurmstepd. is gone' job.log
    comes_again "$id" 2
    nothing_lost a.h5
}

parent_of() { # parent_of PID
    sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$1/stat"
}

ranks_of() { # ranks_of JOB
    pgrep -f "^$program run" | sed 's|.*|/proc/&/environ|' | xargs grep -lszx "SLURM_JOB_ID=$1" | tr -dc '0-9\n'
}

preempted() {
    local id other
    id=$(template --partition=low --exclude=$dying --nodelist=$preempting --ntasks=2)
    works "$id" a.h5
    other=$(sbatch --parsable --partition=high --nodelist=$preempting --exclusive --output=other.out --wrap 'sleep 1')
    ends "$other" COMPLETED
    comes_again "$id" 2
    nothing_lost a.h5
}

end_of_allocation() { # known without --walltime; and a time limit that has become shorter meanwhile
    local id
    echo '[ "${SLURM_RESTART_COUNT:-0}" != 0 ] || scontrol update JobId=$SLURM_JOB_ID EndTime=now+8' >begin
    id=$(MODESEEK_SETUP=$PWD/begin template --ntasks=1)
    comes_again "$id" 2
    nothing_lost a.h5
    ! grep 'TIME LIMIT' job.log || fail "Slurm ended it by its limit"
}

cut_by_limit() { # which modeseek does not know; so Slurm sends each rank two SIGTERM within milliseconds
    local id ranks
    ln -s /bin/false squeue
    id=$(PATH=$PWD:$PATH job --ntasks=2 -- )
    hold "$id" # until then: Slurm looks at limits every half minute, and sends SIGCONT before
    scontrol update JobId="$id" EndTime=now+5 || fail "no end was set"
    ends "$id" TIMEOUT
    grep 'the same command resumes' job.log || fail "it did not stop cleanly"
    nothing_lost a.h5
    again
}

bad_sweep() {
    local id
    sed 's/step_size: 0.1/step_size: -1/' "$here/sweep.yaml" >bad.yaml
    id=$(sweep=bad.yaml job --ntasks=2 --requeue -- )
    ends "$id" FAILED
    grep 'bad.yaml:9:.*step_size' job.log || fail "the log does not say what is wrong"
    [ ! -e a.h5 ] || fail "there is a results file"
}

is_over() { # is_over SCENARIO
    ! is_alive "${scenario_pids[$1]}"
}

slurmctld_restarts() { # while all the others are at work
    local pid
    pid=$(cat "$cluster/run/slurmctld.pid")
    wait_until computes ../srun_3_by_2/a.h5
    kill "$pid"
    while is_alive "$pid"; do sleep 0.1; done
    sleep 2
    slurmctld
    wait_until timeout 5 scontrol ping
}

if [ $# -gt 0 ]; then
    for scenario; do begin "$scenario"; done
    finish_scenarios
    exit
fi
for scenario in node_dies srun_3_by_2 mpirun_3_by_2 walltime cancelled rank_dies preempted end_of_allocation bad_sweep; do begin $scenario; done
begin slurmctld_restarts
for scenario in slurmctld_restarts srun_3_by_2 mpirun_3_by_2; do wait_until is_over $scenario; done # so many are enough at once
for scenario in stepd_dies cut_by_limit; do begin $scenario; done
finish_scenarios
