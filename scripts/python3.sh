#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# python3.sh ARGUMENTS...: the first Python 3 that has what analysis/ imports, be it another one than the first in PATH.
set -u
for python in "${MODESEEK_PYTHON:-}" python3 /usr/bin/python3; do
    [ -n "$python" ] || continue
    if "$python" -c 'import h5py, matplotlib, numpy' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "No Python 3 with h5py, matplotlib and numpy; install them, or put its path in MODESEEK_PYTHON" >&2
exit 1
