#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plugin.sh PROGRAM PLUGINS: sweeps on plugins have the same bits for any number of ranks, and interrupted; a block in which
# one fails or crashes is lost alone; results need no plugin to be looked at, and are not gone on with by another one.
. "$(dirname "$0")/common.sh"
program=$1
cp "$2"/{banana,logistic_regression,student_mixture,cliff}.so "$scratch" || fail "no plugins"
cd "$scratch" || exit 1

# sweep NAME TARGET GRID [REST]
sweep() {
    cat >"$1.yaml" <<EOT
name: $1
target: {family: plugin, path: $2}
start: {normal: {variance: 4}}
sampler: {name: mala, step_size: 0.2}
discovery: {rules: [{rule: ball, radius_squared: 0.25}]}
snapshots: [0, 200]
observables: [nearest, log_density, acceptance]
budget: {iterations: 200, chains: 32, block: 8, stop_when_discovered: false}
grid: {$3}
EOT
}

says() {
    grep -e "$1" log || { cat log; fail "it does not say: $1"; }
}

sweep bends banana.so 'dimension: [2, 7], target.parameters.bend: [0.3, 1]'
"$program" run -q bends.yaml -o 1.h5 >log 2>&1 || { cat log; fail "1 rank"; }
ranks 3 "$program" run -q bends.yaml -o 3.h5 >log 2>&1 || { cat log; fail "3 ranks"; }
same 1.h5 3.h5
"$program" verify -q --recompute 6 --sweep bends.yaml 3.h5 >log 2>&1 || { cat log; fail "computed again"; }
sed 's/iterations: 200/iterations: 600000/' bends.yaml >long.yaml
"$program" run -q long.yaml -o whole.h5 >log 2>&1 || { cat log; fail "whole"; }
"$program" run -q long.yaml -o cut.h5 --walltime 0:01 >log 2>&1
[ $? = 75 ] || { cat log; fail "it was not stopped"; }
ranks 2 "$program" run -q long.yaml -o cut.h5 >log 2>&1 || { cat log; fail "gone on"; }
same whole.h5 cut.h5

# a matrix of data, and C++
printf '1,0.5,1\n1,-0.25,0\n1,2,1\n' >data.csv
sweep posterior 'logistic_regression.so, parameters: {prior_variance: 4}, data: data.csv, modes: [{centre: 1}, {centre: [0, 0.5]}]' \
    'dimension: 2, sampler: [mala, {name: hmc, step_size: 0.1, leapfrog_steps: 3}]'
sed -i '/^sampler/d; s/\[mala, /[{name: mala, step_size: 0.2}, /' posterior.yaml
"$program" run -q posterior.yaml -o posterior.h5 >log 2>&1 || { cat log; fail "posterior"; }
sweep tails 'student_mixture.so' 'dimension: 3'
ranks 2 "$program" run -q tails.yaml -o tails.h5 >log 2>&1 || { cat log; fail "tails"; }

# where the files are gone
mkdir away && cp 1.h5 3.h5 away
for command in 'summary 1.h5' 'status 1.h5' 'repack 3.h5 -o 4.h5' 'merge both.h5 1.h5 4.h5' 'verify both.h5'; do
    (cd away && "$program" $command >../log 2>&1) || { cat log; fail "$command without the plugin"; }
done
same 1.h5 away/both.h5
"$program" verify --recompute 1 3.h5 >log 2>&1 && fail "a plugin was loaded that only a results file names"
says 'give the sweep file: --sweep FILE'

# a table of the plugin's name does not take its place when it is unpacked
mkdir tables && printf '0 0\n1 1\n' >tables/Banana.so
sweep named ./banana.so 'dimension: 2'
sed -i 's|^start:.*|start: {file: tables/Banana.so}|' named.yaml
for command in 'run -q named.yaml -o named.h5' 'repack named.h5 -o packed.h5 --sweep named.yaml' 'export packed.h5 --sweep -o unpacked'; do
    "$program" $command >log 2>&1 || { cat log; fail "$command"; }
done
[ "$(cd unpacked && echo *)" = "2-Banana.so sweep.yaml" ] || fail "unpacked: $(ls unpacked)"
"$program" run unpacked/sweep.yaml -o unpacked.h5 >log 2>&1 && fail "it needs no plugin"
says 'unpacked/./banana.so: No such file'

# what has changed meanwhile
cp student_mixture.so banana.so
"$program" run -q bends.yaml -o 1.h5 >log 2>&1 && fail "another plugin goes on"
says "has no parameter 'bend'"
printf '1,0.5,1\n1,-0.25,0\n1,2,0\n' >data.csv
"$program" run -q posterior.yaml -o posterior.h5 >log 2>&1 && fail "other data go on"
says 'target.digest: was'

# an error of one point, and a crash
sweep error 'cliff.so, parameters: {crashes: 0}' 'dimension: 2, target.parameters.edge: [1e9, 6]'
sed -i 's/variance: 4/variance: 25/' error.yaml
"$program" run -q error.yaml -o error.h5 >log 2>&1
[ $? = 8 ] || { cat log; fail "an error of a plugin"; }
"$program" status error.h5 >log
says 'plugin cliff: evaluate gives error 7 at x = ([6-9]'
says '8 blocks: [4-7] done, [1-4] failed'
sed 's/crashes: 0/crashes: 2/' error.yaml >exit.yaml
"$program" run -q exit.yaml -o exit.h5 >log 2>&1
[ $? = 70 ] || { cat log; fail "a plugin that calls exit(0)"; }
says 'plugin cliff has called exit(), which counts as a crash'
sed 's/crashes: 0/crashes: 1/' error.yaml >crash.yaml
for try in $(seq 40); do
    "$program" run -q crash.yaml -o crash.h5 >log 2>&1
    code=$?
    [ $code != 8 ] || break
done
[ $code = 8 ] || { cat log; fail "crashes of a plugin, code $code after $try"; }
says 'quarantined, because they crashed'
"$program" status --json crash.h5 >log
says '"quarantined": [1-4],'
