import Foundation
import Testing
import Tokenization

/// Files under Tests/Fixtures/tokenizers, found from where this file was compiled.
enum Fixtures {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/tokenizers/" + name).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// The rows of a JSON Lines file.
    static func rows(_ name: String) throws -> [JSONValue] {
        try bytes(name).split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(directory: path(name))
    }
}

extension JSONValue {
    var ids: [Int32] { (array ?? []).compactMap { $0.integer.map(Int32.init) } }
}

/// A directory that is removed when the value goes.
final class ScratchDirectory {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "cohort-tokenization-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
    }
}
