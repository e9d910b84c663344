import Checkpoints
import Foundation
import Ports
import Testing

/// A header that must be refused, with the number of data bytes behind it.
struct BadImage: Sendable, CustomTestStringConvertible {
    var name: String
    var header: String
    var dataBytes = 0
    var error: SafetensorsError?

    var testDescription: String { name }
}

private func tensor(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
}

private let badImages = [
    BadImage(name: "no JSON", header: "safetensors"),
    BadImage(name: "an array", header: "[]"),
    BadImage(name: "empty header", header: ""),
    BadImage(name: "unclosed", header: "{"),
    BadImage(name: "trailing comma", header: "{\(tensor("a", "F32", "1", "0,4")),}", dataBytes: 4),
    BadImage(name: "something behind the brace", header: "{} x"),
    BadImage(
        name: "duplicate tensor",
        header: "{\(tensor("a", "F32", "1", "0,4")),\(tensor("a", "F32", "1", "4,8"))}",
        dataBytes: 8, error: .duplicateName("a")),
    BadImage(
        name: "the same name escaped",
        header: "{\(tensor("a", "F32", "1", "0,4")),\(tensor("\\u0061", "F32", "1", "4,8"))}",
        dataBytes: 8, error: .duplicateName("a")),
    BadImage(
        name: "duplicate metadata", header: "{\"__metadata__\":{},\"__metadata__\":{}}",
        error: .duplicateName("__metadata__")),
    BadImage(
        name: "duplicate metadata key", header: "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}",
        error: .duplicateName("k")),
    BadImage(name: "metadata that is no string", header: "{\"__metadata__\":{\"k\":1}}"),
    BadImage(
        name: "unknown dtype", header: "{\(tensor("a", "F33", "1", "0,4"))}", dataBytes: 4,
        error: .unknownDataType(tensor: "a", "F33")),
    BadImage(
        name: "missing dtype", header: "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
        dataBytes: 4),
    BadImage(
        name: "missing shape", header: "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}",
        dataBytes: 4),
    BadImage(name: "missing offsets", header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}"),
    BadImage(name: "one offset", header: "{\(tensor("a", "F32", "1", "4"))}", dataBytes: 4),
    BadImage(name: "three offsets", header: "{\(tensor("a", "F32", "1", "0,4,8"))}", dataBytes: 4),
    BadImage(
        name: "key twice",
        header:
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        dataBytes: 4),
    BadImage(
        name: "unknown key",
        header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":[1]}}",
        dataBytes: 4),
    BadImage(
        name: "overlap",
        header: "{\(tensor("a", "F32", "2", "0,8")),\(tensor("b", "F32", "1", "4,8"))}",
        dataBytes: 8, error: .overlap(tensor: "b", with: "a")),
    BadImage(
        name: "same place twice",
        header: "{\(tensor("a", "F32", "1", "0,4")),\(tensor("b", "F32", "1", "0,4"))}",
        dataBytes: 4, error: .overlap(tensor: "b", with: "a")),
    BadImage(
        name: "hole",
        header: "{\(tensor("a", "F32", "1", "0,4")),\(tensor("b", "F32", "1", "8,12"))}",
        dataBytes: 12, error: .hole(tensor: "b", bytes: 4)),
    BadImage(
        name: "hole at the start", header: "{\(tensor("a", "U8", "1", "1,2"))}", dataBytes: 2,
        error: .hole(tensor: "a", bytes: 1)),
    BadImage(
        name: "short data", header: "{\(tensor("a", "F32", "2", "0,8"))}", dataBytes: 7,
        error: .dataTruncated(tensor: "a", needed: 8, available: 7)),
    BadImage(
        name: "trailing data", header: "{\(tensor("a", "F32", "2", "0,8"))}", dataBytes: 9,
        error: .trailingBytes(1)),
    BadImage(name: "only trailing data", header: "{}", dataBytes: 3, error: .trailingBytes(3)),
    BadImage(
        name: "offsets that do not fit the shape", header: "{\(tensor("a", "F32", "3", "0,8"))}",
        dataBytes: 8, error: .wrongSize(tensor: "a", bytes: 8, expected: 12)),
    BadImage(
        name: "reversed offsets", header: "{\(tensor("a", "F32", "1", "8,4"))}", dataBytes: 8,
        error: .reversedOffsets(tensor: "a")),
    BadImage(
        name: "shape overflow", header: "{\(tensor("a", "F32", "4294967296,4294967296", "0,4"))}",
        dataBytes: 4, error: .shapeOverflow(tensor: "a")),
    BadImage(
        name: "byte overflow", header: "{\(tensor("a", "F64", "4611686018427387904", "0,4"))}",
        dataBytes: 4, error: .shapeOverflow(tensor: "a")),
    BadImage(
        name: "number too large", header: "{\(tensor("a", "U8", "9223372036854775808", "0,4"))}"),
    BadImage(
        name: "negative dimension", header: "{\(tensor("a", "F32", "-1", "0,4"))}", dataBytes: 4),
    BadImage(name: "fraction", header: "{\(tensor("a", "F32", "1.0", "0,4"))}", dataBytes: 4),
    BadImage(name: "leading zero", header: "{\(tensor("a", "F32", "01", "0,4"))}", dataBytes: 4),
    BadImage(name: "bad escape", header: "{\"\\x\":{}}"),
    BadImage(name: "half a surrogate pair", header: "{\"\\ud800\":{}}"),
    BadImage(name: "wrong second surrogate", header: "{\"\\ud800\\u0041\":{}}"),
    BadImage(name: "lone second surrogate", header: "{\"\\udc00\":{}}"),
    BadImage(name: "signed hexadecimal", header: "{\"\\u+123\":{}}"),
    BadImage(name: "control character", header: "{\"a\nb\":{}}"),
    BadImage(name: "unclosed string", header: "{\"a"),
    BadImage(name: "escape at the end", header: "{\"a\\"),
]

@Suite struct SafetensorsReadTests {
    @Test("A bad header is refused with a reason", arguments: badImages)
    func bad(row: BadImage) {
        let bytes = image(header: row.header, dataBytes: row.dataBytes)
        do {
            _ = try SafetensorsImage(bytes)
            Issue.record("accepted")
        } catch let error as SafetensorsError {
            if let expected = row.error {
                #expect(error == expected)
            } else if case .malformedHeader = error {
            } else {
                Issue.record("\(error)")
            }
            #expect(error.description.count > 15)
        } catch {
            Issue.record("not a typed error: \(error)")
        }
    }

    @Test("An error about a tensor names it")
    func naming() throws {
        let whole = try SafetensorsCodec().encode(smallTensors)
        let error = SafetensorsError.dataTruncated(tensor: "scalar", needed: 32, available: 31)
        #expect(throws: error) { try SafetensorsImage(whole.dropLast()) }
        #expect(error.description.contains("\"scalar\": 31 of 32 data bytes"))
        let named: [SafetensorsError] = [
            .duplicateName("n"), .unknownDataType(tensor: "n", "Q"), .shapeOverflow(tensor: "n"),
            .reversedOffsets(tensor: "n"), .wrongSize(tensor: "n", bytes: 1, expected: 2),
            .overlap(tensor: "n", with: "m"), .hole(tensor: "n", bytes: 1), .noSuchTensor("n"),
            .notConvertible(tensor: "n", .int8), .wrongCount(tensor: "n", count: 1, expected: 2),
        ]
        for error in named { #expect(error.description.contains("\"n\"")) }
    }

    @Test("A header that is not UTF-8 is refused with the place")
    func encoding() {
        let header = Array("{\"ä".utf8) + [0xFF] + Array("\":1}".utf8)
        #expect(throws: SafetensorsError.notUTF8(offset: 4)) {
            try SafetensorsImage(image(header: header))
        }
    }

    @Test("A header over 100 MB is refused before anything is read")
    func tooLong() {
        let length = withUnsafeBytes(of: UInt64(100_000_001).littleEndian) { Array($0) }
        #expect(throws: SafetensorsError.headerTooLong(100_000_001)) {
            try SafetensorsImage(length + [0x7B, 0x7D])
        }
        #expect(throws: SafetensorsError.headerTooLong(.max)) {
            try SafetensorsImage([UInt8](repeating: 0xFF, count: 64))
        }
    }

    @Test("Every truncation of an image is an error")
    func truncation() throws {
        let whole = try SafetensorsCodec().encode(smallTensors)
        for length in 0..<whole.count {
            #expect(throws: SafetensorsError.self, "\(length) bytes") {
                try SafetensorsImage(Array(whole[..<length]))
            }
        }
        #expect(throws: SafetensorsError.trailingBytes(1)) { try SafetensorsImage(whole + [0]) }
    }

    @Test("No flipped bit traps: it is refused, or read within its bounds")
    func bitFlips() throws {
        let whole = try SafetensorsCodec().encode(smallTensors)
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << (bit % 8)
            guard let image = try? SafetensorsImage(bytes) else { continue }
            for name in image.names { _ = try? image.values(of: name) }
        }
    }

    @Test("White space, padding and any order of keys are accepted")
    func lenient() throws {
        let header = """
             { "b" : { "data_offsets" : [ 4 , 8 ] , "shape" : [ 1 ] , "dtype" : "F32" } ,
            \t"a":{"shape":[],"dtype":"F32","data_offsets":[0,4]} }   
            """
        let image = try SafetensorsImage(image(header: header, dataBytes: 8))
        #expect(image.names == ["a", "b"])
        #expect(image.shape(of: "a") == [] && image.shape(of: "b") == [1])
        #expect(image.metadata.isEmpty)
    }

    @Test("Escapes in names are understood")
    func escapes() throws {
        let name = #"\"\\\/\b\f\n\r\tä\u00e4\ud83d\ude00"#
        let header = "{\(tensor(name, "U8", "1", "0,1"))}"
        let image = try SafetensorsImage(image(header: header, dataBytes: 1))
        #expect(image.names == ["\"\\/\u{8}\u{C}\n\r\tää😀"])
    }
}
