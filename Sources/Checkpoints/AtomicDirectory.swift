private import Foundation

/// A directory that is replaced as a whole or not at all.
///
/// Beside `…/name` live, for moments only: `.name.incomplete-*` (being written), `.name.replaced-*` (the
/// previous one, while the new one is renamed into place) and `.name.removed-*` (being deleted). What a
/// crash leaves of them is tidied by `recover()`.
///
/// A power cut may undo any rename or removal that no flush of the parent followed, and keep a later one. So
/// the parent is flushed between a rename and the removals that rely on it, and between removals and the next
/// time that the directory moves aside; no half-deleted directory is ever taken for a previous state.
package struct AtomicDirectory: Sendable {
    package let path: String
    let parent: String
    private let name: String
    private let files: any FileSystem

    package init(path: String, on files: any FileSystem = LocalFileSystem()) {
        let url = URL(filePath: path).standardizedFileURL
        self.path = url.path(percentEncoded: false).trimmingTrailingSlash
        self.files = files
        parent = url.deletingLastPathComponent().path(percentEncoded: false).trimmingTrailingSlash
        name = url.lastPathComponent
    }

    init(parent: String, name: String, on files: any FileSystem) {
        self.init(path: "\(parent)/\(name)", on: files)
    }

    /// Writes `contents` to a new directory, flushes everything, and puts it in the place of the old one.
    /// `verify` looks at the new directory, under a path of the moment, before it takes that place.
    ///
    /// Throws `FileError` or what `verify` throws; the previous state stays then. Where even that could not
    /// be restored, the next `recover()` finds the previous or the new state.
    package func replace(
        with contents: [NamedFile], verify: (_ path: String) throws -> Void = { _ in }
    ) throws {
        try recover()
        let temporary = sibling("incomplete")
        do {
            try fill(temporary, with: contents)
            try verify(temporary)
        } catch {
            try? files.removeTree(temporary)
            throw error
        }
        try moveIntoPlace(temporary)
    }

    /// Deletes the directory; a crash on the way leaves it whole or gone. Throws `FileError`.
    package func remove() throws(FileError) {
        try recover()
        let aside = try moveAside("removed")
        try files.flushDirectory(parent)
        try files.removeTree(aside)
    }

    /// Finishes or undoes what a crash interrupted. Throws `FileError`.
    package func recover() throws(FileError) {
        let replaced = try leftovers("replaced")
        let rest = try leftovers("incomplete") + leftovers("removed")
        guard !(replaced + rest).isEmpty else { return }
        var needless = rest
        for entry in replaced {
            // The crash came between the two renames: the previous state is the only one there is.
            if try files.exists(path) {
                needless.append(entry)
            } else {
                try files.rename(entry, to: path)
            }
        }
        // What stands may be there in memory only.
        try files.flushDirectory(parent)
        for entry in needless { try files.removeTree(entry) }
    }

    private func fill(_ temporary: String, with contents: [NamedFile]) throws {
        try files.makeDirectory(temporary)
        for file in contents {
            try requirePlainName(file.name)
            try files.writeDurably(file.bytes, to: "\(temporary)/\(file.name)")
        }
        try files.flushDirectory(temporary)
    }

    private func moveIntoPlace(_ temporary: String) throws(FileError) {
        var aside: String?
        do throws(FileError) {
            if try files.exists(path) {
                guard try files.isDirectory(path) else {
                    throw FileError("replace", path, code: ENOTDIR)
                }
                aside = try moveAside("replaced")
            }
            try files.rename(temporary, to: path)
            try files.flushDirectory(parent)
        } catch {
            try? moveBack(temporary, aside)
            throw error
        }
        // The new state stands. What cannot be deleted now is deleted by the next `recover()`.
        if let aside { try? files.removeTree(aside) }
    }

    private func moveAside(_ role: String) throws(FileError) -> String {
        try files.flushDirectory(parent)
        let aside = sibling(role)
        try files.rename(path, to: aside)
        return aside
    }

    /// Before the flush the new directory may still be the one that a power cut leaves in place.
    private func moveBack(_ temporary: String, _ aside: String?) throws(FileError) {
        if try !files.exists(temporary) { try files.rename(path, to: temporary) }
        if let aside { try files.rename(aside, to: path) }
        try files.flushDirectory(parent)
        try files.removeTree(temporary)
    }

    private func sibling(_ role: String) -> String {
        "\(parent)/.\(name).\(role)-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    private func leftovers(_ role: String) throws(FileError) -> [String] {
        guard try files.exists(parent) else { return [] }
        return try files.entries(of: parent).filter { $0.hasPrefix(".\(name).\(role)-") }
            .sorted().map { "\(parent)/\($0)" }
    }
}

extension String {
    fileprivate var trimmingTrailingSlash: String {
        count > 1 && hasSuffix("/") ? String(dropLast()) : self
    }
}
