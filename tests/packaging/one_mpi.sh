#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# one_mpi.sh CMAKE SOURCE C_COMPILER: an MPI that is not the one that HDF5 was built with is refused by CMake. The other
# MPI is one that can be linked, but nothing else.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "FAILED: $*"
    cat "$scratch/log"
    exit 1
}

: >"$scratch/log"
: >"$scratch/mpio.h" # HDF5 includes it
cat >"$scratch/mpi.h" <<'C'
#pragma once
#define MPI_VERSION 4
#define MPI_SUBVERSION 0
#define MPI_COMM_WORLD 0
#define MPI_INFO_NULL 0
typedef int MPI_Comm, MPI_Info, MPI_Datatype;
typedef long long MPI_Offset, MPI_Aint;
typedef struct { int dummy; } MPI_Status;
int MPI_Init(int *, char ***), MPI_Finalize(void);
C
echo 'int MPI_Init(int *c, char ***v) { return c && v; } int MPI_Finalize(void) { return 0; }' |
    "$3" -shared -fPIC -Wl,-soname,libmpi_ibm.so.7 -x c - -o "$scratch/libmpi_ibm.so" || fail "the other MPI"
cat >"$scratch/mpicc" <<SCRIPT
#!/bin/bash
case "\$*" in
-show*) echo "$3 -I$scratch -L$scratch -lmpi_ibm" ;;
*) exec "$3" "\$@" -I"$scratch" -L"$scratch" -Wl,-rpath,"$scratch" -lmpi_ibm ;;
esac
SCRIPT
chmod +x "$scratch/mpicc"

! "$1" -S "$2" -B "$scratch/build" -DCMAKE_C_COMPILER="$3" -DMPI_C_COMPILER="$scratch/mpicc" -DMODESEEK_BUILD_TESTS=OFF \
    >"$scratch/log" 2>&1 || fail "configured"
grep -q "Found MPI_C: .*libmpi_ibm" "$scratch/log" || fail "the other MPI was not found"
tr -s ' \n' ' ' <"$scratch/log" | grep -q "do not belong together, .* libmpi_ibm.so.7;.*set HDF5_ROOT" || fail "no reason"
echo "refused"
