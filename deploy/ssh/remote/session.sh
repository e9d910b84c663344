# Runs on the remote machine inside one ssh session: starts workers, and ends them when the session ends.
# usage: sh session.sh BINARY LABEL SLOTS THREADS RECONNECT-SECONDS
#
# Standard input: one command per line. `connect PORT PORT` names the forwarded ports of the learner and
# starts every worker, `start` starts again those that failed, `stop` ends all. Its end means that ssh is
# gone, however that came about, and counts as `stop`.
# Standard output: one event per line: `ready`, `worker N started PID`, `worker N exited CODE`,
# `stopping`.
# Standard error: what the workers say, with their names in front.
set -u
binary=$1 label=$2 slots=$3 threads=$4 patience=$5

# One mailbox for everything that happens, so that one loop sees it in order. Workers read `alive`, whose
# only writer is this shell: they end at its end of file, also after `kill -9` of this shell.
# (`exec` closes it elsewhere: a redirection of a function may leave a hidden copy open.)
# Descriptors: 6 ssh, 7 and 8 the two ends of `alive`, 9 the mailbox.
case $binary in
/*) ;;
*) binary=$PWD/$binary ;;
esac
# Every process of this session works here; see leftovers.sh.
cd "${0%/*}/$label" || exit 73

directory=$(mktemp -d) || exit 73
mkfifo "$directory/mailbox" "$directory/alive" || exit 73
# shellcheck disable=SC2094 # both ends of one pipe
exec 6<&0 9<>"$directory/mailbox" 8<>"$directory/alive" 7<"$directory/alive" </dev/null
rm -r "$directory"
alive=0 stopping=0 worst=0 state='' runners='' timer='' rollouts='' snapshots=''

forward_commands() {
    while IFS= read -r line; do printf '%s\n' "$line" >&9; done <&6
    echo stop >&9
}

# The worker of one slot, from its start to its end. With a key, its name has to be the key's.
run_worker() {
    {
        if [ -e worker.key ]; then
            set -- "$1" --key worker.key --learner-key learner.pub \
                --name "$(sed -n 's/^name = "\(.*\)"$/\1/p' worker.key)@$1"
        else
            set -- "$1" --name "$label-$1"
        fi
        slot=$1
        shift
        "$binary" worker --supervised "$@" --threads "$threads" \
            --reconnect-seconds "$patience" --connect "tcp://127.0.0.1:$rollouts" \
            --snapshots "tcp://127.0.0.1:$snapshots" <&7 6<&- 7<&- 9>&- &
        set -- "$slot"
        worker=$!
        echo "started $1 $worker" >&9
        wait "$worker"
        echo "exited $1 $?" >&9
    } 2>&1 | while IFS= read -r line; do printf '%s-%s: %s\n' "$label" "$1" "$line" >&2; done
}

# Every slot that never started, or whose worker failed.
start_workers() {
    slot=1
    while [ "$slot" -le "$slots" ]; do
        eval "state=\${state_$slot:-new}"
        case $state in
        new | failed)
            eval "state_$slot=starting"
            alive=$((alive + 1))
            (exec 8>&- && run_worker "$slot") &
            runners="$runners $!"
            ;;
        esac
        slot=$((slot + 1))
    done
}

# Signals every worker that is known to run; one that is still starting gets it when it has started.
signal_workers() {
    slot=1
    while [ "$slot" -le "$slots" ]; do
        eval "state=\${state_$slot:-new}"
        case $state in
        [0-9]*) kill -s "$1" "$state" 2>/dev/null ;;
        esac
        slot=$((slot + 1))
    done
}

# With GatewayPorts=yes sshd listens on every address, whatever the client asked for.
is_exposed() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf '%04X' "$1")" '
        $4 == "0A" {
            n = split($2, part, ":")
            loopback = part[1] ~ /^(0100007F|7F000001|0+1000000|0+1)$/
            if (part[n] == port && !loopback) found = 1
        }
        END { exit !found }'
}

fail() {
    echo "$label: $1" >&2
    worst=78 stopping=1
}

connect() {
    missing=$(ldd "$binary" 2>/dev/null | awk '/not found/ { printf " %s", $1 }')
    if [ -n "$missing" ]; then
        fail "$binary needs libraries that this machine lacks:$missing. Install libzmq5 and libdnnl2 \
(apt-get install libzmq5 libdnnl2); for libraries of Swift's, build cohort with --static-swift-stdlib"
    elif is_exposed "$1" || is_exposed "$2"; then
        fail "sshd here opens forwarded ports to the network; set GatewayPorts to no or clientspecified"
    else
        rollouts=$1 snapshots=$2
        start_workers
    fi
}

# TERM now, KILL ten seconds later.
stop() {
    [ "$stopping" -eq 0 ] || return
    stopping=1
    echo stopping
    signal_workers TERM
    (
        exec 6<&- 7<&- 8>&- >/dev/null 2>&1
        nap=''
        trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
        sleep 10 &
        nap=$!
        wait "$nap" && echo deadline >&9
    ) &
    timer=$!
}

# worker N has ended with status CODE
exited() {
    alive=$((alive - 1))
    echo "worker $1 exited $2"
    if [ "$2" -eq 0 ]; then
        eval "state_$1=finished"
    else
        eval "state_$1=failed"
        [ "$stopping" -eq 1 ] || worst=$2
    fi
}

(exec 7<&- 8>&- >/dev/null 2>&1 && forward_commands) &
commands=$!
trap '' PIPE
trap 'echo stop >&9' TERM HUP INT
begun=0
echo ready
while [ "$begun" -eq 0 ] || [ "$alive" -gt 0 ]; do
    # A trapped signal may interrupt the read; what the trap wrote is read next.
    IFS=' ' read -r event first second <&9 || continue
    case $event in
    connect) begun=1 && connect "$first" "$second" ;;
    start) [ "$stopping" -eq 1 ] || [ -z "$rollouts" ] || start_workers ;;
    stop) begun=1 && stop ;;
    started)
        eval "state_$first=$second"
        echo "worker $first started $second"
        [ "$stopping" -eq 0 ] || kill "$second" 2>/dev/null
        ;;
    exited) exited "$first" "$second" ;;
    deadline) signal_workers KILL ;;
    esac
done
# shellcheck disable=SC2086 # a list of process ids
[ -z "$runners" ] || wait $runners
kill "$commands" $timer 2>/dev/null
exit "$worst"
