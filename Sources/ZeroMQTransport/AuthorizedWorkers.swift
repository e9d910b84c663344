internal import Sessions
internal import Synchronization
package import ZeroMQ

/// Whose keys may connect: like ssh's `authorized_keys`, directories with one public file per worker,
/// whose name without `.pub` is the worker's identity.
///
/// Files may come and go at any time. `reread` looks at them again: it is called every
/// `LearnerSecurity.rereadInterval` for revocations, which nothing else announces, and at a handshake
/// with an unknown key, so that a key that was just added is let in at its next attempt.
package final class AuthorizedWorkers: Sendable {
    private struct State {
        var keys: [CurvePublicKey: String] = [:]
        /// The same by Z85, as a connection's metadata has it.
        var identities: [String: String] = [:]
        /// Grows when somebody's key was added or taken away.
        var generation = 0
        var files = KeyDirectory()
        var notes: Set<String> = []

        mutating func list(_ found: [CurvePublicKey: String]) {
            keys = found
            identities = [:]
            for (key, identity) in found { identities[key.z85] = identity }
            generation += 1
        }
    }

    private let directories: [String]
    private let note: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// The workers whose public files are in `directories`; where two say the same, the earlier one
    /// counts. A directory that is not there is empty. `note` hears, once, of each file that is refused.
    package init(directories: [String], note: @escaping @Sendable (String) -> Void = { _ in }) {
        self.directories = directories
        self.note = note
        state = Mutex(State())
        reread()
    }

    /// The workers of a list that never changes, by their identities.
    package init(listing workers: [String: CurvePublicKey]) {
        directories = []
        note = { _ in }
        var state = State()
        state.list(Dictionary(workers.map { ($1, $0) }) { first, _ in first })
        self.state = Mutex(state)
    }

    /// Identities that are listed now.
    package var identities: Set<String> { state.withLock { Set($0.keys.values) } }

    /// Looks at the directories again.
    package func reread() {
        guard !directories.isEmpty else { return }
        let notes = state.withLock { state -> [String] in
            let (found, problems) = state.files.read(directories)
            if found != state.keys { state.list(found) }
            let new = problems.filter { !state.notes.contains($0) }
            state.notes = Set(problems)
            return new
        }
        for sentence in notes { note(sentence) }
    }

    /// Changes whenever the list does.
    var generation: Int { state.withLock { $0.generation } }

    /// Whom a key belongs to; `nil`: nobody on the list.
    func identity(of key: CurvePublicKey) -> String? { state.withLock { $0.keys[key] } }

    /// Whether that key is still listed, under that identity.
    func lists(_ key: PeerKey) -> Bool {
        state.withLock { $0.identities[key.key] == key.identity }
    }
}
