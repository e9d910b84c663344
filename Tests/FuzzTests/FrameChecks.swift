import Wire

// What must hold for any bytes: a message or an error, and a message can be written and read again.

/// A frame from a worker. Answers whether it is a message.
@discardableResult
func checkWorkerFrame(_ frame: [UInt8]) -> Bool {
    guard let message = try? WorkerMessage(frame: frame) else { return false }
    let written = try! message.encode()
    precondition(try! WorkerMessage(frame: written).encode() == written)
    // Whoever speaks an older version must be able to read it as well.
    var older = message
    older.version = .oldest
    let told = try! WorkerMessage(frame: older.encode())
    precondition(told.type == message.type && told.incarnation == message.incarnation)
    return true
}

/// A frame from a learner.
@discardableResult
func checkLearnerFrame(_ frame: [UInt8]) -> Bool {
    guard let message = try? LearnerMessage(frame: frame) else { return false }
    let written = try! message.encode()
    precondition(try! LearnerMessage(frame: written).encode() == written)
    var older = message
    older.version = .oldest
    let told = try! LearnerMessage(frame: older.encode())
    precondition(told.type == message.type && told.incarnation == message.incarnation)
    return true
}

/// A frame from a fetcher or a holder of snapshots.
@discardableResult
func checkSnapshotFrame(_ frame: [UInt8]) -> Bool {
    if let message = try? FetcherMessage(frame: frame) {
        let written = try! message.encode()
        precondition(try! FetcherMessage(frame: written) == message)
        return true
    }
    guard let message = try? HolderMessage(frame: frame) else { return false }
    let written = try! message.encode()
    precondition(try! HolderMessage(frame: written) == message)
    return true
}
