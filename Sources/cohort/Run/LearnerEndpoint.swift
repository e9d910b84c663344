import Foundation
import ZeroMQ
import ZeroMQTransport

/// Where a run's learner listens, and what its workers are told to connect to.
struct LearnerEndpoint {
    /// As `--connect` takes it.
    let connect: String
    let address: LearnerAddress
    /// As workers on this machine are told: loopback, where the learner listens on every interface.
    var connectFromHere: String { address.rollouts.reachableFromHere.description }

    /// `cluster.bind`, or ipc in the run directory.
    init(_ configuration: RunConfiguration, directory: RunDirectory) throws {
        // The longer one of the two sockets' paths.
        if configuration.cluster.bind.isEmpty { _ = try directory.ipcEndpoint("rollouts-snapshots") }
        connect =
            configuration.cluster.bind.isEmpty
            ? try directory.ipcEndpoint("rollouts") : configuration.cluster.bind
        do { address = try LearnerAddress(connect) } catch {
            throw CommandFailure("cluster.bind: \(error)", .configuration)
        }
    }
}
