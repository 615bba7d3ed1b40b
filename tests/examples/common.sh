# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this folder.
set -euo pipefail
quickly="-O1 -DNDEBUG" # of what tests build anew, which takes half a minute less
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# check PROGRAM: it ends well and prints the exact value and a measured one
check() {
    "$@" >"$scratch/output" || fail "exit code $? of $*: $(cat "$scratch/output")"
    cat "$scratch/output"
    grep -Eq 'exact 4\.888244542, measured 4\.[89][0-9]+ \+- 0\.0[0-9]+ ' "$scratch/output" || fail "output of $*"
}

# consume PREFIX EXAMPLES COMPILER FLAGS: the example against the library in PREFIX, by CMake and by pkg-config
consume() {
    local prefix=$1 examples=$2 compiler=$3 flags=$4 libraries
    rm -rf "$scratch/by_cmake"
    "$cmake" -S "$examples" -B "$scratch/by_cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$compiler" \
        -DCMAKE_C_FLAGS="$flags" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "find_package"; }
    "$cmake" --build "$scratch/by_cmake" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "build with find_package"; }
    "$scratch/by_cmake/own_target" >"$scratch/own_target" || fail "own_target: $(cat "$scratch/own_target")"
    cat "$scratch/own_target"
    check "$scratch/by_cmake/first_passage"

    libraries=$(dirname "$(find "$prefix" -name modeseek.pc)")
    # as the comment in the example says; word splitting is meant
    # shellcheck disable=SC2046,SC2086
    PKG_CONFIG_PATH=$libraries "$compiler" $flags "$examples/first_passage.c" -o "$scratch/by_pkg_config" \
        $(PKG_CONFIG_PATH=$libraries pkg-config --cflags --libs modeseek) -lm || fail "build with pkg-config"
    LD_LIBRARY_PATH=$(dirname "$libraries") check "$scratch/by_pkg_config"
    # shellcheck disable=SC2046,SC2086
    "$compiler" $flags -Wall -Wextra -Werror -shared -fPIC -O2 -ffp-contract=off "$examples/plugins/banana.c" \
        -o "$scratch/banana.so" $(PKG_CONFIG_PATH=$libraries pkg-config --cflags modeseek) -lm || fail "plugin"
}
