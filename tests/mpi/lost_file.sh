#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lost_file.sh PROGRAM: the results file is removed, replaced, truncated or overwritten under a running job, or its lock is:
# the job ends soon, with exit code 4, says what has happened, and leaves nothing behind. On one and on two ranks.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1
sed 's/5e5/1e9/' "$here/long.yaml" >long.yaml # hours
sed 's/seed: 1/seed: [1, 2]/' long.yaml >larger.yaml

runs() { # runs FILE: a block is in work
    [ "$("$program" status "$1" --json 2>/dev/null | sed -n 's/.*"running": \([0-9]*\).*/\1/p' | head -1)" -ge 1 ] 2>/dev/null
}

wait_until() { # wait_until COMMAND...
    local limit=$((SECONDS + 20))
    while [ $SECONDS -lt $limit ]; do
        "$@" && return
        sleep 0.02
    done
    fail "waited in vain for: $*"
}

says() {
    grep -q -- "$1" log || { cat log; fail "$name: it does not say '$1'"; }
}

# What is done to folder/a.h5, and what the job must say.
removed() { rm folder/a.h5; }
moved() { mv folder/a.h5 folder/b.h5; }
replaced() { cp folder/a.h5 b.h5 && mv b.h5 folder/a.h5; }
truncated() { truncate -s 2000 folder/a.h5; }
emptied() { : >folder/a.h5; }
enlarged() { echo note >>folder/a.h5; }
overwritten() { dd if=/dev/zero of=folder/a.h5 bs=1 seek=4200 count=2048 conv=notrunc status=none; }
unsealed() { dd if=/dev/zero of=folder/a.h5 bs=1 count=512 conv=notrunc status=none; }
folder_removed() { rm -r folder; }
folder_moved() { mv folder elsewhere; }
lock_removed() { rm folder/a.h5.lock; }
lock_replaced() { cp folder/a.h5.lock b && mv b folder/a.h5.lock; }
grown() { # by another job
    rm folder/a.h5.lock
    "$program" run -q ../larger.yaml -o folder/a.h5 >other 2>&1 &
    other=$!
    wait_until test -s folder/a.h5.lock # it can be stopped now
}

try() { # try RANKS CASE MESSAGE STATUS: STATUS is the exit code of `modeseek status` afterwards
    local count=$1 pid code began launch=()
    name="$2 with $count ranks"
    mkdir -p "$2$count/folder" && cd "$2$count" || exit 1
    [ "$count" = 1 ] || launch=(ranks "$count")
    "${launch[@]}" timeout -s KILL 100 "$program" run -q ../long.yaml -o folder/a.h5 >log 2>&1 &
    pid=$!
    wait_until runs folder/a.h5
    "$2"
    began=$SECONDS
    wait $pid
    code=$?
    [ $code = 4 ] || { cat log; fail "$name: exit code $code"; }
    [ $((SECONDS - began)) -lt 30 ] || fail "$name: it took $((SECONDS - began)) s" # of a busy machine
    says "$3"
    grep -q 'blocks in the file' log && { cat log; fail "$name: it reports success"; }
    "$program" status folder/a.h5 >status 2>&1
    code=$?
    [ $code = "$4" ] || { cat status; fail "$name: status ends with exit code $code"; }
    case $2 in
    folder_*) [ ! -e folder ] || fail "$name: the folder is there again" ;;
    grown) kill $other && wait $other; [ $? = 75 ] || { cat other; fail "$name: the other job was disturbed"; } ;;
    lock_removed) [ ! -e folder/a.h5.lock ] || fail "$name: the lock file is there again" ;;
    esac
}

# Most of a case is waiting, so some go on at the same time.
cases=()
in_turn() {
    (trap - EXIT; try "$@") &
    cases+=($!)
    [ ${#cases[@]} -lt 4 ] || all_end
}

all_end() {
    local pid good=true
    for pid in "${cases[@]}"; do
        wait "$pid" || good=false
    done
    cases=()
    $good || exit 1
}

for count in 1 2; do
    in_turn $count removed 'a.h5: was removed' 4
    in_turn $count replaced 'a.h5: was replaced by another file' 0
    in_turn $count truncated 'a.h5: was truncated' 5
    in_turn $count overwritten 'a.h5: was damaged .* checksum' 5
    in_turn $count folder_removed 'a.h5: was removed' 4
    in_turn $count lock_removed 'a.h5.lock: was removed' 0
    in_turn $count grown 'a.h5.*: was re\(placed by another file\|moved\)' 0
done
in_turn 1 moved 'a.h5: was moved' 4
in_turn 1 folder_moved 'a.h5: was moved' 4
in_turn 1 emptied 'a.h5: was truncated' 5
in_turn 1 enlarged 'a.h5: was enlarged' 5
in_turn 1 unsealed 'a.h5: was damaged .* does not begin' 5
in_turn 1 lock_replaced 'a.h5.lock: was replaced by another file' 0
all_end

# A job too short for a sign of life looks at the end.
sed 's/5e5/5e4/' "$here/long.yaml" >short.yaml
mkdir folder || exit 1
"$program" run -q short.yaml -o folder/a.h5 >log 2>&1 &
pid=$!
wait_until runs folder/a.h5
rm folder/a.h5
wait $pid
code=$?
name="a short job"
[ $code = 4 ] || { cat log; fail "$name: exit code $code"; }
says 'a.h5: was removed'

# The path is longer than a message, and the name has characters that are not printed.
part=$(printf 'x%.0s' {1..200})
mkdir -p "$part/$part/$part" || exit 1
for file in "$part/$part/$part/a.h5" "$(printf 'a\302\233\302\233.h5')"; do
    "$program" run -q long.yaml -o "$file" >log 2>&1 &
    pid=$!
    wait_until runs "$file"
    dd if=/dev/zero of="$file" bs=1 seek=4200 count=2048 conv=notrunc status=none
    wait $pid
    code=$?
    name="a strange name"
    [ $code = 4 ] || { cat log; fail "$name: exit code $code"; }
done
says 'a??.h5: was damaged while the job was writing it: its checksum'
[ -z "$(pgrep -f "$program run -q .* -o folder/a.h5")" ] || fail "processes are left"
exit 0
