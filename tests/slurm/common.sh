# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts of this folder: a real Slurm on this machine, for the time of one script.
#
# The script runs itself anew in namespaces of its own for processes, mounts, network and host name, and is the first
# process there: whatever ends it, a kill by ctest too, takes every process, mount and interface of the cluster along.
# Where namespaces are not allowed, it runs without: then the cluster is stopped by a trap, and by a watcher if the
# script is killed.
set -u
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source=$(dirname "$(dirname "$here")")
self=$(realpath "$0")

skip() {
    echo "skipped: $*"
    exit 77
}

fail() {
    echo "FAILED: $*"
    exit 1
}

if [ -z "${CLUSTER_PARENT:-}" ]; then
    [ "$(id -u)" = 0 ] || skip "only root can start a Slurm"
    export PATH=$PATH:/usr/sbin:/sbin
    for tool in munged slurmctld slurmd sbatch srun ip h5diff runuser; do
        command -v $tool >/dev/null || skip "there is no $tool; scripts/install-deps.sh --test installs it"
    done
    [[ $(mpirun --version 2>/dev/null) =~ Open\ MPI|OpenRTE ]] || skip "these tests start Open MPI's programs"
    [ -r /proc/self/stat ] || skip "Slurm needs /proc"
    export CLUSTER_PARENT=$$ CLUSTER_NAMESPACES=
    namespaces=(unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation unchanged)
    if [ -z "${CLUSTER_PLAIN:-}" ] && "${namespaces[@]}" ip link set lo up 2>/dev/null; then
        CLUSTER_NAMESPACES=yes exec "${namespaces[@]}" bash "$self" "$@"
    fi
    echo "without namespaces: these are not allowed here"
fi

# Nothing of a job or user outside, and no job of this machine's own Slurm.
unset "${!SLURM_@}" "${!SBATCH_@}" "${!SRUN_@}" "${!OMPI_@}" "${!PMIX_@}" "${!PMI_@}" 2>/dev/null
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 HWLOC_HIDE_ERRORS=2 LC_ALL=C
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=slot:oversubscribe
export TZ=UTC

# private FOLDER: what is mounted there is not to be seen outside of the namespace. In a chroot / may be no mount itself.
private() {
    mount --make-rprivate / 2>/dev/null || mount --make-rprivate "$1" 2>/dev/null
}

if [ -n "$CLUSTER_NAMESPACES" ]; then
    private /proc && mount -t proc proc /proc
    private /dev/shm && mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    hostname login
    ip link set lo up
    # Slurm asks for addresses as the machine has some, and lo's do not count; Open MPI 5's mpirun crashes where there is
    # no interface but lo.
    device=lo
    ip link add uplink type veth peer name downlink && ip link set downlink up && ip link set uplink up && device=uplink
    ip address add 10.255.0.1/32 dev $device
fi

scratch=$(mktemp -d "${CLUSTER_FOLDER:-/tmp}/modeseek-slurm.XXXXXX") || exit 1
chmod 755 "$scratch"
cluster=$scratch/cluster
export SLURM_CONF=$cluster/slurm.conf
cd "$scratch" || exit 1

# ---- the cluster -----------------------------------------------------------------------------------------------------

is_alive() { # is_alive PID: and no zombie
    local state
    state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)
    [ -n "$state" ] && [ "$state" != Z ]
}

# cluster_up NODES [LINE...]: munged, slurmctld and NODES slurmd, with these lines in slurm.conf besides or instead. All
# nodes are this host; with `hosts=yes` each has a name, a network and a /dev/shm of its own, which needs namespaces.
cluster_up() {
    local nodes=$1 line key node names='' begin=$SECONDS
    local port=${SLURM_TEST_PORT:-17100} hosts=${hosts:-} address=127.0.0.1 host
    shift
    host=$(hostname)
    mkdir -p "$cluster"/{state,log,run,munge}
    chmod 755 "$cluster" "$cluster/run"
    chmod 700 "$cluster/munge"
    (umask 077 && head -c 1024 /dev/urandom >"$cluster/munge/key")
    munged --key-file="$cluster/munge/key" --socket="$cluster/run/munge" --pid-file="$cluster/run/munged.pid" \
        --log-file="$cluster/munge/log" --seed-file="$cluster/munge/seed" --num-threads=2 2>"$cluster/log/munged" || fail "munged"
    [ -z "$hosts" ] || address=10.77.0.1
    # cgroups may be of either version, or not mounted at all: of these plugins v1 starts everywhere
    echo 'CgroupPlugin=cgroup/v1' >"$cluster/cgroup.conf"
    cat >"$SLURM_CONF" <<EOF
ClusterName=test
SlurmctldHost=$host($address)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$cluster/run/munge,cred_expire=5
SlurmctldPort=$port
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool.%n
SlurmctldPidFile=$cluster/run/slurmctld.pid
SlurmdPidFile=$cluster/run/slurmd.%n.pid
SlurmctldLogFile=$cluster/log/slurmctld
SlurmdLogFile=$cluster/log/slurmd.%n
TmpFS=$cluster/tmp.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MpiDefault=pmix
SwitchType=switch/none
ReturnToService=2
SlurmctldTimeout=120
SlurmdTimeout=6
KillWait=5
KillOnBadExit=1
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
MailProg=/bin/true
EOF
    for line; do
        key=${line%%=*}
        sed -i "/^$key=/d" "$SLURM_CONF"
        echo "$line" >>"$SLURM_CONF"
    done
    for ((node = 1; node <= nodes; node++)); do
        mkdir -p -m 1777 "$cluster/tmp.n$node"
        # more processors than the machine has
        echo "NodeName=n$node CPUs=8 RealMemory=4000 $([ -n "$hosts" ] && echo "NodeAddr=10.77.0.1$node Port=$((port + 99))" ||
            echo "NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + node))")" >>"$SLURM_CONF"
        names+=${names:+,}n$node
    done
    cat >>"$SLURM_CONF" <<EOF
PartitionName=normal Nodes=$names Default=YES MaxTime=INFINITE State=UP PriorityTier=5 PreemptMode=OFF
PartitionName=low Nodes=$names MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=5
PartitionName=high Nodes=$names MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
EOF
    # Nodes of one host would take each other's shared memory.
    [ -n "$hosts" ] || export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
    [ -z "$hosts" ] || network "$nodes"
    slurmctld -c || fail "slurmctld"
    for ((node = 1; node <= nodes; node++)); do node_up n$node; done
    wait_until are_idle "$nodes"
    echo "$nodes nodes after $((SECONDS - begin)) s"
}

are_idle() {
    [ "$(timeout 5 sinfo -h -N -p normal -o %T 2>/dev/null | grep -c '^idle$')" = "$1" ]
}

# In a chroot nsenter leads out of it.
can_have_hosts() {
    [ -n "$CLUSTER_NAMESPACES" ] && mount --make-rprivate / 2>/dev/null && mountpoint -q /dev/shm &&
        nsenter --target $$ --mount test -d "$scratch" &&
        ip link add bridge type bridge && ip link add probe type veth && ip link delete probe
}

# network NODES: a bridge, and for each node a host that holds its namespaces
network() {
    local node
    ip address add 10.77.0.1/24 dev bridge && ip link set bridge up
    { echo "127.0.0.1 localhost"; echo "10.77.0.1 $(hostname)"
        for ((node = 1; node <= $1; node++)); do echo "10.77.0.1$node n$node"; done; } >"$cluster/hosts"
    mount --bind "$cluster/hosts" /etc/hosts
    for ((node = 1; node <= $1; node++)); do
        unshare --net --uts --mount --propagation unchanged bash -c "
            hostname n$node && mount -t tmpfs -o mode=1777 tmpfs /dev/shm && touch $cluster/run/n$node.ready && exec sleep infinity" &
        echo $! >"$cluster/run/n$node.host"
        wait_until test -e "$cluster/run/n$node.ready"
        ip link add v$node type veth peer name eth0 netns $!
        ip link set v$node master bridge up
        on n$node ip address add 10.77.0.1$node/24 dev eth0
        on n$node ip link set eth0 up
        on n$node ip link set lo up
    done
}

on() { # on NODE COMMAND...: on that host
    local holder
    holder=$(cat "$cluster/run/$1.host")
    shift
    nsenter --target "$holder" --net --uts --mount --wd="$PWD" "$@"
}

node_up() { # node_up NODE: as after a reboot
    rm -rf "$cluster/spool.$1" "$cluster/tmp.$1"/*
    if [ -e "$cluster/run/$1.host" ]; then on "$1" slurmd; else slurmd -N "$1"; fi || fail "slurmd of $1"
}

is_back() { # is_back NODE: Slurm knows that it is up again
    timeout 5 sinfo -h -n "$1" -o %T | grep -qxE 'idle|mixed|allocated'
}

# node_down NODE: SIGKILL to its slurmd and all that this started
node_down() {
    local pids
    pids=$(node_processes "$1")
    [ -n "$pids" ] || fail "no process of $1 was found"
    kill -KILL $pids 2>/dev/null
    echo "$1 is down: $(wc -w <<<"$pids") processes killed"
}

# node_processes NODE: slurmd, and what was started by the job or for it; slurmstepd has no environment of the job
node_processes() {
    local entry
    {
        cat "$cluster/run/slurmd.$1.pid"
        for entry in $(grep -lzx "SLURMD_NODENAME=$1" /proc/[0-9]*/environ 2>/dev/null); do
            sed 's/^\([0-9]*\) (.*) . \([0-9]*\) .*/\1 \2/' "${entry%environ}stat" 2>/dev/null # and its parent
        done
    } | tr ' ' '\n' | sort -u | grep -vx -e 1 -e "$$"
}

cluster_stop() { # cluster_stop: every daemon and job; nothing that it did not start
    local pid pids signal
    [ -d "$cluster" ] || return 0
    timeout 5 scancel --user=root >/dev/null 2>&1
    timeout 5 scancel --user=nobody >/dev/null 2>&1
    for _ in $(seq 80); do
        [ -z "$(timeout 2 squeue -h 2>/dev/null)" ] && break
        sleep 0.1
    done
    pids=$(cat "$cluster"/run/slurmd.*.pid "$cluster"/run/slurmctld.pid "$cluster"/run/munged.pid "$cluster"/run/*.host 2>/dev/null)
    for signal in CONT TERM KILL; do
        kill -$signal $pids 2>/dev/null
        [ $signal != CONT ] || continue
        for _ in $(seq 50); do
            for pid in $pids; do is_alive "$pid" && { sleep 0.1; continue 2; }; done
            return
        done
    done
}

# What still runs for this cluster: in a namespace all but this shell, else what names its folder.
left_over() {
    local pid
    for pid in $(cd /proc && ls -d [0-9]* 2>/dev/null); do
        [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] && is_alive "$pid" || continue
        if [ -n "$CLUSTER_NAMESPACES" ] || grep -qzx "SLURM_CONF=$SLURM_CONF" "/proc/$pid/environ" 2>/dev/null; then
            echo "$pid $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
        fi
    done
}

finish() { # finish CODE: the trap: nothing may be left
    local code=$1 left ours
    trap - EXIT INT TERM HUP
    [ $code = 0 ] || [ $code = 77 ] || grep -h -E 'JobId|error' "$cluster/log/slurmctld" 2>/dev/null |
        grep -v -e 'state file' -e 'state save file' -e auth_p_get_host | tail -n 40
    cd /
    [ -z "${watcher:-}" ] || kill "$watcher"
    cluster_stop
    for _ in $(seq 50); do
        left=$(left_over)
        ours=$(grep -v -e '^$' -e ' slurmstepd: ' <<<"$left") # that may wait for ever where a rank could not be started
        [ -z "$ours" ] && break
        sleep 0.1
    done
    awk '{print $1}' <<<"$left" | xargs -r kill -KILL 2>/dev/null
    if [ -n "$ours" ]; then
        echo "FAILED: processes are left:"
        echo "$ours"
        [ $code != 0 ] || code=1
    fi
    rm -rf "$scratch"
    exit $code
}
trap 'finish $?' EXIT
trap 'exit 1' INT TERM HUP

if [ -z "$CLUSTER_NAMESPACES" ]; then
    # Killed, the script cannot clean up: somebody else does.
    (
        trap '' INT TERM HUP
        trap - EXIT
        while kill -0 $$ 2>/dev/null; do sleep 0.5; done
        [ -d "$scratch" ] && cluster_stop && rm -rf "$scratch"
    ) </dev/null >/dev/null 2>&1 &
    watcher=$!
    disown
fi

# ---- what scenarios use ----------------------------------------------------------------------------------------------

wait_until() { # wait_until COMMAND...: at most ${limit:-120} seconds, for a busy machine
    local until=$((SECONDS + ${limit:-120}))
    while [ $SECONDS -lt $until ]; do
        "$@" && return
        sleep 0.5 # not less: a dozen scenarios that ask would take the processors from the jobs
    done
    fail "waited in vain for: $*"
}

state() { # state JOB: "" if Slurm does not know it, or does not answer
    timeout 5 squeue -h -t all -j "$1" -o %T 2>/dev/null
}

is() { # is JOB STATES: all its tasks are in one of these, as a pattern
    now=$(state "$1") # for the caller, too
    [ -n "$now" ] && ! grep -qvxE "$2" <<<"$now"
}

over='COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|PREEMPTED|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE'

ends() { # ends JOB STATE: it does, and is in that state then
    local now=
    wait_until is "$1" "$over"
    grep -qvxE "$2" <<<"$now" && fail "job $1 is $now, not $2"
    return 0
}

# soon JOB: a requeued job may start again at once; Slurm holds it back until credentials expire. Not within the second
# in which those of its last start were revoked: they are told apart by their seconds, and slurmd refuses it.
soon() {
    is "$1" PENDING && sleep 2 && timeout 5 scontrol update JobId="$1" StartTime=now 2>/dev/null
}

number() { # number FILE KEY: of `status --json`
    "$program" status "$1" --json 2>/dev/null | sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" | head -1
}

computes() { # computes FILE: a block is in work
    [ "$(number "$1" running)" -ge 1 ] 2>/dev/null
}

works() { # works JOB FILE: waits until it does
    wait_until works_or_over "$@"
    ! is "$1" COMPLETED || untested "job $1 is over before it was disturbed"
    ! is "$1" "$over" || fail "job $1 is $now before it was disturbed"
}
works_or_over() {
    computes "$2" || is "$1" "$over"
}

starts() { # starts FILE: how often jobs began to write it
    "$source/scripts/python3.sh" -c 'import h5py, sys; print(h5py.File(sys.argv[1])["provenance/start_number"][:].max())' "$1"
}

started() { # started FILE AT_LEAST
    [ "$(starts "$1")" -ge "$2" ] || fail "$1: $(starts "$1") starts, not $2: nothing was interrupted"
}

nothing_lost() { # nothing_lost FILE: of the work of all its jobs
    [ "$(number "$1" seconds_lost)" = 0 ] || fail "$1: $(number "$1" seconds_lost) seconds of work were lost"
}

# reference SWEEP: the undisturbed run, reference.h5. Not beside the scenarios, which would wait for it.
reference() {
    "$program" run -q "$1" -o reference.h5 >reference.log 2>&1 || { cat reference.log; fail "undisturbed run"; }
}

same() { # same A B: equal but for who computed what and when, and for what was saved on the way
    h5diff --exclude-path /provenance --exclude-path /checkpoint "$1" "$2" || fail "$1 and $2 differ"
}

# Scenarios run side by side, each in a folder of its own, and all are told of.
declare -A scenario_pids=()
begin() { # begin NAME: the function of that name
    mkdir -p "$scratch/$1"
    chmod 1777 "$scratch/$1"
    (
        trap - EXIT INT TERM HUP
        cd "$scratch/$1" || exit 1
        SECONDS=0
        "$1"
        echo "passed after $SECONDS s"
    ) >"$scratch/$1.told" 2>&1 &
    scenario_pids[$1]=$!
}

# What the scenario is about did not happen, by no fault of the program's.
untested() {
    echo "UNTESTED: $*"
    exit 76
}

# Waits for all that have begun. Exit code 76 if none failed and some could not be tested, whose names go to the file
# $UNTESTED.
finish_scenarios() {
    local name failed='' again=''
    for name in "${!scenario_pids[@]}"; do
        wait "${scenario_pids[$name]}"
        code=$?
        echo "== $name"
        cat "$scratch/$name.told"
        [ $code != 76 ] || again+=" $name"
        [ $code = 0 ] || [ $code = 76 ] || failed+=" $name"
        [ $code = 0 ] || { echo "-- job logs of $name"; tail -n 25 "$scratch/$name"/*.log "$scratch/$name"/*.out 2>/dev/null; }
    done
    scenario_pids=()
    [ -z "$failed" ] || fail "$failed"
    [ -z "$again" ] || { echo "$again" >"${UNTESTED:-/dev/null}"; echo "UNTESTED: $again"; exit 76; }
}
