#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif
private import Foundation

extension RunDirectory {
    /// Makes a new directory `parent/20260301-090507` for a run started at `time` (seconds since
    /// 1970); where that exists, `-2`, `-3` … is added. Making a directory is atomic, so no two
    /// runs ever get the same one.
    package static func createUnique(
        under parent: String = "runs", time: Double
    ) throws(CommandFailure) -> RunDirectory {
        try makeParents(of: parent + "/x")
        let name = parent + "/" + Timestamps.compact(time)
        for attempt in 1...10_000 {
            let path = attempt == 1 ? name : "\(name)-\(attempt)"
            if try makeDirectory(path) {
                return try furnished(path, DirectoryLock(DirectoryLock.run, of: path))
            }
        }
        throw CommandFailure("there are 10,000 run directories \(name); remove some", .cannotCreate)
    }

    /// Makes `path` a run directory, or takes an existing one that is empty. Throws where it is not
    /// empty or where another process works in it.
    package static func create(at path: String) throws(CommandFailure) -> RunDirectory {
        let path = withoutTrailingSlashes(path)
        try makeParents(of: path)
        _ = try makeDirectory(path)
        // Looked at before locking, so that nothing is left in a directory that is somebody else's,
        // and under the lock, because another run may have started in between.
        try requireEmpty(path)
        let lock = try DirectoryLock(DirectoryLock.run, of: path)
        try requireEmpty(path)
        return try furnished(path, lock)
    }

    private static func requireEmpty(_ path: String) throws(CommandFailure) {
        guard let first = try contents(of: path).first else { return }
        throw CommandFailure(
            "the run directory \(path) exists and is not empty (it has \(first)); go on with that "
                + "run by --resume, or give this one another run.output_dir",
            .cannotCreate)
    }

    /// Opens the directory of a run to go on with it. Throws where there is no recorded run in it.
    package static func resume(at path: String) throws(CommandFailure) -> RunDirectory {
        let path = withoutTrailingSlashes(path)
        try requireRun(at: path)
        return try furnished(path, DirectoryLock(DirectoryLock.run, of: path))
    }

    /// Throws where there is no recorded run in `path`.
    package static func requireRun(at path: String) throws(CommandFailure) {
        guard FileManager.default.fileExists(atPath: path + "/configuration.json") else {
            throw CommandFailure(
                "there is no run to resume in \(path): it has no configuration.json; leave out "
                    + "--resume to start one",
                .noInput)
        }
    }

    private static func furnished(
        _ path: String, _ lock: DirectoryLock
    ) throws(CommandFailure) -> RunDirectory {
        _ = try makeDirectory(path + "/logs")
        _ = try makeDirectory(path + "/checkpoints")
        return RunDirectory(path: path, lock: lock)
    }

    /// `false`: there was one already.
    private static func makeDirectory(_ path: String) throws(CommandFailure) -> Bool {
        if mkdir(path, 0o755) == 0 {
            // Nothing below survives a power cut without it. A parent that may not be read cannot be
            // flushed, and is no reason to refuse.
            try? POSIXFile.synchronizeDirectory(of: path)
            return true
        }
        let code = errno
        var isDirectory: ObjCBool = false
        if code == EEXIST, FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            isDirectory.boolValue
        {
            return false
        }
        throw CommandFailure(errno: code, "cannot make the directory \(path)", .cannotCreate)
    }

    private static func makeParents(of path: String) throws(CommandFailure) {
        let parent = POSIXFile.parent(of: path)
        guard parent != ".", parent != "/" else { return }
        if FileManager.default.fileExists(atPath: parent) { return }
        try makeParents(of: parent)
        _ = try makeDirectory(parent)
    }

    /// Names in the directory, but for what an earlier attempt at starting a run leaves.
    private static func contents(of path: String) throws(CommandFailure) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter {
                $0 != DirectoryLock.run
                    && !(["logs", "checkpoints"].contains($0) && isEmpty("\(path)/\($0)"))
            }
        } catch {
            throw CommandFailure(
                "cannot read the directory \(path): \(readable(error))", .inputOutput)
        }
    }

    private static func isEmpty(_ path: String) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path).isEmpty) ?? false
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return String(path)
    }
}
