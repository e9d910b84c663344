private import Foundation

/// A directory that is replaced as a whole or not at all.
///
/// Beside `…/name` live, for moments only: `.name.incomplete-*` (being written), `.name.replaced-*` (the
/// previous one, while the new one is renamed into place) and `.name.removed-*` (being deleted). What a
/// crash leaves of them is tidied by `recover()`.
package struct AtomicDirectory: Sendable {
    package typealias Writer = @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

    package let path: String
    let parent: String
    let name: String

    package init(path: String) {
        let url = URL(filePath: path).standardizedFileURL
        self.path = url.path(percentEncoded: false).trimmingTrailingSlash
        parent = url.deletingLastPathComponent().path(percentEncoded: false).trimmingTrailingSlash
        name = url.lastPathComponent
    }

    init(parent: String, name: String) {
        self.init(path: "\(parent)/\(name)")
    }

    /// Writes `files` to a new directory, flushes everything, and puts it in the place of the old one.
    /// `write`: how one file is written durably.
    ///
    /// Throws `FileError` or what `write` throws; the previous state is in place again then.
    package func replace(
        with files: [NamedFile], write: Writer = { try writeDurably($0, to: $1) }
    ) throws {
        try recover()
        let temporary = sibling("incomplete")
        do {
            try makeDirectory(temporary)
            for file in files {
                try requirePlainName(file.name)
                try write(file.bytes, "\(temporary)/\(file.name)")
            }
            try flushDirectory(temporary)
            try moveIntoPlace(temporary)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }

    /// Deletes the directory; a crash on the way leaves it whole or gone. Throws `FileError`.
    package func remove() throws {
        let aside = sibling("removed")
        try renameItem(path, to: aside)
        try flushDirectory(parent)
        try removeTree(aside)
    }

    /// Finishes or undoes what a crash interrupted. Throws `FileError`.
    package func recover() throws {
        for entry in try leftovers("replaced") {
            // The crash came between the two renames: the previous state is the only one there is.
            if exists(path) { try removeTree(entry) } else { try renameItem(entry, to: path) }
        }
        for entry in try leftovers("incomplete") + leftovers("removed") { try removeTree(entry) }
    }

    private func moveIntoPlace(_ temporary: String) throws {
        guard exists(path) else {
            try renameItem(temporary, to: path)
            return try flushDirectory(parent)
        }
        guard isDirectory(path) else { throw FileError("replace", path, code: ENOTDIR) }
        let aside = sibling("replaced")
        try renameItem(path, to: aside)
        do {
            try renameItem(temporary, to: path)
            try flushDirectory(parent)
        } catch {
            if exists(path) { try renameItem(path, to: temporary) }
            try renameItem(aside, to: path)
            throw error
        }
        // The new state stands. What cannot be deleted now is deleted by the next `recover()`; renamed
        // first, so that a half-deleted directory is never taken for a previous state.
        let removed = sibling("removed")
        try? renameItem(aside, to: removed)
        try? removeTree(removed)
    }

    private func sibling(_ role: String) -> String {
        "\(parent)/.\(name).\(role)-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    private func leftovers(_ role: String) throws -> [String] {
        guard exists(parent) else { return [] }
        return try directoryEntries(parent).filter { $0.hasPrefix(".\(name).\(role)-") }
            .sorted().map { "\(parent)/\($0)" }
    }
}

extension String {
    fileprivate var trimmingTrailingSlash: String {
        count > 1 && hasSuffix("/") ? String(dropLast()) : self
    }
}
