/// All studies, in the order of the page.
package enum StudyCatalogue {
    package static let all: [any Study.Type] = [
        OffsetStudy.self, BiasStudy.self, LineStudy.self, ClipStudy.self, ProbabilityStudy.self,
        ExploitStudy.self, GroupSizeStudy.self, MemoryStudy.self, StaleStudy.self,
        ProfilesStudy.self,
    ]

    package static var names: [String] { all.map { $0.name } }

    /// The studies of these names, in the order of the page; all where there is no name. Throws
    /// `CommandFailure` for a name that no study has.
    package static func studies(named names: [String]) throws(CommandFailure) -> [any Study.Type] {
        if let unknown = names.first(where: { !self.names.contains($0) }) {
            throw CommandFailure(
                "there is no experiment “\(unknown)”; there are \(self.names.joined(separator: ", "))",
                .usage)
        }
        return names.isEmpty ? all : all.filter { names.contains($0.name) }
    }
}

extension Study {
    /// Runs with the study's own settings.
    package static func section(_ context: StudyContext) throws -> Section {
        try Self().run(context).section
    }
}
