import Checkpoints
import Foundation
import Synchronization
import Testing

@Suite struct AtomicDirectoryTests {
    private let old = [NamedFile(name: "a", bytes: [1]), NamedFile(name: "gone", bytes: [2])]
    private let new = [NamedFile(name: "a", bytes: [3]), NamedFile(name: "b", bytes: [])]

    private func names(_ files: [NamedFile]) -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) })
    }

    @Test("A directory is created, and replaced as a whole")
    func replace() throws {
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            try directory.replace(with: old)
            #expect(try contents(of: "\(parent)/d") == names(old))
            try directory.replace(with: new)
            #expect(try contents(of: "\(parent)/d") == names(new))
            #expect(try listing(parent) == ["d"])
            try directory.remove()
            #expect(try listing(parent) == [])
        }
    }

    @Test("A trailing slash and a relative path mean the same directory")
    func paths() throws {
        try withTemporaryDirectory { parent throws in
            #expect(AtomicDirectory(path: "\(parent)/d/").path == "\(parent)/d")
            #expect(AtomicDirectory(path: "\(parent)/x/../d").path == "\(parent)/d")
            #expect(AtomicDirectory(path: "d").path.hasPrefix("/"))
        }
    }

    @Test(
        "A failure while writing any file leaves the previous state and no rest", arguments: [0, 1])
    func faults(failing: Int) throws {
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            let count = Mutex(0)
            let write: AtomicDirectory.Writer = { bytes, path in
                let index = count.withLock { count in
                    count += 1
                    return count - 1
                }
                guard index != failing else {
                    throw FileError("write", path, code: ENOSPC, bytesNeeded: 77)
                }
                try writeDurably(bytes, to: path)
            }
            #expect(throws: FileError.self) { try directory.replace(with: new, write: write) }
            #expect(try listing(parent) == [])
            try directory.replace(with: old)
            count.withLock { $0 = 0 }
            #expect(throws: FileError.self) { try directory.replace(with: new, write: write) }
            #expect(try listing(parent) == ["d"])
            #expect(try contents(of: "\(parent)/d") == names(old))
        }
    }

    @Test("A name that the file system refuses half-way leaves the previous state")
    func longName() throws {
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            try directory.replace(with: old)
            let long = NamedFile(name: String(repeating: "n", count: 300), bytes: [1])
            #expect {
                try directory.replace(with: new + [long])
            } throws: { ($0 as? FileError)?.code == ENAMETOOLONG }
            #expect(try listing(parent) == ["d"])
            #expect(try contents(of: "\(parent)/d") == names(old))
        }
    }

    @Test(
        "Names that lead elsewhere are refused", arguments: ["../x", "a/b", "", ".hidden", "a\0b"])
    func unsafeNames(name: String) throws {
        try withTemporaryDirectory { parent throws in
            #expect(throws: UnsafeFileName(name: name)) {
                try AtomicDirectory(path: "\(parent)/d")
                    .replace(with: [NamedFile(name: name, bytes: [])])
            }
            #expect(try listing(parent) == [])
        }
    }

    @Test("A file in the directory's place is left alone")
    func fileInPlace() throws {
        try withTemporaryDirectory { parent throws in
            try write("precious", to: "\(parent)/d")
            #expect(throws: FileError("replace", "\(parent)/d", code: ENOTDIR)) {
                try AtomicDirectory(path: "\(parent)/d").replace(with: new)
            }
            #expect(try listing(parent) == ["d"])
            #expect(try readFile("\(parent)/d") == Array("precious".utf8))
        }
    }

    @Test("A parent that is a file or does not exist is an error with its path")
    func badParent() throws {
        try withTemporaryDirectory { parent throws in
            try write("", to: "\(parent)/file")
            for name in ["file", "nowhere"] {
                #expect {
                    try AtomicDirectory(path: "\(parent)/\(name)/d").replace(with: new)
                } throws: { error in
                    (error as? FileError)?.path.hasPrefix("\(parent)/\(name)") ?? false
                }
            }
        }
    }

    @Test("A read-only parent is an error and changes nothing", .enabled(if: geteuid() != 0))
    func readOnly() throws {
        try withTemporaryDirectory { parent throws in
            chmod(parent, 0o555)
            defer { chmod(parent, 0o755) }
            #expect {
                try AtomicDirectory(path: "\(parent)/d").replace(with: new)
            } throws: { ($0 as? FileError)?.code == EACCES }
        }
    }

    @Test("After a crash between the renames the previous state comes back")
    func crashBetweenRenames() throws {
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            try directory.replace(with: old)
            try rename("d", to: ".d.replaced-1-2", in: parent)
            try makeLeftover(".d.incomplete-1-3", in: parent)
            try directory.recover()
            #expect(try listing(parent) == ["d"])
            #expect(try contents(of: "\(parent)/d") == names(old))
        }
    }

    @Test("After a crash behind the renames the new state stays")
    func crashAfterRenames() throws {
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            try directory.replace(with: new)
            for name in [".d.replaced-1-2", ".d.removed-7-7"] { try makeLeftover(name, in: parent) }
            try makeLeftover(".dd.incomplete-1-1", in: parent)
            try directory.recover()
            #expect(try listing(parent) == [".dd.incomplete-1-1", "d"])
            #expect(try contents(of: "\(parent)/d") == names(new))
        }
    }

    private func makeLeftover(_ name: String, in parent: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(parent)/\(name)", withIntermediateDirectories: false)
        try write("half", to: "\(parent)/\(name)/x")
    }

    private func rename(_ from: String, to: String, in parent: String) throws {
        try FileManager.default.moveItem(atPath: "\(parent)/\(from)", toPath: "\(parent)/\(to)")
    }
}

@Suite struct DurableFileTests {
    @Test(
        "A full disk is an error that says how much was needed",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() {
        let error = FileError("write", "/dev/full", code: ENOSPC, bytesNeeded: 5)
        #expect(throws: error) { try writeDurably([1, 2, 3, 4, 5], to: "/dev/full") }
        #expect(error.description.contains("cannot write /dev/full"))
        #expect(
            error.description.contains("5 bytes were needed")
                && error.description.contains("errno 28"))
    }

    @Test("Too little space is refused before anything is written, with a fifth in reserve")
    func preflight() throws {
        try withTemporaryDirectory { path throws in
            try requireSpace(for: 100, at: path) { _ in 120 }
            let error = InsufficientSpace(path: path, bytesNeeded: 120, bytesFree: 119)
            #expect(throws: error) { try requireSpace(for: 100, at: path) { _ in 119 } }
            #expect(error.description.contains("119") && error.description.contains(path))
            #expect(throws: InsufficientSpace.self) { try requireSpace(for: .max, at: path) }
            #expect(try freeBytes(at: path) > 0)
            #expect(throws: FileError("inspect", "\(path)/no", code: ENOENT)) {
                try freeBytes(at: "\(path)/no")
            }
        }
    }

    @Test("A file is overwritten as a whole")
    func overwrite() throws {
        try withTemporaryDirectory { path throws in
            try writeDurably([1, 2, 3], to: "\(path)/f")
            try writeDurably([], to: "\(path)/f")
            #expect(try readFile("\(path)/f") == [])
            #expect(throws: FileError("create", path, code: EISDIR, bytesNeeded: 1)) {
                try writeDurably([1], to: path)
            }
        }
    }
}
