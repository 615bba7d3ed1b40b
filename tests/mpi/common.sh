# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this folder.
set -u
here=$(dirname "$(realpath "$0")")
# more ranks than cores, whatever options this mpirun has
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=slot:oversubscribe
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 UCX_LOG_LEVEL=fatal LC_ALL=C
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

# rank_pid FILE RANK: the process that is that rank of the job that writes FILE, by what Open MPI or MPICH tell it
rank_pid() {
    local pid
    for pid in $(pgrep -f "run .* -o $1"); do
        tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -Eqx "(OMPI_COMM_WORLD|PMI)_RANK=$2" && echo "$pid"
    done
}

# own_mounts ARGUMENTS...: starts the script anew in a mount namespace of its own, where that is allowed: what it mounts is
# gone with its last process, also when it is killed because it took too long
own_mounts() {
    [ -z "${MODESEEK_OWN_MOUNTS:-}" ] && unshare --mount true 2>/dev/null || return 0
    rm -rf "$scratch"
    MODESEEK_OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
}

# same A B: equal but for who computed what and when, and for what was saved on the way
same() {
    h5diff --exclude-path /provenance --exclude-path /checkpoint "$1" "$2" || fail "$1 and $2 differ"
}
