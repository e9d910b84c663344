import Foundation
import Ports
import Transformer
import Wire
import ZeroMQ

/// What `cohort doctor` found.
struct DoctorReport: Codable, Sendable {
    /// Whether bits agree, for one type of products.
    struct Exactness: Codable, Sendable {
        var dtype: String
        /// Sampler and learner agree to the bit, whatever is computed together.
        var isExact: Bool
        var probe: ProductInvariance
    }

    var machine: BenchMachine
    var memoryBytes: UInt64
    var exactness: [Exactness]
    /// libzmq can encrypt.
    var hasCurve: Bool
    /// Files and sockets that a process may have open.
    var descriptorsMax: UInt64
    /// Where runs are written by default.
    var freeDiskBytes: Int64?
    /// Bytes of the largest message, and of the parts of a snapshot.
    var groupFrameBytesMax: Int
    var snapshotChunkBytes: Int

    static func measured() -> DoctorReport {
        let directory = FileManager.default.currentDirectoryPath
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
        return DoctorReport(
            machine: .current, memoryBytes: ProcessInfo.processInfo.physicalMemory,
            exactness: TensorType.allCases.map { type in
                let probe = NumericsFingerprint.invariance(of: type)
                return Exactness(dtype: type.rawValue, isExact: probe.holds, probe: probe)
            },
            hasCurve: Context.hasCurve, descriptorsMax: ProcessLimits.descriptors,
            freeDiskBytes: (attributes?[.systemFreeSize] as? NSNumber)?.int64Value,
            groupFrameBytesMax: WireLimits.rolloutFrameBytes,
            snapshotChunkBytes: SnapshotDigest.chunkBytes)
    }

    /// For people.
    var text: String {
        func row(_ name: String, _ value: String) -> String { padded(name, 22) + value + "\n" }
        func gibibytes(_ bytes: some BinaryInteger) -> String {
            DecimalText.fixed(Double(bytes) / 1_073_741_824, digits: 1) + " GiB"
        }
        let few = descriptorsMax < 1024 ? "; few: raise it by ulimit -n" : ""
        return row("cores", "\(machine.cores), kernels for \(machine.cpuLevel)")
            + row("memory", gibibytes(memoryBytes))
            + row("numerics", machine.numerics)
            + exactness.map { row("exact in \($0.dtype)", $0.sentence) }.joined()
            + row("libzmq", machine.libzmq + (hasCurve ? ", with CURVE" : ", without CURVE"))
            + row("descriptors", "\(descriptorsMax)\(few)")
            + row("free disk here", freeDiskBytes.map(gibibytes) ?? "unknown")
            + row("largest group", "\(groupFrameBytesMax) bytes")
            + row("snapshot chunks", "\(snapshotChunkBytes) bytes")
    }
}

extension DoctorReport.Exactness {
    var sentence: String {
        func yes(_ holds: Bool) -> String { holds ? "yes" : "no" }
        let verdict =
            isExact
            ? "on: sampler and learner agree to the bit"
            : "off: log-probabilities may differ in the last bits; each ticket is decoded alone, "
                + "so that runs stay reproducible"
        return verdict
            + " (rows independent with packed weights \(yes(probe.rowsWithPackedWeights)), "
            + "with plain weights \(yes(probe.rowsWithPlainWeights)), "
            + "column blocks \(yes(probe.columnBlocks)))"
    }
}

/// What the system lets this process have.
enum ProcessLimits {
    static var descriptors: UInt64 {
        var limit = rlimit()
        #if os(Linux)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return UInt64(limit.rlim_cur)
    }
}
