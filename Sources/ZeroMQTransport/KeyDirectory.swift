internal import ZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads directories of public keys, and each file again only after it has changed.
struct KeyDirectory {
    struct Stamp: Hashable {
        var inode: UInt64
        var bytes: Int
        var changed: Int
        var changedNanoseconds: Int
    }

    private enum Content {
        case key(CurvePublicKey)
        case refused(String)
    }

    /// More workers than a learner takes, several times over.
    private static let filesMax = 16_384

    private var known: [String: (stamp: Stamp, content: Content)] = [:]

    /// The keys in all files, and a sentence about each file or directory that is refused.
    mutating func read(
        _ directories: [String]
    ) -> (keys: [CurvePublicKey: String], problems: [String]) {
        var (keys, problems) = ([CurvePublicKey: String](), [String]())
        var (paths, identities) = (Set<String>(), Set<String>())
        for directory in directories {
            if let problem = Self.problem(of: directory) {
                problems.append(problem)
                continue
            }
            for identity in Self.identities(in: directory) {
                let path = "\(directory)/\(identity)\(KeyFile.publicSuffix)"
                paths.insert(path)
                switch content(of: path) {
                case .none: continue
                case .refused(let problem): problems.append("\(problem); nobody gets in by it")
                case .key(let key):
                    guard keys[key] == nil, identities.insert(identity).inserted else {
                        problems.append("\(path) names a worker or a key a second time and is ignored")
                        continue
                    }
                    keys[key] = identity
                }
            }
        }
        known = known.filter { paths.contains($0.key) }
        return (keys, problems)
    }

    /// `nil`: it has gone.
    private mutating func content(of path: String) -> Content? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let stamp = Stamp(status)
        if let known = known[path], known.stamp == stamp { return known.content }
        let content: Content
        do throws(KeyFileError) { content = .key(try KeyFile.readPublic(path)) } catch {
            content = .refused(error.description)
        }
        known[path] = (stamp, content)
        return content
    }

    /// Whoever may write there may let in whom he likes.
    private static func problem(of directory: String) -> String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        let isOpen = status.st_mode & 0o002 != 0 && status.st_mode & S_ISVTX == 0
        return isOpen
            ? "\(directory) can be changed by everyone, so no key in it counts; chmod o-w it" : nil
    }

    /// In the order of names, so that the same files give the same list.
    private static func identities(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), names.count < filesMax {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let identity = name.dropLast(KeyFile.publicSuffix.count)
            if name.hasSuffix(KeyFile.publicSuffix), KeyIdentity.isValid(identity) {
                names.append(String(identity))
            }
        }
        return names.sorted()
    }
}

extension KeyDirectory.Stamp {
    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        bytes = Int(status.st_size)
        #if canImport(Darwin)
            (changed, changedNanoseconds) = (status.st_ctimespec.tv_sec, status.st_ctimespec.tv_nsec)
        #else
            (changed, changedNanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        #endif
    }
}
