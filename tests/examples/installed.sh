#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# installed.sh CMAKE BUILD_FOLDER EXAMPLES COMPILER FLAGS: this build, installed, serves the example; the program, the figure
# and the documents are there.
. "$(dirname "$(realpath "$0")")/common.sh"
cmake=$1
"$cmake" --install "$2" --prefix "$scratch/installed" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "install"; }
"$scratch/installed/bin/modeseek" --version >/dev/null || fail "the installed program does not run"
# moved: nothing may know where it was installed
mv "$scratch/installed" "$scratch/moved"
consume "$scratch/moved" "$3" "$4" "$5"

share=$scratch/moved/share/modeseek
for file in LICENSE README.md CITATION.cff SECURITY.md SUPPORT.md docs/command-line.md experiments/quickstart.yaml \
    examples/first_passage.c examples/own_target.c examples/plugins/banana.c packaging/modulefile \
    scripts/python3.sh scripts/reproduce scripts/common.sh $([ -d "$3/../slurm" ] && cd "$3/.." && find slurm -type f) \
    $(cd "$3/.." && find analysis -name '*.py' ! -path '*/__pycache__/*'); do
    [ -s "$share/$file" ] || fail "no $file"
done
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 UCX_LOG_LEVEL=fatal
export ASAN_OPTIONS=${ASAN_OPTIONS:-fast_unwind_on_malloc=0:intercept_tls_get_addr=0}
cd "$scratch"
moved/bin/modeseek run -q "$3/../tests/mpi/few.yaml" -o few.h5 >log 2>&1 || { cat log; fail "the installed program"; }
"$share/scripts/reproduce" --list >log 2>&1 || { cat log; fail "the installed scripts/reproduce"; }
[ -z "$(find "$share" -name __pycache__)" ] || fail "__pycache__ is installed"
# the figure, drawn by the package that was moved with the program; nothing of the current folder is imported
for module in matplotlib modeseek numpy pandas; do
    echo 'import sys; sys.exit("imported from the current folder")' >$module.py
done
[ ! -d "$share/analysis/modeseek" ] ||
    env -u MODESEEK moved/bin/modeseek plot survival few.h5 -o few.png >log 2>&1 || { cat log; fail "the figure"; }
for file in man/man1/modeseek.1 man/man1/modeseek-plot.1 bash-completion/completions/modeseek zsh/site-functions/_modeseek \
    fish/vendor_completions.d/modeseek.fish; do
    [ -s "moved/share/$file" ] || fail "no $file"
done
