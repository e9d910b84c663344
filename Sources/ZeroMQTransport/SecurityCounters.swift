/// Who was refused at a learner's encrypted endpoints since its start, by cause.
package struct SecurityCounters: Hashable, Sendable {
    /// Connections that were let in.
    package var admitted = 0
    /// Keys that are not on the list.
    package var unknownKeys = 0
    /// Test keys of libzmq's manual.
    package var manualKeys = 0
    /// Questions to the handler that name no CURVE key, or another domain.
    package var otherRequests = 0
    /// Questions to the handler that could not be read.
    package var malformedRequests = 0
    /// Connections that do not encrypt, or with another mechanism.
    package var mechanismMismatches = 0
    /// Connections whose handshake failed: another server key, or garbage.
    package var failedHandshakes = 0
    /// Handshakes that ended without a verdict: the peer left or took too long.
    package var unfinishedHandshakes = 0
    /// Requests for snapshots by keys that are not listed any more.
    package var unlistedRequests = 0

    package init() {}
}
