package import ZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension KeyFile {
    /// Writes `NAME.key` (mode 0600) and `NAME.pub` (0644) into a directory, which is made for its owner
    /// only if it is not there.
    ///
    /// Throws: `KeyFileError` where one of the files is there and `replaces` is false, the name is none,
    /// or the disk refuses.
    package static func write(
        _ pair: CurveKeyPair, name: String, in directory: String, replaces: Bool = false
    ) throws(KeyFileError) {
        guard KeyIdentity.isValid(name) else {
            throw KeyFileError(
                "\"\(name)\"",
                "is no name for a key: 1 to \(KeyIdentity.bytesMax) letters, digits and . _ -, the first a "
                    + "letter or digit")
        }
        let paths = [secretSuffix, publicSuffix].map { "\(directory)/\(name)\($0)" }
        for path in paths where !replaces && access(path, F_OK) == 0 {
            throw KeyFileError(path, "is there already, and whoever relies on it would be locked out; "
                + "choose another name, or say --force")
        }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw KeyFileError(directory, errno: errno, "cannot be made")
        }
        let open = "name = \"\(name)\"\npublic = \"\(pair.publicKey.z85)\"\n"
        let about = "# Whoever has this file is \(name): keep it to yourself.\n"
        try withText(about + open, pair.secretKey) { (bytes) throws(KeyFileError) in
            try put(bytes, at: paths[0], mode: 0o600)
        }
        let note = "# The public half of \(name)'s key, for those who are to know \(name).\n"
        try withText(note + open) { (bytes) throws(KeyFileError) in
            try put(bytes, at: paths[1], mode: 0o644)
        }
    }

    /// Calls `body` with `head` and, if there is one, the line of the secret; erased afterwards.
    private static func withText(
        _ head: String, _ secret: CurveSecretKey? = nil,
        _ body: (UnsafeRawBufferPointer) throws(KeyFileError) -> Void
    ) throws(KeyFileError) {
        let (start, end) = (secret == nil ? head : head + "secret = \"", secret == nil ? "" : "\"\n")
        let (startCount, secretCount) = (start.utf8.count, secret == nil ? 0 : 40)
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: startCount + secretCount + end.utf8.count, alignment: 1)
        defer {
            CurveSecretKey.erase(memory)
            memory.deallocate()
        }
        let (middle, tail) = (memory[startCount...], memory[(startCount + secretCount)...])
        memory.copyBytes(from: start.utf8)
        secret?.withZ85 { UnsafeMutableRawBufferPointer(rebasing: middle).copyBytes(from: $0) }
        UnsafeMutableRawBufferPointer(rebasing: tail).copyBytes(from: end.utf8)
        try body(UnsafeRawBufferPointer(memory))
    }

    /// A whole new file in place of whatever was there.
    private static func put(
        _ bytes: UnsafeRawBufferPointer, at path: String, mode: mode_t
    ) throws(KeyFileError) {
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw KeyFileError(path, errno: errno, "cannot be written") }
        let isWritten = writeAll(bytes, to: file) && fchmod(file, mode) == 0 && fsync(file) == 0
        let cause = errno
        guard close(file) == 0, isWritten, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw KeyFileError(path, errno: cause, "cannot be written")
        }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = systemWrite(file, rest)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }
}

/// `write(2)`, which a method of that name would hide.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(file, bytes.baseAddress, bytes.count)
}
