#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# grow.sh PROGRAM: prolonging, extending, merging, packing: always the bits of one run of the whole from the beginning.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1

# sweep NAME SED-SCRIPT: a variation of grow.yaml
sweep() {
    sed "$2" "$here/grow.yaml" >"$1.yaml"
}

run() { # run SWEEP FILE [OPTIONS]
    local name=$1 file=$2
    shift 2
    "$program" run -q "$name.yaml" -o "$file" "$@" >log 2>&1 || { cat log; fail "run $name.yaml -o $file"; }
}

refused() { # refused CODE WORDS COMMAND...
    local code=$1 words=$2 got
    shift 2
    "$@" >log 2>&1
    got=$?
    [ $got = "$code" ] || { cat log; fail "$*: exit code $got, expected $code"; }
    grep -q -- "$words" log || { cat log; fail "$*: says nothing of '$words'"; }
}

sweep small ''
sweep long 's/iterations: 3000/iterations: 20000/'
sweep wide 's/chains: 40/chains: 56/; s/dimension: .*/dimension: [5, 40, 10]/; s/patch_size: .*/patch_size: [full, 5, 1]/; s/seed: .*/seed: [3, 2, 1]/'
sweep both 's/iterations: 3000, chains: 40/iterations: 20000, chains: 56/; s/seed: .*/seed: [2, 1, 7]/'
for name in small long wide both; do
    run $name $name-reference.h5
done

# prolonged, extended, both; in one step or one after the other; with other numbers of ranks
for steps in "long" "wide" "both" "long both"; do
    rm -f a.h5
    run small a.h5
    for step in $steps; do
        "$program" run -n $step.yaml -o a.h5 >log 2>&1 || fail "dry run of $step"
        grep -q 'blocks prolonged from their checkpoints *[1-9]' log ||
            [ "$steps" = wide ] || [ "$steps" != "${steps% $step}" ] || { cat log; fail "$step prolongs nothing"; }
        ranks 3 "$program" run -q $step.yaml -o a.h5 >log 2>&1 || { cat log; fail "growing to $step"; }
    done
    same $step-reference.h5 a.h5
done

# without checkpoints the same bits come from the beginning
rm a.h5
run small a.h5 --discard-states
run long a.h5
same long-reference.h5 a.h5
grep -q 'resumed from' log && fail "discarded states were resumed from"

# what would make results wrong, or drop some, names itself
sweep other 's/variance: 3/variance: 4/; s/0.1}/0.2}/'
cp small-reference.h5 a.h5
refused 6 'variance: was 3, is 4; sampler.step_size: was 0.1.*, is 0.2' "$program" run other.yaml -o a.h5
sweep fewer 's/seed: .*/seed: 1/'
refused 6 'seed 2.*never removed' "$program" run fewer.yaml -o a.h5
refused 6 'budget.iterations: was 20000, is 3000' "$program" run small.yaml -o long-reference.h5
cmp small-reference.h5 a.h5 || fail "a refused sweep has changed the file"

# files of parts make the whole; what is in several must be the same; history is kept
sweep first 's/seed: .*/seed: 1/'
sweep second 's/seed: .*/seed: 2/; s/dimension: .*/dimension: 10/'
sweep third 's/dimension: .*/dimension: 40/'
run first first.h5
run second second.h5
run third third.h5
"$program" merge merged.h5 first.h5 second.h5 third.h5 >log 2>&1 || { cat log; fail "merge"; }
run small merged.h5
same small-reference.h5 merged.h5
[ "$("$program" status merged.h5 --json | grep -c '"dimension"')" = 8 ] || fail "the merged file has other points"
for file in first second third; do
    grep -aq "\"file\": \"$file.h5\"" merged.h5 || fail "$file.h5 is forgotten as a source"
done
run long merged.h5
same long-reference.h5 merged.h5

# files of other budgets: the largest of them; chains that a smaller one has cut off go on from their states
sweep longsecond 's/iterations: 3000/iterations: 20000/; s/seed: .*/seed: [2]/'
sweep widefirst 's/chains: 40/chains: 56/; s/seed: .*/seed: 1/'
run longsecond longsecond.h5
run widefirst widefirst.h5
for files in "small-reference longsecond" "longsecond first second third"; do
    rm -f budgets.h5
    # shellcheck disable=SC2046,SC2086 # words
    "$program" merge budgets.h5 $(printf '%s.h5 ' $files) >log 2>&1 || { cat log; fail "merging budgets: $files"; }
    grep -q '; in [1-9][0-9]* of these, chains .* continue' log || { cat log; fail "no chains go on: $files"; }
    run long budgets.h5
    grep -q '[1-9] resumed from checkpoints' log || { cat log; fail "none was resumed"; }
    same long-reference.h5 budgets.h5
done
"$program" merge more.h5 long-reference.h5 first.h5 >log 2>&1 || { cat log; fail "merging what is finished in one"; }
grep -q 'incomplete' log && { cat log; fail "what is finished in one is missing"; }
same long-reference.h5 more.h5
# what nobody has finished leaves no trace
"$program" merge few.h5 first.h5 --sweep long.yaml >log 2>&1 || { cat log; fail "merging into a longer sweep"; }
"$program" verify -q few.h5 >log 2>&1 || { cat log; fail "verify few.h5"; }
"$python3" -c "
import h5py
file = h5py.File('few.h5')
undone = file['block/commit'][:, 0] == 0
assert undone.any() and not undone.all()
for block in undone.nonzero()[0]:
    first, count = file['block/first_chain'][block], file['block/chains'][block]
    point = file['block/point'][block]
    assert (file['discovery_time'][point, first : first + count] == -2).all()
    assert (file['block/failure'][block] == b'').all()
" || fail "few.h5 holds what is not finished"
refused 6 'each have a part of the budget that is the larger one.*--sweep' "$program" merge no.h5 widefirst.h5 longsecond.h5
[ ! -e no.h5 ] || fail "a refused merge has left a file"
sweep widelong 's/iterations: 3000, chains: 40/iterations: 20000, chains: 56/'
"$program" merge widelong.h5 widefirst.h5 longsecond.h5 --sweep widelong.yaml >log 2>&1 || { cat log; fail "merging with --sweep"; }
run widelong widelong.h5
run widelong widelong-reference.h5
same widelong-reference.h5 widelong.h5

# shares are the same blocks for any number of ranks, and make the whole
for share in 1 2 3; do
    ranks $share "$program" run small.yaml -o share-$share.h5 --share $share/3 >log 2>&1 || { cat log; fail "share $share"; }
    grep -q "^share-$share.h5: share $share of 3: finished; 8 of 8 blocks" log || { cat log; fail "share $share has other blocks"; }
done
"$program" merge shared.h5 share-1.h5 share-2.h5 share-3.h5 >log 2>&1 || { cat log; fail "merging shares"; }
grep -q ' 0 of them identical in several' log || { cat log; fail "a block was in several shares"; }
same small-reference.h5 shared.h5

# an archive says the same, is not written into, and can be prolonged
"$program" repack small-reference.h5 -o archive.h5 >log 2>&1 || { cat log; fail "repack"; }
h5diff --exclude-path /checkpoint small-reference.h5 archive.h5 || fail "the archive says something else"
cp archive.h5 copy.h5
run small archive.h5
cmp archive.h5 copy.h5 || fail "an archive that is complete was changed"
run long archive.h5
same long-reference.h5 archive.h5
for file in merged archive; do
    "$program" verify -q $file.h5 --recompute 8 --seed 3 >log 2>&1 || { cat log; fail "verify $file.h5"; }
done
"$program" export small-reference.h5 -o chains.csv || fail "export"
[ "$(wc -l <chains.csv)" = 321 ] || fail "320 chains must give 320 rows and a head"
refused 4 'never overwritten' "$program" export small-reference.h5 -o chains.csv

# other bits: one time is changed, and its checksum made right again, as by another version of the program
"$python3" - <<'PYTHON' || fail "could not make a file with other bits"
import shutil
import struct

import h5py


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


shutil.copy("first.h5", "wrong.h5")
with h5py.File("wrong.h5", "r") as file:
    place = {name: file[name].id.get_offset() for name in ("discovery_time", "block/commit")}
    time, observed = file["discovery_time"][0, :16], file["observed"][0, :16]
    distance, responsibility = file["squared_distance"][0, :, :16], file["responsibility"][0, :, :16]
    failure, commit = file["block/failure"][0], file["block/commit"][0]
time[0, 0, 0] += 1 if time[0, 0, 0] >= 0 else 0
time[0, 0, 0] = 0 if time[0, 0, 0] > observed[0] or time[0, 0, 0] < 0 else time[0, 0, 0]
slot = b"".join(part.tobytes() for part in (time, observed, distance, responsibility, failure))
commit[2] = crc32c(slot + struct.pack("<4Q", 0, int(commit[0]), int(commit[1]), int(commit[3])))
with open("wrong.h5", "r+b") as file:  # not by HDF5, which would touch what is sealed
    file.seek(place["discovery_time"])
    file.write(time[0, 0].tobytes())
    file.seek(place["block/commit"])
    file.write(commit.tobytes())
PYTHON
refused 6 'different bits: dimension 10, patch_size 5, noise_level 0, seed 1, chains 0 to 15: first.h5 and wrong.h5' \
    "$program" merge no.h5 first.h5 wrong.h5
refused 6 'different bits: dimension 10.*long-reference.h5 and wrong.h5' "$program" merge no.h5 long-reference.h5 wrong.h5
refused 6 'different bits: dimension 10.*wrong.h5 and long-reference.h5' "$program" merge no.h5 wrong.h5 long-reference.h5
refused 6 'different bits: dimension 10.*first.h5 and wrong.h5' "$program" merge no.h5 first.h5 wrong.h5 --sweep long.yaml
refused 5 'different bits' "$program" verify -q wrong.h5 --recompute 1000
exit 0
