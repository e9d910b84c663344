/// How some keys of another system become some of ours.
package struct ImportRule: Sendable {
    package struct Source: Hashable, Sendable {
        package let path: String
        /// What holds in that system where the file says nothing; `null`: nothing does.
        package let standard: ForeignValue
    }

    /// What a rule makes of the values.
    package struct Outcome: Sendable {
        package var assignments: [Assignment] = []
        /// Where a value comes from, such as a sum, or what to mind.
        package var remark: String?
        /// What could not be carried over, though the rest was.
        package var loss: String?
    }

    package struct Assignment: Hashable, Sendable {
        package let key: String
        package let value: Value

        init(_ key: String, _ value: SettingValue) {
            self.key = key
            self.value = .one(value)
        }

        init(_ key: String, list: [SettingValue]) {
            self.key = key
            value = .list(list)
        }

        init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }

        /// `grpo.beta = 0.04`
        package var literal: String { "\(key) = \(value.literal)" }
    }

    package enum Value: Hashable, Sendable {
        case one(SettingValue)
        case list([SettingValue])

        package var literal: String {
            switch self {
            case .one(let value): value.literal
            case .list(let values): "[" + values.map(\.literal).joined(separator: ", ") + "]"
            }
        }
    }

    typealias Conversion = @Sendable (ForeignSettings) throws(ImportObstacle) -> Outcome

    package let sources: [Source]
    /// Every key that the rule may set.
    package let targets: [String]
    let convert: Conversion

    /// `sources`: paths with their defaults.
    init(
        _ sources: KeyValuePairs<String, ForeignValue>, to targets: String..., convert: @escaping Conversion
    ) {
        self.sources = sources.map { Source(path: $0.key, standard: $0.value) }
        self.targets = targets
        self.convert = convert
    }
}

/// Why a rule cannot do its work: a sentence about the value.
package struct ImportObstacle: Error, Hashable, Sendable {
    package var reason: String

    init(_ reason: String) { self.reason = reason }
}

/// What stands in a file that no rule carries over.
package struct ImportNote: Sendable {
    package enum Kind: Hashable, Sendable { case notApplicable, notCarried }

    /// A path in which `*` stands for anything.
    package let pattern: String
    package let kind: Kind
    package let reason: String
    /// Values with which nothing is lost, because they say what holds here anyway.
    let harmless: [ForeignValue]

    static func notApplicable(_ patterns: String..., because reason: String) -> [ImportNote] {
        patterns.map { ImportNote(pattern: $0, kind: .notApplicable, reason: reason, harmless: []) }
    }

    static func notCarried(
        _ patterns: String..., unless harmless: [ForeignValue] = [], because reason: String
    ) -> [ImportNote] {
        patterns.map { ImportNote(pattern: $0, kind: .notCarried, reason: reason, harmless: harmless) }
    }

    func covers(_ path: String) -> Bool {
        Self.matches(Array(pattern.utf8)[...], Array(path.utf8)[...])
    }

    /// Greedy with one place to go back to, so that no path takes more than |pattern| · |path| steps.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        var (at, place) = (pattern.startIndex, path.startIndex)
        var star: (pattern: Int, path: Int)?
        while place < path.endIndex {
            if at < pattern.endIndex, pattern[at] == UInt8(ascii: "*") {
                star = (at, place)
                at += 1
            } else if at < pattern.endIndex, pattern[at] == path[place] {
                (at, place) = (at + 1, place + 1)
            } else if let last = star {
                star = (last.pattern, last.path + 1)
                (at, place) = (last.pattern + 1, last.path + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
