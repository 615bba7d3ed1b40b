#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shared.sh CMAKE SOURCE C_COMPILER FLAGS BUILD: program and library, built shared in the folder BUILD and installed. The
# library exports what the public headers declare and nothing else; the program starts wherever the tree is moved to; the
# example works with it by CMake and by pkg-config. The program's target is enough to install everything.
. "$(dirname "$(realpath "$0")")/../examples/common.sh"
cmake=$1
source=$2
build=$5
unset LD_LIBRARY_PATH
libdir=lib/$("$3" -print-multiarch 2>/dev/null || true)

# the names that the public headers declare: with bodies of enums and structs, comments and macros taken away
declared() {
    local header
    for header in "$1"/include/modeseek/*.h; do
        grep -v '^#include' "$header" | "$2" -E -P -x c -
    done | tr '\n' ' ' | sed 's/{[^{}]*}//g; s/__attribute__ *(([^;]*))//g' | tr ';' '\n' |
        sed -nE 's/^.*\b(ms_[a-z0-9_]+) *\(.*$/\1/p; s/^ *extern .*\b(ms_[a-z0-9_]+) *$/\1/p' | sort -u
}

"$cmake" -S "$source" -B "$build" -G Ninja --fresh -DCMAKE_C_COMPILER="$3" -DCMAKE_C_FLAGS="$4" -DCMAKE_BUILD_TYPE=Release \
    "-DCMAKE_C_FLAGS_RELEASE=$quickly" -DBUILD_SHARED_LIBS=ON -DMODESEEK_BUILD_TESTS=OFF -DCMAKE_INSTALL_BINDIR=programs/here \
    -DCMAKE_INSTALL_LIBDIR=$libdir >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "configure"; }
"$cmake" --build "$build" -j 2 --target modeseek_program >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "build"; }
"$cmake" --install "$build" --prefix "$scratch/installed" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "install"; }

library=$scratch/installed/$libdir/libmodeseek.so
declared "$scratch/installed" "$3" >"$scratch/declared"
nm -D --defined-only "$library" | awk '{print $3}' | grep -v '^_\|^asan\|^__' | sort -u >"$scratch/exported"
[ "$(wc -l <"$scratch/declared")" -gt 50 ] || fail "only these declarations found: $(cat "$scratch/declared")"
diff "$scratch/declared" "$scratch/exported" || fail "declared (<) and exported (>) names differ"
echo "$(wc -l <"$scratch/exported") names are declared and exported"

for file in man/man1/modeseek.1 man/man1/modeseek-run.1 bash-completion/completions/modeseek; do
    [ -s "$scratch/installed/share/$file" ] || fail "not installed: share/$file"
done
mv "$scratch/installed" "$scratch/moved"
rm -rf "$build.away"
mv "$build" "$build.away" # nothing is to be found there
trap 'mv "$build.away" "$build"; rm -rf "$scratch"' EXIT
"$scratch/moved/programs/here/modeseek" --version >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "the program does not start"; }
cat "$scratch/log"
grep -qx "modeseek $(PKG_CONFIG_PATH=$scratch/moved/$libdir/pkgconfig pkg-config --modversion modeseek)" "$scratch/log" ||
    fail "--version"
consume "$scratch/moved" "$source/examples" "$3" "$4"
