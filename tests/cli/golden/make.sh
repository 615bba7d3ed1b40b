#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make.sh BUILD FOLDER: how the files of format 2 here were made, with the build in BUILD, into FOLDER. Those that are
# here stay as they are: they show that later versions go on with what this one has written. (format-1.h5 is what the
# first builds wrote, before any release: refused.)
set -eu
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
input=$here/../input
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
PATH=$build/bin:$PATH
mkdir -p "$2" && cd "$2"

run() { modeseek run -q "$@" >/dev/null; }
run "$input/golden.yaml" -o format-2.h5
modeseek repack format-2.h5 -o format-2-archive.h5

# stopped in the middle of a block: done ones, one with a checkpoint, new ones
for tenths in {4..9} {4..9}; do
    rm -f format-2-half.h5
    modeseek run -q "$input/golden-long.yaml" -o format-2-half.h5 >/dev/null 2>&1 & pid=$!
    sleep 0.$tenths
    kill -TERM $pid && wait $pid || true
    done=$(modeseek verify -q format-2-half.h5 | sed -n 's/.*blocks: \([0-9]*\) done.*/\1/p')
    states=$(modeseek verify -q format-2-half.h5 | sed -n 's/checkpoints: \([0-9]*\) .*/\1/p')
    [ "${done:-0}" -gt 0 ] && [ "$states" -gt "$done" ] && [ "$states" -lt 4 ] && break
done
echo "format-2-half.h5: $done blocks done, $states with states"

# grown by budget and by seeds
sed 's/iterations: 2000/iterations: 1200/' "$input/golden.yaml" >grown.yaml
run grown.yaml -o format-2-grown.h5
sed 's/seed: 1/seed: [1, 3]/' "$input/golden.yaml" >grown.yaml
run grown.yaml -o format-2-grown.h5

# merged from two shares
run --share 1/2 "$input/golden.yaml" -o share-1.h5
run --share 2/2 "$input/golden.yaml" -o share-2.h5
modeseek merge format-2-merged.h5 share-1.h5 share-2.h5
rm share-1.h5 share-2.h5 grown.yaml

# with columns, axes and a rule that this version does not know
MODESEEK_KEEP=$PWD/format-2-later.h5 "$build/tests/results_test_foreign"
