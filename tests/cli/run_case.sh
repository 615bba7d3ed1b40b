#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_case.sh PROGRAM CASE [--update]: runs CASE/cmd in an empty folder, with `modeseek` the program and $INPUT this folder's
# input files; compares standard output, standard error and exit code with CASE/stdout, stderr (no file: nothing may
# be printed) and exit (no file: 0).
# With --update it writes the expected streams instead: look at the difference before you commit it.
set -u
program=$(realpath "$1")
case=$(realpath "$2")
INPUT=$(dirname "$(realpath "$0")")/input
export INPUT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 UCX_LOG_LEVEL=fatal LC_ALL=C
unset "${!SLURM_@}" # who runs the tests inside a job
# for a build with sanitizers: Open MPI's leaks are known by the names in their stacks, so these must be whole
export ASAN_OPTIONS=${ASAN_OPTIONS:-fast_unwind_on_malloc=0:intercept_tls_get_addr=0}
[ -f "$case/cmd" ] || { echo "no file $case/cmd"; exit 1; }
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/work"
ln -s "$program" "$scratch/bin/modeseek"
PATH=$scratch/bin:$PATH
cd "$scratch/work" || exit 1
bash "$case/cmd" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null
exit_code=$?

if [ "${3:-}" = --update ]; then
    for stream in stdout stderr; do
        rm -f "$case/$stream"
        [ ! -s "$scratch/$stream" ] || cp "$scratch/$stream" "$case/$stream"
    done
fi
failed=0
for stream in stdout stderr; do
    expected=$case/$stream
    [ -f "$expected" ] || expected=/dev/null
    if ! diff -u "$expected" "$scratch/$stream"; then
        echo "$stream differs: - expected, + printed"
        failed=1
    fi
done
expected=0
[ -f "$case/exit" ] && expected=$(cat "$case/exit")
if [ "$exit_code" != "$expected" ]; then
    echo "exit code $exit_code, expected $expected"
    failed=1
fi
exit $failed
