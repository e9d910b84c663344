#if canImport(FoundationEssentials)
    internal import FoundationEssentials
    internal typealias HeaderBytes = FoundationEssentials.Data
#else
    internal import Foundation
    internal typealias HeaderBytes = Foundation.Data
#endif

/// Bytes as a protobuf header holds them.
func headerBytes(_ bytes: [UInt8]) -> HeaderBytes { HeaderBytes(bytes) }
