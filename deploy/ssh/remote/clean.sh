# Runs on the remote machine, after leftovers.sh: removes everything that `up` brought here.
# usage: sh -s CLUSTER
[ -d ".cache/cohort/ssh/$1" ] || exit 0
end_leftovers "$(cd -P ".cache/cohort/ssh/$1" && pwd -P)" || exit 1
rm -rf ".cache/cohort/ssh/$1"
rmdir .cache/cohort/ssh .cache/cohort 2>/dev/null
exit 0
