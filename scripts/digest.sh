#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# digest.sh: results have the same bits from every compiler, optimisation and number of ranks: builds the program in several
# ways, runs experiments/quickstart.yaml (the reduced engine) and tests/mpi/types.yaml (the generic engine: every sampler on
# every family of targets), and compares the digests with those in the README and in tests/mpi/types.digest.
. "$(dirname "$(realpath "$0")")/common.sh"
cd "$root"
folder=$root/build/digest
mkdir -p "$folder"
expected=$(sed -n 's|.*digest results/quickstart.h5` prints `\([0-9a-f]*\)`.*|\1|p' README.md)
[ -n "$expected" ] || { echo "README.md gives no digest" >&2; exit 1; }
read -r expected_types <tests/mpi/types.digest

differ=0
compare() { # compare NAME RANKS SWEEP EXPECTED
    local program=$folder/$1/bin/modeseek file digest
    file=$folder/$1-$(basename "$3" .yaml).h5
    rm -f "$file"
    mpirun -n "$2" "$program" run -q "$3" -o "$file"
    digest=$("$program" digest "$file")
    echo "$digest"
    [ "${digest%% *}" = "$4" ] || { echo "DIFFERENT: expected $4 for $3"; differ=1; }
}

check() { # check NAME RANKS COMPILER FLAGS
    step "$1, $2 ranks"
    cmake --preset release -B "$folder/$1" -DCMAKE_C_COMPILER="$3" -DCMAKE_C_FLAGS_RELEASE="$4" -DMODESEEK_BUILD_TESTS=OFF \
        >"$folder/$1.log" 2>&1 && cmake --build "$folder/$1" -j "$cores" >>"$folder/$1.log" 2>&1 ||
        { tail -n 20 "$folder/$1.log"; exit 1; }
    compare "$1" "$2" experiments/quickstart.yaml "$expected"
    compare "$1" "$2" tests/mpi/types.yaml "$expected_types"
}

build release
rm -rf "$folder/release"
ln -s ../release "$folder/release"
compare release 2 experiments/quickstart.yaml "$expected"
compare release 2 tests/mpi/types.yaml "$expected_types"
check gcc-O1-native 5 gcc "-O1 -march=native"
if command -v clang >/dev/null; then check clang 3 clang "-O3 -DNDEBUG"; else echo "there is no clang"; fi
exit $differ
