/// The directory that holds everything a run leaves behind.
///
///     configuration.json   the resolved configuration
///     metrics.jsonl        one line per step
///     completions.jsonl    sampled completions
///     summary.json         how the run ended
///     ledger.sqlite        groups, leases, steps
///     model/               the trained model
///     best/                the model of the best evaluation, where `run.eval_steps` asks for some
///     checkpoints/         what a resumed run starts from
///     logs/                one file per process
///     keys/                the key of the workers that were started here, where sockets are encrypted
///     run.lock             held by the command that the user started, while it lives
///     learner.lock         held by the learner while it lives
package struct RunDirectory: Sendable {
    package let path: String
    /// Held as long as any copy of a locked directory lives; `nil` in processes that only look.
    private let lock: DirectoryLock?

    init(path: String, lock: DirectoryLock?) {
        self.path = path
        self.lock = lock
    }

    /// A run's directory as seen by a worker or an inspecting command: nothing is made or locked.
    package init(existing path: String) { self.init(path: path, lock: nil) }

    package var configuration: String { path + "/configuration.json" }
    package var metrics: String { path + "/metrics.jsonl" }
    package var completions: String { path + "/completions.jsonl" }
    package var summary: String { path + "/summary.json" }
    package var ledger: String { path + "/ledger.sqlite" }
    package var checkpoints: String { path + "/checkpoints" }
    package var logs: String { path + "/logs" }
    /// The trained model, a Hugging Face directory.
    package var model: String { path + "/model" }
    /// The model of the best evaluation so far, a Hugging Face directory.
    package var bestModel: String { path + "/best" }
    /// Which step that was, and its scores.
    package var bestEvaluation: String { path + "/best-evaluation.json" }
    /// How the learner ended.
    package var learnerRecord: String { path + "/learner.json" }

    /// The last part of the path: what log lines and displays call the run.
    package var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// `logs/learner.log`
    package var learnerLog: String { logs + "/learner.log" }

    /// `logs/worker-0.log`
    package func workerLog(_ worker: Int) -> String { logs + "/worker-\(worker).log" }

    /// Bytes that a Unix socket's path may have, without its final NUL (`sun_path` on macOS, the
    /// shortest of the systems we run on).
    private static let socketPathBytesMax = 103

    /// Where the learner's sockets are: a directory for its owner only, locked while they are bound.
    package var sockets: String { path + "/ipc" }

    /// The key of the workers that the run starts itself, where its endpoint is encrypted.
    package var localKeys: String { path + "/keys" }

    /// `ipc://…/NAME.sock` in `sockets`. Throws where the path is too long for a socket.
    package func ipcEndpoint(_ name: String) throws(CommandFailure) -> String {
        let socket = "\(sockets)/\(name).sock"
        guard socket.utf8.count <= Self.socketPathBytesMax else {
            throw CommandFailure(
                "the path \(socket) is too long for a socket (\(Self.socketPathBytesMax) bytes at "
                    + "most); use a run directory with a shorter path, or set cluster.bind",
                .cannotCreate)
        }
        return "ipc://" + socket
    }

    /// Writes `configuration.json`.
    package func record(_ resolved: ResolvedConfiguration) throws(CommandFailure) {
        try POSIXFile.replace(configuration, with: resolved.json)
    }

    /// Reads `configuration.json` back. Throws with exit code 66 where there is none.
    package func recordedConfiguration() throws(CommandFailure) -> ResolvedConfiguration {
        let text = try TOMLSource(contentsOf: configuration).text
        do throws(ConfigurationFailure) {
            return try ResolvedConfiguration(json: text, name: configuration)
        } catch {
            throw CommandFailure(error.description, .badData)
        }
    }
}
