/// Typed access to one object of a tokenizer file; every fault names the file and the whole key path.
struct SettingsReader {
    let file: String
    /// Dotted path of this object, empty at the root.
    let path: String
    let value: JSONValue

    func key(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func error(_ problem: TokenizerError.Problem) -> TokenizerError {
        TokenizerError(file: file, problem: problem)
    }

    func wrongType(_ name: String, _ expected: String) -> TokenizerError {
        error(.wrongType(key: key(name), expected: expected))
    }

    /// The member, `nil` where it is absent or null.
    func optional(_ name: String) -> JSONValue? {
        guard let member = value[name], !member.isNull else { return nil }
        return member
    }

    func required(_ name: String) throws(TokenizerError) -> JSONValue {
        guard let member = optional(name) else { throw error(.missing(key: key(name))) }
        return member
    }

    func string(_ name: String) throws(TokenizerError) -> String {
        guard let text = try required(name).string else { throw wrongType(name, "a string") }
        return text
    }

    func optionalString(_ name: String) throws(TokenizerError) -> String? {
        guard let member = optional(name) else { return nil }
        guard let text = member.string else { throw wrongType(name, "a string") }
        return text
    }

    func flag(_ name: String, default fallback: Bool) throws(TokenizerError) -> Bool {
        guard let member = optional(name) else { return fallback }
        guard let flag = member.bool else { throw wrongType(name, "a boolean") }
        return flag
    }

    func requiredFlag(_ name: String) throws(TokenizerError) -> Bool {
        guard let flag = try required(name).bool else { throw wrongType(name, "a boolean") }
        return flag
    }

    /// A text of just one Unicode scalar.
    func scalar(_ name: String) throws(TokenizerError) -> Unicode.Scalar {
        let scalars = try string(name).unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else {
            throw wrongType(name, "a single character")
        }
        return scalar
    }

    /// A whole number from 0.
    func count(_ name: String) throws(TokenizerError) -> Int {
        guard let count = try required(name).integer, count >= 0 else {
            throw wrongType(name, "a whole number from 0")
        }
        return count
    }

    func array(_ name: String) throws(TokenizerError) -> [JSONValue] {
        guard let items = try required(name).array else { throw wrongType(name, "an array") }
        return items
    }

    func members(_ name: String) throws(TokenizerError) -> [JSONMember] {
        guard let members = try required(name).members else { throw wrongType(name, "an object") }
        return members
    }

    /// The object under `name`, `nil` where it is absent or null.
    func object(_ name: String) throws(TokenizerError) -> SettingsReader? {
        guard let member = optional(name) else { return nil }
        guard member.members != nil else { throw wrongType(name, "an object or null") }
        return SettingsReader(file: file, path: key(name), value: member)
    }

    /// The objects of the array under `name`.
    func objects(_ name: String) throws(TokenizerError) -> [SettingsReader] {
        var readers: [SettingsReader] = []
        for (index, item) in try array(name).enumerated() {
            let place = "\(name)[\(index)]"
            guard item.members != nil else { throw wrongType(place, "an object") }
            readers.append(SettingsReader(file: file, path: key(place), value: item))
        }
        return readers
    }

    /// A token id: 0 ..< 2²².
    func tokenID(_ value: JSONValue, _ name: String) throws(TokenizerError) -> Int32 {
        guard let id = value.integer, (0..<1 << 22).contains(id) else {
            throw wrongType(name, "a token id between 0 and \(1 << 22 - 1)")
        }
        return Int32(id)
    }
}
