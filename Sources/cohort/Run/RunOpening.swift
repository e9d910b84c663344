import Foundation

/// The start of `train` and `learner`: whatever would end the run later is looked for before anything is
/// written, so that a mistake leaves no directory behind that the next try would trip over.
struct RunOpening {
    let resolved: ResolvedConfiguration
    let resumes: Bool

    private var configuration: RunConfiguration { resolved.configuration }

    /// The run's directory, locked, with its configuration recorded.
    func open() throws -> RunDirectory {
        try LearnerKeys(configuration)?.check()
        let directory = resumes ? try resume() : try create()
        try directory.record(resolved)
        return directory
    }

    private func resume() throws -> RunDirectory {
        try RunDirectory.resume(at: configuration.run.outputDirectory)
    }

    private func create() throws -> RunDirectory {
        let path = configuration.run.outputDirectory
        try checkData()
        guard !path.isEmpty else {
            return try RunDirectory.createUnique(time: Date().timeIntervalSince1970)
        }
        _ = try LearnerEndpoint(configuration, directory: RunDirectory(existing: path))
        return try RunDirectory.create(at: path)
    }

    /// Reads model and rows once, only to see whether they can be read.
    private func checkData() throws {
        if !configuration.model.isBuiltIn {
            return try check(ModelDirectory(configuration.model.path))
        }
        // The built-in task needs no look.
        guard !configuration.data.path.isEmpty else { return }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "cohort-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try BuiltInModel(settings: configuration.model, seed: configuration.run.seed).write(to: scratch)
        try check(ModelDirectory(scratch))
    }

    private func check(_ model: ModelDirectory) throws {
        let prompts = PromptLoading(configuration, model: model)
        _ = try prompts.trainingPrompts()
        _ = try prompts.heldOutPrompts()
        if configuration.warmsUp { _ = try prompts.workedExamples() }
    }
}

extension RunConfiguration {
    /// Whether supervised learning comes first.
    var warmsUp: Bool {
        switch sft.enabled {
        case .auto: model.isBuiltIn
        case .yes: true
        case .no: false
        }
    }
}
