private import Foundation
package import Ports

#if !_endian(little)
    #error("safetensors data is little-endian and copied as it is")
#endif

/// A parsed safetensors image, in memory or mapped from a file.
package struct SafetensorsImage: TensorImage {
    private enum Storage: Sendable {
        case bytes([UInt8])
        case file(MappedFile)
    }

    private let storage: Storage
    private let header: SafetensorsHeader
    private let entries: [String: TensorEntry]

    package var metadata: [String: String] { header.metadata }
    package var names: [String] { header.entries.map(\.name) }

    /// Throws `SafetensorsError`.
    package init(_ image: [UInt8]) throws {
        try self.init(.bytes(image))
    }

    /// Maps the file, so that only what is copied is read. The file must not be changed in place while
    /// the image lives. Throws `FileError`, or `SafetensorsError` wrapped in `FormatError`.
    package init(mapping path: String) throws {
        let file = try MappedFile(path)
        do {
            try self.init(.file(file))
        } catch {
            throw FormatError(path: path, error)
        }
    }

    private init(_ storage: Storage) throws {
        self.storage = storage
        header = try Self.withBytes(of: storage) { try SafetensorsHeader($0) }
        entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
    }

    package func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The stored type, or `nil` where there is no such tensor.
    package func dataType(of name: String) -> SafetensorsDataType? { entries[name]?.type }

    package func copy(
        _ name: String, into destination: UnsafeMutableBufferPointer<Float>
    ) throws {
        guard let entry = entries[name] else { throw SafetensorsError.noSuchTensor(name) }
        guard destination.count == entry.count else {
            throw SafetensorsError.wrongCount(
                tensor: name, count: destination.count, expected: entry.count)
        }
        try Self.withBytes(of: storage) { image in
            let start = header.dataStart + entry.bytes.lowerBound
            let source = UnsafeRawBufferPointer(rebasing: image[start..<start + entry.bytes.count])
            try Self.convert(source, entry, into: destination)
        }
    }

    /// Writers need not align the data, so every load is unaligned.
    private static func convert(
        _ source: UnsafeRawBufferPointer, _ entry: TensorEntry,
        into destination: UnsafeMutableBufferPointer<Float>
    ) throws {
        func half(_ index: Int) -> UInt16 {
            source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
        }
        switch entry.type {
        case .float32: UnsafeMutableRawBufferPointer(destination).copyMemory(from: source)
        case .float16:
            for index in 0..<entry.count { destination[index] = float(half: half(index)) }
        case .bfloat16:
            for index in 0..<entry.count { destination[index] = float(brain: half(index)) }
        default: throw SafetensorsError.notConvertible(tensor: entry.name, entry.type)
        }
    }

    private static func withBytes<Result>(
        of storage: Storage, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        switch storage {
        case .bytes(let bytes): try bytes.withUnsafeBytes(body)
        case .file(let file): try file.withUnsafeBytes(body)
        }
    }
}

extension TensorImage {
    /// The tensor's values as f32, row-major. Throws as `copy(_:into:)` does.
    package func values(of name: String) throws -> [Float] {
        guard let shape = shape(of: name), let count = product(of: shape) else {
            throw SafetensorsError.noSuchTensor(name)
        }
        return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try copy(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }
}
