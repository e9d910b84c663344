import Foundation
import FreePorts
import Subprocess
import Testing

/// An sshd of this test's own, on loopback, which this user can log in to. `cohort` is in its PATH.
struct SSHServer {
    let port: UInt16
    let folder: URL

    /// What ssh needs to know to reach it, as `cohort-ssh up` takes it.
    var options: [String] {
        [
            "--identity", folder.appending(path: "user").path,
            "--ssh-option", "UserKnownHostsFile=\(folder.appending(path: "known").path)",
            "--ssh-option", "GlobalKnownHostsFile=/dev/null",
            "--ssh-option", "StrictHostKeyChecking=yes",
        ]
    }

    /// Runs one, with keys of its own in `folder`, while `body` runs.
    static func with(in folder: URL, _ body: (SSHServer) async throws -> Void) async throws {
        let server = SSHServer(port: try freePorts(1), folder: folder)
        try await server.writeFiles()
        let separation = try PrivilegeSeparation()
        defer { separation.remove() }
        let configuration = folder.appending(path: "sshd_config").path
        _ = try await withProgram(
            Checkout.sshd, ["-D", "-e", "-f", configuration], error: .sequence
        ) {
            sshd in
            var said = ""
            for try await text in sshd.standardError.strings() {
                said += text
                if said.contains("Server listening on") { break }
            }
            try #require(said.contains("Server listening on"), "sshd ended: \(said)")
            try await body(server)
            try sshd.send(signal: .terminate)
        }
    }

    private func writeFiles() async throws {
        for key in ["host", "user"] {
            let path = folder.appending(path: key).path
            let made = try await run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", path])
            try #require(made.code == 0, "\(made)")
        }
        let files = FileManager.default
        try files.copyItem(
            at: folder.appending(path: "user.pub"), to: folder.appending(path: "authorized"))
        let key = try String(contentsOf: folder.appending(path: "host.pub"), encoding: .utf8)
        try "[127.0.0.1]:\(port) \(key)".write(
            to: folder.appending(path: "known"), atomically: true, encoding: .utf8)
        try configuration.write(
            to: folder.appending(path: "sshd_config"), atomically: true, encoding: .utf8)
    }

    private var configuration: String {
        """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(folder.path)/host
        AuthorizedKeysFile \(folder.path)/authorized
        PidFile \(folder.path)/pid
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        SetEnv PATH=\(URL(filePath: Checkout.cohort).deletingLastPathComponent().path):/usr/bin:/bin

        """
    }
}

/// The empty folder that sshd, run by root, insists on. Where no system service made it, it is there for as
/// long as this value is in use.
private struct PrivilegeSeparation {
    private static let path = "/run/sshd"
    private let isOurs: Bool

    init() throws {
        isOurs = geteuid() == 0 && !FileManager.default.fileExists(atPath: Self.path)
        guard isOurs else { return }
        try FileManager.default.createDirectory(
            atPath: Self.path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
    }

    func remove() { if isOurs { rmdir(Self.path) } }
}
