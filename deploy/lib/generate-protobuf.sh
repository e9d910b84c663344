#!/bin/sh
# Generates Sources/Wire/Generated from protocols/cohort.proto, or, with --check, compares what is
# committed with what would be generated and fails on a difference.
#
# Needs protoc (Debian: protobuf-compiler). Builds protoc-gen-swift from the swift-protobuf that
# Package.swift pins; PROTOC_GEN_SWIFT=<path> uses a built one instead.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
target=$root/Sources/Wire/Generated

case ${1-} in
"" | --check) ;;
*)
    echo "usage: $0 [--check]" >&2
    exit 2
    ;;
esac

if [ -z "${PROTOC_GEN_SWIFT-}" ]; then
    swift build --package-path "$root" -c release --product protoc-gen-swift >&2
    bin=$(swift build --package-path "$root" -c release --show-bin-path)
    PROTOC_GEN_SWIFT=$bin/protoc-gen-swift
fi

output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT INT TERM

protoc --proto_path="$root/protocols" --plugin=protoc-gen-swift="$PROTOC_GEN_SWIFT" \
    --swift_out="$output" --swift_opt=Visibility=Package \
    --swift_opt=UseAccessLevelOnImports=true cohort.proto

if [ "${1-}" = --check ]; then
    if ! diff -ru "$target" "$output"; then
        echo "Sources/Wire/Generated does not match protocols/cohort.proto; run $0" >&2
        exit 1
    fi
    echo "Sources/Wire/Generated matches protocols/cohort.proto"
else
    mkdir -p "$target"
    cp "$output"/*.swift "$target"/
    echo "wrote $target"
fi
