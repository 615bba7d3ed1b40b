#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh SECONDS [TARGET...]: fuzzes sweep files, tables, IDX and results files (TARGETs: sweep, table, idx, results) for so long, side by side,
# with address and undefined-behaviour sanitizers. Needs clang with libFuzzer (Debian: libclang-rt-14-dev). Adds what
# reaches new code to the corpus. Findings are left in build/fuzz/findings; then the exit code is 1.
. "$(dirname "$(realpath "$0")")/../../scripts/common.sh"
cd "$root"
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
targets=("${@:-sweep}")
[ $# -gt 0 ] || targets=(sweep table idx results)

sanitizers="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g"
cmake -G Ninja -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS="$sanitizers" >/dev/null
cmake --build build/fuzz -j "$cores" --target "${targets[@]/#/fuzz_}"

export ASAN_OPTIONS=quarantine_size_mb=2:malloc_context_size=6 # HDF5 makes and frees large pieces of memory
work=$root/build/fuzz/work findings=$root/build/fuzz/findings
TMPDIR=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/modeseek-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
mkdir -p "$findings"
# HDF5 1.10 loses memory of its own when it cannot open a file. libFuzzer looks for leaks after inputs; at exit MPI has
# unloaded plugins, and the search itself may fail.
{ cat cmake/lsan.supp && echo 'leak:libhdf5'; } >"$TMPDIR/lsan.supp"
export LSAN_OPTIONS="suppressions=$TMPDIR/lsan.supp:print_suppressions=0:leak_check_at_exit=0"

seeds() { # correct and wrong files that are there for other tests
    [ "$1" != sweep ] || echo tests/sweep/good tests/sweep/bad experiments
    [ "$1" != table ] || echo tests/data tests/sweep/bad
}
options() {
    [ "$1" != sweep ] || echo -max_len=4000 -dict=tests/fuzz/sweep.dict
    [ "$1" != table ] || echo -max_len=400
    [ "$1" != idx ] || echo -max_len=400
    [ "$1" != results ] || echo -max_len=400 -len_control=0
}

pids=()
for target in "${targets[@]}"; do
    mkdir -p "$work/$target"
    # shellcheck disable=SC2046
    nice "build/fuzz/tests/fuzz/fuzz_$target" $(options "$target") -max_total_time="$seconds" -timeout=60 \
        -rss_limit_mb=4096 -artifact_prefix="$findings/$target-" -print_final_stats=1 \
        "$work/$target" "tests/fuzz/corpus/$target" $(seeds "$target") >"$work/$target.log" 2>&1 &
    pids+=($!)
done
failed=0
for i in "${!targets[@]}"; do
    target=${targets[i]}
    code=0
    wait "${pids[i]}" || code=$?
    step "$target: exit code $code"
    if [ $code = 0 ]; then
        grep -E 'INITED|DONE|stat::(number|average|new|peak)' "$work/$target.log"
        # shellcheck disable=SC2046
        "build/fuzz/tests/fuzz/fuzz_$target" $(options "$target") -merge=1 -use_counters=0 "tests/fuzz/corpus/$target" "$work/$target" \
            2>&1 | grep 'MERGE-OUTER: .* new' || true
    else
        tail -n 60 "$work/$target.log"
        failed=1
    fi
done
exit $failed
