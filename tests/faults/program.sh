#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# program.sh PROGRAM FAULTY [COUNT]: the whole program under mpirun, with an operation that fails on one rank: it ends by
# itself, with a message and no signal, and a start without faults completes the file to the right bits.
. "$(dirname "$0")/../mpi/common.sh"
program=$1 faulty=$2 count=${3:-8}
sweep=$(dirname "$(realpath "$0")")/../crash/crash.yaml
cd "$scratch" || exit 1
"$program" run -q "$sweep" -o reference.h5 >log 2>&1 || { cat log; fail "undisturbed run"; }
export MODESEEK_FAULT_LOG=$scratch/faults MODESEEK_FAULT MODESEEK_FAULT_RANK
RANDOM=7 came=0
for ((i = 0; i < count; i++)); do
    MODESEEK_FAULT=$((RANDOM % (i % 2 ? 1200 : 250) + 1))$([ $((i % 3)) = 0 ] && echo +)
    MODESEEK_FAULT_RANK=$((i % 2))
    rm -f faults
    ranks 2 timeout 60 "$faulty" run -q "$sweep" -o $i.h5 --checkpoint 0.05 >log 2>&1
    code=$?
    case $code in
    0 | 4 | 5 | 9) ;;
    *) cat log; fail "fault $MODESEEK_FAULT on rank $MODESEEK_FAULT_RANK: exit code $code" ;;
    esac
    [ ! -f faults ] || came=$((came + 1))
    [ $code = 0 ] || [ -f faults ] || { cat log; fail "exit code $code without a fault"; }
    [ $code = 0 ] || grep -q '^modeseek: .' log || { cat log; fail "no message"; }
    ranks 2 "$program" run -q "$sweep" -o $i.h5 >log 2>&1 || { cat log; fail "after fault $MODESEEK_FAULT: no resume"; }
    same reference.h5 $i.h5
    rm $i.h5
done
# The disk fails when a rank syncs its results at the end: the others learn of it, and none hangs while it closes the file.
few=$here/../mpi/few.yaml
"$program" run -q "$few" -o few.h5 >log 2>&1 || { cat log; fail "undisturbed run of few.yaml"; }
for ranks in 1 2; do
    rm -f faults
    MODESEEK_FAULT=$((ranks == 1 ? 3 : 1)) MODESEEK_FAULT_RANK=$((ranks - 1)) # rank 0 makes the file with two
    MODESEEK_FAULT_KIND=sync ranks $ranks timeout 60 "$faulty" run -q "$few" -o sync$ranks.h5 >log 2>&1
    code=$?
    [ $code = 4 ] && [ -f faults ] || { cat log; fail "a sync that fails on one of $ranks ranks: exit code $code"; }
    grep -q '^modeseek: .*sync.*h5: cannot be written to disk: Input/output error' log ||
        { cat log; fail "a sync that fails on one of $ranks ranks: it does not say so"; }
    ranks 2 "$program" run -q "$few" -o sync$ranks.h5 >log 2>&1 || { cat log; fail "after a sync that failed: no resume"; }
    same few.h5 sync$ranks.h5
done
[ $came -gt $((count / 2)) ] || fail "only $came of $count faults came"
echo "$came of $count faults came"
