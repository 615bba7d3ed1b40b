#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# manual.sh pages PROGRAM FOLDER: each command has a page in the folder, with each of its options and kinds, and is on the
# first page. manual.sh mandoc PROGRAM FOLDER: mandoc has nothing to say against the pages; 77: there is no mandoc.
set -euo pipefail
program=$(realpath "$2")
cd "$3"
fail() {
    echo "FAILED: $*"
    exit 1
}
commands=$("$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -l <<<"$commands")" -ge 12 ] || fail "found only $commands"
[ "$(printf 'modeseek%s.1\n' '' $(printf -- '-%s ' $commands) | sort)" = "$(printf '%s\n' * | sort)" ] ||
    fail "pages: $(echo *); commands: $commands"

if [ "$1" = mandoc ]; then
    command -v mandoc >/dev/null || { echo "skipped: there is no mandoc"; exit 77; }
    mandoc -Tlint -W warning ./*.1 || fail "mandoc finds faults"
    exit 0
fi
for command in $commands; do
    plain=$(sed 's/\\f[BIR]//g; s/\\-/-/g' "modeseek-$command.1")
    for word in $("$program" help "$command" | sed -n '/^options:/,/^example:/s/.*\(--[a-z][a-z-]*\).*/\1/p
                                                     /^kinds:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
        grep -qE -e "^(\.B |-., )?$word( .*)?\$" <<<"$plain" || fail "modeseek-$command.1 lacks $word"
    done
    grep -qxF ".BR modeseek\\-$command (1)" modeseek.1 || fail "modeseek.1 lacks $command"
done
for code in 0 2 3 70 75; do
    grep -qx "\.B $code" modeseek.1 || fail "modeseek.1 lacks exit code $code"
done
grep -q MODESEEK_PYTHON modeseek.1 || fail "modeseek.1 lacks MODESEEK_PYTHON"
