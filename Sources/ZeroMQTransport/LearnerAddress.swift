package import ZeroMQ

/// Where a learner listens: one endpoint for rollouts, one for snapshots.
package struct LearnerAddress: Hashable, Sendable, CustomStringConvertible {
    package let rollouts: Endpoint
    package let snapshots: Endpoint

    /// Both endpoints as they are.
    package init(rollouts: Endpoint, snapshots: Endpoint) {
        self.rollouts = rollouts
        self.snapshots = snapshots
    }

    /// Parses what a command line says: `ipc://PATH`, with snapshots at PATH-snapshots, or
    /// `tcp://HOST:PORT`, with snapshots at PORT + 1 (both chosen by the system where PORT is 0).
    /// `snapshots` names the second endpoint where it is another.
    ///
    /// Throws: `EndpointError`, which says what is wrong with the text.
    package init(_ rollouts: String, snapshots: String? = nil) throws {
        self.rollouts = try Endpoint(rollouts)
        if let snapshots {
            self.snapshots = try Endpoint(snapshots)
        } else {
            self.snapshots = try Self.neighbor(of: self.rollouts)
        }
    }

    private static func neighbor(of rollouts: Endpoint) throws -> Endpoint {
        if let path = rollouts.path { return try .ipc(path: path + "-snapshots") }
        let text = rollouts.description
        guard let port = rollouts.port else { return try Endpoint(text + "-snapshots") }
        if port == 0 { return rollouts }
        guard port < .max else {
            throw EndpointError(
                endpoint: text, problem: "snapshots need the port after it; choose a lower port")
        }
        return try Endpoint(text.dropLast("\(port)".count) + "\(port + 1)")
    }

    package var description: String { "\(rollouts) (snapshots at \(snapshots))" }

    /// Throws `InsecureEndpoint` where others than this machine could listen in, unless it is encrypted or
    /// that is accepted.
    func checkSecurity(isSecured: Bool, insecure: Bool, remedy: String) throws {
        guard !isSecured, !insecure else { return }
        for endpoint in [rollouts, snapshots] where !endpoint.isLoopbackOrLocal {
            throw InsecureEndpoint(endpoint: endpoint.description, remedy: remedy)
        }
    }
}
