private import Yams

/// Reads YAML from outside: whatever the bytes are, it ends, in bounded memory, with a document or a
/// sentence.
package struct YAMLDocumentReader {
    private let name: String
    private var budget = ForeignBudget()

    /// `name`: of the file, for messages.
    package init(name: String) { self.name = name }

    /// Throws `CommandFailure` with exit code 65.
    package func document(_ text: String) throws(CommandFailure) -> ForeignDocument {
        guard text.utf8.count <= ForeignLimits.bytesMax else {
            throw CommandFailure("\(name) has more than \(ForeignLimits.bytesMax) bytes", .badData)
        }
        guard Self.aliases(in: text) <= ForeignLimits.aliasesMax else {
            throw CommandFailure(
                "\(name) refers to anchors more than \(ForeignLimits.aliasesMax) times; write the values out",
                .badData)
        }
        guard let root = try root(text) else { return ForeignDocument(name: name, []) }
        var reader = self
        guard case .mapping(let mapping) = root else {
            throw failure("a configuration is a mapping of keys to values, and this is none", root.mark)
        }
        return ForeignDocument(name: name, try reader.fields(mapping, depth: 1))
    }

    private func root(_ text: String) throws(CommandFailure) -> Node? {
        do {
            return try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw failure(error)
        } catch {
            throw CommandFailure("\(name): this is not YAML: \(error)", .badData)
        }
    }

    private mutating func value(_ node: Node, depth: Int) throws(CommandFailure) -> ForeignValue {
        do throws(ImportObstacle) {
            try budget.spend(depth: depth)
        } catch {
            throw failure(error.reason, node.mark)
        }
        switch node {
        case .scalar(let scalar): return Self.value(scalar)
        case .mapping(let mapping): return .table(try fields(mapping, depth: depth + 1))
        case .sequence(let sequence):
            var elements: [ForeignValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .list(elements)
        case .alias: throw failure("a reference to an anchor that does not exist", node.mark)
        }
    }

    private static func value(_ scalar: Node.Scalar) -> ForeignValue {
        let isPlain = scalar.style == .plain && scalar.tag != Tag(.str)
        return isPlain ? YAMLScalar.value(scalar.string) : .text(scalar.string)
    }

    /// The fields of a mapping; those that `<<` merges in come last and never win.
    private mutating func fields(
        _ mapping: Node.Mapping, depth: Int
    ) throws(CommandFailure) -> [ForeignValue.Field] {
        var fields: [ForeignValue.Field] = []
        var merged: [ForeignValue.Field] = []
        for (key, node) in mapping {
            guard let scalar = key.scalar else {
                throw failure("a key must be one word, not a list or a mapping", key.mark)
            }
            do throws(ImportObstacle) {
                try ForeignBudget.check(name: scalar.string)
            } catch {
                throw failure(error.reason, key.mark)
            }
            let value = try value(node, depth: depth)
            if scalar.string == "<<", scalar.style == .plain {
                merged += Self.merged(value)
            } else {
                fields.append(ForeignValue.Field(scalar.string, value))
            }
        }
        var names = Set(fields.map(\.name))
        for field in merged where names.insert(field.name).inserted { fields.append(field) }
        return fields
    }

    /// What a merge key brings: a mapping's fields, or those of several.
    private static func merged(_ value: ForeignValue) -> [ForeignValue.Field] {
        switch value {
        case .table(let fields): fields
        case .list(let values): values.flatMap(merged)
        default: []
        }
    }

    /// At least as many as there are: also where a text or comment looks like one.
    private static func aliases(in text: String) -> Int {
        var count = 0
        var (beforeLast, last): (UInt8, UInt8) = (UInt8(ascii: "\n"), UInt8(ascii: "\n"))
        for byte in text.utf8 {
            let isName =
                byte > 0x7F || Character(Unicode.Scalar(byte)).isLetter
                || Character(Unicode.Scalar(byte)).isNumber || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
            if last == UInt8(ascii: "*"), isName, " \t\r\n[]{},:?-\"'".utf8.contains(beforeLast) {
                count += 1
            }
            (beforeLast, last) = (last, byte)
        }
        return count
    }
}

extension YAMLDocumentReader {
    private func failure(_ sentence: String, _ mark: Mark?) -> CommandFailure {
        failure(sentence, mark.map { SourcePosition(line: $0.line, column: $0.column) })
    }

    private func failure(_ sentence: String, _ position: SourcePosition?) -> CommandFailure {
        CommandFailure("\(name)\(position.map { ":\($0)" } ?? ""): \(sentence)", .badData)
    }

    private func failure(_ error: YamlError) -> CommandFailure {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let details = context.map { ", \($0.text)" } ?? ""
            return failure("this is not YAML: \(problem)\(details)", mark)
        case .reader(let problem, let offset, _, let text):
            return failure("this is not YAML: \(problem)", offset.map { Self.position(text, offset: $0) })
        case .duplicatedKeysInMapping(let keys, let context):
            return failure("the key \(keys.joined(separator: ", ")) stands there twice", context.mark)
        default: return CommandFailure("\(name): this is not YAML", .badData)
        }
    }

    /// `offset`: characters.
    private static func position(_ text: String, offset: Int) -> SourcePosition {
        let lines = text.prefix(offset).split(omittingEmptySubsequences: false) { $0.isNewline }
        return SourcePosition(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}
