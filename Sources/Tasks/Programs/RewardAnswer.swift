internal import Tokenization

/// A reward program's answer about one completion.
package struct RewardAnswer: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// By function; `nil`: it does not apply. NaN and infinities are passed on: what they lead to is
        /// decided for all reward functions alike.
        case rewards([String: Double?])
        /// The program failed on this completion, or what it said of it cannot be used.
        case failure(String)
    }

    /// As the request said it.
    var id: String
    var content: Content

    /// The answers of one line: an object, or an array of objects. Throws where it cannot be said whom a
    /// part of it concerns.
    static func answers(line: [UInt8]) throws(RewardLineError) -> [RewardAnswer] {
        let value = try rewardLine(line)
        var answers: [RewardAnswer] = []
        for item in value.array ?? [value] { answers.append(try RewardAnswer(item, line: line)) }
        return answers
    }

    package init(id: String, _ content: Content) {
        self.id = id
        self.content = content
    }

    private init(_ value: JSONValue, line: [UInt8]) throws(RewardLineError) {
        guard let id = value["id"]?.string else {
            throw RewardLineError("it printed an answer without an \"id\": \(excerpt(line))")
        }
        self.id = id
        if let error = value["error"], !error.isNull {
            content = .failure("it said: \(error.string ?? error.compactText)")
        } else if let members = value["rewards"]?.members {
            content = Self.content(members)
        } else {
            content = .failure("its answer has no object \"rewards\": \(excerpt(line))")
        }
    }

    private static func content(_ members: [JSONMember]) -> Content {
        var rewards: [String: Double?] = [:]
        for member in members {
            guard rewards[member.key] == nil else {
                return .failure("its answer has the reward \"\(member.key)\" twice")
            }
            switch member.value {
            case .null: rewards[member.key] = .some(nil)
            case .number(let literal): rewards[member.key] = .some(Double(literal))
            case .string("NaN"): rewards[member.key] = .some(.nan)
            case .string("Infinity"): rewards[member.key] = .some(.infinity)
            case .string("-Infinity"): rewards[member.key] = .some(-.infinity)
            default:
                return .failure(
                    "the reward \"\(member.key)\" is \(member.value.kind), not a number or null")
            }
        }
        return .rewards(rewards)
    }

    /// The rewards, if they are exactly those that the program offers; otherwise what is wrong.
    func checked(offered names: [String]) -> Content {
        guard case .rewards(let rewards) = content else { return content }
        if let name = names.first(where: { rewards[$0] == nil }) {
            return .failure("its answer has no reward \"\(name)\", which its hello offers")
        }
        if let name = rewards.keys.sorted().first(where: { !names.contains($0) }) {
            return .failure("its answer has a reward \"\(name)\", which its hello does not offer")
        }
        return content
    }
}
