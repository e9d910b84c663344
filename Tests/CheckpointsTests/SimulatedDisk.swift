import Checkpoints
import Foundation
import Synchronization

/// What goes wrong with a disk.
enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// The operation fails and does nothing.
    case error(Int32)
    /// A write takes half, which is no failure.
    case partWrite
    /// A write takes half, and the next operation finds the disk full.
    case shortWrite
    /// A write stores another byte than it was given, and says nothing.
    case noise
    /// This operation and all later ones fail.
    case gone(Int32)
    /// The same, counted in operations that change something: the program dies at this one.
    case crash

    var description: String {
        switch self {
        case .error(let code): "error \(code)"
        case .partWrite: "part of a write"
        case .shortWrite: "short write"
        case .noise: "noise"
        case .gone(let code): "error \(code) from then on"
        case .crash: "crash"
        }
    }
}

/// A `Volume` as a file system on which the n-th operation goes wrong.
final class SimulatedDisk: FileSystem {
    private struct State {
        var volume: Volume
        var operations = 0
        var changes = 0
        var fault: (Fault, at: Int)?
        var hasFailed = false
        var isFull = false
    }

    private let state: Mutex<State>

    private let freeBytes: UInt64

    init(_ volume: Volume = Volume(), freeBytes: UInt64 = 1 << 40) {
        state = Mutex(State(volume: volume))
        self.freeBytes = freeBytes
    }

    var volume: Volume { state.withLock { $0.volume } }
    /// Whether an operation went wrong since `fail`.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    /// The `number`-th operation from now, counted from 1, goes wrong.
    func fail(_ fault: Fault, at number: Int) {
        state.withLock {
            $0.fault = (fault, number + (fault == .crash ? $0.changes : $0.operations))
            $0.hasFailed = false
        }
    }

    func heal() { state.withLock { ($0.fault, $0.isFull) = (nil, false) } }

    func create(_ path: String) throws(FileError) -> OpenFile {
        let descriptor = try perform("create", path) { volume throws(FileError) in
            try volume.create(path)
        }
        return OpenFile(path: path, descriptor: descriptor)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileError) -> Int {
        let bytes = Array(bytes)
        return try perform("write", file.path) { state, fault throws(FileError) in
            switch fault {
            case .partWrite, .shortWrite:
                state.isFull = fault == .shortWrite
                state.volume.append(bytes.prefix(bytes.count / 2), to: file)
                return bytes.count / 2
            case .noise:
                state.volume.append([bytes[0] ^ 1] + bytes.dropFirst(), to: file)
                return bytes.count
            default:
                state.volume.append(bytes, to: file)
                return bytes.count
            }
        }
    }

    func flush(_ file: OpenFile) throws(FileError) {
        do throws(FileError) {
            try perform("flush", file.path) { volume throws(FileError) in volume.flush(file) }
        } catch {
            state.withLock { $0.volume.loseFlush(of: file) }
            throw error
        }
    }

    /// The descriptor is gone even where closing fails.
    func close(_ file: OpenFile) throws(FileError) {
        state.withLock { $0.volume.close(file) }
        try perform("close", file.path) { _ throws(FileError) in }
    }

    func read<Result>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try perform("read", path) { volume throws(FileError) in try volume.bytes(of: path) }
            .withUnsafeBytes(body)
    }

    func makeDirectory(_ path: String) throws(FileError) {
        try perform("create directory", path) { volume throws(FileError) in
            try volume.makeDirectory(path)
        }
    }

    func flushDirectory(_ path: String) throws(FileError) {
        try perform("flush", path) { volume throws(FileError) in try volume.flushDirectory(path) }
    }

    func entries(of directory: String) throws(FileError) -> [String] {
        try perform("list", directory) { volume throws(FileError) in try volume.names(in: directory) }
    }

    func rename(_ source: String, to destination: String) throws(FileError) {
        try perform("rename", source) { volume throws(FileError) in
            try volume.rename(source, to: destination)
        }
    }

    func removeFile(_ path: String) throws(FileError) {
        try perform("remove", path) { volume throws(FileError) in try volume.remove(path) }
    }

    func removeDirectory(_ path: String) throws(FileError) {
        try perform("remove", path) { volume throws(FileError) in try volume.remove(path) }
    }

    func kind(of path: String, followingLinks: Bool) throws(FileError) -> FileKind? {
        try perform("inspect", path) { volume throws(FileError) in volume.kind(of: path) }
    }

    func freeBytes(at directory: String) throws(FileError) -> UInt64 {
        try perform("inspect", directory) { [freeBytes] _ throws(FileError) in freeBytes }
    }

    private func perform<Value: Sendable>(
        _ operation: String, _ path: String,
        _ body: @Sendable (inout Volume) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try perform(operation, path) { state, _ throws(FileError) in try body(&state.volume) }
    }

    /// Counts the operation and does it, or lets it fail. `body` is told of faults that are its own.
    private func perform<Value: Sendable>(
        _ operation: String, _ path: String,
        _ body: @Sendable (inout State, Fault?) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        let outcome = state.withLock { state -> Result<Value, FileError> in
            do throws(FileError) {
                state.operations += 1
                state.changes += ["read", "list", "inspect"].contains(operation) ? 0 : 1
                let fault = try Self.fault(operation, path, &state)
                return .success(try body(&state, fault))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func fault(
        _ operation: String, _ path: String, _ state: inout State
    ) throws(FileError) -> Fault? {
        if state.isFull {
            state.isFull = false
            throw FileError(operation, path, code: ENOSPC)
        }
        guard let (fault, number) = state.fault else { return nil }
        switch fault {
        case .crash where state.changes >= number:
            state.hasFailed = true
            throw FileError(operation, path, code: EIO)
        case .error(let code) where state.operations == number,
            .gone(let code) where state.operations >= number:
            state.hasFailed = true
            throw FileError(operation, path, code: code)
        case .partWrite where state.operations >= number && operation == "write",
            .shortWrite where state.operations >= number && operation == "write",
            .noise where state.operations >= number && operation == "write":
            state.hasFailed = true
            state.fault = nil
            return fault
        default: return nil
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
