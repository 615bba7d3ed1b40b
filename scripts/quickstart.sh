#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quickstart.sh [FOLDER]: installs what is missing, builds, runs experiments/quickstart.yaml on all cores, prints the
# table and draws the figure. Results go to FOLDER (default: results/ here). Started again it resumes, or finds all done.
. "$(dirname "$(realpath "$0")")/common.sh"
folder=$(realpath -m "${1:-$root/results}")
"$root/scripts/install-deps.sh"
build release

modeseek=$root/build/release/bin/modeseek
sweep=$root/experiments/quickstart.yaml
file=$folder/quickstart.h5
figure=$folder/quickstart.png
mkdir -p "$folder"

step "running $sweep with $cores ranks"
mpirun -n "$cores" "$modeseek" run "$sweep" -o "$file"

step "iterations until a mode is found (rule ball, seeds pooled)"
"$modeseek" summary "$file" --pool seed --rule ball --mode any --rows all

step "drawing"
"$modeseek" plot hardness "$file" -o "$figure"

step "done"
echo "results  $file"
echo "figure   $figure"
echo "program  $modeseek"
