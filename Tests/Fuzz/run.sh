#!/usr/bin/env bash
# Builds the fuzzers of this folder from the sources that they exercise and runs each; see README.md.
# usage: Tests/Fuzz/run.sh [NAME...]      names: tokenizer text json template safetensors config
#     worker-frame learner-frame snapshot-frame learner-events worker-events reward-lines configuration
#     zap-request key-file
# RUNS=1000000 executions each, SECONDS_MAX=0 (0: no limit), SEED=1
set -euo pipefail
# Freed memory that the sanitizer keeps to itself would count as the process's.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=16}
cd "$(dirname "$0")/../.."

runs=${RUNS:-1000000}
seconds=${SECONDS_MAX:-0}
seed=${SEED:-1}
root=$PWD
out=.build/fuzz
modules=$out/modules
mkdir -p "$out"

foreign="-O -wmo -parse-as-library -suppress-warnings -swift-version 5 -package-name foreign -sanitize=fuzzer,address"
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
    swiftc $flags -module-name "Fuzz_${name//-/_}" "$@" -o "$out/$name" 2>&1 | { grep -v "Cannot export local symbol" || true; }
}

# Ports holds more than the protocols of tensors, and all of that needs other packages.
build_ports() {
    # shellcheck disable=SC2086
    (cd "$out" && swiftc -O -parse-as-library -swift-version 6 -package-name cohort -module-name Ports \
        -sanitize=address -emit-module -emit-object "$OLDPWD/Sources/Ports/Tensors.swift")
}

# module NAME FLAGS ARGUMENT...: a module that fuzzers import, with the fuzzer's counters.
module() {
    local name=$1 options=$2
    shift 2
    echo "building module $name"
    # shellcheck disable=SC2086
    (cd "$modules" && swiftc $options -I . -I include -module-name "$name" -emit-module -emit-object \
        "$@" -o "$name.o")
}

# The wire's own sources are instrumented, and so is the protobuf runtime behind them.
build_wire() {
    mkdir -p "$modules/include"
    cp Sources/CChecksums/include/CChecksums.h "$modules/include"
    echo 'module CChecksums { header "CChecksums.h" export * }' >"$modules/include/module.modulemap"
    for source in Sources/CChecksums/*.c; do
        clang -O2 -fsanitize=address -ISources/CChecksums/include -c "$source" \
            -o "$modules/$(basename "$source" .c).o"
    done
    local protobuf=.build/checkouts/swift-protobuf/Sources/SwiftProtobuf
    [ -d "$protobuf" ] || swift package resolve
    # shellcheck disable=SC2046
    [ "$modules/SwiftProtobuf.o" -nt Package.resolved ] ||
        module SwiftProtobuf "$foreign" $(find "$root/$protobuf" -name '*.swift')
    local name
    for name in GRPO Wire Sessions; do
        # shellcheck disable=SC2046
        module "$name" "$flags" $(find "$root/Sources/$name" -name '*.swift')
    done
    python3 Tests/Fuzz/wire_corpus.py "$out"
}

# The TOML parser is C++ behind a Swift package; both are instrumented.
build_toml() {
    mkdir -p "$modules"
    local toml=.build/checkouts/TOMLKit/Sources
    [ -d "$toml" ] || swift package resolve
    [ "$modules/TOMLKit.o" -nt Package.resolved ] && return
    for source in "$toml"/CTOML/Sources/*.cpp; do
        clang++ -std=c++17 -O1 -w -fsanitize=fuzzer-no-link,address -I"$toml/CTOML/include" \
            -c "$source" -o "$modules/TOML_$(basename "$source" .cpp | tr -d '&').o"
    done
    local files
    mapfile -d '' files < <(find "$root/$toml/TOMLKit" -name '*.swift' -print0)
    module TOMLKit "$foreign" -I "$root/$toml/CTOML/include/CTOML" "${files[@]}"
}

# What Swift makes of libzmq: the reader of its questions about peers, and keys.
build_zeromq() {
    mkdir -p "$modules"
    [ -n "${zeromq_is_built-}" ] || module ZeroMQ "$flags" -I "$root/Sources/CZeroMQ" "$root"/Sources/ZeroMQ/*.swift
    zeromq_is_built=1
}

# fuzz_wire NAME MAX_LEN FILE
fuzz_wire() {
    [ -n "${wire_is_built-}" ] || build_wire
    wire_is_built=1
    build "$1" -I "$modules" -I "$modules/include" "$modules"/crc32c*.o \
        "$modules"/{SwiftProtobuf,GRPO,Wire,Sessions}.o \
        Tests/FuzzTests/{FrameRepair,FrameChecks,EventStream,LearnerWorld,WorkerWorld}.swift \
        Tests/Fuzz/{FrameMutator,"$3"}.swift
    fuzz "$1" "$2"
}

# fuzz NAME MAX_LEN
fuzz() {
    local name=$1 length=$2
    local dictionary=() seeds=()
    [ ! -f "Tests/Fuzz/$name.dict" ] || dictionary=(-dict="Tests/Fuzz/$name.dict")
    [ ! -d "Tests/Fuzz/corpus/$name" ] || seeds=("Tests/Fuzz/corpus/$name")
    mkdir -p "$out/corpus-$name"
    echo "running $name: $runs executions"
    "$out/$name" -runs="$runs" -max_total_time="$seconds" -seed="$seed" -max_len="$length" -timeout=10 \
        -rss_limit_mb=2048 -malloc_limit_mb=512 -print_final_stats=1 -close_fd_mask=1 \
        ${dictionary[@]+"${dictionary[@]}"} -artifact_prefix="$out/$name-" \
        "$out/corpus-$name" ${seeds[@]+"${seeds[@]}"} 2>"$out/$name.log" || {
        tail -40 "$out/$name.log"
        echo "$name: FAILED" >&2
        exit 1
    }
    grep -E "number_of_executed_units|peak_rss_mb|average_exec" "$out/$name.log"
}

tokenization=$(find Sources/Tokenization -name '*.swift')
all="tokenizer text json template safetensors config
    worker-frame learner-frame snapshot-frame learner-events worker-events reward-lines configuration
    zap-request key-file"
for name in ${*:-$all}; do
    # shellcheck disable=SC2086
    case $name in
    tokenizer)
        build "$name" $tokenization Tests/Fuzz/EncodingCheck.swift Tests/Fuzz/TokenizerFile.swift
        fuzz "$name" 1500
        ;;
    text)
        build "$name" $tokenization Tests/Fuzz/EncodingCheck.swift Tests/Fuzz/EncodedText.swift
        # Its tokenizers live to the end, in enums whose pointers the leak finder does not recognise.
        ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 fuzz "$name" 64
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
    reward-lines)
        # shellcheck disable=SC2086
        module Tokenization "$flags" $(printf "$root/%s " $tokenization)
        build "$name" -I "$modules" "$modules/Tokenization.o" \
            Sources/Tasks/Programs/{LineSplitter,RewardAnswer,RewardHello,RewardLine}.swift \
            Tests/Fuzz/RewardLines.swift
        fuzz "$name" 300
        ;;
    configuration)
        build_ports
        build_toml
        build "$name" -I "$out" -I "$modules" -I .build/checkouts/TOMLKit/Sources/CTOML/include/CTOML \
            "$out/Tensors.o" "$modules"/TOML*.o -lstdc++ \
            Sources/cohort/Configuration/TOML{Source,KeyLocator,Cursor,Scalar}.swift \
            Sources/cohort/Configuration/{ConfigurationProblem,SettingValue,SourcePosition,QuotedString}.swift \
            Sources/cohort/Display/TerminalText.swift Tests/Fuzz/ConfigurationFile.swift
        # TOMLKit never frees a parsed file's root (96 bytes); a process parses one.
        ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 fuzz "$name" 400
        ;;
    zap-request | key-file)
        build_zeromq
        sources=(Tests/Fuzz/ZAPRequestFrames.swift)
        [ "$name" = zap-request ] ||
            sources=(Sources/ZeroMQTransport/{KeyFile,KeyFileLines,KeyIdentity}.swift Tests/Fuzz/KeyFileText.swift)
        build "$name" -I "$modules" -I Sources/CZeroMQ "$modules/ZeroMQ.o" -lzmq "${sources[@]}"
        fuzz "$name" 600
        ;;
    worker-frame) fuzz_wire "$name" 2000 WorkerFrame ;;
    learner-frame) fuzz_wire "$name" 2000 LearnerFrame ;;
    snapshot-frame) fuzz_wire "$name" 2000 SnapshotFrame ;;
    learner-events) fuzz_wire "$name" 3000 LearnerEvents ;;
    worker-events) fuzz_wire "$name" 3000 WorkerEvents ;;
    *)
        echo "unknown fuzzer $name" >&2
        exit 64
        ;;
    esac
done
