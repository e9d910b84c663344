package import Wire

/// The learner is gone, or has said that the run failed: the worker has nothing more to do.
package struct LearnerLost: Error, Hashable, CustomStringConvertible {
    package let cause: String

    package init(cause: String) { self.cause = cause }

    package var description: String { "the learner is lost: \(cause)" }
}

/// The learner refuses this worker.
package struct WorkerRefused: Error, Hashable, CustomStringConvertible {
    package let code: RejectCode
    package let reason: String

    package var description: String { "the learner refuses this worker (\(code)): \(reason)" }
}

/// The learner found a group of this worker malformed.
package struct WorkerBarred: Error, Hashable, CustomStringConvertible {
    package var description: String {
        "the learner found a group of this worker malformed and gives it no more work; the learner's log "
            + "says what was wrong with it"
    }
}

/// An endpoint that others than this machine can reach, without encryption.
package struct InsecureEndpoint: Error, Hashable, CustomStringConvertible {
    package let endpoint: String
    package let remedy: String

    static let learnerRemedy =
        "make keys (cohort keygen learner --directory keys) and name them with --keys keys"
    static let workerRemedy =
        "make a key (cohort keygen NAME), give NAME.pub to the learner, and say --key NAME.key --learner-key "
        + "learner.pub"

    package var description: String {
        "\(endpoint) is reachable from other machines and nothing on it is encrypted or authenticated; "
            + "\(remedy), use a loopback address or ipc, or accept that with --insecure"
    }
}

/// A setting with which a link cannot work.
package struct LinkConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A group that is longer than the learner takes.
package struct GroupTooLarge: Error, Hashable, CustomStringConvertible {
    package let bytes: Int
    package let bytesMax: Int

    package var description: String {
        "a group of \(bytes) bytes is larger than the \(bytesMax) that the learner takes; lower "
            + "num_generations, max_completion_length or the length of prompts"
    }
}
