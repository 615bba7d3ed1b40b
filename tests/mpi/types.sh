#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# types.sh PROGRAM: every sampler on every family of targets has the same bits for any number of ranks, any instructions,
# grown or at once, interrupted or not, merged or not: those that types.digest names.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1
read -r expected <"$here/types.digest"
is_expected() {
    local digest
    digest=$("$program" digest "$1")
    [ "${digest%% *}" = "$expected" ] || fail "$1: digest $digest instead of $expected"
}

for count in 1 2 3 5; do
    ranks $count "$program" run -q "$here/types.yaml" -o $count.h5 >log 2>&1 || { cat log; fail "$count ranks"; }
    is_expected $count.h5
    same 1.h5 $count.h5
done
for simd in portable avx2 avx512; do
    "$program" run -q "$here/types.yaml" -o $simd.h5 --simd $simd >log 2>&1 ||
        { grep -q "no $simd" log && rm -f $simd.h5 && continue; cat log; fail "$simd"; }
    is_expected $simd.h5
done
"$program" verify -q --recompute 20 5.h5 >log 2>&1 || { cat log; fail "computed again"; }

# fewer iterations, samplers and dimensions first
sed -e 's/iterations: 400/iterations: 150/' -e 's/snapshots: .*/snapshots: [0, 100, 400]/' -e '/mala/d' \
    -e 's/dimension: .*/dimension: 4/' "$here/types.yaml" >less.yaml
sed -i 's/\[0, 100, 400\]/[0, 100]/' less.yaml
"$program" run -q less.yaml -o other.h5 >log 2>&1 || { cat log; fail "less"; }
sed -e '/mala/d' -e 's/dimension: .*/dimension: 6/' "$here/types.yaml" >part.yaml
"$program" run -q part.yaml -o grown.h5 >log 2>&1 || { cat log; fail "part"; }
"$program" run -q "$here/types.yaml" -o grown.h5 >log 2>&1 || { cat log; fail "grown"; }
is_expected grown.h5

# by the axis of samplers in two, merged
sed -e '/mala/d' -e '/hmc/d' "$here/types.yaml" >a.yaml
sed -e '/langevin/d' -e '/underdamped/d' "$here/types.yaml" >b.yaml
for half in a b; do
    "$program" run -q $half.yaml -o $half.h5 >log 2>&1 || { cat log; fail "$half"; }
done
"$program" merge merged.h5 a.h5 b.h5 >log 2>&1 || { cat log; fail "merge"; }
is_expected merged.h5

# interrupted again and again, with checkpoints
sed -e 's/iterations: 400/iterations: 500000/' -e 's/chains: 40/chains: 16/' -e 's/dimension: .*/dimension: 6/' \
    -e '/budget/s/}/, stop_when_discovered: false}/' "$here/types.yaml" >long.yaml
"$program" run -q long.yaml -o whole.h5 >log 2>&1 || { cat log; fail "whole"; }
stops=0
while # a bit longer each time, for slow machines
    ranks 2 "$program" run -q long.yaml -o cut.h5 --walltime 0:0$((1 + stops / 4)) >log 2>&1
    [ $? = 75 ]
do
    stops=$((stops + 1))
    [ $stops -lt 32 ] || fail "it does not end"
done
same whole.h5 cut.h5
[ $stops -gt 0 ] || fail "it was not stopped"
echo "stopped $stops times"
exit 0
