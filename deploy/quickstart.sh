#!/usr/bin/env bash
# From a fresh clone to a first reward curve: installs system libraries if they are missing, builds, and
# runs the main job. Arguments go to `cohort train`, for instance: deploy/quickstart.sh --seed 2
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/lib/prepare.sh

install_libraries
require_swift
say "building (the first time takes a few minutes)"
# shellcheck disable=SC2086
swift build $swift_flags --product cohort
say "cohort train $*"
exec .build/release/cohort train "$@"
