/// Why a tokenizer could not be made from a file.
package struct TokenizerError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        case unreadable(String)
        case malformed(JSONError)
        /// A key that must be there is not.
        case missing(key: String)
        /// The value at `key` is of another kind than the format says.
        case wrongType(key: String, expected: String)
        /// A type or setting that this reader does not implement and that would change token ids.
        case unsupported(part: String, name: String)
        /// The file contradicts itself.
        case inconsistent(String)
    }

    package var file: String
    package var problem: Problem

    package var description: String {
        switch problem {
        case .unreadable(let reason): "\(file): cannot be read: \(reason)"
        case .malformed(let fault): "\(file): not valid JSON at \(fault)"
        case .missing(let key): "\(file): the key \(key) is missing"
        case .wrongType(let key, let expected): "\(file): \(key) must be \(expected)"
        case .unsupported(let part, let name):
            "\(file): \(part) \(name) is not supported; loading it anyway would give wrong token ids"
        case .inconsistent(let what): "\(file): \(what)"
        }
    }
}
