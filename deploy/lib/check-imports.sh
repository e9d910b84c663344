#!/usr/bin/env bash
# Compares the imports of every target with what it may import. The build checks Swift targets itself
# (--explicit-target-dependency-import-check); C and system modules it sees through, so they are checked
# here.
set -euo pipefail
cd "$(dirname "$0")/../.."

# module:targets that may import it
rules="
CZeroMQ:ZeroMQ,cohort
COneDNN:Transformer
CKernels:Transformer
CChecksums:Wire
"
status=0
for rule in $rules; do
    module=${rule%%:*}
    allowed=${rule#*:}
    while IFS= read -r file; do
        target=$(printf '%s\n' "$file" | cut -d/ -f2)
        case ",$allowed," in
        *",$target,"*) ;;
        *)
            echo "error: $file imports $module; only $allowed may" >&2
            status=1
            ;;
        esac
    done < <(grep -rlE "^[a-z@_ ]*import $module\$" Sources --include='*.swift' || true)
done
# The pure parts know no clock, no files, no network. (Glibc is there for exp and expm1.)
if grep -rnE '^[a-z@_ ]*import (Foundation|Dispatch|Crypto)' Sources/GRPO Sources/Sessions; then
    echo "error: GRPO and Sessions are pure: no Foundation, no Dispatch, no Crypto" >&2
    status=1
fi
exit $status
