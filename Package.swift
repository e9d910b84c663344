// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

/// A Swift target with the package's settings.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "cohort",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", exact: "0.6.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", exact: "1.0.2"),
    ],
    targets: [
        // C
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
        .target(name: "CKernels"),
        .target(name: "CChecksums"),
        // What the ring is about
        library("GRPO"),
        library("Ports", ["GRPO", crypto]),
        library("Transformer", ["CKernels", "COneDNN", "GRPO", "Ports"]),
        library("Checkpoints", ["GRPO", "Ports", crypto]),
        library("Tokenization"),
        library("Tasks", ["GRPO", "Ports", "Tokenization", subprocess, system]),
        // The two sides of the ring
        library("Rollout", ["GRPO", "Ports"]),
        library("Training", ["GRPO", "Ports"]),
        // How they reach each other
        library("ZeroMQ", ["CZeroMQ"]),
        library("Wire", ["GRPO", "CChecksums", protobuf]),
        library("Sessions", ["GRPO", "Wire"]),
        library("Simulation", ["GRPO", "Ports", "Sessions", "Training", "Wire"]),
        library("ZeroMQTransport", ["GRPO", "Ports", "Sessions", "Wire", "ZeroMQ"]),
        // What a run must not forget
        library("Ledger", ["GRPO", "Ports", "Wire", crypto, database, sqlite]),
        // The command line
        .executableTarget(
            name: "cohort",
            dependencies: [
                "Checkpoints", "GRPO", "Ledger", "Ports", "Rollout", "Simulation", "Tasks", "Tokenization",
                "Training", "Transformer", "Wire", "CZeroMQ", "ZeroMQ", "ZeroMQTransport", argumentParser,
                crypto, database, sqlite, logging, subprocess, system, toml, yaml,
            ],
            swiftSettings: settings),
        // Tests
        tests("GRPOTests", ["GRPO"]),
        tests("PortsTests", ["GRPO", "Ports"]),
        tests("TrainingTests", ["GRPO", "Ports", "Training"]),
        tests("RolloutTests", ["GRPO", "Ports", "Rollout", "Training"]),
        tests("TransformerTests", ["GRPO", "Ports", "Transformer"]),
        tests("CheckpointsTests", ["Checkpoints", "Ports", crypto]),
        tests("TokenizationTests", ["Tokenization"]),
        tests("TasksTests", ["GRPO", "Ports", "Tasks", "Tokenization"]),
        tests("ChecksumsTests", ["CChecksums"]),
        tests("WireTests", ["CChecksums", "GRPO", "Wire"]),
        tests("LedgerTests", ["GRPO", "Ledger", "Ports", crypto, database]),
        tests("FuzzTests", ["CChecksums", "GRPO", "Sessions", "Wire", protobuf]),
        tests("ZeroMQTests", ["ZeroMQ"]),
        tests("SessionsTests", ["GRPO", "Sessions", "Wire"]),
        tests("SimulationTests", ["Ports", "Simulation", "Training"]),
        tests("ZeroMQTransportTests", ["GRPO", "Ports", "Sessions", "Wire", "ZeroMQ", "ZeroMQTransport"]),
        .target(name: "FreePorts", path: "Tests/FreePorts", swiftSettings: settings),
        tests("ProcessTests", ["FreePorts", subprocess, system]),
        tests("DeployTests", ["FreePorts", subprocess, system]),
        tests(
            "CohortTests",
            [
                "Checkpoints", "GRPO", "Ledger", "Ports", "Rollout", "Simulation", "Tokenization", "Wire",
                "cohort", crypto, database, logging,
            ]),
    ]
)
