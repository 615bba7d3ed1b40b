#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# processor_time.sh PROGRAM: what `status` calls CPU time and what `plan` predicts do not count the time in which the
# program does not run: here it is stopped for three seconds, as it would be by other programs on a busy machine.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1
cat >sweep.yaml <<'YAML'
name: CPU time
target:
  family: gaussian_mixture
  components:
    - {weight: 0.5, mean: 0, variance: 3}
    - {weight: 0.5, mean: 1, variance: 1}
sampler: {step_size: 0.1}
budget: {iterations: 1e6, chains: 96, stop_when_discovered: false}
grid: {dimension: 10}
YAML

number() { # number KEY: the value of the key in the JSON on standard input
    grep -o "\"$1\": [0-9.e+-]*" | sed 's/.*: //'
}

hold() { # hold PID: for three seconds
    kill -STOP "$1" || fail "over before it could be stopped"
    sleep 3
    kill -CONT "$1"
}

began=$(date +%s.%N)
"$program" run -q sweep.yaml -o a.h5 >log 2>&1 &
pid=$!
for _ in $(seq 500); do
    [ "$("$program" status a.h5 --json 2>/dev/null | number done | head -1)" -gt 0 ] 2>/dev/null && break
    sleep 0.02
done
hold $pid
wait $pid || { cat log; fail "run"; }
elapsed=$(echo "$(date +%s.%N) $began" | awk '{print $1 - $2}')
used=$("$program" status a.h5 --json | number processor_seconds)
awk -v used="$used" -v elapsed="$elapsed" 'BEGIN { exit !(used > 0 && used <= elapsed - 3) }' ||
    fail "status: $used s of CPU time, of $elapsed s of which 3 were stopped"

"$program" plan sweep.yaml --json | number nanoseconds_per_iteration >undisturbed
"$program" plan sweep.yaml --json >held &
pid=$!
sleep 0.5
hold $pid
wait $pid || fail "plan"
number nanoseconds_per_iteration <held | paste undisturbed - | awk '{ exit !($2 < 2 * $1 && $1 < 2 * $2) }' ||
    fail "plan: $(number nanoseconds_per_iteration <held) ns an iteration when stopped for 3 s, else $(cat undisturbed)"
echo "$used s of CPU time, of $elapsed s; an iteration takes $(cat undisturbed) ns"
