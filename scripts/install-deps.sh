#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install-deps.sh [--test]: makes sure that what modeseek needs is there; with --test also what its tests need.
# On Debian and Ubuntu, as root, it installs the missing packages. Elsewhere it checks by trying the tools, says what
# is missing and ends with exit code 1. Nothing missing: nothing is done. Where there is an MPI it is used: installing
# another one could change what mpicc and mpirun mean on this machine.
set -euo pipefail

build_packages=(build-essential cmake ninja-build pkg-config git ca-certificates hdf5-tools libgsl-dev libyaml-dev
    librandom123-dev zlib1g-dev libopenblas-serial-dev libcmocka-dev python3 python3-numpy python3-h5py python3-matplotlib python3-pandas python3-scipy
    python3-xarray python3-statsmodels python3-h5netcdf)
test_packages=(clang clang-format clang-tidy shellcheck valgrind procps e2fsprogs python3-netcdf4 slurm-wlm
    slurm-wlm-basic-plugins munge iproute2 mandoc)
if grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then # Ubuntu has it as a snap alone
    test_packages+=(chromium)
fi

case "${1:-}" in
'') packages=("${build_packages[@]}") ;;
--test) packages=("${build_packages[@]}" "${test_packages[@]}") ;;
*)
    echo "usage: $0 [--test]" >&2
    exit 2
    ;;
esac

installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Where there are no Debian packages (a cluster's modules, Conda, another distribution): does each thing work?
check_tools() {
    local lacking=() dir
    need() { # need WHAT-TO-LOAD COMMAND...
        local what=$1
        shift
        "$@" >/dev/null 2>&1 || lacking+=("$what")
    }
    dir=$(dirname "$0")
    need "a C compiler (gcc 12 or clang 14, or newer)" sh -c 'command -v gcc || command -v clang || command -v cc'
    need "CMake 3.25 or newer" sh -c 'printf "%s\n" 3.25 "$(cmake --version | sed -n "1s/.* //p")" | sort -CV'
    need "Ninja" ninja --version
    need "pkg-config" pkg-config --version
    need "MPI, with mpirun and mpicc" sh -c 'command -v mpirun && command -v mpicc'
    need "HDF5 built with that MPI (h5pcc, or hdf5-openmpi or hdf5-mpich in pkg-config)" \
        sh -c 'pkg-config hdf5-openmpi || pkg-config hdf5-mpich || command -v h5pcc'
    need "the HDF5 tools (h5diff)" sh -c 'command -v h5diff'
    need "GSL" pkg-config gsl
    need "libyaml" pkg-config yaml-0.1
    need "Random123 (headers only)" sh -c 'echo "#include <Random123/philox.h>" | cc -E -x c -'
    need "OpenBLAS (another BLAS does, but may be slow)" sh -c 'pkg-config openblas || pkg-config blas || ls "$CONDA_PREFIX"/lib/lib*blas.*'
    need "zlib" sh -c 'echo "#include <zlib.h>" | cc -E -x c -'
    need "cmocka" pkg-config cmocka
    need "Python 3 with h5py, matplotlib, numpy, pandas, scipy, statsmodels and xarray" "$dir/python3.sh" -c ''
    if [ "${1:-}" = --test ]; then
        need "clang-format and clang-tidy" sh -c 'command -v clang-format && command -v clang-tidy'
        need "shellcheck" shellcheck --version
        need "valgrind" valgrind --version
        need "pgrep (procps)" pgrep --version
    fi
    [ ${#lacking[@]} = 0 ] && return
    {
        echo "modeseek needs the following, which this machine lacks (load a module, or ask whoever installs software here):"
        printf '  - %s\n' "${lacking[@]}"
        echo "Required versions, and how to specify where they are: docs/installation.md"
    } >&2
    exit 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_tools "$@"
    exit 0
fi

# The MPI that mpicc or mpirun now mean: openmpi or mpich of Debian, other, or none.
mpi_here() {
    local path
    path=$(command -v mpicc || command -v mpirun) || { echo none; return; }
    case $(dpkg-query -S "$(readlink -f "$path")" 2>/dev/null || true) in
    *openmpi*:*) echo openmpi ;;
    *mpich*:*) echo mpich ;;
    *) echo other ;;
    esac
}

mpi=$(mpi_here)
case $mpi in
openmpi | none) packages+=(libopenmpi-dev openmpi-bin libhdf5-openmpi-dev) ;;
mpich) packages+=(libmpich-dev mpich libhdf5-mpich-dev) ;;
esac
if [ "${1:-}" = --test ]; then # pip, and the languages of docs/readers.md; Octave would bring Debian's Open MPI along
    packages+=(python3-pip python3-setuptools python3-wheel r-base-core r-cran-ncdf4)
    case $mpi in openmpi | none) packages+=(octave octave-netcdf) ;; esac
fi

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
# With an MPI that is not Debian's, HDF5 is not Debian's either: CMake tells whether the two belong together.
finish() {
    [ "$mpi" != other ] || check_tools "$@"
    exit 0
}
[ ${#missing[@]} = 0 ] && finish "$@"

if [ "$(id -u)" != 0 ]; then
    {
        echo "Some Debian packages are missing. As root:"
        echo "  apt-get install --no-install-recommends ${missing[*]}"
    } >&2
    exit 1
fi

echo "Installing ${#missing[@]} Debian packages and what they need:"
echo "  ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The tests start a Slurm of their own: the services of the packages are not to run on somebody's machine.
policy=/usr/sbin/policy-rc.d
if [ -d /run/systemd/system ] && [ ! -e $policy ] && [[ " ${missing[*]} " == *" munge "* ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
apt-get update -q
apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null
finish "$@"
