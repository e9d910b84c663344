import Checkpoints
import Foundation

/// What a disk in memory holds: as programs see it, and what of it a power cut would leave.
///
/// The rules are POSIX's, taken at their worst. A flush of a file makes its bytes durable, not its name. A
/// flush of a directory makes its names durable, not what they lead to. Whatever no flush followed may be
/// there after a power cut or not, each change for itself; only a rename is one change.
struct Volume: Sendable {
    enum Change: Sendable {
        case put(String, Int)
        case drop(String, Int)
        case move(from: String, to: String, Int)
    }

    struct Folder: Sendable {
        var names: [String: Int] = [:]
        var durable: [String: Int] = [:]
        var pending: [Change] = []
    }

    struct Contents: Sendable {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        /// A flush failed: the pages count as clean, and later ones do nothing.
        var isLost = false
    }

    enum Node: Sendable {
        case folder(Folder)
        case file(Contents)
    }

    private static let root = 0
    private var nodes: [Int: Node] = [root: .folder(Folder())]
    private var nextNode = 1
    private var open: [Int32: Int] = [:]

    // Looking

    func kind(of path: String) -> FileKind? {
        switch find(path).flatMap({ nodes[$0] }) {
        case .folder: .directory
        case .file: .file
        case nil: nil
        }
    }

    func names(in path: String) throws(FileError) -> [String] {
        try Array(folder(at: path, "list").value.names.keys)
    }

    func bytes(of path: String) throws(FileError) -> [UInt8] {
        guard case .file(let contents)? = find(path).flatMap({ nodes[$0] }) else {
            throw FileError("open", path, code: kind(of: path) == nil ? ENOENT : EISDIR)
        }
        return contents.bytes
    }

    // Changing

    mutating func create(_ path: String) throws(FileError) -> Int32 {
        guard kind(of: path) == nil else { throw FileError("create", path, code: EEXIST) }
        let node = try add(.file(Contents()), at: path, "create")
        open[Int32(node)] = node
        return Int32(node)
    }

    mutating func append(_ bytes: some Sequence<UInt8>, to file: OpenFile) {
        change(file) { $0.bytes += bytes }
    }

    mutating func flush(_ file: OpenFile) { change(file) { if !$0.isLost { $0.durable = $0.bytes } } }

    mutating func loseFlush(of file: OpenFile) { change(file) { $0.isLost = true } }

    mutating func close(_ file: OpenFile) {
        precondition(open.removeValue(forKey: file.descriptor) != nil, "closed twice: \(file.path)")
    }

    mutating func makeDirectory(_ path: String) throws(FileError) {
        guard kind(of: path) == nil else { throw FileError("create directory", path, code: EEXIST) }
        _ = try add(.folder(Folder()), at: path, "create directory")
    }

    mutating func flushDirectory(_ path: String) throws(FileError) {
        var (node, folder) = try folder(at: path, "flush")
        folder.durable = folder.names
        folder.pending = []
        nodes[node] = .folder(folder)
    }

    mutating func rename(_ source: String, to destination: String) throws(FileError) {
        let (parent, from) = split(source)
        let (other, to) = split(destination)
        precondition(parent == other, "a rename to another directory: \(destination)")
        guard let moved = find(source) else { throw FileError("rename", source, code: ENOENT) }
        if case .folder(let folder)? = find(destination).flatMap({ nodes[$0] }), !folder.names.isEmpty {
            throw FileError("rename", source, code: ENOTEMPTY)
        }
        try record(.move(from: from, to: to, moved), in: parent, "rename")
    }

    mutating func remove(_ path: String) throws(FileError) {
        let (parent, name) = split(path)
        guard let node = find(path) else { throw FileError("remove", path, code: ENOENT) }
        if case .folder(let folder)? = nodes[node], !folder.names.isEmpty {
            throw FileError("remove", path, code: ENOTEMPTY)
        }
        try record(.drop(name, node), in: parent, "remove")
    }
}

// What a power cut leaves

extension Volume {
    /// Everything that may be found after a power cut at this moment; where that is more than `limit`
    /// possibilities, both extremes and a sample.
    func afterPowerCut(limit: Int, seed: UInt64) -> [Volume] {
        let ids = nodes.keys.sorted()
        let counts = ids.map { choices(for: $0) }
        func pick(_ choose: (Int) -> Int) -> Volume {
            cut(ids.indices.map { (ids[$0], choose(counts[$0])) })
        }
        let product = counts.reduce(1.0) { $0 * Double($1) }
        guard product > Double(limit) else {
            return (0..<Int(product)).map { index in
                var rest = index
                return pick { count in
                    defer { rest /= count }
                    return rest % count
                }
            }
        }
        var random = SplitMix(seed: seed)
        let sample = (0..<limit - 2).map { _ in pick { Int.random(in: 0..<$0, using: &random) } }
        return [pick { _ in 0 }, pick { $0 - 1 }] + sample
    }

    private func choices(for node: Int) -> Int {
        switch nodes[node] {
        case .folder(let folder): 1 << folder.pending.count
        case .file(let contents): contents.bytes == contents.durable ? 1 : 4
        case nil: 1
        }
    }

    /// The volume of one choice for every node: of a folder, the set of changes that arrived; of a file,
    /// whether nothing, half, noise or all of its bytes did.
    private func cut(_ choices: [(node: Int, choice: Int)]) -> Volume {
        var volume = self
        volume.open = [:]
        for (node, choice) in choices {
            switch nodes[node] {
            case .folder(let folder):
                var names = folder.durable
                for (index, change) in folder.pending.enumerated() where choice >> index & 1 == 1 {
                    Self.apply(change, to: &names)
                }
                volume.nodes[node] = .folder(Folder(names: names, durable: names))
            case .file(let contents):
                let bytes = contents.bytes
                let left = [
                    contents.durable, Array(bytes.prefix(bytes.count / 2)),
                    [UInt8](repeating: 0, count: bytes.count), bytes,
                ][choice]
                volume.nodes[node] = .file(Contents(bytes: left, durable: left))
            case nil: break
            }
        }
        return volume
    }

    private static func apply(_ change: Change, to names: inout [String: Int]) {
        switch change {
        case .put(let name, let node): names[name] = node
        case .drop(let name, let node): if names[name] == node { names[name] = nil }
        case .move(let from, let to, let node):
            if names[from] == node { names[from] = nil }
            names[to] = node
        }
    }
}

extension Volume {
    private func find(_ path: String) -> Int? {
        var node = Self.root
        for part in path.split(separator: "/") {
            guard case .folder(let folder)? = nodes[node], let next = folder.names[String(part)] else {
                return nil
            }
            node = next
        }
        return node
    }

    private func split(_ path: String) -> (parent: String, name: String) {
        let parts = path.split(separator: "/")
        return ("/" + parts.dropLast().joined(separator: "/"), String(parts.last ?? ""))
    }

    private func folder(
        at path: String, _ operation: String
    ) throws(FileError) -> (node: Int, value: Folder) {
        guard let node = find(path), case .folder(let folder)? = nodes[node] else {
            throw FileError(operation, path, code: kind(of: path) == nil ? ENOENT : ENOTDIR)
        }
        return (node, folder)
    }

    private mutating func add(
        _ node: Node, at path: String, _ operation: String
    ) throws(FileError) -> Int {
        let (parent, name) = split(path)
        nodes[nextNode] = node
        try record(.put(name, nextNode), in: parent, operation)
        defer { nextNode += 1 }
        return nextNode
    }

    private mutating func record(
        _ change: Change, in parent: String, _ operation: String
    ) throws(FileError) {
        var (node, folder) = try folder(at: parent, operation)
        Self.apply(change, to: &folder.names)
        folder.pending.append(change)
        nodes[node] = .folder(folder)
    }

    private mutating func change(_ file: OpenFile, _ body: (inout Contents) -> Void) {
        guard let node = open[file.descriptor], case .file(var contents)? = nodes[node] else {
            preconditionFailure("\(file.path) is not open")
        }
        body(&contents)
        nodes[node] = .file(contents)
    }
}
