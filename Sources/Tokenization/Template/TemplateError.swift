/// A chat template that cannot be read or rendered.
package struct TemplateError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        /// Not a template.
        case syntax(String)
        /// Jinja, but not the part of it that is implemented.
        case unsupported(String)
        /// An operation on values that do not take it.
        case evaluation(String)
        /// The template called `raise_exception` with this message.
        case raised(String)
        case tooManySteps(limit: Int)
        case tooDeep(limit: Int)
        case tooLong(limitBytes: Int)
        /// The file with the template is there but not readable as one.
        case file(String)
    }

    package var template: String
    /// From 1; `nil` where the whole template is meant.
    package var line: Int?
    package var problem: Problem

    package var description: String {
        let place = line.map { "\(template), line \($0)" } ?? template
        switch problem {
        case .syntax(let what): return "\(place): \(what)"
        case .unsupported(let what):
            return "\(place): \(what) is not supported in chat templates here"
        case .evaluation(let what): return "\(place): \(what)"
        case .raised(let message):
            return "\(place): the template refuses these messages: \(message)"
        case .tooManySteps(let limit): return "\(place): gave up after \(limit) steps"
        case .tooDeep(let limit): return "\(place): nested deeper than \(limit) levels"
        case .tooLong(let limit): return "\(place): a text grew beyond \(limit) bytes"
        case .file(let what): return "\(place): \(what)"
        }
    }
}

/// What a template may use up, so that a hostile one ends with an error.
package struct TemplateLimits: Hashable, Sendable {
    /// Evaluated expressions, loop rounds, and 1 per 64 bytes or items copied.
    package var steps: Int
    /// Of macro calls within each other. Nesting in the source is limited to 48.
    package var depth: Int
    /// Of the output and of every text on the way.
    package var textBytes: Int

    package init(steps: Int = 1_000_000, depth: Int = 32, textBytes: Int = 16 << 20) {
        self.steps = steps
        self.depth = depth
        self.textBytes = textBytes
    }
}

/// A fault before its place is known.
struct TemplateFault: Error {
    var problem: TemplateError.Problem
    /// Line of the innermost tag, once known.
    var line: Int?

    init(_ problem: TemplateError.Problem) { self.problem = problem }

    static func evaluation(_ what: String) -> TemplateFault { TemplateFault(.evaluation(what)) }
}
