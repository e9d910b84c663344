import Foundation
import Transformer
import ZeroMQ

/// Where a benchmark ran; speeds of different machines must not be compared.
package struct BenchMachine: Hashable, Sendable, Codable {
    package var cores: Int
    /// The level of the kernels that were chosen, for instance "avx2".
    package var cpuLevel: String
    /// Everything that decides the bits of results.
    package var numerics: String
    package var libzmq: String

    package init(cores: Int, numerics: String, libzmq: String) {
        self.cores = cores
        self.numerics = numerics
        self.libzmq = libzmq
        let level = numerics.split(separator: " ").first { $0.hasPrefix("cpu=") }
        cpuLevel = level.map { String($0.dropFirst(4)) } ?? "unknown"
    }

    package static var current: BenchMachine {
        let version = Context.libraryVersion
        return BenchMachine(
            cores: ProcessInfo.processInfo.activeProcessorCount,
            numerics: NumericsFingerprint.current,
            libzmq: "\(version.major).\(version.minor).\(version.patch)")
    }

    package var text: String { "\(cores) cores, kernels for \(cpuLevel), libzmq \(libzmq)\n" }
}
