#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# estimators.sh PROGRAM: every estimator has the same bits for any number of ranks, any instructions, grown or at once,
# interrupted or not, merged or not, computed again; and so have points that stop when their intervals are narrow enough.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1

run() { # run FILE [OPTIONS]: of estimators.yaml
    local file=$1
    shift
    "$program" run -q "$here/estimators.yaml" -o "$file" "$@" >log 2>&1 || { cat log; fail "run -o $file $*"; }
}

refused() { # refused CODE WORDS COMMAND...
    local code=$1 words=$2 got
    shift 2
    "$@" >log 2>&1
    got=$?
    [ $got = "$code" ] || { cat log; fail "$*: exit code $got, expected $code"; }
    grep -q -- "$words" log || { cat log; fail "$*: says nothing of '$words'"; }
}

# whole NAME DIMENSIONS SETTINGS MORE: with SETTINGS, and, grown, with MORE
whole() {
    local name=$1 dimensions=grid.dimension=$2 settings=$3 more=$4
    run "$name.h5" --set "$settings" --set "$dimensions"
    ranks 3 "$program" run -q "$here/estimators.yaml" -o "$name-3.h5" --set "$settings" --set "$dimensions" \
        --simd portable >log 2>&1 || { cat log; fail "$name on 3 ranks"; }
    same "$name.h5" "$name-3.h5"
    "$program" verify -q --recompute 4 "$name.h5" >log 2>&1 || { cat log; fail "$name: computed again"; }
    for seed in 1 2; do
        run "$name-seed-$seed.h5" --set "$settings" --set "$dimensions" --set grid.seed=$seed
    done
    "$program" merge "$name-merged.h5" "$name-seed-1.h5" "$name-seed-2.h5" >log 2>&1 || { cat log; fail "$name: merge"; }
    same "$name.h5" "$name-merged.h5"
    if [ -n "$more" ]; then
        run "$name-more.h5" --set "$more" --set "$dimensions"
        ranks 2 "$program" run -q "$here/estimators.yaml" -o "$name.h5" --set "$more" --set "$dimensions" \
            >log 2>&1 || { cat log; fail "$name: grown"; }
        same "$name-more.h5" "$name.h5"
        refused 6 'was' "$program" run -q "$here/estimators.yaml" -o "$name.h5" --set "$settings" --set "$dimensions"
    fi
}

whole restart '[6, 30]' 'estimator={name: restart, replicates: 3, steps: 20000}' \
    'estimator={name: restart, replicates: 5, steps: 20000}'
whole flux '[30, 120]' 'estimator={name: reversible_flux, replicates: 3, paths: 500}' \
    'estimator={name: reversible_flux, replicates: 4, paths: 500}'
whole quadrature 6 'estimator={name: quadrature, tolerance: 0.01}' ''
whole generic '[6, 30]' 'estimator={name: restart, law: generic, replicates: 2, steps: 8000}' ''

# points that stop by themselves: looks do not depend on who computes; a narrower width goes on
width() { # width FILE WIDTH [COMMAND...]
    local file=$1 width=$2
    shift 2
    "$@" "$program" run -q "$here/estimators.yaml" -o "$file" --set 'estimator={name: restart, steps: 5000}' \
        --set "budget={relative_width: $width, at_most: 40}" --set 'grid.dimension=[6, 30]' >log 2>&1 ||
        { cat log; fail "width $width"; }
}
width a.h5 0.3
grep -q 'of them not needed' log || { cat log; fail "no block was left out"; }
width b.h5 0.3 ranks 3
same a.h5 b.h5
width c.h5 0.15
width a.h5 0.15 ranks 2
same a.h5 c.h5
"$program" verify -q --recompute 8 a.h5 >log 2>&1 || { cat log; fail "stopped points computed again"; }

# interrupted again and again, within replicates
settings='estimator={name: restart, replicates: 4, steps: 1500000}'
run long.h5 --set "$settings" --set grid.dimension=30 --set grid.seed=1
stops=0
while # a bit longer each time, for slow machines
    timeout --preserve-status -s TERM $(((50 + 4 * stops) / 100)).$(printf %02d $(((50 + 4 * stops) % 100))) "$program" run -q "$here/estimators.yaml" -o cut.h5 \
        --set "$settings" --set grid.dimension=30 --set grid.seed=1 --checkpoint 0.02 >log 2>&1
    code=$?
    [ $code != 0 ]
do
    [ $code = 75 ] || [ $code = 143 ] || { cat log; fail "stopped, it ends with exit code $code"; } # 143: it had hardly begun
    stops=$((stops + 1))
    [ $stops -lt 49 ] || fail "it does not end"
done
same long.h5 cut.h5
[ $stops -gt 0 ] || fail "it was not stopped"
echo "stopped $stops times"
exit 0
