/// A value that a reference implementation gave for an objective document.
public struct GoldenCase: Sendable, Decodable {
    public var name: String
    public var profile: String
    /// The words that differ from the profile.
    public var settings: [String: WordValue]
    /// Which implementation, with its version.
    public var source: String
    public var input: ObjectiveDocument
    /// By the names of `cohort objective`'s output.
    public var expected: [String: GoldenValue]
}

/// Advantages that a reference implementation gave for the rewards of some groups.
public struct GoldenAdvantages: Sendable, Decodable {
    public var name: String
    public var profile: String
    public var settings: [String: WordValue]
    public var source: String
    /// (groups, G).
    public var rewards: [[Double]]
    public var advantages: [[Double]]
}

/// Values of a KL estimator and their derivatives by ℓ at x = ℓ_ref − ℓ.
public struct GoldenEstimates: Sendable, Decodable {
    public var estimator: KLEstimator
    public var settings: [String: WordValue]
    public var source: String
    public var x, value, gradient: [Double]

    enum CodingKeys: String, CodingKey {
        case settings, source, x, value, gradient
        case estimator = "kl_estimator"
    }
}

/// One entry of a golden file; told apart by their keys.
public enum GoldenEntry: Sendable, Decodable {
    case objective(GoldenCase)
    case advantages(GoldenAdvantages)
    case estimates(GoldenEstimates)
    /// About logits, which are the forward pass's business.
    case logits

    private enum Keys: String, CodingKey {
        case input, rewards, logits
        case estimator = "kl_estimator"
    }

    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Keys.self)
        if keys.contains(.logits) {
            self = .logits
        } else if keys.contains(.estimator) {
            self = .estimates(try GoldenEstimates(from: decoder))
        } else if keys.contains(.rewards) {
            self = .advantages(try GoldenAdvantages(from: decoder))
        } else {
            self = .objective(try GoldenCase(from: decoder))
        }
    }
}

/// A file of golden entries.
public struct GoldenFile: Sendable, Decodable {
    /// Of the systems that made it.
    public var versions: [String: String]
    public var cases: [GoldenEntry]
}

/// A number, nothing, or more of them.
public enum GoldenValue: Hashable, Sendable, Decodable {
    case null
    case number(Double)
    case list([GoldenValue])
    case members([String: GoldenValue])

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let list = try? container.decode([GoldenValue].self) {
            self = .list(list)
        } else {
            self = .members(try container.decode([String: GoldenValue].self))
        }
    }

    /// All numbers in order, NaN for nothing.
    public var numbers: [Double] {
        switch self {
        case .null: [.nan]
        case .number(let number): [number]
        case .list(let items): items.flatMap(\.numbers)
        case .members(let items): items.sorted { $0.key < $1.key }.flatMap(\.value.numbers)
        }
    }
}

extension WordValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .text("none")
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        }
    }
}

extension AlgorithmSettings {
    /// The profile's settings with some words changed. Throws `WordError`.
    public init(profile: String, changes: [String: WordValue]) throws(WordError) {
        self = try Profile.named(profile).settings
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            try AlgorithmWord.named(name).set(value, in: &self)
        }
    }
}
