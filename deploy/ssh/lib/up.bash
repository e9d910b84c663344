# Sourced by cohort-ssh: the verb up.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

verb_up() {
    read_hosts
    find_binary
    check_keys
    local at
    for at in "$port" "$((port + 1))"; do
        # A learner that was started a moment ago may still load its model.
        await 10 listens "$at" ||
            fail 69 "nothing listens on 127.0.0.1:$at; start the learner first: \
cohort learner --bind tcp://127.0.0.1:$port"
    done
    lock_state
    in_parallel up_host "${!targets[@]}" || fail 69 "not every machine is up; status and logs say more"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Sets binary, version, sum, system, and search: whether a cohort that is installed there will do.
find_binary() {
    search=copied
    if [ -z "$binary" ]; then
        search=found
        binary=$here/../../.build/release/cohort
        [ -x "$binary" ] || binary=$(command -v cohort) ||
            fail 66 "there is no cohort here; build it (swift build -c release), or name it with --binary"
    fi
    [ -f "$binary" ] && [ -x "$binary" ] || fail 66 "--binary $binary: no program is there"
    version=$("$binary" --version) || fail 70 "$binary --version fails"
    [[ $version =~ ^[A-Za-z0-9.+-]+$ ]] || fail 70 "$binary --version says '$version'"
    sum=$(checksum <"$binary")
    system=$(uname -sm)
}

up_host() {
    local label=${labels[$1]} target=${targets[$1]} count=${slots[$1]} folder=$state/hosts/${labels[$1]}
    if is_running "$label"; then
        if [ "$(<"$folder/target") $(<"$folder/slots")" != "$target $count" ]; then
            say "$label: runs as '$(<"$folder/target") $(<"$folder/slots")'; run down before you change its line"
            return 1
        fi
        if is_full "$label"; then say "$label: runs already" && return; fi
        tell "$label" start
    else
        save_session "$label" "$target" "$count"
        local remote_binary
        if ! remote_binary=$(prepare_host "$label" 2>"$folder/log" || not_prepared "$label" $?); then
            explain "$label"
            return 1
        fi
        if [ -n "$keys" ] && ! give_key "$label" 2>>"$folder/log"; then
            not_prepared "$label" 70 || explain "$label"
            return 1
        fi
        start_session "$label" "$remote_binary" "$1"
    fi
    follow_start "$label" || {
        explain "$label"
        return 1
    }
    say "$label: $(count_alive "$label") of $count workers run"
}

not_prepared() {
    echo "$2" >"$state/hosts/$1/exit"
    return 1
}

# Waits for the ports, hands them over, and waits for the workers.
follow_start() {
    local label=$1 folder=$state/hosts/$1
    await "$timeout" is_ready_or_over "$label" && [ -e "$folder/ports" ] || return 1
    if [ ! -e "$folder/connected" ]; then
        tell "$label" connect "$(<"$folder/ports")" || return 1
        : >"$folder/connected"
    fi
    await "$timeout" is_full_or_over "$label" || return 1
    is_full "$label" || [ "$(cat "$folder/exit" 2>/dev/null)" = 0 ]
}

# What is written to the control pipe before ssh has opened it is lost, hence `ready`.
is_ready_or_over() {
    is_over "$1" || { know_ports "$1" && grep -qs '^ready' "$state/hosts/$1/events"; }
}
is_full_or_over() { is_over "$1" || is_full "$1"; }

explain() {
    say "$1: did not start: $(condition "$1")"
    tail -n 5 "$state/hosts/$1/log" 2>/dev/null | tr -d '\r' | sed 's/^/    /' >&2
}
