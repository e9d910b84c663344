import Foundation

/// The run's id, made once and kept in its directory: 32 hexadecimal digits.
struct RunIdentity {
    let text: String

    init(_ directory: RunDirectory) throws {
        let path = directory.path + "/run-id"
        if let known = try? String(contentsOfFile: path, encoding: .utf8) {
            text = known.trimmingCharacters(in: .whitespacesAndNewlines)
        } else {
            var random = SystemRandomNumberGenerator()
            text = (0..<4).map { _ in
                let word = String(UInt32.random(in: .min ... .max, using: &random), radix: 16)
                return String(repeating: "0", count: 8 - word.count) + word
            }.joined()
            try POSIXFile.replace(path, with: text + "\n")
        }
    }
}

/// The learner's starts on this run, counted in its directory, so that no two ever share a number.
struct Incarnations {
    private let path: String

    init(_ directory: RunDirectory) { path = directory.path + "/incarnation" }

    /// The number of this start; 1 for the first. Durable before it is used.
    func next() throws -> UInt32 {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "0"
        guard let last = UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines)), last < .max else {
            throw CommandFailure(
                "\(path) holds \(text.debugDescription), not a number; restore it, or start a new run",
                .badData)
        }
        try POSIXFile.replace(path, with: "\(last + 1)\n")
        return last + 1
    }
}
