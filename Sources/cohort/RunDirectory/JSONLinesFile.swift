#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif
private import Synchronization

/// An append-only file of JSON objects, one per line, each written through as a whole.
///
/// After a crash the file may end in half a line; opening it again cuts that off. What could not be
/// written completely (the disk is full) is taken back, so that it can be written again, and the
/// next line starts on its own line.
package final class JSONLinesFile: Sendable {
    package let path: String
    private let state: Mutex<State>

    private struct State {
        var descriptor: Int32
        /// Bytes of complete lines.
        var length: Int
        /// Whether more than that may be in the file.
        var isTorn = false
    }

    /// Opens or creates the file. Rows of steps later than `lastStep` are cut off, so that a run
    /// resumed after that step has each step once; `nil` keeps all.
    package init(path: String, keepingThrough lastStep: Int? = nil) throws(CommandFailure) {
        self.path = path
        let descriptor = try POSIXFile.open(path, O_RDWR | O_CREAT | O_APPEND)
        do throws(CommandFailure) {
            try POSIXFile.requireRegular(descriptor, path: path)
            let length = try Self.usableLength(descriptor, path, lastStep)
            try Self.cut(descriptor, to: length, path)
            state = Mutex(State(descriptor: descriptor, length: length))
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    deinit { state.withLock { _ = close($0.descriptor) } }

    /// Adds one line. `object` holds no line end.
    package func append(_ object: String) throws(CommandFailure) { try append([object]) }

    /// Adds a line for each object, all of them or none.
    package func append(_ objects: [String]) throws(CommandFailure) {
        let lineEnd = UInt8(ascii: "\n")
        precondition(!objects.contains { $0.utf8.contains(lineEnd) }, "a JSON line with a line end in it")
        let bytes = objects.flatMap { Array($0.utf8) + [lineEnd] }
        let outcome = state.withLock { state -> Result<Void, CommandFailure> in
            do throws(CommandFailure) {
                try Self.mend(&state, path)
                state.isTorn = true
                try POSIXFile.write(bytes, to: state.descriptor, path: path)
                state.length += bytes.count
                state.isTorn = false
                return .success(())
            } catch {
                try? Self.mend(&state, path)
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// Returns once all lines are on the disk.
    package func synchronize() throws(CommandFailure) {
        let outcome = state.withLock { state -> Result<Void, CommandFailure> in
            do throws(CommandFailure) {
                return .success(try POSIXFile.synchronize(state.descriptor, path: path))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private static func mend(_ state: inout State, _ path: String) throws(CommandFailure) {
        guard state.isTorn else { return }
        try cut(state.descriptor, to: state.length, path)
        state.isTorn = false
    }

    private static func cut(
        _ descriptor: Int32, to length: Int, _ path: String
    ) throws(CommandFailure) {
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw CommandFailure(errno: errno, "cannot cut \(path) to its complete lines")
        }
    }

    private static func usableLength(
        _ descriptor: Int32, _ path: String, _ lastStep: Int?
    ) throws(CommandFailure) -> Int {
        var lines = UsableLines(lastStep: lastStep)
        while let piece = try POSIXFile.readPiece(descriptor, path) { lines.take(piece) }
        return lines.length
    }
}
