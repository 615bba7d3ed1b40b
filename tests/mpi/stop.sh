#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# stop.sh PROGRAM: stopped by a signal in the middle and resumed with another number of ranks, the file is the same as
# of a run that nobody disturbed.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1

done_blocks() {
    "$program" status "$1" --json 2>/dev/null | sed -n 's/.*"done": \([0-9]*\), "failed".*"missing".*,$/\1/p' | head -1
}

# stop_in_the_middle FILE SIGNAL EXIT_CODES COMMAND ...: starts it, waits for the first blocks in FILE, sends the signal
stop_in_the_middle() {
    local file=$1 signal=$2 expected=$3 exit_code
    shift 3
    "$@" >log 2>&1 &
    local pid=$!
    for _ in $(seq 2000); do
        [ "$(done_blocks "$file")" -gt 0 ] 2>/dev/null && break
        sleep 0.01
    done
    kill -"$signal" $pid || fail "$signal: over before it could be stopped"
    wait $pid
    exit_code=$?
    [[ " $expected " = *" $exit_code "* ]] || { cat log; fail "$signal: exit code $exit_code, expected $expected"; }
    [ "$(done_blocks "$file")" -gt 0 ] || fail "$signal: no block was done"
    [ "$(done_blocks "$file")" -lt 64 ] || fail "$signal: it was not stopped in the middle"
}

ranks 2 "$program" run -q "$here/stop.yaml" -o reference.h5 >log 2>&1 || { cat log; fail "undisturbed run"; }
[ "$(done_blocks reference.h5)" = 64 ] || fail "stop.yaml should have 64 blocks"

for signal in INT TERM USR1; do
    stop_in_the_middle $signal.h5 $signal 75 "$program" run -q "$here/stop.yaml" -o $signal.h5
done
# After a signal Open MPI's mpirun has a code of its own, and MPICH's (Hydra) forgets that of the ranks now and then.
case $(mpirun --version 2>&1) in
*'Open MPI'* | *OpenRTE*) usr1_codes=75 term_codes=1 ;;
*HYDRA*) usr1_codes='0 75' term_codes='0 75' ;;
*) usr1_codes=75 term_codes=75 ;;
esac
stop_in_the_middle mpirun.h5 USR1 "$usr1_codes" mpirun -n 3 "$program" run -q "$here/stop.yaml" -o mpirun.h5
stop_in_the_middle term.h5 TERM "$term_codes" mpirun -n 2 "$program" run -q "$here/stop.yaml" -o term.h5

count=1
for file in INT TERM USR1 mpirun term; do
    count=$((count % 3 + 1))
    ranks $count "$program" run -q "$here/stop.yaml" -o $file.h5 >log 2>&1 || { cat log; fail "resume $file.h5"; }
    grep -q 'from before' log || { cat log; fail "$file.h5 was not resumed"; }
    same reference.h5 $file.h5
done
exit 0
