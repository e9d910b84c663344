# Sourced by cohort-ssh: a key for each machine, so that nobody else there or here can use the forwarded ports.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

# The learner knows a machine by this; its workers are the same with @ and their slots, so it has no @.
identity_of() { echo "${1//@/_at_}"; }

check_keys() {
    [ -z "$keys" ] || [ -r "$keys/learner.pub" ] ||
        fail 66 "--keys $keys: there is no learner.pub; make it: cohort keygen learner --directory $keys"
}

# Makes a key for the machine, takes it there through ssh's own connection, and lists it. Here the secret
# is gone afterwards; `down` takes the rest back.
give_key() {
    local label=$1 folder=$state/hosts/$1 identity
    identity=$(identity_of "$label")
    "$binary" keygen "$identity" --directory "$folder" --force >/dev/null || return
    (cd "$keys" && pwd -P) >"$folder/keys"
    put "$label" worker.key <"$folder/$identity.key" && put "$label" learner.pub <"$keys/learner.pub" || return
    rm -f "$folder/$identity.key"
    mkdir -p "$keys/authorized_workers"
    mv "$folder/$identity.pub" "$keys/authorized_workers/"
}

# put LABEL FILE: standard input becomes that file of the machine's session, for its owner only.
put() {
    remote "$1" "umask 077; exec sh -c 'cat >\"\$0\"' .cache/cohort/ssh/$cluster/$1/$2"
}

# The learner ends the sessions of whoever still uses the key.
take_key_back() {
    local folder=$state/hosts/$1
    [ ! -e "$folder/keys" ] ||
        rm -f "$(<"$folder/keys")/authorized_workers/$(identity_of "$1").pub"
}
