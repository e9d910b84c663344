#!/usr/bin/env bash
# Builds the fuzzers of this folder from the sources that they exercise and runs each; see README.md.
# usage: Tests/Fuzz/run.sh [NAME...]      names: tokenizer text json template safetensors config
# RUNS=1000000 executions each, SECONDS_MAX=0 (0: no limit), SEED=1
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${RUNS:-1000000}
seconds=${SECONDS_MAX:-0}
seed=${SEED:-1}
out=.build/fuzz
mkdir -p "$out"

flags="-O -wmo -parse-as-library -swift-version 6 -package-name cohort -sanitize=fuzzer,address"
for feature in ExistentialAny MemberImportVisibility InternalImportsByDefault NonisolatedNonsendingByDefault; do
    flags="$flags -enable-upcoming-feature $feature"
done

# build NAME FILE...
build() {
    local name=$1
    shift
    echo "building $name"
    # shellcheck disable=SC2086
    # The linker warns of each of the sanitizer's own symbols.
    swiftc $flags -module-name "Fuzz_$name" "$@" -o "$out/$name" 2>&1 | { grep -v "Cannot export local symbol" || true; }
}

# Ports holds more than the protocols of tensors, and all of that needs other packages.
build_ports() {
    # shellcheck disable=SC2086
    (cd "$out" && swiftc -O -parse-as-library -swift-version 6 -package-name cohort -module-name Ports \
        -sanitize=address -emit-module -emit-object "$OLDPWD/Sources/Ports/Tensors.swift")
}

# fuzz NAME MAX_LEN
fuzz() {
    local name=$1 length=$2
    mkdir -p "$out/corpus-$name"
    echo "running $name: $runs executions"
    "$out/$name" -runs="$runs" -max_total_time="$seconds" -seed="$seed" -max_len="$length" -timeout=10 \
        -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 -close_fd_mask=1 \
        -dict="Tests/Fuzz/$name.dict" -artifact_prefix="$out/$name-" \
        "$out/corpus-$name" "Tests/Fuzz/corpus/$name" 2>"$out/$name.log" || {
        tail -40 "$out/$name.log"
        echo "$name: FAILED" >&2
        exit 1
    }
    grep -E "number_of_executed_units|peak_rss_mb|average_exec" "$out/$name.log"
}

tokenization=$(find Sources/Tokenization -name '*.swift')
for name in ${*:-tokenizer text json template safetensors config}; do
    # shellcheck disable=SC2086
    case $name in
    tokenizer)
        build "$name" $tokenization Tests/Fuzz/EncodingCheck.swift Tests/Fuzz/TokenizerFile.swift
        fuzz "$name" 1500
        ;;
    text)
        build "$name" $tokenization Tests/Fuzz/EncodingCheck.swift Tests/Fuzz/EncodedText.swift
        # Its tokenizers live to the end, in enums whose pointers the leak finder does not recognise.
        ASAN_OPTIONS=detect_leaks=0 fuzz "$name" 64
        ;;
    json)
        build "$name" $tokenization Tests/Fuzz/JSONText.swift
        fuzz "$name" 300
        ;;
    template)
        build "$name" $tokenization Tests/Fuzz/ChatTemplateSource.swift
        fuzz "$name" 300
        ;;
    safetensors)
        build_ports
        build "$name" -I "$out" "$out/Tensors.o" Sources/Checkpoints/Safetensors{DataType,Error,Header,Image}.swift \
            Sources/Checkpoints/{HeaderScanner,HalfPrecision,MappedFile,FileError}.swift \
            Tests/Fuzz/SafetensorsFile.swift
        fuzz "$name" 400
        ;;
    config)
        build "$name" Sources/Transformer/{ModelConfiguration,ConfigurationReader}.swift \
            Tests/Fuzz/ModelConfigurationFile.swift
        fuzz "$name" 600
        ;;
    *)
        echo "unknown fuzzer $name" >&2
        exit 64
        ;;
    esac
done
