/// Why a checkpoint cannot be used.
package enum CheckpointError: Error, Hashable {
    /// Written by a newer version of this program.
    case newerFormat(path: String, version: Int)
    case badManifest(path: String, reason: String)
    case wrongSize(path: String, bytes: Int, expected: Int)
    case wrongDigest(path: String)
    /// There are checkpoints, and every one is damaged; a note on each.
    case noneValid(directory: String, notes: [String])
    /// What was written does not read back as it was; nothing of it was kept.
    case unverified(step: Int, reason: String)
    case noSuchStep(Int, directory: String)
    case negativeStep(Int)
}

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .newerFormat(let path, let version):
            "\(path) has format version \(version), but this program reads up to "
                + "\(CheckpointManifest.currentVersion); update it, or move the checkpoint away"
        case .badManifest(let path, let reason):
            "\(path) is not usable: \(reason)"
        case .wrongSize(let path, let bytes, let expected):
            "\(path) has \(bytes) bytes, but the manifest says \(expected)"
        case .wrongDigest(let path):
            "\(path) is damaged: its SHA-256 is not the manifest's"
        case .noneValid(let directory, let notes):
            "no checkpoint in \(directory) is usable: \(notes.joined(separator: "; ")). "
                + "Move them away to start afresh"
        case .unverified(let step, let reason):
            "checkpoint-\(step) does not read back as it was written (\(reason)), so it was not kept; "
                + "check the disk"
        case .noSuchStep(let step, let directory):
            "there is no checkpoint-\(step) in \(directory)"
        case .negativeStep(let step):
            "a checkpoint's step is \(step); steps count from 0"
        }
    }
}
