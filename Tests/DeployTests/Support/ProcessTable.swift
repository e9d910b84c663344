import Foundation

/// What /proc says about processes; empty for those that are gone or another user's.
enum ProcessTable {
    static func all() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }
    }

    static func arguments(of process: Int32) -> [String] { strings("/proc/\(process)/cmdline") }

    /// The folder that it works in.
    static func folder(of process: Int32) -> String {
        let link = "/proc/\(process)/cwd"
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) ?? ""
    }

    /// The short name of its program.
    static func name(of process: Int32) -> String { strings("/proc/\(process)/comm").first ?? "" }

    /// At zero bytes and line ends.
    private static func strings(_ path: String) -> [String] {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else {
            return []
        }
        return data.split { $0 == 0 || $0 == 10 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
