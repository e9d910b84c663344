# Sourced on the remote machine. Everything that a session starts works in the session's own folder, so what
# is left of it can be found even if every record of it is lost. (Environments and command lines are not
# looked at: reading those of a stranger's process can block while it is busy with its memory.)

# The process ids that work in the folder $1 or below.
leftovers() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd" 2>/dev/null)/ in
        "$1"/* | "$1 (deleted)/") echo "${process#/proc/}" ;;
        esac
    done
}

one_line() { printf '%s' "$1" | tr '\n' ' '; }

# Lets those processes end by themselves for five seconds, then sends TERM, then KILL. Says on
# standard error which it had to end. Fails if some are still there.
end_leftovers() {
    for signal in '' TERM KILL; do
        tries=0
        while [ "$tries" -lt 50 ]; do
            pids=$(leftovers "$1")
            [ -n "$pids" ] || return 0
            if [ "$tries" -eq 0 ] && [ -n "$signal" ]; then
                echo "sends $signal to what was left: $(one_line "$pids")" >&2
                # shellcheck disable=SC2086 # a list of process ids
                kill -s "$signal" $pids 2>/dev/null
            fi
            sleep 0.1
            tries=$((tries + 1))
        done
    done
    echo "cannot end these processes: $(one_line "$pids")" >&2
    return 1
}
