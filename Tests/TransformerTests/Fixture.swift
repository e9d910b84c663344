import Foundation
import Ports
import Testing
import Transformer

/// A tiny model and what PyTorch computed with it; see Tests/Fixtures/models/make.py.
struct Fixture: CustomTestStringConvertible {
    static let all = [
        "tiny-qwen2", "tiny-llama", "tiny-llama3", "tiny-llama-linear", "tiny-qwen3",
        "tiny-mistral",
    ].map { Fixture(name: $0) }
    static let codec = SimpleSafetensors()

    let name: String
    var testDescription: String { name }

    func bytes(_ file: String) throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let path = tests.appending(path: "../Fixtures/models/\(name)/\(file)")
        return Array(try Data(contentsOf: path))
    }

    var configurationBytes: [UInt8] { get throws { try bytes("config.json") } }
    var configuration: ModelConfiguration {
        get throws { try ModelConfiguration(json: configurationBytes) }
    }
    var image: [UInt8] { get throws { try bytes("model.safetensors") } }
    var golden: SimpleSafetensors.Image {
        get throws { try Self.codec.read(bytes("golden.safetensors")) }
    }
    var batch: FixtureBatch {
        get throws {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(FixtureBatch.self, from: Data(bytes("batch.json")))
        }
    }

    func learner(threads: Int = 1, optimizer: AdamWConfiguration = .init()) throws
        -> TransformerLearner
    {
        try TransformerLearner(
            configuration: configuration, weights: image, reference: image, codec: Self.codec,
            threads: threads, optimizer: optimizer)
    }
}

struct FixtureBatch: Decodable {
    struct Group: Decodable {
        var prompt: [Int32]
        var completions: [[Int32]]
    }

    struct AdamW: Decodable {
        var learningRate: Double
        var weightDecay: Double
        var maxGradNorm: Double
        var steps: Int
    }

    var temperature: Float
    var groups: [Group]
    var weights: [Float]
    var adamw: AdamW

    var tokenGroups: [TokenGroup] {
        groups.map { TokenGroup(prompt: $0.prompt, completions: $0.completions) }
    }
}

extension [TokenGroup] {
    /// Places of a block's tokens among those of all groups.
    func tokens(of block: Range<Int>) -> Range<Int> {
        func count(_ groups: ArraySlice<TokenGroup>) -> Int {
            groups.reduce(0) { $0 + $1.completions.reduce(0) { $0 + $1.count } }
        }
        let start = count(self[..<block.lowerBound])
        return start..<(start + count(self[block]))
    }
}

/// ‖a − b‖ / ‖b‖.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    let difference = zip(a, b).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let size = b.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (difference / max(size, 1e-30)).squareRoot()
}
