#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# survive.sh PROGRAM: `modeseek run` in jobs that are cut, killed, cancelled and begun again: each ends with the bits of a
# run that nobody disturbed.
. "$(dirname "$0")/common.sh"
program=$1
cluster_up 5
reference reference.h5 "$here/sweep.yaml"

# job [SBATCH OPTIONS] -- [RUN OPTIONS]: the number of a job that writes a.h5; it runs `begin` first, if there is one
job() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    sbatch --parsable --open-mode=append --output=job.log "${options[@]}" <<EOF
#!/bin/bash
[ ! -e begin ] || . ./begin
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
    launch=mpirun srun_3_by_2
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
    ends "$(job --nodes=3 --ntasks=3 "$@" -- )" COMPLETED
    started a.h5 2
    same ../reference.h5 a.h5
}

cancelled() {
    local id
    id=$(job --requeue --ntasks=2 -- )
    works "$id" a.h5
    scancel "$id"
    ends "$id" CANCELLED
    nothing_lost a.h5
    again
    is "$id" CANCELLED || fail "job $id is $(state "$id") again"
}

node_dies() { # slurmd, slurmstepd and rank at once; the same job goes on where Slurm finds room for it
    local id
    id=$(job --requeue --nodelist=n4,n5 --nodes=2 --ntasks-per-node=1 -- --checkpoint 1)
    works "$id" a.h5
    node_down n5
    wait_until is "$id" PENDING # after SlurmdTimeout
    node_up n5
    wait_until is_back n5
    wait_until soon "$id"
    ends "$id" COMPLETED
    started a.h5 2
    same ../reference.h5 a.h5
}

bad_sweep() {
    local id
    sed 's/step_size: 0.1/step_size: -1/' "$here/sweep.yaml" >bad.yaml
    id=$(sweep=bad.yaml job --ntasks=2 --requeue -- )
    ends "$id" FAILED
    grep 'bad.yaml:9:.*step_size' job.log || fail "the log does not say what is wrong"
    [ ! -e a.h5 ] || fail "there is a results file"
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

for scenario in node_dies srun_3_by_2 mpirun_3_by_2 walltime cancelled bad_sweep slurmctld_restarts; do begin $scenario; done
finish_scenarios
