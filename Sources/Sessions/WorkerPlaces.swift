/// Where in the learner's list of workers each one is: by name, and by address while it has a session.
///
/// A place is looked for once for each message; what follows changes the record there.
struct WorkerPlaces: Sendable {
    private var names: [String: Int] = [:]
    private var addresses: [PeerAddress: Int] = [:]

    func place(of name: String) -> Int? { names[name] }

    /// Of the worker whose session's connection that is.
    func place(at address: PeerAddress) -> Int? { addresses[address] }

    mutating func add(_ name: String, at place: Int) { names[name] = place }

    mutating func remove(_ name: String) { names[name] = nil }

    mutating func open(_ address: PeerAddress, for place: Int) { addresses[address] = place }

    /// The address leads to `place` no more; one that another worker took over stays.
    mutating func close(_ address: PeerAddress, of place: Int) {
        if addresses[address] == place { addresses[address] = nil }
    }
}
