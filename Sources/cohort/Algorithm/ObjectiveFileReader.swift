private import Foundation
package import GRPO
private import Tokenization

/// Reads objective files: JSON, its keys, its types, in this order, so that the first fault has a place.
package struct ObjectiveFileReader {
    private let path: String

    /// `path`: for messages.
    package init(path: String) { self.path = path }

    /// Throws `CommandFailure` with exit code 65.
    package func document(_ bytes: [UInt8]) throws(CommandFailure) -> ObjectiveDocument {
        try requireKeys(try parse(bytes))
        return try decode(ObjectiveDocument.self, bytes)
    }

    /// A file of golden cases. Throws `CommandFailure` with exit code 65.
    package func golden(_ bytes: [UInt8]) throws(CommandFailure) -> GoldenFile {
        _ = try parse(bytes)
        return try decode(GoldenFile.self, bytes)
    }

    private func failure(_ problem: String) -> CommandFailure {
        CommandFailure("\(path): \(problem)", .badData)
    }

    private func parse(_ bytes: [UInt8]) throws(CommandFailure) -> JSONValue {
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw failure("invalid JSON at \(error)")
        }
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8]
    ) throws(CommandFailure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw failure(error.sentence)
        } catch {
            throw failure("\(error)")
        }
    }

    private func requireKeys(_ value: JSONValue) throws(CommandFailure) {
        try requireKeys(value, ObjectiveDocument.keys, at: "")
        if let step = value["step"] { try requireKeys(step, ObjectiveDocument.stepKeys, at: "step") }
        for (index, group) in (value["groups"]?.array ?? []).enumerated() {
            let place = "groups[\(index)]"
            try requireKeys(group, ObjectiveDocument.groupKeys, at: place)
            for (sample, completion) in (group["completions"]?.array ?? []).enumerated() {
                try requireKeys(
                    completion, ObjectiveDocument.completionKeys,
                    at: "\(place).completions[\(sample)]")
            }
        }
    }

    private func requireKeys(
        _ value: JSONValue, _ keys: [String], at place: String
    ) throws(CommandFailure) {
        let name = place.isEmpty ? "the file" : place
        guard let members = value.members else {
            throw failure("\(name) must be an object, not \(value.kind)")
        }
        var seen: Set<String> = []
        for member in members {
            guard keys.contains(member.key) else {
                throw failure(
                    "\(name) has no key \"\(member.key)\"; its keys are "
                        + keys.sorted().joined(separator: ", "))
            }
            guard seen.insert(member.key).inserted else {
                throw failure("\(name) has the key \"\(member.key)\" twice")
            }
        }
    }
}

extension DecodingError {
    /// `groups[0].completions[1].logprobs[3] must be a number`
    fileprivate var sentence: String {
        switch self {
        case .typeMismatch(let type, let context):
            "\(Self.path(context.codingPath)) must be \(Self.name(of: type))"
        case .valueNotFound(let type, let context):
            "\(Self.path(context.codingPath)) is null; it must be \(Self.name(of: type))"
        case .keyNotFound(let key, let context):
            "\(Self.path(context.codingPath + [key])) is missing"
        case .dataCorrupted(let context):
            "\(Self.path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
        return text.isEmpty ? "the file" : text
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is Double.Type, is Int.Type: "a number"
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        case is [Any].Type: "a list"
        default: "an object or a list"
        }
    }
}
