# Runs on the remote machine, after leftovers.sh and with SESSION_SCRIPT set: ends what an earlier session
# of this host left, writes the session script, and says which cohort to use.
# usage: sh -s CLUSTER LABEL VERSION CHECKSUM SYSTEM found|copied
# Standard output: `here` as soon as it runs; at last `use PATH`, or `copy PATH` for the binary that is
# to be copied there.
set -eu
echo here
directory=.cache/cohort/ssh/$1
umask 077
mkdir -p "$directory/$2"
rm -f "$directory/$2/worker.key" "$directory/$2/learner.pub"
end_leftovers "$(cd -P "$directory/$2" && pwd -P)"
printf '%s\n' "$SESSION_SCRIPT" >"$directory/session.sh.$$"
mv "$directory/session.sh.$$" "$directory/session.sh"

# An installed cohort of the same version is preferred: it fits this machine.
installed=$(command -v cohort 2>/dev/null || true)
if [ "$6" = found ] && [ -n "$installed" ] && [ "$("$installed" --version 2>/dev/null)" = "$3" ]; then
    case $installed in
    *[!A-Za-z0-9/._+-]*) ;;
    /*) echo "use $installed" && exit ;;
    esac
fi
system=$(uname -sm)
if [ "$system" != "$5" ]; then
    echo "this machine is $system, the binary is for $5; install cohort $3 in PATH here" >&2
    exit 78
fi
binary=$directory/cohort-$(printf %.16s "$4")
if [ -x "$binary" ] && [ "$(sha256sum <"$binary")" = "$4  -" ]; then
    echo "use $binary"
else
    echo "copy $binary"
fi
