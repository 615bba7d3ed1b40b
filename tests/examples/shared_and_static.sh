#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shared_and_static.sh CMAKE SOURCE COMPILER FLAGS BUILD: the library alone, which needs no MPI, HDF5 or YAML, built in
# the folder BUILD as a shared and as a static library; the example with each; the same bits from both.
. "$(dirname "$(realpath "$0")")/common.sh"
cmake=$1
source=$2
build=$5
for shared in ON OFF; do
    "$cmake" -S "$source" -B "$build" -G Ninja --fresh -DCMAKE_C_COMPILER="$3" -DCMAKE_C_FLAGS="$4" \
        -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=$quickly" -DBUILD_SHARED_LIBS=$shared \
        -DMODESEEK_BUILD_PROGRAM=OFF -DMODESEEK_BUILD_TESTS=OFF \
        >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "configure, shared $shared"; }
    "$cmake" --build "$build" -j 2 >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "build, shared $shared"; }
    "$cmake" --install "$build" --prefix "$scratch/$shared" >/dev/null
    consume "$scratch/$shared" "$source/examples" "$3" "$4"
    mv "$scratch/output" "$scratch/output.$shared"
done
find "$scratch/ON" -name 'libmodeseek.so' | grep -q . || fail "no shared library"
find "$scratch/OFF" -name 'libmodeseek.a' | grep -q . || fail "no static library"
cmp "$scratch/output.ON" "$scratch/output.OFF" || fail "the shared and the static library differ"

# pkg-config --static names all that a program without shared libraries needs
if [ -z "$4" ] && echo 'int main(void) {}' | "$3" -static -x c - -o "$scratch/empty" -lgsl -lgslcblas -lm 2>/dev/null; then
    export PKG_CONFIG_PATH
    PKG_CONFIG_PATH=$(dirname "$(find "$scratch/OFF" -name modeseek.pc)")
    # shellcheck disable=SC2046 # word splitting is meant
    "$3" -static "$source/examples/first_passage.c" -o "$scratch/static" $(pkg-config --static --cflags --libs modeseek) ||
        fail "static link"
    check "$scratch/static"
fi
