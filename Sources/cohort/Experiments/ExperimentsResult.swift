/// What `--json` writes: the page's data.
package struct ExperimentsResult: Codable, Sendable {
    package var seeds: Int
    package var sections: [Section]

    package init(_ page: ExperimentsPage) {
        seeds = page.seeds
        sections = page.sections
    }
}

extension ExperimentsPage {
    /// The verdicts, for a terminal.
    package var text: String {
        sections.flatMap { section in
            section.verdicts.map { "\(section.name): \($0.statement): \($0.word)\n" }
        }.joined()
    }
}
