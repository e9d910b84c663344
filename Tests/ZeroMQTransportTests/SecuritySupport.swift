import Foundation
import Synchronization
import Testing
import ZeroMQ
import ZeroMQTransport

/// A learner's keys in a directory of their own, and those of workers.
struct TestKeys: Sendable {
    let directory: String
    let learner: CurveKeyPair
    let notes = Notes()

    var authorized: String { directory + "/authorized_workers" }

    /// Runs `body` with a learner's key and nobody on its list.
    static func with<Result>(
        _ body: nonisolated(nonsending) (TestKeys) async throws -> Result
    ) async throws -> Result {
        try await withDirectory { directory in
            let keys = TestKeys(directory: directory, learner: try .generate())
            try FileManager.default.createDirectory(
                atPath: keys.authorized, withIntermediateDirectories: false)
            return try await body(keys)
        }
    }

    /// Makes a key, and puts it on the list.
    func authorized(_ identity: String) throws -> CurveKeyPair {
        let pair = try CurveKeyPair.generate()
        try list(pair, as: identity)
        return pair
    }

    func list(_ pair: CurveKeyPair, as identity: String) throws {
        let scratch = "\(directory)/new"
        try KeyFile.write(pair, name: identity, in: scratch, replaces: true)
        try FileManager.default.moveItem(
            atPath: "\(scratch)/\(identity).pub", toPath: "\(authorized)/\(identity).pub")
    }

    func revoke(_ identity: String) throws {
        try FileManager.default.removeItem(atPath: "\(authorized)/\(identity).pub")
    }

    /// A learner on loopback that encrypts all the same.
    func learnerConfiguration() throws -> LearnerLinkConfiguration {
        var configuration = ZeroMQTransportTests.learnerConfiguration(
            try LearnerAddress("tcp://127.0.0.1:0"))
        let notes = notes
        configuration.note = { notes.add($0) }
        configuration.security = LearnerSecurity(
            pair: learner,
            workers: AuthorizedWorkers(directories: [authorized]) { notes.add($0) },
            rereadInterval: .milliseconds(20))
        return configuration
    }

    func workerConfiguration(
        _ address: LearnerAddress, name: String, _ pair: CurveKeyPair?,
        learner key: CurvePublicKey? = nil, givesUpAfter patience: Duration? = nil
    ) -> WorkerLinkConfiguration {
        var configuration = workerLinkConfiguration(
            address, name: name, reconnectDeadline: patience ?? .seconds(20))
        if patience != nil { configuration.handshakeInterval = .milliseconds(200) }
        configuration.security = pair.map {
            WorkerSecurity(pair: $0, learnerKey: key ?? learner.publicKey)
        }
        return configuration
    }

    /// Runs `body` with a learner that has published a snapshot.
    func withLearner(
        _ body: nonisolated(nonsending) (LearnerLink) async throws -> Void
    ) async throws {
        try await LearnerLink.withLink(try learnerConfiguration()) { link in
            try await link.publish(snapshot(version(0)), oldestKept: 0)
            try await body(link)
        }
    }
}

/// Sentences for the log, for whoever waits for one.
final class Notes: Sendable {
    private struct State {
        var all: [String] = []
        var waiting: [(fragment: String, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var all: [String] { state.withLock { $0.all } }

    func add(_ sentence: String) {
        let woken = state.withLock { state in
            state.all.append(sentence)
            let woken = state.waiting.filter { sentence.contains($0.fragment) }
            state.waiting.removeAll { sentence.contains($0.fragment) }
            return woken
        }
        for (_, waiter) in woken { waiter.resume() }
    }

    /// Waits until a sentence with `fragment` has been said; the time limit of the test bounds it.
    func heard(_ fragment: String) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                let isThere = state.all.contains { $0.contains(fragment) }
                if !isThere { state.waiting.append((fragment, waiter)) }
                return isThere
            }
            if isThere { waiter.resume() }
        }
    }
}
