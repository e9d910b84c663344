private import Crypto
private import Foundation
private import Ports

/// MANIFEST.json: what a checkpoint consists of, written last.
package struct CheckpointManifest: Hashable, Sendable, Codable {
    package static let name = "MANIFEST.json"
    /// The version that this code writes, and the newest that it reads.
    package static let currentVersion = 1

    package struct File: Hashable, Sendable, Codable {
        package var name: String
        /// Bytes.
        package var size: Int
        /// 64 lower-case hexadecimal digits.
        package var sha256: String
    }

    package var formatVersion: Int
    package var step: Int
    package var files: [File]

    enum CodingKeys: String, CodingKey {
        case formatVersion = "format_version"
        case step, files
    }

    init(step: Int, files: [NamedFile]) {
        formatVersion = Self.currentVersion
        self.step = step
        self.files = files.map {
            File(
                name: $0.name, size: $0.bytes.count,
                sha256: hexadecimal(SHA256.hash(data: $0.bytes)))
        }
    }

    /// Pretty-printed, keys sorted: the same manifest always gives the same bytes.
    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a manifest is always encodable: \(self)")
        }
        return Array(data) + [0x0A]
    }

    /// Throws `CheckpointError`: `.newerFormat` even where the rest of the file has another shape; and
    /// `FileError`.
    init(reading path: String, on files: any FileSystem) throws {
        struct Version: Decodable {
            var version: Int
            enum CodingKeys: String, CodingKey { case version = "format_version" }
        }
        let data = try files.read(path) { Data($0) }
        do {
            let version = try JSONDecoder().decode(Version.self, from: data).version
            guard version <= Self.currentVersion else {
                throw CheckpointError.newerFormat(path: path, version: version)
            }
            guard version >= 1 else {
                throw CheckpointError.badManifest(
                    path: path, reason: "there is no format version \(version)")
            }
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch is DecodingError {
            throw CheckpointError.badManifest(path: path, reason: "it is damaged")
        }
    }

    /// Compares every file in `directory` with its entry. Throws `CheckpointError` or `FileError`.
    func verify(in directory: String, on fileSystem: any FileSystem) throws {
        let path = "\(directory)/\(Self.name)"
        let names = files.map(\.name)
        guard Set(names).count == names.count else {
            throw CheckpointError.badManifest(path: path, reason: "a file is listed twice")
        }
        for name in CheckpointDirectory.requiredNames where !names.contains(name) {
            throw CheckpointError.badManifest(path: path, reason: "it does not list \(name)")
        }
        for file in files { try Self.verify(file, in: directory, on: fileSystem) }
    }

    private static func verify(
        _ file: File, in directory: String, on fileSystem: any FileSystem
    ) throws {
        try requirePlainName(file.name)
        let path = "\(directory)/\(file.name)"
        try fileSystem.read(path) { bytes in
            guard bytes.count == file.size else {
                throw CheckpointError.wrongSize(
                    path: path, bytes: bytes.count, expected: file.size)
            }
            guard hexadecimal(SHA256.hash(data: bytes)) == file.sha256 else {
                throw CheckpointError.wrongDigest(path: path)
            }
        }
    }
}
