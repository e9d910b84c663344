# Sourced by cohort-ssh: the verb down.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

# The host file may be gone or changed: what runs is in the state.
verb_down() {
    [ -d "$state/hosts" ] || { say "nothing is up" && return; }
    lock_state
    labels=()
    local running=() label
    while IFS= read -r label; do
        [ -z "$label" ] || running+=("$label")
    done < <(all_labels)
    in_parallel end_session ${running[@]+"${running[@]}"} ||
        fail 70 "some ssh connections cannot be ended; they are recorded in $state"
    in_parallel clean_host ${running[@]+"${running[@]}"} ||
        fail 69 "not every machine could be cleaned; run down again when it can be reached, or \
with --forget yes if it never will"
    rmdir "$state/hosts"
    rm -f "$state/lock"
    rmdir "$state" 2>/dev/null || true
    say "down"
}

# Asks the session to stop, then ends ssh itself; at that the session stops by itself, too.
end_session() {
    local label=$1 signal process
    tell "$label" stop && await 15 is_gone "$label" && return
    for signal in TERM KILL; do
        process=$(recorded_process "$state/hosts/$label/ssh") && kill -s "$signal" "$process"
        await 5 is_gone "$label" && return
    done
    return 1
}

clean_host() {
    local label=$1 folder=$state/hosts/$1
    if [ -e "$folder/touched" ] && ! cat "$here/remote/leftovers.sh" "$here/remote/clean.sh" |
        remote "$label" "exec sh -s -- $cluster"; then
        say "$label: cannot be checked for leftovers"
        [ "$forget" = yes ] || return 1
    fi
    take_key_back "$label"
    rm -rf "$folder"
}
