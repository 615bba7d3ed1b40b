# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced: a squeue, sacct and scontrol in PATH that print what the case says, as Slurm 22.05 did it.
# shellcheck shell=bash
export TZ=UTC SLURM_FAKE=$PWD/slurm
mkdir -p slurm/bin
PATH=$SLURM_FAKE/bin:$PATH
for command in squeue sacct; do
    cat >"slurm/bin/$command" <<'END'
#!/bin/bash
echo "${0##*/}" >>"$SLURM_FAKE/calls"
if [ -f "$SLURM_FAKE/${0##*/}.fails" ]; then
    cat "$SLURM_FAKE/${0##*/}.fails" >&2
    exit 1
fi
[ ! -f "$SLURM_FAKE/${0##*/}" ] || cat "$SLURM_FAKE/${0##*/}"
END
done
printf '#!/bin/bash\necho\necho "ClusterName             = ci"\n' >slurm/bin/scontrol
chmod +x slurm/bin/*
echo "sacct: error: Slurm accounting storage is disabled" >slurm/sacct.fails

# in_queue NAME STATE REASON [key=value ...]: one more job in squeue's list; the keys below
in_queue() {
    local name=$1 state=$2 reason=$3 number=${1/_/0} start=1000000000 end=1000003600 comment='(null)' status=0 restarts=0
    local command=/home/me/sweep.sbatch folder=$PWD cluster=ci nodes=n1 log=/home/me/$name.log
    shift 3
    [ "$state" != PENDING ] || nodes= end=N/A
    [ $# = 0 ] || local "$@"
    printf '%s\x1f' "$number" "$name" "${name%_*}" "$state" "$reason" low "$nodes" 1 2 999999000 "$start" "$end" \
        "$comment" "$command" "$folder" "$log" "$cluster" "$restarts" "$status" name me >>slurm/squeue
    echo >>slurm/squeue
}
empty_queue() { rm -f slurm/squeue slurm/squeue.fails; }

# lock HOST JOB SECONDS: a lock file of a.h5, taken in 2001, whose last sign of life came SECONDS ago
lock() {
    printf 'last sign of life %016d ms since 1970\nhost %s pid 12345 job %s restart 0 since %s name %s cluster ci\n' \
        $((($(date +%s) - $3) * 1000)) "$1" "${2/_/0}" "${4:-1000000100000}" "$2" >a.h5.lock
}

# explain FILE [OPTION]: what does not change from day to day
# on a slow machine it may take ten seconds until nothing is done
explain() {
    modeseek explain "$@" | sed -E -e 's/20[2-9][0-9]-[0-9-]+[T ][0-9:]+Z?/NOW/g' -e 's/[0-9]+ s ago/N s ago/g' \
        -e 's/(heartbeat for|clock at least) [0-9]+ s/\1 N s/' -e "s/$(hostname)/HERE/g" \
        -e 's/(efficiency) (at least )?[0-9] %: 0 core-seconds of blocks.*/\1 not known: less than 10 core-seconds are too few/' \
        -e 's/("efficiency":) \{[^}]*"core_seconds": (0(\.[0-9]+)?|[0-9.]+e-[0-9]+),[^}]*\}/\1 null/'
}
# the sentence, and what to do
verdict() { explain "$@" | sed '2,/^what to do/d'; }
