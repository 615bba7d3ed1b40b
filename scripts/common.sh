# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this folder and by .ci/run.
set -euo pipefail
root=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
cores=$(nproc)
# Containers and bare machines: Open MPI refuses root; hwloc and UCX complain where /sys is not mounted.
# More ranks than cores are asked for this way, because mpirun's options differ from MPI to MPI.
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=slot:oversubscribe
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 UCX_LOG_LEVEL=fatal

step() {
    printf '\n== %s\n' "$*"
}

build() { # build PRESET [CMAKE ARGUMENTS...]
    local preset=$1
    shift
    step "building: preset $preset, in $root/build/$preset"
    (cd "$root" && cmake --preset "$preset" "$@" && cmake --build --preset "$preset" -j "$cores")
}
