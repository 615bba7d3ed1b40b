#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_days.sh PROGRAM: signals, walltime, hanging ranks, blocks that crash their rank, full disks, locks. The job ends by
# itself, says why, has lost nothing, and the same command goes on.
. "$(dirname "$0")/common.sh"
own_mounts "$@"
program=$1
cd "$scratch" || exit 1
sweep=$scratch/short.yaml # two blocks of nearly a second and four short ones; those of long.yaml take twice as long
sed 's/5e5/2e5/' "$here/long.yaml" >"$sweep"
[ -r /proc/self/environ ] || { echo "skipped: ranks cannot be found without /proc"; exit 77; }

ended() { # ended CODE EXPECTED WHAT
    [ "$1" = "$2" ] || { cat log; fail "$3: exit code $1, expected $2"; }
}

says() {
    grep -q -- "$1" log || { cat log; fail "it does not say '$1'"; }
}

number() { # number FILE KEY: of `status --json`
    "$program" status "$1" --json 2>/dev/null | sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" | head -1
}

wait_until() { # wait_until COMMAND...: at most a minute, for a busy machine, or an MPI that starts slowly
    local limit=$((SECONDS + 60))
    while [ $SECONDS -lt $limit ]; do
        "$@" && return
        sleep 0.01
    done
    fail "waited in vain for: $*"
}

runs() { # runs FILE: a block is in work
    [ "$(number "$1" running)" -ge 1 ] 2>/dev/null
}

saved_since() { # saved_since FILE SECONDS: another CPU time than this has been spent on blocks
    [ "$(number "$1" processor_seconds)" != "$2" ]
}

short_are_done() { # short_are_done FILE: both, and the long one is in work
    runs "$1" && [ "$(number "$1" done)" = 2 ]
}

is_over() { # is_over FILE: no rank is left
    [ -z "$(pgrep -f "run -q .* -o $1")" ]
}

undisturbed() { # reference.h5
    "$program" run -q "$sweep" -o reference.h5 >log 2>&1 || { cat log; fail "undisturbed run"; }
}

complete() { # complete FILE [OPTIONS]
    local file=$1
    shift
    ranks 2 "$program" run -q "$sweep" -o "$file" "$@" >log 2>&1 || { cat log; fail "$file does not go on"; }
    same reference.h5 "$file"
}

undisturbed

# A semaphore that a killed rank has left locked, as Open MPI would name one for the file.
if [ -w /dev/shm ]; then
    semaphore=/dev/shm/sem.OMPIO_left-$$.h5
    head -c 32 /dev/zero >"$semaphore"
    timeout 100 mpirun -n 2 "$program" run -q "$here/few.yaml" -o left-$$.h5 >log 2>&1
    code=$?
    rm -f "$semaphore"
    ended $code 0 "a semaphore that was left"
fi

# A signal in the middle of blocks: their states are saved, and they go on from there; below, the end of the walltime, too.
for signal in INT TERM USR1; do
    "$program" run -q "$sweep" -o $signal.h5 >log 2>&1 &
    pid=$!
    wait_until runs $signal.h5
    sleep 0.3
    kill -$signal $pid
    wait $pid
    ended $? 75 $signal
    says 'the checkpoints of the others'
    [ "$(number $signal.h5 with_checkpoint)" -ge 1 ] || fail "$signal: no state is saved"
    complete $signal.h5
    says 'resumed from checkpoints'
done

# A second signal ends it at once.
"$program" run -q "$sweep" -o twice.h5 >log 2>&1 &
pid=$!
wait_until runs twice.h5
kill -STOP $pid # so that both are there before it looks
kill -TERM $pid
kill -INT $pid
kill -CONT $pid
wait $pid
code=$?
[ "$code" -gt 128 ] || fail "two signals: exit code $code, not that of a signal"
complete twice.h5

# A rank that hangs, be it rank 0: the others end the job, with their states saved.
for rank in 0 1; do
    ranks 3 "$program" run -q "$sweep" -o hang$rank.h5 --rank-timeout 2 >log 2>&1 &
    pid=$!
    wait_until runs hang$rank.h5
    stopped=$(rank_pid hang$rank.h5 $rank)
    [ "$(wc -w <<<"$stopped")" = 1 ] || fail "rank $rank was not found: $stopped"
    kill -STOP $stopped
    wait $pid
    ended $? 12 "rank $rank hangs"
    kill -KILL $stopped 2>/dev/null
    says 'the same command resumes'
    wait_until is_over hang$rank.h5
    complete hang$rank.h5
done

# One writer. What a dead job of this host left is taken over; of another host only when told so.
"$program" run -q "$sweep" -o lock.h5 >first 2>&1 &
pid=$!
wait_until runs lock.h5
"$program" run -q "$sweep" -o lock.h5 >log 2>&1
ended $? 7 "a second job"
says "host $(hostname), pid $pid"
kill -KILL $pid
wait $pid 2>/dev/null
sed -i "s/host $(hostname)/host elsewhere/" lock.h5.lock
"$program" run -q "$sweep" -o lock.h5 >log 2>&1
ended $? 7 "the lock of another host"
says 'host elsewhere.*--break-lock'
"$program" status lock.h5 >log || fail "status while locked"
complete lock.h5 --break-lock
[ ! -e lock.h5.lock ] || fail "a job that ended by itself has left its lock file"

# Longer blocks from here on.
sweep=$here/long.yaml
rm reference.h5
undisturbed
ranks 2 "$program" run -q "$sweep" -o walltime.h5 --walltime 00:00:02 >log 2>&1
ended $? 75 "walltime"
[ "$(number walltime.h5 with_checkpoint)" = 2 ] || fail "walltime: $(number walltime.h5 with_checkpoint) states are saved"
complete walltime.h5
says '2 resumed from checkpoints'

# Kills do not give a healthy block up that has worked for longer than a second, however rarely blocks are to be saved.
for kill in 1 2 3 4; do
    "$program" run -q "$sweep" -o seldom.h5 --order longest --checkpoint 3600 >log 2>&1 &
    pid=$!
    wait_until runs seldom.h5
    spent=$(number seldom.h5 processor_seconds)
    wait_until saved_since seldom.h5 "$spent"
    kill -KILL $pid
    wait $pid 2>/dev/null
done
complete seldom.h5

# A block that kills its rank each time, soon after it has begun: after three times it is quarantined, the rest is done.
sed 's/chains: 16/chains: 8/' "$sweep" >one.yaml # one long block
"$program" run -q one.yaml -o one-reference.h5 >log 2>&1 || { cat log; fail "one long block"; }
crashes=0
for ((attempt = 1; attempt <= 20 && crashes < 3; attempt++)); do
    "$program" run -q one.yaml -o quarantine.h5 --order shortest --checkpoint 6000 >log 2>&1 &
    pid=$!
    wait_until short_are_done quarantine.h5
    kill -ABRT $pid
    wait $pid
    ended $? 134 "crash $attempt"
    # where the machine is so slow that the block has been saved before the kill, it counts anew
    crashes=$("$python3" -c 'import h5py; print(h5py.File("quarantine.h5")["checkpoint/attempt"][:, 0].max())')
done
[ "$crashes" = 3 ] || fail "20 kills, but only $crashes at once"
cp quarantine.h5 again.h5
"$program" run --dry-run one.yaml -o again.h5 >log 2>&1 || { cat log; fail "dry run after three crashes"; }
says 'blocks quarantined, unless --retry-quarantined is given *1$'
"$program" run -q one.yaml -o again.h5 --retry-quarantined >log 2>&1 || { cat log; fail "another try at once"; }
same one-reference.h5 again.h5
"$program" run -q one.yaml -o quarantine.h5 --order shortest >log 2>&1
ended $? 8 "after three crashes"
says 'quarantined'
[ "$(number quarantine.h5 quarantined)" = 1 ] || fail "$(number quarantine.h5 quarantined) blocks were quarantined"
[ "$(number quarantine.h5 done)" = 2 ] || fail "the other blocks are not done"
"$program" run -n one.yaml -o quarantine.h5 --retry-quarantined >log 2>&1 || { cat log; fail "dry run of another try"; }
says 'would be completed'
says 'tried again *1$'
"$program" run -q one.yaml -o quarantine.h5 --retry-quarantined >log 2>&1 || { cat log; fail "another try"; }
same one-reference.h5 quarantine.h5

# A disk that becomes full while states are saved; not where mounting is not allowed.
mkdir small
if mount -t tmpfs -o size=100k tmpfs small 2>/dev/null; then
    trap 'umount small; rm -rf "$scratch"' EXIT
    # large states, of which two do not fit beside the results
    sed 's/500/2000/; s/5e5/5e4/' "$sweep" >other.yaml
    "$program" run -q other.yaml -o other-reference.h5 --discard-states --checkpoint 6000 >log 2>&1 ||
        { cat log; fail "large states"; }
    size=$("$program" plan other.yaml --json | sed -n 's/.*"file_size": \([0-9]*\).*/\1/p') # without states
    mount -o remount,size=$((size / 4096 * 4096 + 65536)) small
    "$program" run -q other.yaml -o small/full.h5 --discard-states --checkpoint 0.01 >log 2>&1
    code=$?
    if [ $code = 0 ]; then
        cat log
        fail "everything fitted into the small disk"
    fi
    ended $code 4 "full disk"
    says 'is the disk full'
    [ "$(number small/full.h5 done)" -ge 0 ] || fail "the file cannot be read"
    mount -o remount,size=10M small
    "$program" run -q other.yaml -o small/full.h5 >log 2>&1 || { cat log; fail "after the full disk"; }
    same other-reference.h5 small/full.h5
    mount -o remount,ro small
    sed 's/iterations: 5e4/iterations: 6e4/' other.yaml >longer.yaml
    "$program" run -q longer.yaml -o small/full.h5 >log 2>&1
    ended $? 4 "read-only file system"
    says 'Read-only file system'
    "$program" verify -q small/full.h5 >log 2>&1 || { cat log; fail "verify on a read-only file system"; }
fi
exit 0
