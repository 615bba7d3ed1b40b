#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# faults.sh PROGRAM: see faults.c
. "$(dirname "$0")/common.sh"
program=$1
for count in 1 2 3; do
    for kind in none first last stop status large; do
        ranks $count timeout 60 "$program" $kind || fail "$kind with $count ranks"
    done
done
exit 0
