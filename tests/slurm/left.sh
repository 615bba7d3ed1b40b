#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# left.sh: of a cluster whose script is killed, as ctest does after its timeout, no process and no mount is left.
if [ "${1:-}" = inside ]; then
    . "$(dirname "$0")/common.sh"
    cluster_up 1
    sbatch --parsable --output=/dev/null --wrap 'srun sleep 1000' >/dev/null
    wait_until is 1 RUNNING
    echo up >"$2"
    limit=1000 wait_until false
fi
set -u
scratch=$(mktemp -d) && chmod 755 "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT

processes() { # of the cluster, found by a variable that they inherit
    grep -lzx "CLUSTER_TAG=$scratch" /proc/[0-9]*/environ 2>/dev/null
}

for plain in '' yes; do
    rm -f "$scratch/up"
    CLUSTER_TAG=$scratch CLUSTER_FOLDER=$scratch CLUSTER_PLAIN=$plain "$0" inside "$scratch/up" >"$scratch/log" 2>&1 &
    pid=$!
    for _ in $(seq 300); do
        [ -e "$scratch/up" ] || ! kill -0 $pid 2>/dev/null && break
        sleep 0.1
    done
    if [ ! -e "$scratch/up" ]; then
        wait $pid
        code=$?
        cat "$scratch/log"
        exit $code # also where such tests are skipped
    fi
    before=$(processes | wc -l)
    [ "$before" -ge 5 ] || { processes; echo "FAILED: $before processes were found of a cluster"; exit 1; }
    kill -KILL $pid
    wait $pid 2>/dev/null
    for _ in $(seq 300); do
        left=$(processes)
        [ -z "$left" ] && break
        sleep 0.1
    done
    [ -z "$left" ] || { echo "FAILED: left of a killed script:"; echo "$left"; exit 1; }
    ! grep modeseek-slurm /proc/self/mountinfo || { echo "FAILED: a mount is left"; exit 1; }
    echo "killed ${plain:+without namespaces}: $before processes, none left"
done
