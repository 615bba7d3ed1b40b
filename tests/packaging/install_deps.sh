#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install_deps.sh SOURCE: which packages scripts/install-deps.sh would install beside which MPI, with an apt-get that does
# nothing and a dpkg-query that knows of nothing but the MPI.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for tool in sh bash dirname readlink grep sed sort cat chmod rm; do
    ln -s "$(command -v $tool)" "$scratch/$tool"
done
fake() { # fake NAME SCRIPT
    printf '#!/bin/bash\n%s\n' "$2" >"$scratch/$1"
    chmod +x "$scratch/$1"
}
fake id 'echo 0'
fake apt-get 'echo "$@" >>"$(dirname "$0")/installed"'

# check NAME OWNER WANTED UNWANTED: with mpicc of the package OWNER (none: there is no mpicc, empty: of no package)
check() {
    rm -f "$scratch/mpicc" "$scratch/installed"
    [ "$2" = none ] || fake mpicc 'exit 0'
    fake dpkg-query "[ \"\$1\" = -S ] && [ -n '$2' ] && echo '$2: '\"\$2\""
    PATH=$scratch "$source/scripts/install-deps.sh" --test >"$scratch/output" 2>&1 || [ -z "$2" ] ||
        { cat "$scratch/output"; echo "FAILED: $1: exit code"; exit 1; }
    grep -q libgsl-dev "$scratch/installed" || { cat "$scratch/output"; echo "FAILED: $1: nothing installed"; exit 1; }
    if ! grep -Eq "$3" "$scratch/installed" || grep -Eq "$4" "$scratch/installed"; then
        cat "$scratch/installed"
        echo "FAILED: $1: wrong packages"
        exit 1
    fi
    echo "$1: right packages"
}

source=$1
check "no MPI" none 'libhdf5-openmpi-dev' 'mpich'
check "Open MPI" libopenmpi-dev 'libhdf5-openmpi-dev' 'mpich'
check "MPICH" libmpich-dev:amd64 'libmpich-dev.* libhdf5-mpich-dev' 'openmpi'
check "an MPI of no package" "" 'libgsl-dev' 'openmpi|mpich'
grep -q 'HDF5 built with that MPI' "$scratch/output" || { cat "$scratch/output"; echo "FAILED: HDF5 not asked for"; exit 1; }

# Its messages and CMake's limit agree with the one list of versions.
list=$source/docs/installation.md
cmake=$(sed -n 's/^cmake_minimum_required(VERSION \(.*\))$/\1/p' "$source/CMakeLists.txt")
for wanted in "CMake $cmake" $(grep -o 'gcc [0-9]* or clang [0-9]*' "$source/scripts/install-deps.sh" | sed 's/ or /\n/; s/ /~/g'); do
    read -r name version <<<"${wanted//\~/ }"
    grep -Eq "^\| $name(, or)? \| $version[. ]" "$list" || { echo "FAILED: $name $version is not in $list"; exit 1; }
done
grep -q "CMake $cmake or newer" "$source/scripts/install-deps.sh" || { echo "FAILED: install-deps.sh: not CMake $cmake"; exit 1; }
