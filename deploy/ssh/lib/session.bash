# Sourced by cohort-ssh: one machine, one ssh connection, its workers. Everything about it is in the folder
# $state/hosts/LABEL: target, slots, ssh-arguments, control (the pipe that ssh reads), events (what the
# session said), log (what ssh and the workers said), ssh and keeper (process ids), exit (ssh's status), ports,
# connected (there if the session knows its ports),
# touched (there if anything may ever have been written there).
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

# remote LABEL COMMAND: runs a command there, through a connection of its own.
remote() {
    load_arguments "$1"
    ssh "${connection[@]}" "${destination[@]}" "$2"
}

# Sets `connection` and `destination` from what `up` was told.
load_arguments() {
    local line folder=$state/hosts/$1
    connection=() destination=()
    while IFS= read -r line; do connection+=("$line"); done <"$folder/ssh-arguments"
    while IFS= read -r line; do destination+=("$line"); done < <(target_arguments "$(<"$folder/target")")
}

# save_session LABEL TARGET SLOTS
save_session() {
    local folder=$state/hosts/$1 touched=''
    [ ! -e "$folder/touched" ] || touched=$folder/touched
    rm -rf "$folder"
    mkdir "$folder"
    [ -z "$touched" ] || : >"$touched"
    echo "$2" >"$folder/target"
    echo "$3" >"$folder/slots"
    # The first of two -o options wins, so the user's come first where a default may be replaced.
    printf '%s\n' -T -a -x -o BatchMode=yes -o ControlMaster=no -o ControlPath=none -o LogLevel=INFO \
        ${ssh_arguments[@]+"${ssh_arguments[@]}"} -o ConnectTimeout=15 -o ServerAliveInterval=10 \
        -o ServerAliveCountMax=3 >"$folder/ssh-arguments"
}

# Prints the path of a cohort there; copies ours if need be.
prepare_host() {
    local label=$1 answer code=0
    answer=$({
        cat "$here/remote/leftovers.sh"
        printf "SESSION_SCRIPT='%s'\n" "$(sed "s/'/'\\\\''/g" "$here/remote/session.sh")"
        cat "$here/remote/prepare.sh"
    } | remote "$label" "exec sh -s -- $cluster $label $version $sum '$system' $search") || code=$?
    [ -z "$answer" ] || : >"$state/hosts/$label/touched"
    [ "$code" -eq 0 ] || return "$code"
    answer=${answer#here$'\n'}
    case $answer in
    "use "*) ;;
    "copy "*) copy_binary "$label" "${answer#copy }" || return ;;
    *) say "$label: unexpected answer '$answer'" && return 1 ;;
    esac
    echo "${answer#* }"
}

# Under another name until it is complete.
copy_binary() {
    say "$1: copying $binary"
    remote "$1" "exec sh -c 'cat >\"\$0.\$\$\" && [ \"\$(sha256sum <\"\$0.\$\$\")\" = \"\$1  -\" ] && \
chmod 700 \"\$0.\$\$\" && mv \"\$0.\$\$\" \"\$0\" || { rm -f \"\$0.\$\$\"; exit 74; }' $2 $sum" <"$binary"
}

# start_session LABEL REMOTE-BINARY INDEX: ssh holds both ends of its standard input, so that it never sees
# an end of file and nobody else has to live as long. Neither a hang-up nor Ctrl-C here reaches it.
start_session() {
    local label=$1 folder=$state/hosts/$1 first=0 second=0 slot_count
    slot_count=$(<"$folder/slots")
    if [ -n "$remote_port_base" ]; then
        first=$((remote_port_base + 2 * $3))
        second=$((first + 1))
    fi
    load_arguments "$label"
    mkfifo "$folder/control"
    : >"$folder/events"
    (
        trap '' HUP INT
        code=0
        ssh "${connection[@]}" -o ExitOnForwardFailure=yes \
            -R "127.0.0.1:$first:127.0.0.1:$port" -R "127.0.0.1:$second:127.0.0.1:$((port + 1))" \
            "${destination[@]}" "exec sh .cache/cohort/ssh/$cluster/session.sh $2 $label $slot_count $threads $patience" \
            0<>"$folder/control" >"$folder/events" 2>"$folder/log" &
        process=$!
        record_process "$process" "$folder/ssh"
        wait "$process" || code=$?
        echo "$code" >"$folder/exit.new" && mv "$folder/exit.new" "$folder/exit"
    ) </dev/null >/dev/null 2>&1 &
    record_process $! "$folder/keeper"
    if [ "$first" -gt 0 ]; then echo "$first $second" >"$folder/ports"; fi
}

is_running() { recorded_process "$state/hosts/$1/ssh" >/dev/null; }

# Before its process id is known a session is not over yet.
is_over() { [ -e "$state/hosts/$1/exit" ] || { [ -e "$state/hosts/$1/ssh" ] && ! is_running "$1"; }; }

is_kept() { recorded_process "$state/hosts/$1/keeper" >/dev/null; }
is_gone() { ! is_running "$1" && ! is_kept "$1"; }

# tell LABEL COMMAND...
tell() {
    local label=$1
    shift
    is_running "$label" && echo "$*" 1<>"$state/hosts/$label/control"
}

# Finds the ports that sshd picked, from what ssh says about them.
know_ports() {
    local folder=$state/hosts/$1 log first second
    [ ! -e "$folder/ports" ] || return 0
    log=$(tr -d '\r' <"$folder/log")
    first=$(allocated "$port" <<<"$log")
    second=$(allocated "$((port + 1))" <<<"$log")
    [ -n "$first" ] && [ -n "$second" ] || return 1
    echo "$first $second" >"$folder/ports"
}

allocated() {
    sed -n "s/^Allocated port \([0-9]*\) for remote forward to 127\.0\.0\.1:$1\$/\1/p" | head -n 1
}

# Prints one line per worker that was ever started: its slot and `alive PID` or `exited CODE`.
workers() {
    awk '$1 == "worker" { last[$2] = ($3 == "started" ? "alive" : $3) " " $4 }
        END { for (slot in last) print slot, last[slot] }' "$state/hosts/$1/events" 2>/dev/null | sort -n
}

count_alive() { workers "$1" | grep -c alive || true; }

# Whether every worker runs or has finished.
is_full() {
    local well
    well=$(workers "$1" | grep -vc 'exited [^0]' || true)
    [ "$well" -eq "$(<"$state/hosts/$1/slots")" ]
}
