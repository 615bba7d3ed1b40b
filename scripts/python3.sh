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
# Prints what is missing. To import them all would take a second; that of NumPy tells whether it fits this Python.
look='import os, sys
sys.path[:] = filter(None, sys.path)
os.chdir("/")
from importlib.util import find_spec
missing = [name for name in sys.argv[1:] if not find_spec(name)]
print(*missing)
if not missing: import h5py, numpy
sys.exit(bool(missing))'
needed=(h5py matplotlib numpy pandas scipy xarray)
# One without statsmodels, which only fits of curves need, is better than none.
for more in statsmodels ''; do
    told=
    for python in "${MODESEEK_PYTHON:-}" python3 /usr/bin/python3; do
        [ -n "$python" ] || continue
        if missing=$("$python" -c "$look" "${needed[@]}" $more 2>/dev/null); then
            exec "$python" "$@"
        fi
        told+="  $python: ${missing:+has no ${missing// /, }}"
        [ -n "$missing" ] || told+="does not run, or its h5py or numpy does not"
        told+=$'\n'
    done
done
{
    echo "No Python 3 with ${needed[*]}:"
    printf '%s' "$told"
    echo "Debian: apt-get install python3-h5py python3-matplotlib python3-pandas python3-scipy python3-statsmodels python3-xarray"
    echo "Elsewhere install these modules, by pip, conda or a module of the cluster, and put the path of their python3 in MODESEEK_PYTHON"
} >&2
exit 1
