/// Another system's configuration file as a list of its keys.
package struct ForeignDocument: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// Dotted: `actor.optim.lr`; elements of a list of tables are numbered: `source[0].name`.
        package var path: String
        /// A scalar, a list of scalars, or an empty table.
        package var value: ForeignValue
    }

    /// The file's name, for messages.
    package var name: String
    /// In the order of the file where its format keeps one.
    package private(set) var entries: [Entry] = []
    private var values: [String: ForeignValue] = [:]

    package init(name: String, _ fields: [ForeignValue.Field]) {
        self.name = name
        for field in fields { flatten(field.value, at: Self.component(field.name)) }
        values = Dictionary(entries.map { ($0.path, $0.value) }) { first, _ in first }
    }

    /// What the file says of a key; `nil`: nothing.
    package subscript(path path: String) -> ForeignValue? { values[path] }

    /// Names that stand before the first dot of a path and hold tables.
    var tables: Set<String> {
        Set(
            entries.compactMap { entry in
                entry.path.firstIndex(of: ".").map { String(entry.path[..<$0]) }
            })
    }

    private mutating func flatten(_ value: ForeignValue, at path: String) {
        switch value {
        case .table(let fields) where !fields.isEmpty:
            for field in fields { flatten(field.value, at: "\(path).\(Self.component(field.name))") }
        case .list(let elements) where elements.contains(where: \.isCollection):
            for (index, element) in elements.enumerated() { flatten(element, at: "\(path)[\(index)]") }
        default: entries.append(Entry(path: path, value: value))
        }
    }

    /// Quoted where the name itself could be taken for a path, so that no two keys have one path.
    private static func component(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                $0 == "_" || $0 == "-" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
            }
        return isPlain ? name : quotedString(name)
    }
}
