#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# headers.sh SOURCE BUILD_FOLDER C_COMPILER: each public header compiles by itself, in C and in C++, without a warning.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() { # check COMPILER LANGUAGE STANDARD
    local header
    for header in "$1"/include/modeseek/*.h "$2/include/modeseek/version.h"; do
        printf '#include <modeseek/%s>\nextern int declared;\n' "$(basename "$header")" >"$scratch/alone.$4"
        "$3" -std="$5" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$1/include" -I"$2/include" \
            $(pkg-config --cflags gsl) "$scratch/alone.$4" || { echo "FAILED: $header in $5"; exit 1; }
    done
    echo "$5: all headers compile alone"
}

check "$1" "$2" "$3" c c99
check "$1" "$2" "$3" c c17
if command -v c++ >/dev/null; then
    check "$1" "$2" c++ cpp c++11
    check "$1" "$2" c++ cpp c++20
else
    echo "no c++ here: C++ was not tried"
fi
