/// A place in a text, counted from 1; columns are Unicode scalars.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package var description: String { "\(line):\(column)" }
}

/// Where a key and its value begin.
package struct KeyLocation: Hashable, Sendable {
    package var key: SourcePosition
    /// Where a table has a header, the same as `key`.
    package var value: SourcePosition
}
