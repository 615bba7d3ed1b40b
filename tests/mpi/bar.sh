#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bar.sh PROGRAM: progress is a bar where it comes to a terminal, through mpirun's pipe too, and lines without escape codes
# in files and in pipes that somebody else reads; watch tells the time left that the job does.
. "$(dirname "$0")/common.sh"
program=$(realpath "$1")
cd "$scratch" || exit 1
export TERM=xterm
sed 's/5e5/1e9/' "$here/long.yaml" >long.yaml # hours
escape=$(printf '\033')
count=0

# run_so OPTIONS COMMAND ...: a run of two seconds, ./go, that COMMAND starts; what is shown goes to `out`
run_so() {
    count=$((count + 1))
    # no exec: the shell stands between mpirun and the program
    printf '#!/bin/sh\n"%s" run long.yaml -o %d.h5 --walltime 00:00:02 %s\nexit 0\n' "$program" $count "$1" >go
    chmod +x go
    shift
    "$@" >out 2>&1
    "$program" status $count.h5 >/dev/null || { cat out; fail "$how: there is no file"; }
}
shows() { grep -q -- "$1" out || { cat -v out; fail "$how: no '$1'"; }; }
shows_no() { ! grep -q -- "$1" out || { cat -v out; fail "$how: '$1'"; }; }

how="a file, without mpirun"
run_so "" ./go
shows "^modeseek: 0 of "
shows ", left [0-9:]*$"
shows_no "$escape"
how="a file, under mpirun"
run_so "" ranks 2 ./go
shows "^modeseek: 0 of "
shows_no "$escape"
how="a bar is asked for"
run_so "--progress bar" env COLUMNS=70 ./go
shows "\[-*\] *0 %  0 of [0-9]* blocks, left "
[ "$(tr '\r' '\n' <out | grep '^\[' | head -1 | sed "s/$escape\[K//" | wc -L)" -eq 69 ] || fail "$how: it is not 69 columns wide"
how="a style that there is not"
"$program" run long.yaml -o a.h5 --progress dots >out 2>&1
[ $? -eq 2 ] || fail "$how: it runs"
shows "choose one of bar, lines, none"

how="watch"
"$program" run long.yaml -o watched.h5 --walltime 00:00:40 --progress none >/dev/null 2>&1 &
job=$!
for seconds in 0.5 0.5 0.5 0.5 1 2 4 8 16; do # machines may be slow to start
    sleep 0.1
    timeout $seconds "$program" watch watched.h5 >out 2>/dev/null
    grep -q ", left " out && break
done
kill $job
wait $job
shows "running; 0 blocks/s, left [0-9]*:" # not by the pace, which is 0

if ! script -qec true /dev/null >/dev/null 2>&1 || [ ! -r /proc/self/fd ]; then
    echo "no script(1) or no /proc: terminals are not tested"
    exit 0
fi
how="a terminal behind mpirun"
run_so "" script -qec "mpirun -n 2 ./go" /dev/null
shows "\[-*\] *0 %  0 of "
how="a terminal, but lines are asked for"
run_so "--progress lines" script -qec ./go /dev/null
shows_no "$escape"
how="a terminal, but somebody keeps what mpirun says"
run_so "" script -qec "mpirun -n 2 ./go 2>&1 | cat" /dev/null
shows_no "$escape"
how="a terminal, but somebody keeps what it says"
printf 'import subprocess\nprint(subprocess.run("./go", stderr=subprocess.PIPE).stderr.decode())\n' >keep.py
run_so "" script -qec "'$python3' keep.py" /dev/null
shows "modeseek: 0 of "
shows_no "$escape"
echo ok
