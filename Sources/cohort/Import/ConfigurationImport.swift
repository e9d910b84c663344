internal import GRPO

/// The settings of another system's file as ours, with a line on every key of the file.
package struct ConfigurationImport: Sendable {
    package enum Kind: Int, Hashable, Sendable, CaseIterable {
        /// Carried over as the file has it.
        case mapped
        /// Not in the file: a default of the other system that differs from ours.
        case implied
        /// Has no meaning here.
        case notApplicable
        /// Has a meaning that cannot be said here.
        case notCarried
        /// Not a key of that system, as far as is known.
        case unknown
    }

    package struct Entry: Hashable, Sendable {
        package var kind: Kind
        package var path: String
        package var value: ForeignValue
        /// Whether the key stands in the file; else it is a default.
        package var isStated: Bool
        /// What became of it, or why nothing did.
        package var text: String
    }

    package let system: ForeignSystem
    package let fileName: String
    /// Each key once.
    package private(set) var assignments: [ImportRule.Assignment] = []
    package private(set) var entries: [Entry] = []

    package init(_ document: ForeignDocument, from system: ForeignSystem) {
        self.system = system
        fileName = document.name
        let settings = ForeignSettings(document, of: system)
        var seen: Set<String> = []
        for rule in system.rules {
            apply(rule, to: settings, of: document)
            seen.formUnion(rule.sources.map(\.path))
        }
        for entry in document.entries where !seen.contains(entry.path) { note(entry) }
    }

    package func count(_ kind: Kind) -> Int { entries.count { $0.kind == kind } }
    /// Whether a key of the file, or a default that matters, did not come over.
    package var isIncomplete: Bool { count(.notCarried) + count(.unknown) > 0 }

    private mutating func apply(
        _ rule: ImportRule, to settings: ForeignSettings, of document: ForeignDocument
    ) {
        let stated = rule.sources.filter { settings.states($0.path) }
        do throws(ImportObstacle) {
            let (raw, read) = try settings.reads { () throws(ImportObstacle) in try rule.convert(settings) }
            let outcome = try accepted(raw)
            if stated.isEmpty { return imply(outcome, of: rule) }
            assignments += outcome.assignments
            let carried = outcome.assignments.map(\.literal).joined(separator: ", ")
            let text = carried.isEmpty ? "as it is here" : carried
            let remark = [outcome.loss, outcome.remark].compactMap(\.self).joined(separator: "; ")
            for source in stated {
                guard read.contains(source.path) else {
                    let text = "has no effect beside the other keys, nor has it in \(system.title)"
                    add(.notApplicable, source.path, document[path: source.path], text)
                    continue
                }
                add(
                    outcome.loss == nil ? .mapped : .notCarried, source.path,
                    document[path: source.path], remark.isEmpty ? text : "\(text) (\(remark))")
            }
        } catch {
            for source in stated { add(.notCarried, source.path, document[path: source.path], error.reason) }
            if stated.isEmpty, let first = rule.sources.first {
                add(.notCarried, first.path, nil, error.reason, standard: first.standard)
            }
        }
    }

    /// The outcome with every value in its key's own type.
    private func accepted(
        _ outcome: ImportRule.Outcome
    ) throws(ImportObstacle) -> ImportRule.Outcome {
        var outcome = outcome
        for index in outcome.assignments.indices {
            let assignment = outcome.assignments[index]
            outcome.assignments[index] = ImportRule.Assignment(
                assignment.key, try ImportTarget(assignment.key).accept(assignment.value))
        }
        return outcome
    }

    /// Defaults that differ from what holds here are written out.
    private mutating func imply(_ outcome: ImportRule.Outcome, of rule: ImportRule) {
        guard let source = rule.sources.first else { return }
        let base = ResolvedConfiguration(profile: system.profile).configuration
        let differing = outcome.assignments.filter {
            !ImportTarget($0.key).holds($0.value, in: base)
        }
        if let loss = outcome.loss { add(.notCarried, source.path, nil, loss, standard: source.standard) }
        guard !differing.isEmpty else { return }
        assignments += differing
        let text = differing.map(\.literal).joined(separator: ", ")
        add(
            .implied, source.path, nil, outcome.remark.map { "\(text) (\($0))" } ?? text,
            standard: source.standard)
    }

    private mutating func note(_ entry: ForeignDocument.Entry) {
        guard let note = system.notes.first(where: { $0.covers(entry.path) }) else {
            return add(.unknown, entry.path, entry.value, suggestion(for: entry.path))
        }
        let isHarmless = note.harmless.contains(entry.value)
        add(
            isHarmless || note.kind == .notApplicable ? .notApplicable : .notCarried, entry.path, entry.value,
            isHarmless ? "says what holds here anyway" : note.reason)
    }

    private func suggestion(for path: String) -> String {
        let known = system.rules.flatMap(\.sources).map(\.path)
        let limit = Double(min(3, max(1, path.count / 3)))
        let nearest = known.min {
            EditDistance.between(path, $0, limit: limit) < EditDistance.between(path, $1, limit: limit)
        }
        guard let nearest, EditDistance.between(path, nearest, limit: limit).isFinite else {
            return "no key that is known of \(system.title)"
        }
        return "no key that is known of \(system.title); did you mean \(nearest)?"
    }

    private mutating func add(
        _ kind: Kind, _ path: String, _ value: ForeignValue?, _ text: String, standard: ForeignValue = .null
    ) {
        entries.append(
            Entry(kind: kind, path: path, value: value ?? standard, isStated: value != nil, text: text))
    }
}
