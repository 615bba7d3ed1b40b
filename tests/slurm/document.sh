#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# document.sh PROGRAM: the commands of docs/cluster.md, in their order, by plain users. Files come from the document, too.
. "$(dirname "$0")/common.sh"
home=$scratch/home
mkdir -p "$home"/modeseek/build/release/bin work blocks && cp "$1" "$home/modeseek/build/release/bin/modeseek" &&
    cp -r "$source/analysis" "$source/scripts" "$source/slurm" "$home/modeseek" || exit 1
program=$home/modeseek/build/release/bin/modeseek

# blocks/N.sh, or N.other.sh for what another person does, or N.none where it says that it is not run; NAME.yaml
awk -v blocks="$scratch/blocks" -v work="$scratch/work" '
    /^```sh/ { name = sprintf("%s/%02d.%s", blocks, ++count, comment ~ /not run/ ? "none" : comment ~ /another person/ ? "other.sh" : "sh"); next }
    /^```yaml/ { in_yaml = 1; next }
    /^```/ { if (name) close(name); name = ""; in_yaml = 0; next }
    in_yaml == 1 { sub(/^# /, ""); name = work "/" $0; in_yaml = 2; next }
    name { print >name; next }
    /^<!--/ { comment = $0; next }
    NF { comment = "" }' "$source/docs/cluster.md"
chown -R nobody:nogroup work
ls blocks/*.sh >/dev/null || fail "no commands were found"
sed -i 's/ourgroup/nogroup/' blocks/*.sh

cluster_up 3 MpiDefault=none

is_idle() {
    local queue
    queue=$(timeout 5 squeue -h -o '%i %T %r') && [ -z "$queue" ]
}

cd work || exit 1
for block in ../blocks/*.sh; do
    person=nobody umask=022
    [[ $block != *.other.sh ]] || person=daemon umask=002
    echo "== $(basename "$block")"
    cat "$block"
    echo "--"
    runuser -u $person -g nogroup -- env HOME="$home" PATH="$(dirname "$program"):$PATH" bash -c "umask $umask; set -e; . '$block'" >log 2>&1
    code=$?
    tail -n 40 log
    [ $code = 0 ] || fail "$(basename "$block"): exit code $code"
    wait_until is_idle
done

for file in sweep array byhand plain together/ours together/bob together/all; do
    "$program" status --check $file.h5 || { tail ./*.log ./*.out together/*.log; fail "$file.h5"; }
done
for file in array byhand plain together/ours; do same sweep.h5 $file.h5; done
for file in sweep array together/ours together/bob; do [ -s $file.png ] || fail "no figure of $file.h5"; done
[ "$(stat -c %U together/bob.h5)" = daemon ] || fail "together/bob.h5 is of $(stat -c %U together/bob.h5)"
exit 0
