#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# table.sh PROGRAM: components in the sweep file, in a text and in an HDF5 file, as NumPy and h5py have written them, give the same
# bits for one rank and two; results need the file no more, unless something is to be computed; another file is refused.
. "$(dirname "$0")/common.sh"
program=$1
cp "$here"/../data/gmm.{csv,h5} "$scratch"
cd "$scratch" || exit 1

# sweep NAME COMPONENTS
sweep() {
    cat >"$1.yaml" <<EOT
name: table
target: {family: gaussian_mixture, components: $2}
sampler: {step_size: 0.1}
budget: {iterations: 200, chains: 16, block: 8}
grid: {dimension: 4, patch_size: [2, full]}
EOT
}

sweep inline "[$(sed '1d; s/\([^,]*\),\([^,]*\),\(.*\)/{weight: \1, variance: \2, mean: [\3]}/' gmm.csv | paste -sd,)]"
sweep text '{file: gmm.csv}'
sweep hdf5 '{file: gmm.h5}'
for name in inline text; do
    "$program" run -q $name.yaml -o $name.res >$name.log 2>&1 &
done
ranks 2 "$program" run -q hdf5.yaml -o hdf5.res >hdf5.log 2>&1
wait
[ -f inline.res ] && [ -f text.res ] && [ -f hdf5.res ] || { cat ./*.log; fail "no results"; }
same inline.res text.res
same inline.res hdf5.res

mkdir away && cp hdf5.res away
(cd away && "$program" repack hdf5.res -o packed.res && "$program" merge both.res packed.res) >log 2>&1 ||
    { cat log; fail "repacked and merged without the file"; }
same inline.res away/both.res
"$program" verify --recompute 1 away/both.res >log 2>&1 && fail "computed again without the numbers"
grep -q 'give the sweep file: --sweep FILE' log || { cat log; fail "what to do about it"; }

sed -i '$ s/^0.05[0-9]*,1,./&1/' gmm.csv
"$program" run -q text.yaml -o text.res >log 2>&1 && fail "goes on with another file"
grep -q 'target.components.digest: was' log || { cat log; fail "what has changed"; }
