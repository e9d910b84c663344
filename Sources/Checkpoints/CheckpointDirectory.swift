/// The checkpoints of a run: `checkpoint-{step}` directories in one directory.
///
/// Each is a Hugging Face model directory with `optimizer.safetensors`, `trainer_state.json` and
/// `MANIFEST.json` beside the model, written atomically. All calls block; one writer at a time.
package struct CheckpointDirectory: Sendable {
    package static let optimizerName = "optimizer.safetensors"
    package static let trainerStateName = "trainer_state.json"
    static let requiredNames = [
        HuggingFaceDirectory.configName, HuggingFaceDirectory.weightsName, optimizerName,
        trainerStateName,
    ]
    private static let prefix = "checkpoint-"

    package let path: String
    /// `save_total_limit`: how many checkpoints to keep; `nil`: all.
    package let saveTotalLimit: Int?

    /// Creates the directory where it does not exist, and tidies what a crash left. Throws `FileError`.
    package init(path: String, saveTotalLimit: Int? = nil) throws {
        self.path = path
        self.saveTotalLimit = saveTotalLimit.flatMap { $0 > 0 ? $0 : nil }
        try makeDirectories(path)
        try recover()
    }

    /// Steps of all checkpoints there are, valid or not, ascending. Throws `FileError`.
    package func steps() throws -> [Int] {
        try directoryEntries(path).compactMap(Self.step(of:)).sorted()
    }

    /// Writes a checkpoint, reads it back and verifies it, and only then removes the oldest ones beyond
    /// `saveTotalLimit`.
    ///
    /// Throws `InsufficientSpace` before anything is written; `FileError` or `CheckpointError` later. No
    /// older checkpoint is touched then.
    package func save(
        _ checkpoint: Checkpoint,
        write: AtomicDirectory.Writer = { try writeDurably($0, to: $1) }
    ) throws -> VerifiedCheckpoint {
        guard checkpoint.step >= 0 else { throw CheckpointError.negativeStep(checkpoint.step) }
        var files = HuggingFaceDirectory.modelFiles(
            config: checkpoint.config, weights: checkpoint.weights,
            passThrough: checkpoint.passThrough)
        files.append(NamedFile(name: Self.optimizerName, bytes: checkpoint.optimizer))
        files.append(NamedFile(name: Self.trainerStateName, bytes: checkpoint.trainerState))
        let manifest = CheckpointManifest(step: checkpoint.step, files: files)
        files.append(NamedFile(name: CheckpointManifest.name, bytes: manifest.json))
        try requireSpace(for: totalBytes(files), at: path)
        try directory(checkpoint.step).replace(with: files, write: write)
        let verified = try verify(step: checkpoint.step)
        try prune(keeping: checkpoint.step)
        return verified
    }

    /// The checkpoint of one step, if its manifest and all digests are right. Throws `CheckpointError`
    /// or `FileError`.
    package func verify(step: Int) throws -> VerifiedCheckpoint {
        let path = directory(step).path
        guard isDirectory(path) else {
            throw CheckpointError.noSuchStep(step, directory: self.path)
        }
        let manifestPath = "\(path)/\(CheckpointManifest.name)"
        let manifest = try CheckpointManifest(reading: manifestPath)
        guard manifest.step == step else {
            throw CheckpointError.badManifest(
                path: manifestPath, reason: "it belongs to step \(manifest.step)")
        }
        try manifest.verify(in: path)
        return VerifiedCheckpoint(step: step, path: path, manifest: manifest)
    }

    /// The newest checkpoint that verifies, with a note on every newer one that does not; `nil` where
    /// there is none at all.
    ///
    /// Throws `CheckpointError.newerFormat` rather than silently going back behind another program's
    /// work, `.noneValid` where all are damaged, and `FileError` where the directory cannot be read.
    package func latest() throws -> LatestCheckpoint? {
        var notes: [String] = []
        for step in try steps().reversed() {
            do {
                return LatestCheckpoint(checkpoint: try verify(step: step), notes: notes)
            } catch let error as CheckpointError {
                if case .newerFormat = error { throw error }
                notes.append("checkpoint-\(step) passed over: \(error)")
            } catch {
                notes.append("checkpoint-\(step) passed over: \(error)")
            }
        }
        guard notes.isEmpty else { throw CheckpointError.noneValid(directory: path, notes: notes) }
        return nil
    }
}

extension CheckpointDirectory {
    private func directory(_ step: Int) -> AtomicDirectory {
        AtomicDirectory(parent: path, name: "\(Self.prefix)\(step)")
    }

    /// Never removes `step`, even where damaged ones with higher numbers count too.
    private func prune(keeping step: Int) throws {
        guard let saveTotalLimit else { return }
        let others = try steps().filter { $0 != step }
        for old in others.prefix(max(0, others.count - (saveTotalLimit - 1))) {
            try directory(old).remove()
        }
    }

    private func recover() throws {
        var names: Set<String> = []
        for entry in try directoryEntries(path) {
            // ".checkpoint-5.replaced-123-456": the name between the first and the last dot.
            let parts = entry.split(separator: ".")
            if entry.hasPrefix("."), parts.count == 2, Self.step(of: String(parts[0])) != nil {
                names.insert(String(parts[0]))
            }
        }
        for name in names.sorted() { try AtomicDirectory(parent: path, name: name).recover() }
    }

    /// 12 of "checkpoint-12"; `nil` for anything else, also for "checkpoint-012".
    private static func step(of name: String) -> Int? {
        guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0,
            name == "\(prefix)\(step)"
        else { return nil }
        return step
    }
}
