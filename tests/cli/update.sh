#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# update.sh PROGRAM [CASE ...]: rewrites the expected output of the cases (all of them by default). Look at `git diff`
# before you commit: a test is only as good as the eyes on its expectation.
program=$(realpath "$1") || exit 1
cd "$(dirname "$0")" || exit 1
shift
[ $# -gt 0 ] || set -- cases/*
for case in "$@"; do
    ./run_case.sh "$program" "$case" --update || echo "in $case"
done
