private import Foundation
import Ports

/// The tensors of several safetensors files, as model.safetensors.index.json distributes them.
struct ShardedImage: TensorImage {
    private struct Index: Decodable {
        var weightMap: [String: String]

        enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }

    let metadata: [String: String]
    /// Shard by shard in the order of their names, within one in the order of its data.
    let names: [String]
    private let shardOf: [String: String]
    private let shards: [String: SafetensorsImage]

    init(directory: String) throws {
        let path = "\(directory)/\(HuggingFaceDirectory.indexName)"
        shardOf = try Self.weightMap(path)
        var shards: [String: SafetensorsImage] = [:]
        for shard in Set(shardOf.values) {
            shards[shard] = try Self.open(shard, in: directory, index: path)
        }
        for (tensor, shard) in shardOf.sorted(by: { $0.key < $1.key })
        where shards[shard]?.shape(of: tensor) == nil {
            throw HuggingFaceError.missingTensor(tensor, shard: "\(directory)/\(shard)")
        }
        let order = shards.keys.sorted()
        let map = shardOf
        names = order.flatMap { shard in shards[shard]!.names.filter { map[$0] == shard } }
        metadata = order.first.flatMap { shards[$0]?.metadata } ?? [:]
        self.shards = shards
    }

    func shape(of name: String) -> [Int]? { shard(of: name)?.shape(of: name) }

    func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
        guard let shard = shard(of: name) else { throw SafetensorsError.noSuchTensor(name) }
        try shard.copy(name, into: destination)
    }

    private func shard(of name: String) -> SafetensorsImage? {
        shardOf[name].flatMap { shards[$0] }
    }

    private static func weightMap(_ path: String) throws -> [String: String] {
        let bytes = try readFile(path)
        do {
            return try JSONDecoder().decode(Index.self, from: Data(bytes)).weightMap
        } catch {
            throw HuggingFaceError.badIndex(
                path: path, reason: "it needs \"weight_map\": {tensor: file}")
        }
    }

    private static func open(
        _ shard: String, in directory: String, index: String
    ) throws -> SafetensorsImage {
        let path = "\(directory)/\(shard)"
        do {
            try requirePlainName(shard)
        } catch {
            throw HuggingFaceError.unsafeShard(index: index, name: shard)
        }
        guard !isSymbolicLink(path) else {
            throw HuggingFaceError.unsafeShard(index: index, name: shard)
        }
        guard exists(path) else { throw HuggingFaceError.missingFile(path: path) }
        return try SafetensorsImage(mapping: path)
    }
}
