#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# digest.sh: the results of experiments/quickstart.yaml have the same bits from every compiler, optimisation and number of
# ranks: builds the program in several ways, runs it, and compares the digests with the one in the README.
. "$(dirname "$(realpath "$0")")/common.sh"
cd "$root"
folder=$root/build/digest
mkdir -p "$folder"
expected=$(sed -n 's|.*digest results/quickstart.h5` prints `\([0-9a-f]*\)`.*|\1|p' README.md)
[ -n "$expected" ] || { echo "README.md names no digest" >&2; exit 1; }

differ=0
check() { # check NAME RANKS COMPILER FLAGS
    step "$1, $2 ranks"
    cmake --preset release -B "$folder/$1" -DCMAKE_C_COMPILER="$3" -DCMAKE_C_FLAGS_RELEASE="$4" -DMODESEEK_BUILD_TESTS=OFF \
        >"$folder/$1.log" 2>&1 && cmake --build "$folder/$1" -j "$cores" >>"$folder/$1.log" 2>&1 ||
        { tail -n 20 "$folder/$1.log"; exit 1; }
    rm -f "$folder/$1.h5"
    mpirun -n "$2" "$folder/$1/bin/modeseek" run -q experiments/quickstart.yaml -o "$folder/$1.h5"
    local digest
    digest=$("$folder/$1/bin/modeseek" digest "$folder/$1.h5")
    echo "$digest"
    [ "${digest%% *}" = "$expected" ] || { echo "DIFFERENT: the README has $expected"; differ=1; }
}

check gcc 2 gcc "-O3 -DNDEBUG"
check gcc-O1 1 gcc "-O1"
check gcc-native 5 gcc "-O3 -march=native -DNDEBUG"
if command -v clang >/dev/null; then check clang 3 clang "-O3 -DNDEBUG"; else echo "there is no clang"; fi
exit $differ
