import Foundation

/// How the program ended and what it said.
struct Outcome: CustomStringConvertible {
    enum Ending: Equatable { case code(Int32), signal(Int32) }

    var ending: Ending
    /// Lines of standard output.
    var output: [String]
    /// Lines of standard error.
    var notes: [String]
    /// Whether it had to be killed because its time was up.
    var isOverdue: Bool

    /// Its exit code; `nil` if a signal ended it.
    var code: Int32? {
        guard case .code(let code) = ending else { return nil }
        return code
    }

    var description: String {
        (["\(ending)\(isOverdue ? ", after its time was up" : "")"] + output + notes)
            .joined(separator: "\n")
    }
}

/// Where the program's line came from.
enum Channel { case output, notes }

/// The program under test.
enum Program {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The one that was built beside these tests; `COHORT_BINARY` names another.
    static let path =
        ProcessInfo.processInfo.environment["COHORT_BINARY"]
        ?? root.appending(path: ".build/release/cohort").path
}
