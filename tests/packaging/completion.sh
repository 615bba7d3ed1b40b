#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# completion.sh SHELL PROGRAM SOURCE: what zsh or fish makes of what the program proposes; 77: there is no such shell.
# (bash: tests/cli/cases/completion.)
set -euo pipefail
command -v "$1" >/dev/null || { echo "skipped: there is no $1"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
completion=$(realpath "$3/packaging/completion")
mkdir -p "$scratch/bin" "$scratch/work/folder.d"
ln -s "$(realpath "$2")" "$scratch/bin/modeseek"
export PATH=$scratch/bin:$PATH HOME=$scratch XDG_CONFIG_HOME=$scratch
cd "$scratch/work"
touch sweep.yaml other.yml results.h5 'results 2.h5' notes.txt

# complete WORD...: the last one is completed; one proposal a line, without what it is for
complete_zsh() {
    # in place of the functions of its completion that work at a prompt only
    zsh -f -c '
        _describe() { print -rl -- ${${(@P)2}%%:*} }
        _files() { print -rl -- ${~2}(N.) *(/) }
        compset() { PREFIX=${PREFIX#*=} }
        words=(modeseek "$@") CURRENT=$(($# + 1)) PREFIX=${@[-1]}
        . "$0"' "$completion/_modeseek" "$@"
}
complete_fish() {
    fish --no-config -c "source $completion/modeseek.fish; complete -C 'modeseek $*'" | cut -f 1
}
expect() { # expect PROPOSALS WORD...: with blanks for ends of lines and underscores for blanks
    local proposed
    proposed=$("complete_$shell" "${@:2}" | sed 's/ /_/g; s/^--[a-z]*=//; s,/$,,' | LC_ALL=C sort | tr '\n' ' ')
    [ "$proposed" = "$1 " ] || { echo "FAILED: [${*:2}]: $proposed, not $1"; exit 1; }
}
shell=$1
[ "$shell" != zsh ] || zsh -fn "$completion/_modeseek"
[ "$shell" != fish ] || fish --no-execute "$completion/modeseek.fish"
expect "index longest shortest" run sweep.yaml --order ''
expect "folder.d other.yml sweep.yaml" run ''
expect "folder.d results.h5 results_2.h5" plot survival ''
expect "folder.d results.h5 results_2.h5" run sweep.yaml --output=
expect "folder.d notes.txt other.yml results.h5 results_2.h5 sweep.yaml" submit --setup ''
[ "$("complete_$shell" '' | LC_ALL=C sort | tr '\n' ' ')" = \
    "$(modeseek --complete '' | cut -f 1 | LC_ALL=C sort | tr '\n' ' ')" ] || { echo "FAILED: commands"; exit 1; }
