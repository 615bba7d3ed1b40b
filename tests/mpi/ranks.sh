#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ranks.sh PROGRAM: the same file for any number of ranks, any order of blocks, any instructions.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1

"$program" run -q "$here/ranks.yaml" -o reference.h5 # without mpirun
[ $? = 8 ] || fail "a failed point must give exit code 8"
[ "$("$program" status reference.h5 --json | grep -c '"reason"')" = 30 ] || fail "30 of the 80 blocks must fail"

for count in 1 2 3 5; do
    for order in longest shortest; do
        ranks $count "$program" run -q "$here/ranks.yaml" -o $count-$order.h5 --order $order >log 2>&1
        [ $? = 8 ] || { cat log; fail "$count ranks, $order first: not exit code 8"; }
        same reference.h5 $count-$order.h5
    done
done
ranks 2 "$program" run -q "$here/ranks.yaml" -o simd.h5 --simd portable --order index >log 2>&1
same reference.h5 simd.h5

"$program" run -q "$here/few.yaml" -o few.h5 >log 2>&1 || { cat log; fail "few blocks on one rank"; }
ranks 5 "$program" run -q "$here/few.yaml" -o few5.h5 >log 2>&1 || { cat log; fail "fewer blocks than ranks"; }
same few.h5 few5.h5

# h5diff must be able to tell files apart
sed 's/seed: 1/seed: 2/' "$here/few.yaml" >other.yaml
"$program" run -q other.yaml -o other.h5 >log 2>&1 || { cat log; fail "another seed"; }
h5diff -q few.h5 other.h5 /discovery_time && fail "h5diff sees no difference between two seeds"
exit 0
