#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# installed.sh CMAKE BUILD_FOLDER EXAMPLES COMPILER FLAGS: this build, installed, serves the example.
. "$(dirname "$(realpath "$0")")/common.sh"
cmake=$1
"$cmake" --install "$2" --prefix "$scratch/installed" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "install"; }
"$scratch/installed/bin/modeseek" --version >/dev/null || fail "the installed program does not run"
# moved: nothing may know where it was installed
mv "$scratch/installed" "$scratch/moved"
consume "$scratch/moved" "$3" "$4" "$5"
