#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test.sh [CTEST ARGUMENTS...]: installs what is missing, builds, runs the whole test suite.
. "$(dirname "$(realpath "$0")")/common.sh"
"$root/scripts/install-deps.sh" --test
build release
step "testing"
cd "$root"
exec ctest --preset release -j "$cores" "$@" </dev/null
