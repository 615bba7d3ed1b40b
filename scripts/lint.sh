#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# lint.sh: clang-format and clang-tidy over all C sources, shellcheck over the job scripts; any finding is an error.
. "$(dirname "$(realpath "$0")")/common.sh"
cd "$root"
# Here-strings, not <(...), which needs /proc.
mapfile -t files <<<"$(git ls-files --cached --others --exclude-standard '*.c' '*.h')"
[ -n "${files[0]}" ] || { echo "no C sources found" >&2; exit 1; }

step "clang-format on ${#files[@]} files"
clang-format --dry-run -Werror "${files[@]}"

step "shellcheck on slurm/"
shellcheck slurm/*.sbatch

step "GSL in the library"
# GSL's default error handler ends the program, and the program may be a user's: the library uses of GSL only what never
# calls it. The program itself switches it off.
harmless='gsl_rng|gsl_rng_type|gsl_rng_state|gsl_rng_uniform|gsl_rng_uniform_pos|gsl_ran_gaussian_ziggurat|gsl_cdf_ugaussian_Pinv'
library=(include src/base src/random src/target src/sampler src/observe src/estimate)
if grep -rnoP '\bgsl_[A-Za-z0-9_]+\b(?!\.h)' --include='*.c' "${library[@]}" | grep -vE ":($harmless)\$"; then
    echo "may reach GSL's error handler: see scripts/lint.sh" >&2
    exit 1
fi
grep -q gsl_set_error_handler_off src/cli/main.c

# A configured tree of its own, so that it never depends on what was built how. What is compiled again, with faults or for
# other instructions, is looked at once.
step "clang-tidy on the .c files among them"
cmake --preset release -B build/lint >/dev/null
python3 - build/lint/compile_commands.json <<'EOF'
import json
import sys
with open(sys.argv[1]) as file:
    commands = json.load(file)
once = {command["file"]: command for command in reversed(commands)}
with open(sys.argv[1], "w") as file:
    json.dump(list(once.values()), file, indent=1)
EOF
mapfile -t sources <<<"$(sed -n 's/^ *"file": "\(.*\)",*$/\1/p' build/lint/compile_commands.json | sort -u)"
[ -n "${sources[0]}" ] || { echo "no compile commands found" >&2; exit 1; }
# -Wno-unknown-warning-option: the commands are gcc's. max-nodes: of the paths through a function that the analyzer follows,
# half as many as it would by itself, which takes half the time.
options=(--extra-arg=-Wno-unknown-warning-option)
for argument in -Xclang -analyzer-config -Xclang max-nodes=100000; do
    options+=("--extra-arg=$argument")
done
printf '%s\0' "${sources[@]}" |
    xargs -0 -P "$cores" -I FILE sh -c '
        file=$1
        shift
        echo "  ${file#"$PWD"/}"
        output=$(clang-tidy --quiet -p build/lint "$@" "$file" 2>&1) ||
            { echo "$output"; exit 1; }' sh FILE "${options[@]}"
