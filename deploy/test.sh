#!/usr/bin/env bash
# Builds everything and runs all tests, after installing what they need. Fails if a test fails, if no test
# ran, if generated code is out of date, or if a target imports what it may not.
# One test after another: many start processes or watch threads and descriptors of their own.
# Arguments go to `swift test`, for instance: deploy/test.sh --filter GRPOTests
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/lib/prepare.sh

install_libraries openssh-server openssh-client protobuf-compiler \
    python3-numpy python3-protobuf python3-pytest python3-zmq
require_swift

say "building (the first time takes a few minutes)"
# shellcheck disable=SC2086
swift build $swift_flags --quiet

say "checking that targets import only what the design allows"
deploy/lib/check-imports.sh

say "checking generated code"
deploy/lib/generate-protobuf.sh --check

# Debian's own interpreter: the packages are for it, whatever else comes first in PATH.
python=/usr/bin/python3
if "$python" -c 'import google.protobuf, numpy, pytest, zmq' 2>/dev/null; then
    say "testing the Python reader and worker, without their sampler, which needs PyTorch"
    "$python" -B protocols/vectors/check.py
    (cd protocols/python && "$python" -B -m pytest -q -p no:cacheprovider --ignore=tests/test_sampler.py)
else
    say "no numpy, protobuf, pytest and pyzmq for $python here: the Python package is not tested"
fi

say "testing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
swift test $swift_flags --disable-testable-imports --no-parallel "$@" 2>&1 | tee "$log"
grep -Eq 'Test run with [1-9][0-9]* tests? .*passed' "$log" || fail "no test was run"
