#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# data.sh PROGRAM: targets made of data, on the engine that moves chains together, have the same bits for any number of
# ranks, any instructions, grown or at once, interrupted or not; files of other contents are refused, and results can be
# read without them.
. "$(dirname "$0")/common.sh"
program=$1
cd "$scratch" || exit 1
cp "$here"/../support/images/*.idx "$here/data.yaml" .
refused() { # refused WORDS COMMAND...
    local words=$1
    shift
    "$@" >log 2>&1 && { cat log; fail "not refused: $*"; }
    grep -qF "$words" log || { cat log; fail "another message than '$words'"; }
}

for count in 1 2 3; do
    ranks $count "$program" run -q data.yaml -o $count.h5 >log 2>&1 || { cat log; fail "$count ranks"; }
    same 1.h5 $count.h5
done
for simd in portable avx2 avx512; do
    "$program" run -q data.yaml -o $simd.h5 --simd $simd >log 2>&1 ||
        { grep -q "no $simd" log && rm -f $simd.h5 && continue; cat log; fail "$simd"; }
    same 1.h5 $simd.h5
done
"$program" verify -q --recompute 20 2.h5 >log 2>&1 || { cat log; fail "computed again"; }

# fewer chains and iterations first
"$program" run -q data.yaml -o grown.h5 --set budget.chains=20 --set budget.iterations=300 \
    --set 'snapshots=[0, 120, 600]' >log 2>&1 && fail "a snapshot beyond the budget"
"$program" run -q data.yaml -o grown.h5 --set budget.chains=20 >log 2>&1 || { cat log; fail "less"; }
"$program" run -q data.yaml -o grown.h5 >log 2>&1 || { cat log; fail "grown"; }
same 1.h5 grown.h5

# a learned score
cp "$here/learned.yaml" "$here/../data/network_patches.h5" .
{ printf '\0\0\010\003\0\0\0\007\0\0\0\003\0\0\0\003'; printf %63s "seven different images of nine pixels, each of them a letter"; } >nine.idx
for count in 1 3; do
    ranks $count "$program" run -q learned.yaml -o learned_$count.h5 >log 2>&1 || { cat log; fail "learned, $count ranks"; }
    same learned_1.h5 learned_$count.h5
done
"$program" verify -q --recompute 20 learned_3.h5 >log 2>&1 || { cat log; fail "a learned score, computed again"; }

# OpenBLAS takes this processor for an older one if it is told to: that its products have other bits is said
blas() { "$program" --version | grep BLAS; }
if [ "$(blas)" != "$(OPENBLAS_CORETYPE=Prescott blas)" ]; then
    "$program" run -q data.yaml -o share_1.h5 --share 1/2 >log 2>&1 || { cat log; fail "share 1"; }
    OPENBLAS_CORETYPE=Prescott "$program" run -q data.yaml -o share_2.h5 --share 2/2 >log 2>&1 || { cat log; fail "share 2"; }
    "$program" merge merged.h5 share_1.h5 share_2.h5 >log 2>&1 || { cat log; fail "merge"; }
    grep -q "warning: merged.h5 is computed with several BLAS libraries or types of processors (.*; .*Prescott.*)" log ||
        { cat log; fail "merge does not warn"; }
fi

# interrupted
long=(--set budget.iterations=250000 --set budget.chains=16 --set grid.patch_size=4 --set 'snapshots=[0, 120]')
"$program" run -q data.yaml -o whole.h5 "${long[@]}" >log 2>&1 || { cat log; fail "whole"; }
stops=0
while
    ranks 2 "$program" run -q data.yaml -o cut.h5 --walltime 0:0$((1 + stops / 4)) "${long[@]}" >log 2>&1
    [ $? = 75 ]
do
    stops=$((stops + 1))
    [ $stops -lt 32 ] || fail "it does not end"
done
same whole.h5 cut.h5
[ $stops -gt 0 ] || fail "it was not stopped"

# other contents are refused; results can be read without the files, but not computed
"$program" repack 1.h5 -o packed.h5 >log 2>&1 || { cat log; fail "repack with the data"; }
printf '\001' | dd of=train.idx bs=1 seek=30 conv=notrunc status=none
refused "was 24 x 4 x 3, 3 labels" "$program" run -q data.yaml -o 1.h5
rm -f ./*.idx
"$program" summary 1.h5 >log 2>&1 || { cat log; fail "summary without the data"; }
"$program" repack 1.h5 -o without.h5 >log 2>&1 || { cat log; fail "repack without the data"; }
refused "cannot be opened" "$program" run -q data.yaml -o 1.h5
echo "stopped $stops times"
exit 0
