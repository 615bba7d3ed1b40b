#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# matrix.sh [SWEEP]: builds the program with gcc and clang and every MPI here that has its HDF5 (Debian: Open MPI and MPICH
# side by side), computes SWEEP (default: experiments/quickstart.yaml) with each, and compares the results. The last
# column, a digest of the results, is for comparing with other machines. Builds and files are kept in build/matrix.
. "$(dirname "$(realpath "$0")")/common.sh"
sweep=$(realpath "${1:-$root/experiments/quickstart.yaml}")
folder=$root/build/matrix
mkdir -p "$folder"
cd "$root"

system=$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")
first='' differ=0 table=''
for compiler in gcc clang; do
    for mpi in openmpi mpich ''; do # the last: where there is only one, under the usual names
        launcher=mpirun${mpi:+.$mpi} wrapper=mpicc${mpi:+.$mpi}
        if [ -z "$mpi" ] && command -v mpicc.openmpi mpicc.mpich >/dev/null; then continue; fi
        command -v $compiler >/dev/null && command -v "$wrapper" >/dev/null || continue
        name=$compiler${mpi:+-$mpi}
        step "$name"
        cmake --preset release -B "$folder/$name" -DCMAKE_C_COMPILER=$compiler -DMPI_C_COMPILER="$(command -v "$wrapper")" \
            -DMODESEEK_BUILD_TESTS=OFF >"$folder/$name.log" 2>&1 && cmake --build "$folder/$name" >>"$folder/$name.log" 2>&1 ||
            { tail -5 "$folder/$name.log"; table+="$name does not build: see $folder/$name.log"$'\n'; differ=1; continue; }
        program=$folder/$name/bin/modeseek
        rm -f "$folder/$name.h5"
        "$launcher" -n 2 "$program" run -q "$sweep" -o "$folder/$name.h5"
        first=${first:-$folder/$name.h5}
        same=same
        h5diff -q --exclude-path /provenance --exclude-path /checkpoint "$first" "$folder/$name.h5" || { same=DIFFERENT; differ=1; }
        table+="| $system | $($compiler --version | head -1) | $("$program" --version | sed -n '2,3s/ Version:[[:space:]]*\| v/ /; 2,3s/$/ | /p' | tr -d '\n')$same | "
        table+="$("$program" digest "$folder/$name.h5" | cut -d' ' -f1) |"$'\n'
    done
done
step "same bits?"
printf '%s' "$table"
exit $differ
