import Checkpoints
import Foundation
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
        "A failure of any operation leaves the previous state or the new one, and nothing that comes back",
        arguments: [ENOSPC, EIO])
    func faults(code: Int32) throws {
        for number in 1... {
            let disk = SimulatedDisk()
            let directory = AtomicDirectory(path: "/d", on: disk)
            try directory.replace(with: old)
            disk.fail(.error(code), at: number)
            _ = try? directory.replace(with: new)
            guard disk.hasFailed else { break }
            disk.heal()
            let found = try Dictionary(
                uniqueKeysWithValues: disk.entries(of: "/d").map { name in
                    (name, try disk.read("/d/\(name)") { Array($0) })
                })
            #expect(found == names(old) || found == names(new), "operation \(number)")
            try directory.remove()
            try directory.recover()
            #expect(try disk.entries(of: "/") == [], "operation \(number)")
        }
    }

    @Test("A removal that crashes at any operation leaves all or nothing")
    func removal() throws {
        for number in 1... {
            let disk = SimulatedDisk()
            try AtomicDirectory(path: "/d", on: disk).replace(with: old)
            disk.fail(.crash, at: number)
            try? AtomicDirectory(path: "/d", on: disk).remove()
            guard disk.hasFailed else { break }
            for volume in [disk.volume] + disk.volume.afterPowerCut(limit: 256, seed: 1) {
                let left = SimulatedDisk(volume)
                try AtomicDirectory(path: "/d", on: left).recover()
                let names = try left.entries(of: "/")
                #expect(names.isEmpty || names == ["d"])
                if names == ["d"] { #expect(try Set(left.entries(of: "/d")) == ["a", "gone"]) }
            }
        }
    }

    @Test("What does not verify is not kept")
    func unverified() throws {
        struct Wrong: Error {}
        try withTemporaryDirectory { parent throws in
            let directory = AtomicDirectory(path: "\(parent)/d")
            try directory.replace(with: old)
            #expect(throws: Wrong.self) {
                try directory.replace(with: new) { path in
                    #expect(try contents(of: path) == names(new))
                    throw Wrong()
                }
            }
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
        #expect(throws: error) { try LocalFileSystem().writeDurably([1, 2, 3, 4, 5], to: "/dev/full") }
        #expect(error.description.contains("cannot write /dev/full"))
        #expect(
            error.description.contains("5 bytes were needed")
                && error.description.contains("errno 28"))
    }

    @Test("A failure says whether there was no room, and what to do about it")
    func reasons() {
        for code in [ENOSPC, EDQUOT] {
            #expect(FileError("write", "x", code: code, bytesNeeded: 5).bytesWithoutRoom == 5)
            #expect(FileError("rename", "x", code: code).bytesWithoutRoom == 0)
        }
        #expect(InsufficientSpace(path: "x", bytesNeeded: 7, bytesFree: 1).bytesWithoutRoom == 7)
        for (code, advice) in [(EFBIG, "ulimit -f"), (EROFS, "mount"), (EIO, "errno 5")] {
            let error = FileError("write", "x", code: code, bytesNeeded: 5)
            #expect(error.bytesWithoutRoom == nil && error.description.contains(advice))
        }
    }

    @Test("Too little space is refused before anything is written, with a fifth in reserve")
    func preflight() throws {
        try SimulatedDisk(freeBytes: 120).requireSpace(for: 100, at: "/d")
        let error = InsufficientSpace(path: "/d", bytesNeeded: 120, bytesFree: 119)
        #expect(throws: error) { try SimulatedDisk(freeBytes: 119).requireSpace(for: 100, at: "/d") }
        #expect(error.description.contains("119") && error.description.contains("/d"))
        try withTemporaryDirectory { path throws in
            let files = LocalFileSystem()
            #expect(throws: InsufficientSpace.self) { try files.requireSpace(for: .max, at: path) }
            #expect(try files.freeBytes(at: path) > 0)
            #expect(throws: FileError("inspect", "\(path)/no", code: ENOENT)) {
                try files.freeBytes(at: "\(path)/no")
            }
        }
    }

    @Test("A file is overwritten as a whole")
    func overwrite() throws {
        try withTemporaryDirectory { path throws in
            let files = LocalFileSystem()
            try files.writeDurably([1, 2, 3], to: "\(path)/f")
            try files.writeDurably([], to: "\(path)/f")
            #expect(try readFile("\(path)/f") == [])
            #expect(throws: FileError("create", path, code: EISDIR, bytesNeeded: 1)) {
                try files.writeDurably([1], to: path)
            }
        }
    }
}
