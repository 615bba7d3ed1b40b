#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# disk_fails.sh PROGRAM: the disk under a running job fails: the job ends soon, with exit code 4 and the reason, and what was
# on the disk before is whole. On one rank and on two. The disk is an ext4 in a file, which is shut down.
. "$(dirname "$0")/common.sh"
own_mounts "$@"
program=$1
cd "$scratch" || exit 1

skip() {
    echo "skipped: $*"
    exit 77
}

mkdir disk
truncate -s 20M image
mkfs.ext4 -q image 2>log || skip "no ext4 can be made: $(tail -1 log)"
mount -o loop image disk 2>log || skip "a file cannot be mounted as a disk here: $(tail -1 log)"
trap 'cd /; umount "$scratch/disk" 2>/dev/null; rm -rf "$scratch"' EXIT

shut_down() { # the file system: from now on every operation is an input/output error
    "$python3" -c '
import fcntl, os, struct
fcntl.ioctl(os.open("disk", os.O_RDONLY), 0x8004587D, struct.pack("I", 2))' # EXT4_IOC_SHUTDOWN, without a last sync
}

number() { # number KEY: of `status --json`
    "$program" status disk/a.h5 --json 2>/dev/null | sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" | head -1
}

sed 's/5e5/7e5/' "$here/long.yaml" >long.yaml
ranks 2 "$program" run -q long.yaml -o reference.h5 >log 2>&1 || { cat log; fail "undisturbed run"; }
for count in 0 2; do # 0: without mpirun
    launch=(ranks $count)
    [ $count -gt 0 ] || launch=()
    "${launch[@]}" timeout -s KILL 200 "$program" run -q long.yaml -o disk/a.h5 --order shortest --checkpoint 0.2 >log 2>&1 &
    pid=$!
    limit=$((SECONDS + 60))
    # the short blocks, so that what is saved is a long one's and still in work when the disk fails
    until [ "$(number done)" -ge 4 ] 2>/dev/null && [ "$(number with_checkpoint)" -ge 1 ]; do
        [ $SECONDS -lt $limit ] || { cat log; fail "nothing is finished, or saved"; }
        sleep 0.05
    done
    finished=$(number done) # before the sync: what comes after it may be lost
    sync -f disk/a.h5
    shut_down || skip "this file system cannot be shut down"
    began=$SECONDS
    wait $pid
    code=$?
    [ $code = 4 ] || { cat log; fail "$count ranks: exit code $code"; }
    [ $((SECONDS - began)) -le 20 ] || fail "$count ranks: it took $((SECONDS - began)) s" # of a busy machine
    grep -q '^modeseek: .*a.h5: cannot .*: Input/output error; .*same command resumes' log ||
        { cat log; fail "$count ranks: it does not say why"; }
    umount disk || fail "$count ranks: something still uses the disk"
    mount -o loop image disk || fail "the disk cannot be mounted again"
    [ "$(number done)" -ge "$finished" ] || fail "$count ranks: $finished blocks were finished, now $(number done)"
    [ "$(number with_checkpoint)" -ge 1 ] || fail "$count ranks: the checkpoint is lost"
    ranks 2 "$program" run -q long.yaml -o disk/a.h5 >log 2>&1 || { cat log; fail "$count ranks: it does not go on"; }
    grep -q 'resumed from checkpoints' log || { cat log; fail "$count ranks: no state was taken up"; }
    same reference.h5 disk/a.h5
    rm disk/a.h5
done
exit 0
