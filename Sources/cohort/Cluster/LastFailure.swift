import Foundation

/// What a child said last about its own failure, read from its log.
struct LastFailure {
    /// Without the program's name; `nil` if it said nothing.
    let sentence: String?

    init(log path: String) {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let prefix = "cohort: "
        sentence = text.split(separator: "\n").last { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count)) }
    }
}
