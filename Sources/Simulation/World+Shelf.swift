internal import GRPO
internal import Sessions
internal import Wire

// The learner's snapshots: what `SnapshotServer` does.

extension World {
    mutating func receiveAtShelf(_ parcel: Parcel, from address: PeerAddress) {
        guard learner.isListening else { return }
        switch parcel {
        case .fetcher(let message): learner.shelf.receive(message, from: address)
        case .frame(let bytes):
            do throws(WireError) {
                learner.shelf.receive(try FetcherMessage(frame: bytes), from: address)
            } catch {
                learner.shelf.receive(error, from: address)
            }
        case .worker, .learner, .holder: preconditionFailure("a holder's socket gets fetchers' words")
        }
        serve()
    }

    /// One chunk after the other leaves the learner's machine.
    mutating func serve() {
        while !learner.isServing, let (peer, item) = learner.shelf.next() {
            let message = HolderMessage(command(of: item))
            let parcel: Parcel =
                if setup.encodes, let frame = try? message.encode() { .frame(frame) } else {
                    .holder(message)
                }
            let worker = process(at: peer)
            guard workers[worker].isRunning, workers[worker].address == peer,
                send(parcel, .snapshots, worker: worker, toLearner: false)
            else {
                learner.shelf.forget(peer)
                continue
            }
            guard case .chunk = item, setup.chunkTime > .zero else { continue }
            learner.isServing = true
            events.schedule(.serve(life: learner.life), at: now + setup.chunkTime)
        }
    }

    private func command(of item: SnapshotShelf.Item) -> HolderCommand {
        switch item {
        case .manifest(let version): .manifest(learner.snapshots[version]!.manifest)
        case .chunk(let version, let index):
            .chunk(
                Chunk(version: version, index: index, bytes: learner.snapshots[version]!.chunks[index][...]))
        case .reject(let rejection): .reject(rejection)
        }
    }
}
