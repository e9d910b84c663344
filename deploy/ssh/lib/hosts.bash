# Sourced by cohort-ssh: the host file.
# shellcheck shell=bash disable=SC2154 # the options are cohort-ssh's

# Sets the arrays targets, slots and labels, one entry per machine. A label is a file name and the first
# part of a worker's name; a machine that is listed again gets .2, .3 and so on after it.
read_hosts() {
    targets=() slots=() labels=()
    local line='' number=0 target count rest
    [ -r "$host_file" ] && [ ! -d "$host_file" ] || fail 66 "$host_file: there is no such file"
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        line=${line%%#*}
        line=${line%$'\r'}
        IFS=$' \t' read -r target count rest <<<"$line" || true
        [ -n "$target" ] || continue
        check_host "$target" "$count" "$rest" "$host_file:$number"
        targets+=("$target")
        slots+=("$((10#$count))")
        labels+=("$(label_of "$target")")
    done <"$host_file"
    [ ${#targets[@]} -gt 0 ] || fail 78 "$host_file: no machine is listed"
}

# check_host TARGET SLOTS REST PLACE
check_host() {
    local user='([A-Za-z_][A-Za-z0-9_.-]*@)?' port='(:([0-9]{1,5}))?'
    local name='([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])'
    [ -z "$3" ] || fail 78 "$4: '$3' is too much; a line is [user@]host[:port] slots"
    [[ $1 =~ ^$user$name$port$ ]] && [ ${#1} -le 100 ] ||
        fail 78 "$4: '$1' is not of the form [user@]host[:port]"
    local digits=${BASH_REMATCH[4]}
    [ -z "$digits" ] || { [ "$((10#$digits))" -ge 1 ] && [ "$((10#$digits))" -le 65535 ]; } ||
        fail 78 "$4: port $digits is not from 1 to 65535"
    [[ $2 =~ ^[0-9]{1,4}$ ]] && [ "$((10#$2))" -ge 1 ] && [ "$((10#$2))" -le 1024 ] ||
        fail 78 "$4: '$2' is not a number of slots; write the workers for $1 after it, from 1 to 1024"
}

# The label of the next entry, TARGET.
label_of() {
    local label=${1//[^A-Za-z0-9.@-]/_} again=1 other unique
    [[ $label == [A-Za-z0-9]* ]] || label=h$label
    unique=$label
    for other in ${labels[@]+"${labels[@]}"}; do
        if [ "$other" = "$unique" ]; then
            again=$((again + 1))
            unique=$label.$again
        fi
    done
    echo "$unique"
}

# ssh's own arguments for [user@]host[:port], one per line.
target_arguments() {
    local user='' address=$1 port_number=''
    case $address in *@*) user=${address%%@*} address=${address#*@} ;; esac
    case $address in
    \[*\]:*) port_number=${address##*:} address=${address%:*} ;;
    \[*\]) ;;
    *:*) port_number=${address##*:} address=${address%:*} ;;
    esac
    address=${address#\[}
    [ -z "$user" ] || printf '%s\n' -l "$user"
    [ -z "$port_number" ] || printf '%s\n' -p "$port_number"
    printf '%s\n' -- "${address%\]}"
}
