internal import GRPO
internal import SwiftProtobuf

// Shared header fields, from and to Cohort's types.

extension PolicyVersion {
    init(_ header: ProtoVersion) {
        self.init(incarnation: header.incarnation, number: header.number)
    }

    var header: ProtoVersion {
        .with {
            $0.incarnation = incarnation
            $0.number = number
        }
    }
}

extension TicketKey {
    init(_ header: ProtoTicketKey) {
        self.init(pass: header.pass, promptIndex: header.promptIndex, attempt: header.attempt)
    }

    var header: ProtoTicketKey {
        .with {
            $0.pass = pass
            $0.promptIndex = promptIndex
            $0.attempt = attempt
        }
    }
}

extension SnapshotReference {
    init(_ header: ProtoSnapshotReference) throws(WireError) {
        try requirePresent(header.hasVersion, "the version of a snapshot")
        guard !header.digest.isEmpty else {
            throw WireError(.missingField, "the digest of a snapshot is missing")
        }
        guard let digest = ContentDigest(header.digest) else {
            throw WireError(
                .badField, "a snapshot's digest has \(header.digest.count) bytes, not 32")
        }
        self.init(version: PolicyVersion(header.version), digest: digest)
    }

    var header: ProtoSnapshotReference {
        .with {
            $0.version = version.header
            $0.digest = headerBytes(digest.bytes)
        }
    }
}

/// Throws `missingField` unless a required field is there.
func requirePresent(_ present: Bool, _ what: String) throws(WireError) {
    guard present else { throw WireError(.missingField, "\(what) is missing") }
}

/// The set of held lease ids in a header. The list is measured before repetitions disappear.
func leases(_ header: [UInt64]) throws(WireError) -> Set<UInt64> {
    try WireError.check(header.count, atMost: WireLimits.heldLeases, "the number of held leases")
    return Set(header)
}

func check(heldLeases: Set<UInt64>) throws(WireError) {
    try WireError.check(
        heldLeases.count, atMost: WireLimits.heldLeases, "the number of held leases")
    try WireError.require(!heldLeases.contains(0), "a held lease has the id 0")
}

extension Duration {
    /// Whole milliseconds, the rest cut off, as a header holds them.
    func milliseconds(_ what: String) throws(WireError) -> UInt32 {
        let (seconds, attoseconds) = components
        let (thousands, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        let (whole, overflowSum) = thousands.addingReportingOverflow(
            attoseconds / 1_000_000_000_000_000)
        guard !overflow, !overflowSum, attoseconds >= 0, let result = UInt32(exactly: whole) else {
            throw WireError(
                .badField, "\(what) of \(self) is not between 0 and 2^32 − 1 milliseconds")
        }
        return result
    }

    /// Whole milliseconds of a duration that `check` has found to fit.
    var checkedMilliseconds: UInt32 {
        guard let result = try? milliseconds("a duration") else {
            preconditionFailure("\(self) was not checked before it was encoded")
        }
        return result
    }
}
