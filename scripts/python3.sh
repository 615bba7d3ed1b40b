#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# python3.sh ARGUMENTS...: the first Python 3 that has what analysis/ imports, be it another one than the first in PATH.
# The current folder, where others' files may lie beside results, is no place for modules: neither by an empty or
# relative entry of PYTHONPATH, nor for the look at what can be imported (a script is given its own folder instead).
# There, too, would be a matplotlibrc, which may hold code.
set -u
IFS=: read -ra entries <<<"${PYTHONPATH:-}"
PYTHONPATH=
for entry in ${entries[@]+"${entries[@]}"}; do
    [[ $entry != /* ]] || PYTHONPATH+=${PYTHONPATH:+:}$entry
done
export PYTHONPATH
look='import os, sys; sys.path[:] = filter(None, sys.path); os.chdir("/"); import h5py, matplotlib, numpy'
for python in "${MODESEEK_PYTHON:-}" python3 /usr/bin/python3; do
    [ -n "$python" ] || continue
    if "$python" -c "$look" 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "No Python 3 with h5py, matplotlib and numpy; install them, or set MODESEEK_PYTHON to the path of one that has them" >&2
exit 1
