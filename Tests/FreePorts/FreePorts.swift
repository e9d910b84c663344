private import Foundation

/// The first of `count` consecutive ports of 127.0.0.1 that nobody uses, from below the range in which the
/// system itself picks.
package func freePorts(_ count: UInt16) throws -> UInt16 {
    let candidates = (0..<200).map { _ in UInt16.random(in: 20_000..<32_000) }
    let first = candidates.first { first in (first..<first + count).allSatisfy(isFree) }
    guard let first else { throw NoFreePorts() }
    return first
}

private struct NoFreePorts: Error {}

private func isFree(_ port: UInt16) -> Bool {
    #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
