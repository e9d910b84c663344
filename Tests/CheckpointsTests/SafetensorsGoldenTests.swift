import Checkpoints
import Foundation
import Ports
import Testing

@Suite struct SafetensorsGoldenTests {
    private struct Expected: Decodable {
        var shape: [Int]
        var bits: [Int32]
    }

    private let expected: [String: Expected]

    init() throws {
        let data = try Data(contentsOf: URL(filePath: fixturePath("dtypes.json")))
        expected = try JSONDecoder().decode([String: Expected].self, from: data)
    }

    @Test("F32, F16 and BF16 read as torch converts them, from memory and mapped")
    func values() throws {
        let path = fixturePath("dtypes.safetensors")
        for image in [try SafetensorsImage(mapping: path), try SafetensorsImage(readFile(path))] {
            #expect(expected.count == 5)
            for (name, tensor) in expected {
                #expect(image.shape(of: name) == tensor.shape)
                let bits = try image.values(of: name).map { Int32(bitPattern: $0.bitPattern) }
                #expect(bits == tensor.bits, "\(name)")
            }
            #expect(image.metadata == ["format": "pt", "note": "größer\n\"1\""])
            #expect(image.names.count == 9)
        }
    }

    @Test(
        "Other types are refused by name only when they are copied",
        arguments: [
            ("int64", SafetensorsDataType.int64), ("bool", .bool), ("float64", .float64),
            ("fp8", .float8e4m3),
        ])
    func notConvertible(name: String, type: SafetensorsDataType) throws {
        let image = try SafetensorsImage(mapping: fixturePath("dtypes.safetensors"))
        #expect(image.dataType(of: name) == type)
        let error = SafetensorsError.notConvertible(tensor: name, type)
        #expect(throws: error) { try image.values(of: name) }
        #expect(error.description.contains(name) && error.description.contains(type.rawValue))
    }

    @Test("A missing tensor and a destination of the wrong size are refused")
    func misuse() throws {
        let image = try SafetensorsImage(mapping: fixturePath("dtypes.safetensors"))
        #expect(throws: SafetensorsError.noSuchTensor("nope")) { try image.values(of: "nope") }
        #expect(image.shape(of: "nope") == nil && image.dataType(of: "nope") == nil)
        var wrong = [Float](repeating: 0, count: 5)
        #expect(throws: SafetensorsError.wrongCount(tensor: "half", count: 5, expected: 32)) {
            try wrong.withUnsafeMutableBufferPointer { try image.copy("half", into: $0) }
        }
        #expect(throws: SafetensorsError.noSuchTensor("nope")) {
            try wrong.withUnsafeMutableBufferPointer { try image.copy("nope", into: $0) }
        }
    }

    #if arch(x86_64) && os(Linux) || arch(arm64)
        @Test("Every half-precision number converts exactly")
        func everyHalf() throws {
            let values = try read(type: "F16")
            for (bits, value) in zip(UInt16.min...UInt16.max, values) {
                let expected = Float(Float16(bitPattern: bits))
                #expect(value == expected || value.isNaN && expected.isNaN)
                #expect(value.sign == expected.sign)
            }
        }
    #endif

    @Test("Every bfloat16 is the upper half of its float")
    func everyBrain() throws {
        let values = try read(type: "BF16")
        #expect(
            zip(UInt16.min...UInt16.max, values).allSatisfy { $1.bitPattern == UInt32($0) << 16 })
    }

    /// All 65,536 patterns as one tensor, misaligned by one byte.
    private func read(type: String) throws -> [Float] {
        let header =
            "{\"t\":{\"dtype\":\"\(type)\",\"shape\":[65536],\"data_offsets\":[0,131072]}}"
        let padding = String(repeating: " ", count: 1 - header.utf8.count % 2)
        let patterns = (UInt16.min...UInt16.max).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        return try SafetensorsImage(image(header: header + padding) + patterns).values(of: "t")
    }

    @Test("A file that is missing, empty or a directory is refused by its path")
    func files() throws {
        try withTemporaryDirectory { directory throws in
            let missing = "\(directory)/nope.safetensors"
            #expect(throws: FileError("open", missing, code: ENOENT)) {
                try SafetensorsImage(mapping: missing)
            }
            #expect(throws: FileError("read", directory, code: EISDIR)) {
                try SafetensorsImage(mapping: directory)
            }
            let empty = "\(directory)/empty"
            try write("", to: empty)
            #expect {
                try SafetensorsImage(mapping: empty)
            } throws: { error in
                "\(error)".hasPrefix("\(empty): not a safetensors image: 0 bytes")
            }
        }
    }
}
