/// What is wrong with an objective document, with its place in JSON and the completion's id.
public enum DocumentError: Error, Hashable {
    case noGroups
    case emptyGroup(group: Int, id: String)
    case mixedPrompts(group: Int, id: String, completion: Int)
    case missing(DocumentPlace, key: String, reason: String)
    case wrongCount(DocumentPlace, key: String, count: Int, expected: Int)
    case differentRewards(DocumentPlace, names: [String], expected: [String])
    case unknownWeight(String, functions: [String])
    case badStep(key: String, count: Int, held: Int)
    case badLimit(Int)
    case advantage(AdvantageError, id: String)
    case objective(ObjectiveError, DocumentPlace?)
}

/// A completion of a document.
public struct DocumentPlace: Hashable, Sendable {
    public var group: Int
    public var id: String
    public var completion: Int

    /// `groups[0].completions[2]`
    var path: String { "groups[\(group)].completions[\(completion)]" }
    /// `completion 2 of group "g0"`
    var name: String { "completion \(completion) of group \"\(id)\"" }
}

extension DocumentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noGroups: "groups is empty; an objective needs at least one group"
        case .emptyGroup(let group, let id):
            "groups[\(group)].completions is empty; group \"\(id)\" needs at least one completion"
        case .mixedPrompts(let group, let id, let completion):
            "groups[\(group)].completions[\(completion)].prompt: completion \(completion) of group "
                + "\"\(id)\" answers another prompt than completion 0; a group compares answers to one prompt"
        case .missing(let place, let key, let reason):
            "\(place.path).\(key) is missing: \(place.name) needs it, because \(reason)"
        case .wrongCount(let place, let key, let count, let expected):
            "\(place.path).\(key) has \(count) entries, but \(place.name) has \(expected) tokens"
        case .differentRewards(let place, let names, let expected):
            "\(place.path).rewards names \(Self.list(names)), but the first completion's names "
                + "\(Self.list(expected)); \(place.name) needs the same, null where one does not apply"
        case .unknownWeight(let name, let functions):
            "reward_weights.\(name) weighs no reward function; there are \(Self.list(functions))"
        case .badStep(let key, let count, let held):
            "step.\(key) is \(count), but the document alone has \(held)"
        case .badLimit(let limit): "max_completion_length is \(limit); it must be at least 1"
        case .advantage(let error, let id): "group \"\(id)\": \(error)"
        case .objective(let error, let place):
            (place.map { "\($0.path): " } ?? "")
                + error.message { _ in place?.name ?? "a completion" }
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}
