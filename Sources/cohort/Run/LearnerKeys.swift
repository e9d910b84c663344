import Foundation
import ZeroMQ
import ZeroMQTransport

/// The learner's directory of keys: `learner.key`, `learner.pub` and `authorized_workers/NAME.pub`.
struct LearnerKeys {
    /// Whom workers that `cohort train` starts itself are listed as.
    static let localIdentity = "local"

    let path: String

    /// `nil` where none are configured, or nothing goes over tcp.
    init?(_ configuration: RunConfiguration) {
        let (keys, bind) = (configuration.cluster.keys, configuration.cluster.bind)
        guard !keys.isEmpty, !bind.isEmpty else { return nil }
        path = absolute(keys)
    }

    private var secret: String { path + "/learner" + KeyFile.secretSuffix }
    private var publicFile: String { path + "/learner" + KeyFile.publicSuffix }
    private var authorized: String { path + "/authorized_workers" }

    /// Throws `KeyFileError` where the learner's key cannot be used, or its halves differ.
    func check() throws {
        let pair = try KeyFile.readSecret(secret).pair
        guard try KeyFile.readPublic(publicFile) == pair.publicKey else {
            throw CommandFailure(
                "\(publicFile) is not the public half of \(secret), so workers would be told a wrong key; "
                    + "make both anew with cohort keygen learner --directory \(path) --force",
                .configuration)
        }
    }

    /// What the learner's link needs. Throws `KeyFileError` where its key cannot be used.
    func security(
        of directory: RunDirectory, note: @escaping @Sendable (String) -> Void
    ) throws -> LearnerSecurity {
        let pair = try KeyFile.readSecret(secret).pair
        let workers = AuthorizedWorkers(
            directories: [directory.localKeys, authorized], note: note)
        if workers.identities.isEmpty {
            note(
                "no worker may join yet: \(authorized) has no NAME.pub; each one there lets in a worker "
                    + "at once")
        }
        return LearnerSecurity(pair: pair, workers: workers)
    }

    /// Makes a key for the workers that are started here, anew for each start of a run, and answers with
    /// what such a worker is told.
    func localWorkerArguments(in directory: RunDirectory) throws -> @Sendable (Int) -> [String] {
        let (identity, folder, learner) = (Self.localIdentity, directory.localKeys, publicFile)
        try KeyFile.write(.generate(), name: identity, in: folder, replaces: true)
        return { index in
            [
                "--name", "\(identity)@\(index)", "--key", "\(folder)/\(identity)\(KeyFile.secretSuffix)",
                "--learner-key", learner,
            ]
        }
    }
}
