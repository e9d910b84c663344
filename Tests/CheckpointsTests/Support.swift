import Checkpoints
import Crypto
import Foundation
import Ports

/// A path under Tests/Fixtures/checkpoints.
func fixturePath(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/checkpoints/\(name)").standardized
        .path(percentEncoded: false)
}

/// An empty directory of its own for one test, removed afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "cohort-tests-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// A safetensors image of any header, to be wrong on purpose.
func image(header: String, dataBytes: Int = 0) -> [UInt8] {
    image(header: Array(header.utf8), dataBytes: dataBytes)
}

func image(header: [UInt8], dataBytes: Int = 0) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
        + [UInt8](repeating: 0, count: dataBytes)
}

/// All names in a directory, hidden ones too.
func listing(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
}

func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
}

func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

/// Files of a directory by name.
func contents(of path: String) throws -> [String: [UInt8]] {
    Dictionary(
        uniqueKeysWithValues: try listing(path).map { ($0, try readFile("\(path)/\($0)")) })
}

var smallTensors: [NamedTensor] {
    [
        NamedTensor(name: "z.weight", shape: [2, 3], values: [1, -2, 3.5, .infinity, 0, -0.0]),
        NamedTensor(name: "a.bias", shape: [1], values: [7]),
        NamedTensor(name: "scalar", shape: [], values: [0.25]),
        NamedTensor(name: "empty", shape: [0, 4], values: []),
    ]
}

/// A checkpoint whose bytes depend on the step.
func checkpoint(_ step: Int) throws -> Checkpoint {
    let weights = try SafetensorsCodec().encode([
        NamedTensor(name: "w", shape: [2], values: [Float(step), 1])
    ])
    let optimizer = try SafetensorsCodec().encode([
        NamedTensor(name: "m", shape: [1], values: [Float(step)])
    ])
    return Checkpoint(
        step: step, config: Array("{\"model_type\": \"qwen2\"}".utf8), weights: weights,
        optimizer: optimizer, trainerState: Array("{\"step\": \(step)}".utf8),
        passThrough: [NamedFile(name: "tokenizer.json", bytes: Array("{}".utf8))])
}

/// A checkpoint directory with these steps saved, for one test.
func withCheckpoints<Result>(
    _ steps: [Int], limit: Int? = nil, _ body: (CheckpointDirectory) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { path throws in
        let directory = try CheckpointDirectory(
            path: "\(path)/run", retention: CheckpointRetention(limit: limit))
        for step in steps { try directory.prune(keeping: directory.save(checkpoint(step))) }
        return try body(directory)
    }
}
