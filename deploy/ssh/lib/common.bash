# Sourced by cohort-ssh: messages, processes, waiting, and the state directory.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

say() { printf '%s\n' "$*" >&2; }

# Exit codes are sysexits(3), as cohort's own: 64 usage, 69 unavailable, 75 try again, 78 configuration.
fail() {
    printf 'error: %s\n' "$2" >&2
    exit "$1"
}

usage_error() { fail 64 "$1"; }

checksum() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# A process id alone may be another process's by now: its start time says.
start_time() {
    if [ -r /proc/self/stat ]; then
        sed -n 's/.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
    else
        ps -o lstart= -p "$1" 2>/dev/null
    fi
}

is_zombie() { grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

# record_process PID FILE
record_process() {
    printf '%s %s\n' "$1" "$(start_time "$1")" >"$2.new"
    mv "$2.new" "$2"
}

# Prints the process id in FILE if that very process is alive.
recorded_process() {
    local id started
    [ -f "$1" ] || return 1
    read -r id started <"$1" || return 1
    [ -n "$started" ] && [ "$(start_time "$id")" = "$started" ] && ! is_zombie "$id" || return 1
    echo "$id"
}

# await SECONDS COMMAND...: until the command succeeds; fails after SECONDS.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# Runs a function for every argument at once; fails if one failed.
in_parallel() {
    local function=$1 item failed=0 processes=()
    shift
    for item in "$@"; do
        "$function" "$item" &
        processes+=($!)
    done
    for item in ${processes[@]+"${processes[@]}"}; do
        wait "$item" || failed=1
    done
    return "$failed"
}

# Sets `state`, and `cluster`, which names this cluster on the remote machines.
name_state() {
    local folder
    folder=$(cd "$(dirname "$host_file")" 2>/dev/null && pwd -P) ||
        fail 66 "$host_file: there is no such folder"
    local path=$folder/${host_file##*/}
    if [ -z "$state" ]; then
        local hash
        hash=$(printf '%s' "$path" | checksum)
        state=${XDG_STATE_HOME:-$HOME/.local/state}/cohort/ssh/${hash:0:16}
    fi
    cluster=$(printf '%s\n' "$(uname -n)" "$(id -un)" "$path" "$state" | checksum)
    cluster=${cluster:0:16}
}

# One up or down at a time.
lock_state() {
    mkdir -p "$state/hosts"
    chmod 700 "$state" "$state/hosts"
    if ! (set -o noclobber && record_lock) 2>/dev/null; then
        recorded_process "$state/lock" >/dev/null &&
            fail 75 "another cohort-ssh is at work in $state; try again when it is done"
        record_lock
    fi
    trap 'rm -f "$state/lock"' EXIT
}

record_lock() { printf '%s %s\n' $$ "$(start_time $$)" >"$state/lock"; }
