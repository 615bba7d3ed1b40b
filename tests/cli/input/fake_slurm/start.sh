# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by cases: a Slurm without jobs, of which `calls` tells what was asked of it; `said` prints without what differs
# from run to run.
export SLURM_STATE=$PWD/state
mkdir state
: >state/jobs
: >state/next
: >state/calls
PATH=$INPUT/fake_slurm:$PATH
said() {
    sed -E -e "s|$(realpath "$(command -v modeseek)")|PROGRAM|g" -e "s|$(pwd -P)|HERE|g" -e "s|$INPUT|INPUT|g" -e 's/-[0-9a-f]{8}\b/-HASH/g' \
        -e 's/modeseek-[0-9a-f]{16}/TOKEN/g' -e 's/about [0-9.e+-]+ core-hours/about N core-hours/' \
        -e 's/at most [0-9.e+-]+$/at most N/' -e 's/, about [0-9.]+ (s|min|h) to compute//' \
        -e "s/(user |of |-u )$(id -un)\b/\1USER/g"
}
calls() {
    echo "--- calls"
    said <state/calls
    : >state/calls
}
