import Checkpoints
import Foundation
import Ports
import Testing

@Suite struct SafetensorsWriteTests {
    private let codec = SafetensorsCodec()

    @Test("What is written reads back bit for bit, in the given order")
    func roundTrip() throws {
        let image = try codec.decode(codec.encode(smallTensors, metadata: ["k": "\"\\\n\u{1}ä"]))
        #expect(image.names == ["z.weight", "a.bias", "scalar", "empty"])
        #expect(image.metadata == ["k": "\"\\\n\u{1}ä", "format": "pt"])
        for tensor in smallTensors {
            #expect(image.shape(of: tensor.name) == tensor.shape)
            let values = try image.values(of: tensor.name)
            #expect(values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
        }
    }

    @Test("The bytes are exactly those of the format")
    func bytes() throws {
        let image = try codec.encode([NamedTensor(name: "w", shape: [1, 2], values: [1, -2])])
        let header =
            "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}"
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(image[0] == UInt8(padded.utf8.count) && image[1..<8].allSatisfy { $0 == 0 })
        #expect(String(decoding: image[8..<8 + padded.utf8.count], as: UTF8.self) == padded)
        #expect(Array(image.suffix(8)) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    }

    @Test("Data starts at a multiple of 8 for any length of the header")
    func alignment() throws {
        for length in 1...20 {
            let name = String(repeating: "n", count: length)
            let image = try codec.encode([NamedTensor(name: name, shape: [], values: [1])])
            #expect(image.count % 8 == 4 && image[0] % 8 == 0)
            #expect(try codec.decode(image).names == [name])
        }
    }

    @Test("No tensors at all are an image too")
    func nothing() throws {
        #expect(try codec.decode(codec.encode([])).names == [])
    }

    @Test("The same input gives the same bytes, whatever the order of the metadata")
    func deterministic() throws {
        let keys = (0..<20).map { "key\($0)" }
        let a = Dictionary(uniqueKeysWithValues: keys.map { ($0, "v") })
        let b = Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, "v") })
        #expect(
            try codec.encode(smallTensors, metadata: a) == codec.encode(smallTensors, metadata: b))
    }

    @Test("Names used twice or reserved, and values that do not fill the shape, are refused")
    func refused() {
        let w = NamedTensor(name: "w", shape: [1], values: [1])
        let reserved = NamedTensor(name: "__metadata__", shape: [1], values: [1])
        let short = NamedTensor(name: "w", shape: [2, 2], values: [1, 2, 3])
        let huge = NamedTensor(name: "w", shape: [.max, 2], values: [])
        let negative = NamedTensor(name: "w", shape: [-1, -1], values: [1])
        #expect(throws: SafetensorsError.duplicateName("w")) { try codec.encode([w, w]) }
        #expect(throws: SafetensorsError.duplicateName("__metadata__")) {
            try codec.encode([reserved])
        }
        #expect(throws: SafetensorsError.wrongCount(tensor: "w", count: 3, expected: 4)) {
            try codec.encode([short])
        }
        #expect(throws: SafetensorsError.shapeOverflow(tensor: "w")) { try codec.encode([huge]) }
        #expect(throws: SafetensorsError.shapeOverflow(tensor: "w")) {
            try codec.encode([negative])
        }
    }
}
