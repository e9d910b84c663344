import ArgumentParser
import Foundation

/// `cohort experiments`: why GRPO has the parts that it has, measured and put on one page.
struct ExperimentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments",
        abstract: "Measure why GRPO has the parts that it has, and write one HTML page.",
        discussion: """
            Short studies with several seeds on built-in tasks; the same seeds give the same page. It \
            needs no network to be read.
            Experiments: \(StudyCatalogue.names.joined(separator: ", ")); and runs, with --runs.
            """)

    @Option(help: ArgumentHelp("The page.", valueName: "file.html"))
    var out = "experiments.html"

    @Option(help: ArgumentHelp("Experiments to run, with commas. Default: all.", valueName: "names"))
    var only: String?

    @Option(help: "Seeds per curve.")
    var seeds = 8

    @Option(help: ArgumentHelp("Also write all results as JSON.", valueName: "file"))
    var json: String?

    @Option(help: "Threads. Default: one per core.")
    var threads: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Training runs whose reward curves are drawn too; runs of one name are one curve.",
            valueName: "name=run-directory"))
    var runs: [RunsStudy.Source] = []

    func validate() throws {
        guard 1...1000 ~= seeds else { throw ValidationError("--seeds must be 1 to 1000") }
        guard 1...1024 ~= threads ?? 1 else { throw ValidationError("--threads must be 1 to 1024") }
        guard !runs.isEmpty || !names.contains(RunsStudy.name) else {
            throw ValidationError("--only runs needs --runs with the runs' names and directories")
        }
    }

    func run() throws {
        let studies = try studies()
        let files = [out] + (json.map { [$0] } ?? [])
        // Minutes of work should not end at a directory that is not there.
        for file in files { try requireDirectory(of: file) }
        let runSection = runs.isEmpty ? nil : try RunsStudy(runs).run().section
        let sections = try measured(studies) + (runSection.map { [$0] } ?? [])
        let page = ExperimentsPage(sections: sections, seeds: seeds, claims: ClaimCatalogue.rows)
        try POSIXFile.replace(out, with: page.html)
        if let json {
            try POSIXFile.replace(json, with: ExperimentsResult(page).benchJSON())
        }
        StandardStream.output.write(page.text + "page: \(out)\n")
    }

    private var names: [String] {
        (only ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Without the section of training runs, which is made from what `--runs` names.
    private func studies() throws(CommandFailure) -> [any Study.Type] {
        let others = names.filter { $0 != RunsStudy.name }
        return others.isEmpty && !names.isEmpty ? [] : try StudyCatalogue.studies(named: others)
    }

    /// The studies one after the other, each with all threads.
    private func measured(_ studies: [any Study.Type]) throws -> [Section] {
        let pool = WorkPool(threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
        let context = StudyContext(seeds: seeds, pool: pool)
        return try studies.map { study in
            let start = ContinuousClock.now
            let section = try study.section(context)
            let time = DecimalText.duration(ContinuousClock.now - start)
            StandardStream.error.write("\(study.name): \(time)\n")
            return section
        }
    }

    private func requireDirectory(of file: String) throws {
        let parent = POSIXFile.parent(of: file)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { throw CommandFailure("cannot write \(file): \(parent) is not a directory", .cannotCreate) }
    }
}

extension RunsStudy.Source: ExpressibleByArgument {
    /// `NAME=RUN_DIRECTORY`
    package init?(argument: String) {
        guard let sign = argument.firstIndex(of: "=") else { return nil }
        let (name, directory) = (argument[..<sign], argument[argument.index(after: sign)...])
        guard !name.isEmpty, !directory.isEmpty else { return nil }
        self.init(name: String(name), directory: String(directory))
    }
}
