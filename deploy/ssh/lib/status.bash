# Sourced by cohort-ssh: the verbs status and logs.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

# How a machine is, in words. Succeeds if all is well with it.
condition() {
    local folder=$state/hosts/$1 count alive code
    [ -d "$folder" ] || { echo "not started" && return 1; }
    count=$(<"$folder/slots")
    alive=$(count_alive "$1")
    if is_running "$1"; then
        echo "connected, $alive of $count workers alive$(ends "$1")"
        [ "$alive" -eq "$count" ] || [ -z "$(failures "$1")" ]
        return
    fi
    code=$(cat "$folder/exit" 2>/dev/null || echo unknown)
    if grep -qs '^stopping' "$folder/events"; then echo "stopped$(ends "$1")" && return 1; fi
    case $code in
    0) echo "finished$(ends "$1")" && return ;;
    255) echo "dead: ssh could not connect or lost the connection" ;;
    unknown) echo "dead: ssh never ran, or ended unseen" ;;
    *) if [ "$code" -gt 128 ] && [ "$code" -lt 160 ] && [ -z "$(failures "$1")" ]; then
        echo "dead: ssh was ended by signal $((code - 128))"
    else
        echo "dead: exit status $code$(ends "$1")"
    fi ;;
    esac
    return 1
}

failures() { workers "$1" | grep 'exited [^0]' || true; }

# How workers ended, for instance "; worker 2 exited 69 (lost the learner)".
ends() {
    workers "$1" | awk '$2 == "exited" {
        why = $3 == 0 ? "had no more to do" : $3 == 69 ? "lost the learner" : \
            $3 > 128 ? "signal " $3 - 128 : "see logs"
        printf "; worker %s exited %s (%s)", $1, $3, why
    }'
}

# Prints the labels of the host file and then those that only the state knows.
all_labels() {
    local label known
    known=" ${labels[*]-} "
    printf '%s\n' ${labels[@]+"${labels[@]}"}
    for label in "$state"/hosts/*/; do
        label=$(basename "$label")
        [ ! -d "$state/hosts/$label" ] || [[ $known == *" $label "* ]] || echo "$label"
    done
}

verb_status() {
    read_hosts
    local label text well=0
    while IFS= read -r label; do
        text=$(condition "$label") || well=1
        printf '%-24s %s\n' "$label" "$text"
    done < <(all_labels)
    return "$well"
}

verb_logs() {
    labels=()
    local label found=0
    while IFS= read -r label; do
        [ -n "$label" ] && { [ -z "$wanted" ] || [ "$wanted" = "$label" ]; } || continue
        found=1
        [ -n "$wanted" ] || printf '== %s\n' "$label"
        tr -d '\r' <"$state/hosts/$label/log" 2>/dev/null || true
        cat "$state/hosts/$label/events" 2>/dev/null || true
    done < <(all_labels)
    [ "$found" -eq 1 ] || fail 66 "${wanted:-$host_file}: nothing was started, so there are no logs"
}
