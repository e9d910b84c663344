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
    package let retention: CheckpointRetention
    let files: any FileSystem

    /// Creates the directory where it does not exist, and tidies what a crash left. Throws `FileError`.
    package init(
        path: String, retention: CheckpointRetention = CheckpointRetention(),
        on files: any FileSystem = LocalFileSystem()
    ) throws(FileError) {
        self.path = path
        self.retention = retention
        self.files = files
        try files.makeDirectories(path)
        try recover()
    }

    /// Steps of all checkpoints there are, valid or not, ascending. Throws `FileError`.
    package func steps() throws(FileError) -> [Int] {
        try files.entries(of: path).compactMap(Self.step(of:)).sorted()
    }

    /// Writes a checkpoint, reads it back from the disk and verifies it, and only then puts it in the place
    /// of one of the same step. No other checkpoint is touched.
    ///
    /// Throws `InsufficientSpace` before anything is written; later `FileError`, or
    /// `CheckpointError.unverified`. What was there is still there then.
    package func save(_ checkpoint: Checkpoint) throws -> VerifiedCheckpoint {
        guard checkpoint.step >= 0 else { throw CheckpointError.negativeStep(checkpoint.step) }
        var contents = HuggingFaceDirectory.modelFiles(
            config: checkpoint.config, weights: checkpoint.weights,
            passThrough: checkpoint.passThrough)
        contents.append(NamedFile(name: Self.optimizerName, bytes: checkpoint.optimizer))
        contents.append(NamedFile(name: Self.trainerStateName, bytes: checkpoint.trainerState))
        let manifest = CheckpointManifest(step: checkpoint.step, files: contents)
        contents.append(NamedFile(name: CheckpointManifest.name, bytes: manifest.json))
        try files.requireSpace(for: totalBytes(contents), at: path)
        let directory = directory(checkpoint.step)
        try directory.replace(with: contents) { try requireReadsBack(manifest, from: $0) }
        return VerifiedCheckpoint(
            step: checkpoint.step, path: directory.path, manifest: manifest, files: files)
    }

    /// Removes what `retention` does not keep beside `newest`, oldest first. Takes a verified checkpoint, so
    /// that none is removed before a newer one is known to be good. Throws `FileError`.
    package func prune(keeping newest: VerifiedCheckpoint) throws(FileError) {
        for step in retention.removable(of: try steps(), keeping: newest.step) {
            try directory(step).remove()
        }
    }

    private func requireReadsBack(_ manifest: CheckpointManifest, from path: String) throws {
        do {
            let written = try CheckpointManifest(
                reading: "\(path)/\(CheckpointManifest.name)", on: files)
            guard written == manifest else {
                throw CheckpointError.badManifest(path: path, reason: "it is not what was written")
            }
            try manifest.verify(in: path, on: files)
        } catch let error as CheckpointError {
            throw CheckpointError.unverified(step: manifest.step, reason: "\(error)")
        }
    }

    /// The checkpoint of one step, if its manifest and all digests are right. Throws `CheckpointError`
    /// or `FileError`.
    package func verify(step: Int) throws -> VerifiedCheckpoint {
        let path = directory(step).path
        guard try files.isDirectory(path) else {
            throw CheckpointError.noSuchStep(step, directory: self.path)
        }
        let manifestPath = "\(path)/\(CheckpointManifest.name)"
        let manifest = try CheckpointManifest(reading: manifestPath, on: files)
        guard manifest.step == step else {
            throw CheckpointError.badManifest(
                path: manifestPath, reason: "it belongs to step \(manifest.step)")
        }
        try manifest.verify(in: path, on: files)
        return VerifiedCheckpoint(step: step, path: path, manifest: manifest, files: files)
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
        AtomicDirectory(parent: path, name: "\(Self.prefix)\(step)", on: files)
    }

    private func recover() throws(FileError) {
        var names: Set<String> = []
        for entry in try files.entries(of: path) {
            // ".checkpoint-5.replaced-123-456": the name between the first and the last dot.
            let parts = entry.split(separator: ".")
            if entry.hasPrefix("."), parts.count == 2, Self.step(of: String(parts[0])) != nil {
                names.insert(String(parts[0]))
            }
        }
        for name in names.sorted() {
            try AtomicDirectory(parent: path, name: name, on: files).recover()
        }
    }

    /// 12 of "checkpoint-12"; `nil` for anything else, also for "checkpoint-012".
    private static func step(of name: String) -> Int? {
        guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0,
            name == "\(prefix)\(step)"
        else { return nil }
        return step
    }
}
