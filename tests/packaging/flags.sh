#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# flags.sh CMAKE SOURCE BUILD_FOLDER: flags that would change results are refused, by CMake where they are given to it,
# by the sources where they come in another way (a compiler wrapper); and harmless ones are not.
set -euo pipefail
cmake=$1
source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*"
    cat "$scratch/log"
    exit 1
}

# compile COMPILER FILE FLAG: as this build compiles FILE, only checked, without its options for an instruction set
compile() {
    local command
    command=$(sed -n "s|^ *\"command\": \"[^ ]* \(.*\) -o [^ ]* -c .*$2\",*\$|\1|p" "$3/compile_commands.json" | head -1)
    [ -n "$command" ] || { : >"$scratch/log"; fail "no command for $2"; }
    # shellcheck disable=SC2086 # words are meant
    "$1" -fsyntax-only $command $4 "$source$2" >"$scratch/log" 2>&1
}

macro_flags=(-ffast-math -Ofast -ffinite-math-only)
gcc_flags=(-funsafe-math-optimizations "-fassociative-math -fno-signed-zeros -fno-trapping-math" -freciprocal-math
    -fno-signed-zeros -fsingle-precision-constant)
[ "$(uname -m)" != x86_64 ] || gcc_flags+=(-mfpmath=387)
for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "no $compiler here: not tried"; continue; }
    flags=("${macro_flags[@]}")
    [ $compiler = clang ] || flags+=("${gcc_flags[@]}")
    for file in /src/base/status.c /src/sampler/kernel.c /src/farm/block.c; do
        compile $compiler $file "$3" -O2 || fail "$compiler refuses $file"
        for flag in "${flags[@]}"; do
            ! compile $compiler $file "$3" "$flag" || fail "$compiler $flag compiles $file"
            grep -q "error.*modeseek's results need" "$scratch/log" || fail "$compiler $flag, $file: no reason"
        done
    done
    echo "$compiler: ${flags[*]} are refused"
done

for flag in -ffast-math -funsafe-math-optimizations "-Wall -freciprocal-math -g"; do
    ! "$cmake" -S "$source" -B "$scratch/build" --fresh -DCMAKE_C_FLAGS="$flag" >"$scratch/log" 2>&1 ||
        fail "configured with $flag"
    grep -q "would change modeseek's results" "$scratch/log" || fail "$flag: no reason"
done
! LDFLAGS=-Ofast "$cmake" -S "$source" -B "$scratch/build" --fresh >"$scratch/log" 2>&1 || fail "LDFLAGS=-Ofast"
grep -q -e "-Ofast would change" "$scratch/log" || fail "LDFLAGS=-Ofast: no reason"
"$cmake" -S "$source" -B "$scratch/build" --fresh -DCMAKE_C_FLAGS="-O3 -fno-fast-math -march=native" \
    -DMODESEEK_BUILD_PROGRAM=OFF -DMODESEEK_BUILD_TESTS=OFF >"$scratch/log" 2>&1 || fail "harmless flags"
