#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hosts.sh PROGRAM: nodes with host names and networks of their own. A node dies with the job that runs on it, and another
# job, on another node, takes the results file over without being told to.
. "$(dirname "$0")/common.sh"
program=$1
can_have_hosts || skip "nodes with host names of their own need network namespaces, which are not allowed here"
hosts=yes cluster_up 3
reference "$here/sweep.yaml"

job() { # job NODES: of two ranks each
    sbatch --parsable --no-requeue --nodelist="$1" --nodes="$(tr , '\n' <<<"$1" | wc -l)" --ntasks-per-node=2 --output=%j.out \
        --wrap "srun '$program' run '$here/sweep.yaml' -o '$PWD/a.h5' --checkpoint 1"
}

taken_over() {
    local first second
    first=$(job n1)
    works "$first" a.h5
    node_down n1
    # Slurm would notice it after SlurmdTimeout; whoever looks after the cluster may be faster
    scontrol update NodeName=n1 State=DOWN Reason=crash
    ends "$first" NODE_FAIL
    grep -q 'host n1' a.h5.lock || fail "no lock of n1 is left: $(cat a.h5.lock)"
    second=$(job n2,n3)
    ends "$second" COMPLETED
    grep "job $first" "$second.out" || fail "it does not say from which job it takes over"
    started a.h5 2
    same ../reference.h5 a.h5
}

begin taken_over
finish_scenarios
