/// Finds where the keys of a TOML text stand. The parser reports positions for syntax errors only;
/// this reading supplies them for every key and value of a well-formed text. On any other text it
/// ends too, without trapping, and may find a malformation.
struct TOMLKeyLocator {
    private var cursor: TOMLCursor
    private var table: [String] = []
    private var depth = 0
    /// As toml++ has it.
    private static let depthMax = 256
    /// Names in the path of a key. The parser makes a table of each and takes them down recursively.
    private static let pathMax = 128
    /// The location of every key, table header and inline key, by its full path. Of an array of
    /// tables the first entry counts.
    private(set) var locations: [[String]: KeyLocation] = [:]
    /// The first place where toml++ 3.4, which is inside TOMLKit, would abort the process instead
    /// of reporting an error: its assertions stay on in release builds. All three kinds were found
    /// by mutating texts at random; whoever calls the parser looks here first.
    private(set) var malformation: (position: SourcePosition, sentence: String)?

    init(_ text: String) {
        cursor = TOMLCursor(text)
        document()
    }

    private mutating func document() {
        cursor.skipBlanks()
        while let scalar = cursor.current {
            if scalar == "[" { header() } else { pair(in: table) }
            cursor.skipLine()
            cursor.skipBlanks()
        }
    }

    /// `[a.b]` or `[[a.b]]`
    private mutating func header() {
        for _ in 0..<2 where cursor.current == "[" {
            cursor.advance()
            cursor.skipSpaces()
        }
        if let scalar = cursor.current, !Self.isKeyStart(scalar) {
            note("a table name", String(Character(scalar)), cursor.position)
        }
        let position = cursor.position
        table = bounded(key(), at: position)
        note(table, key: position, value: position)
    }

    /// `key = value`
    private mutating func pair(in prefix: [String]) {
        let position = cursor.position
        let path = bounded(prefix + key(), at: position)
        cursor.skipSpaces()
        if cursor.current == "=" { cursor.advance() }
        cursor.skipSpaces()
        note(path, key: position, value: cursor.position)
        value(of: path)
    }

    /// `path`, cut where it is longer than a path may be.
    private mutating func bounded(_ path: [String], at position: SourcePosition) -> [String] {
        guard path.count > Self.pathMax else { return path }
        note("at most \(Self.pathMax) names in a key's path", "more", position)
        return Array(path.prefix(Self.pathMax))
    }

    /// A dotted key, possibly with quoted parts.
    private mutating func key() -> [String] {
        var parts: [String] = []
        while true {
            cursor.skipSpaces()
            let part = keyPart()
            if parts.count <= Self.pathMax { parts.append(part) }
            cursor.skipSpaces()
            guard cursor.current == "." else { return parts }
            cursor.advance()
        }
    }

    private mutating func keyPart() -> String {
        if cursor.current == "\"" || cursor.current == "'" { return cursor.string() }
        var part = String.UnicodeScalarView()
        while let scalar = cursor.current, !" \t\r\n.=]#,{}".unicodeScalars.contains(scalar) {
            part.append(scalar)
            cursor.advance()
        }
        return String(part)
    }

    private mutating func value(of path: [String]) {
        switch cursor.current {
        case "\"", "'": _ = cursor.string()
        case "{": nested { $0.inlineTable(path) }
        case "[": nested { $0.array(path) }
        default: scalar()
        }
    }

    /// Runs `step` one level deeper, unless that is deeper than the parser goes.
    private mutating func nested(_ step: (inout TOMLKeyLocator) -> Void) {
        guard depth < Self.depthMax else {
            note("at most \(Self.depthMax) nested values", "more", cursor.position)
            cursor.advance()
            return
        }
        depth += 1
        step(&self)
        depth -= 1
    }

    /// A number, boolean, date or time.
    private mutating func scalar() {
        let start = cursor.position
        var text = String.UnicodeScalarView()
        while let scalar = cursor.current, !",]}#\r\n".unicodeScalars.contains(scalar) {
            text.append(scalar)
            cursor.advance()
        }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if !TOMLScalar.isWellFormed(String(text)) { note("a value", String(text), start) }
    }

    private mutating func inlineTable(_ path: [String]) {
        cursor.advance()
        while true {
            cursor.skipBlanks()
            guard let scalar = cursor.current, scalar != "}" else { break }
            if scalar == "," { cursor.advance() } else { advancing { $0.pair(in: path) } }
        }
        cursor.advance()
    }

    private mutating func array(_ path: [String]) {
        cursor.advance()
        while true {
            cursor.skipBlanks()
            guard let scalar = cursor.current, scalar != "]" else { break }
            if scalar == "," { cursor.advance() } else { advancing { $0.value(of: path) } }
        }
        cursor.advance()
    }

    /// Runs `step` and skips one scalar if it did not move, which only malformed text can cause.
    private mutating func advancing(_ step: (inout TOMLKeyLocator) -> Void) {
        let before = cursor.position
        step(&self)
        if cursor.position == before { cursor.advance() }
    }

    private mutating func note(_ expected: String, _ seen: String, _ position: SourcePosition) {
        guard malformation == nil, !cursor.isLost else { return }
        let shown = TerminalText.truncated(TerminalText.escaped(seen), columns: 40)
        malformation = (position, "expected \(expected), saw \(shown.isEmpty ? "nothing" : shown)")
    }

    private static func isKeyStart(_ scalar: Unicode.Scalar) -> Bool {
        let isLetter = scalar.isASCII && scalar.properties.isAlphabetic
        return isLetter || "0123456789-_\"'".unicodeScalars.contains(scalar)
    }

    private mutating func note(
        _ path: [String], key: SourcePosition, value: SourcePosition
    ) {
        // Of a dotted key the tables that it implies; a configuration has one level of them.
        for length in 1..<min(max(path.count, 1), 3) {
            let prefix = Array(path.prefix(length))
            if locations[prefix] == nil { locations[prefix] = KeyLocation(key: key, value: key) }
        }
        if locations[path] == nil { locations[path] = KeyLocation(key: key, value: value) }
    }
}
