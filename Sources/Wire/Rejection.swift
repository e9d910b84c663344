/// Why the learner refuses a message, and what the worker should do.
package enum RejectCode: Int, Sendable, CaseIterable {
    /// Received only: a code that this release does not know.
    case other = 0
    case unsupportedVersion = 1
    case malformed = 2
    /// No session: the learner has restarted, or the deadline passed. The worker says HELLO.
    case helloRequired = 3
    case wrongRun = 4
    /// A later incarnation of this worker is connected.
    case fenced = 5
    case numerics = 6
    case notAuthorized = 7
    case tooLarge = 8
    /// The learner has all the workers it will take.
    case full = 9
    /// The learner is about to stop.
    case stopping = 10
    /// A GROUP's sequence is not among those expected.
    case sequence = 11
    /// A group of this incarnation was invalid; it gets no more leases.
    case barred = 12

    /// What a worker does on receiving the code; the table is 1/ROLLOUT's.
    package enum Remedy: Sendable { case exit, hello, helloLater, resendOnce }

    package var remedy: Remedy {
        switch self {
        case .helloRequired, .sequence: .hello
        case .full, .stopping: .helloLater
        case .malformed: .resendOnce
        case .other, .unsupportedVersion, .wrongRun, .fenced, .numerics, .notAuthorized, .tooLarge,
            .barred:
            .exit
        }
    }

    /// The code for a message that did not decode.
    package init(_ error: WireError) {
        self =
            switch error.code {
            case .unsupportedMajor: .unsupportedVersion
            // Sending it again would not make it shorter.
            case .limitExceeded, .headerTooLarge: .tooLarge
            default: .malformed
            }
    }
}

/// REJECT: the learner refuses a message.
package struct Rejection: Hashable, Sendable {
    package var code: RejectCode
    /// One sentence for a person.
    package var reason: String
    /// Type of the refused message as it stood in the prelude; 0: unreadable.
    package var refusedType: UInt16
    /// Sequence of the refused GROUP; 0: it was none.
    package var sequence: UInt64

    package init(
        _ code: RejectCode, reason: String, refusedType: UInt16 = 0, sequence: UInt64 = 0
    ) {
        self.code = code
        self.reason = reason
        self.refusedType = refusedType
        self.sequence = sequence
    }
}

extension Rejection: Command {
    init(_ header: ProtoReject, payload: PayloadReader) throws(WireError) {
        guard let type = UInt16(exactly: header.type) else {
            throw WireError(
                .badField, "a REJECT refuses the type \(header.type), which has 16 bits")
        }
        self.init(
            RejectCode(rawValue: header.code.rawValue) ?? .other, reason: header.reason,
            refusedType: type, sequence: header.sequence)
    }

    func check() throws(WireError) { try WireError.check(string: reason, "a reason") }

    func describe(in header: inout ProtoReject, payload: inout PayloadWriter) {
        header.code = .init(rawValue: code.rawValue) ?? .other
        header.reason = reason
        header.type = UInt32(refusedType)
        header.sequence = sequence
    }
}
