#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# axes.sh PROGRAM: with samplers on an axis the file is the same on 1 and 3 ranks, and killed and resumed.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1

done_blocks() {
    "$program" status "$1" --check --json 2>/dev/null | sed -n 's/.*"done": \([0-9]*\).*/\1/p'
}

# kill_in_the_middle FILE COMMAND ...: SIGKILL once a block is in FILE
kill_in_the_middle() {
    local file=$1 pid
    shift
    "$@" >log 2>&1 &
    pid=$!
    for _ in $(seq 2000); do
        [ "$(done_blocks "$file")" -gt 0 ] 2>/dev/null && break
        sleep 0.01
    done
    kill -KILL $pid || fail "over before it could be killed"
    wait $pid 2>/dev/null
    [ "$(done_blocks "$file")" -gt 0 ] && [ "$(done_blocks "$file")" -lt 48 ] || fail "it was not killed in the middle"
}

digest() {
    "$program" digest "$1" | cut -d' ' -f1
}

"$program" run -q "$here/axes.yaml" -o one.h5 >log 2>&1 || { cat log; fail "1 rank"; }
[ "$(done_blocks one.h5)" = 48 ] || fail "axes.yaml should have 48 blocks"
ranks 3 "$program" run -q "$here/axes.yaml" -o three.h5 >log 2>&1 || { cat log; fail "3 ranks"; }
kill_in_the_middle killed.h5 "$program" run -q "$here/axes.yaml" -o killed.h5 --checkpoint 0.05
ranks 3 "$program" run -q "$here/axes.yaml" -o killed.h5 >log 2>&1 || { cat log; fail "resume killed.h5"; }
for file in three killed; do
    same one.h5 $file.h5
    [ "$(digest $file.h5)" = "$(digest one.h5)" ] || fail "$file.h5 has another digest"
done
"$program" verify one.h5 --recompute 48 --seed 1 >log 2>&1 || { cat log; fail "verify"; }

# ranks agree on values of --set
set=(--set 'grid.dimension=[4]' --set budget.iterations=15000 --set 'target.components[0].variance=4')
"$program" run -q "$here/axes.yaml" -o one_set.h5 "${set[@]}" >log 2>&1 || { cat log; fail "1 rank with --set"; }
ranks 3 "$program" run -q "$here/axes.yaml" -o three_set.h5 "${set[@]}" >log 2>&1 || { cat log; fail "3 ranks with --set"; }
same one_set.h5 three_set.h5
ranks 2 "$program" run -q "$here/axes.yaml" -o wrong.h5 --set budget.chains=many >log 2>&1 && fail "a wrong --set"
[ "$(grep -c "^--set budget.chains=many: chains is 'many'" log)" = 1 ] || { cat log; fail "message of --set"; }
exit 0
