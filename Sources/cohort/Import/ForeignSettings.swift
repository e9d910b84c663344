/// The values of a file together with the defaults of the system that it is of.
package struct ForeignSettings {
    /// Which keys have been looked at.
    private final class Reads { var paths: Set<String> = [] }

    private let document: ForeignDocument
    private let standards: [String: ForeignValue]
    private let reads = Reads()

    init(_ document: ForeignDocument, of system: ForeignSystem) {
        self.document = document
        standards = Dictionary(
            uniqueKeysWithValues: system.rules.flatMap(\.sources).map { ($0.path, $0.standard) })
    }

    /// Whether the file itself says something.
    func states(_ path: String) -> Bool { document[path: path] != nil }

    /// The keys whose values `body` asks for.
    func reads<Answer>(
        of body: () throws(ImportObstacle) -> Answer
    ) throws(ImportObstacle) -> (answer: Answer, read: Set<String>) {
        reads.paths = []
        let answer = try body()
        return (answer, reads.paths)
    }

    func value(_ path: String) throws(ImportObstacle) -> ForeignValue {
        reads.paths.insert(path)
        let value = document[path: path] ?? standards[path] ?? .null
        guard case .text(let text) = value else { return value }
        if text.contains("${") {
            throw ImportObstacle("\(path) is an interpolation; write its value")
        }
        if text == "???" { throw ImportObstacle("\(path) has no value (???)") }
        return value
    }

    /// `nil`: null.
    func optionalNumber(_ path: String) throws(ImportObstacle) -> Double? {
        switch try value(path) {
        case .null: return nil
        case .integer(let whole): return Double(whole)
        case .number(let number): return number
        case .text(let text):
            // Python's readers hand such texts to float().
            if case .number(let number) = YAMLScalar.number(text) { return number }
            if case .integer(let whole) = YAMLScalar.number(text) { return Double(whole) }
        default: break
        }
        throw ImportObstacle("\(path) is no number")
    }

    func number(_ path: String) throws(ImportObstacle) -> Double {
        guard let number = try optionalNumber(path) else { throw ImportObstacle("\(path) has no value") }
        return number
    }

    /// `nil`: null.
    func optionalCount(_ path: String) throws(ImportObstacle) -> Int? {
        guard let number = try optionalNumber(path) else { return nil }
        guard let count = Int(exactly: number), count.magnitude < 1 << 53 else {
            throw ImportObstacle("\(path) is no whole number")
        }
        return count
    }

    func count(_ path: String) throws(ImportObstacle) -> Int {
        guard let count = try optionalCount(path) else { throw ImportObstacle("\(path) has no value") }
        return count
    }

    /// A count above 0, to calculate with.
    func positive(_ path: String) throws(ImportObstacle) -> Int {
        let count = try count(path)
        guard (1...Int(Int32.max)).contains(count) else {
            throw ImportObstacle("\(path) must be above 0 and below 2^31")
        }
        return count
    }

    /// `nil`: null.
    func optionalFlag(_ path: String) throws(ImportObstacle) -> Bool? {
        let value = try value(path)
        if value == .null { return nil }
        if case .boolean(let flag) = value { return flag }
        if case .text(let text) = value, case .boolean(let flag) = YAMLScalar.value(text) { return flag }
        throw ImportObstacle("\(path) is neither true nor false")
    }

    func flag(_ path: String) throws(ImportObstacle) -> Bool { try optionalFlag(path) ?? false }

    /// `nil`: null.
    func optionalText(_ path: String) throws(ImportObstacle) -> String? {
        switch try value(path) {
        case .null: return nil
        case .text(let text): return text
        case .boolean(let flag): return "\(flag)"
        case .integer(let whole): return "\(whole)"
        default: throw ImportObstacle("\(path) is no text")
        }
    }

    func text(_ path: String) throws(ImportObstacle) -> String {
        guard let text = try optionalText(path) else { throw ImportObstacle("\(path) has no value") }
        return text
    }

    /// The elements of a list; of a single value, that value; of null, nothing.
    func list(_ path: String) throws(ImportObstacle) -> [ForeignValue] {
        switch try value(path) {
        case .null: return []
        case .list(let values): return values
        case let value: return [value]
        }
    }
}
