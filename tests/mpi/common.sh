# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this folder.
set -u
here=$(dirname "$(realpath "$0")")
# more ranks than cores, whatever options this mpirun has
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 LC_ALL=C
# for a build with sanitizers: Open MPI's leaks are known by the names in their stacks, so these must be whole
export ASAN_OPTIONS=${ASAN_OPTIONS:-fast_unwind_on_malloc=0:intercept_tls_get_addr=0}
# a Python with h5py
python3=$here/../../scripts/python3.sh
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# ranks N PROGRAM ...: under mpirun, more ranks than cores allowed
ranks() {
    local count=$1
    shift
    mpirun -n "$count" "$@"
}

# same A B: equal but for who computed what and when, and for what was saved on the way
same() {
    h5diff --exclude-path /provenance --exclude-path /checkpoint "$1" "$2" || fail "$1 and $2 differ"
}
