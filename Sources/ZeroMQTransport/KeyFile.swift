package import ZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keys on disk, as ssh has them: `NAME.key` with both halves, for its owner only, and `NAME.pub`.
///
/// Both are TOML of the simplest kind: lines of `key = "value"`, empty lines, and comments that begin
/// with `#`. The halves are Z85, which has neither quotes nor backslashes.
package enum KeyFile {
    package static let secretSuffix = ".key"
    package static let publicSuffix = ".pub"
    /// Far more than a key file has.
    private static let bytesMax = 4_096

    /// A key with the name that it was made for.
    package struct Named: Sendable {
        package let name: String
        package let pair: CurveKeyPair
    }

    /// Reads a public key.
    ///
    /// Throws: `KeyFileError`: unreadable, writable by everyone, not a key, a key of libzmq's manual,
    /// or with a secret in it.
    package static func readPublic(_ path: String) throws(KeyFileError) -> CurvePublicKey {
        try contents(of: path, refusing: 0o002, "can be changed by everyone; chmod go-w it") {
            (fields) throws(KeyFileError) in
            guard fields["secret"] == nil else {
                throw KeyFileError(
                    path, "holds a secret key, which belongs to its owner alone; use the .pub file")
            }
            return try publicKey(in: fields, path)
        }
    }

    /// Reads a key with its secret.
    ///
    /// Throws: `KeyFileError`: unreadable, readable by others, not a key, halves that do not belong
    /// together, or a key of libzmq's manual.
    package static func readSecret(_ path: String) throws(KeyFileError) -> Named {
        try contents(of: path, refusing: 0o077, "can be read by others than its owner; chmod 600 it") {
            (fields) throws(KeyFileError) in
            guard let text = fields["secret"], let secret = CurveSecretKey(z85: text) else {
                throw KeyFileError(path, "has no line secret = \"…\" with 40 characters of Z85")
            }
            guard let pair = try? CurveKeyPair(secretKey: secret),
                pair.publicKey == (try publicKey(in: fields, path))
            else { throw KeyFileError(path, "holds two halves that do not belong together") }
            let name = fields["name"].map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard KeyIdentity.isValid(name) else {
                throw KeyFileError(
                    path, "has no line name = \"…\" with letters, digits and . _ -")
            }
            return Named(name: name, pair: pair)
        }
    }

    private typealias Fields = [String: Slice<UnsafeRawBufferPointer>]

    private static func publicKey(
        in fields: Fields, _ path: String
    ) throws(KeyFileError) -> CurvePublicKey {
        guard let text = fields["public"], let key = CurvePublicKey(z85: text) else {
            throw KeyFileError(path, "has no line public = \"…\" with 40 characters of Z85")
        }
        guard !key.isFromManual else {
            throw KeyFileError(
                path, "holds a test key of libzmq's manual, whose secret everyone knows")
        }
        return key
    }

    /// Calls `body` with the fields of a file; its bytes are erased afterwards.
    private static func contents<Result>(
        of path: String, refusing mode: mode_t, _ refusal: String,
        _ body: (Fields) throws(KeyFileError) -> Result
    ) throws(KeyFileError) -> Result {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax + 1, alignment: 1)
        defer {
            CurveSecretKey.erase(memory)
            memory.deallocate()
        }
        let count = try read(path, into: memory, refusing: mode, refusal)
        guard count <= bytesMax else {
            throw KeyFileError(path, "has more than \(bytesMax) bytes and is no key file")
        }
        return try body(
            try KeyFileLines.fields(UnsafeRawBufferPointer(rebasing: memory[..<count]), path))
    }

    private static func read(
        _ path: String, into memory: UnsafeMutableRawBufferPointer, refusing mode: mode_t,
        _ refusal: String
    ) throws(KeyFileError) -> Int {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw KeyFileError(path, errno: errno, "cannot be read") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw KeyFileError(path, errno: errno, "cannot be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeyFileError(path, "is no file") }
        guard status.st_mode & mode == 0 else { throw KeyFileError(path, refusal) }
        var count = 0
        while count < memory.count {
            let got = systemRead(file, memory.baseAddress! + count, memory.count - count)
            if got == 0 { break }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw KeyFileError(path, errno: errno, "cannot be read") }
            count += got
        }
        return count
    }
}

/// A key file that is refused.
package struct KeyFileError: Error, Hashable, CustomStringConvertible {
    package let path: String
    package let problem: String

    init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    init(_ path: String, errno: Int32, _ problem: String) {
        self.init(path, "\(problem): \(String(cString: strerror(errno)))")
    }

    package var description: String { "\(path) \(problem)" }
}
