import Foundation
import Testing

@Suite("The host file of cohort-ssh", .timeLimit(.minutes(1)))
struct HostFileTests {
    @Test(
        "A bad line is refused with its file and number",
        arguments: [
            ("gpu1", "'' is not a number of slots"), ("gpu1 0", "'0' is not a number"),
            ("gpu1 1025", "'1025' is not a number"), ("gpu1 two", "'two' is not a number"),
            ("gpu1 -1", "'-1' is not a number"), ("gpu1 2 3", "'3' is too much"),
            ("-oProxyCommand=x 1", "'-oProxyCommand=x' is not of the form"),
            ("a@b@c 1", "'a@b@c' is not of the form"), ("$(id) 1", "'$(id)' is not of the form"),
            ("gpu1:0 1", "port 0 is not from 1 to 65535"),
            ("gpu1:70000 1", "port 70000 is not from"),
        ])
    func refusesBadLine(line: String, complaint: String) async throws {
        let outcome = try await cohortSSH("status", hosts: "# machines\n\ngpu0 1 # fine\n\(line)\n")
        #expect(outcome.code == 78)
        #expect(outcome.error.contains("hosts:4: \(complaint)"), "\(outcome)")
        #expect(outcome.output.isEmpty)
    }

    @Test("Users, ports, IPv6 addresses and repeated machines all have names of their own")
    func namesEveryLine() async throws {
        let hosts = "gpu1 1\nalice@gpu1:2222\t2\r\n[::1]:22 1\ngpu1 08\n   gpu1   3   # again"
        let outcome = try await cohortSSH("status", hosts: hosts)
        let names = outcome.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
        #expect(names == ["gpu1", "alice@gpu1_2222", "h___1__22", "gpu1.2", "gpu1.3"])
        #expect(outcome.output.components(separatedBy: "not started").count == 6)
        #expect(outcome.code == 1)
    }

    @Test("A host file without a machine is refused", arguments: ["", "# nothing\n \t\n"])
    func refusesEmptyFile(hosts: String) async throws {
        let outcome = try await cohortSSH("up", hosts: hosts)
        #expect(outcome.code == 78)
        #expect(outcome.error.contains("no machine is listed"))
    }

    @Test("down succeeds where nothing is up, and makes nothing")
    func downWithNothingUp() async throws {
        let outcome = try await cohortSSH("down", hosts: "gpu1 1\n")
        #expect(outcome.code == 0)
        #expect(outcome.error == "nothing is up\n")
    }

    @Test(
        "Options that make no sense are refused",
        arguments: [
            ["up", "--port", "0"], ["up", "--port", "065"], ["up", "--port", "65535"],
            ["up", "--nope", "1"],
            ["up", "--threads"], ["sideways"], ["up", "gpu1"], ["down", "--forget", "maybe"], [],
        ])
    func refusesOptions(words: [String]) async throws {
        let outcome = try await cohortSSH(words, hosts: "gpu1 1\n")
        #expect(outcome.code == 64, "\(outcome)")
        #expect(outcome.error.hasPrefix("error: "))
    }

    private func cohortSSH(_ verb: String, hosts: String) async throws -> Outcome {
        try await cohortSSH([verb], hosts: hosts)
    }

    /// In a folder of its own, in which nothing but the host file may be left.
    private func cohortSSH(_ words: [String], hosts: String) async throws -> Outcome {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "cohort-\(UUID())")
        try files.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? files.removeItem(at: folder) }
        let path = folder.appending(path: "hosts").path
        try hosts.write(toFile: path, atomically: true, encoding: .utf8)
        let state = folder.appending(path: "state").path
        let outcome = try await run(
            "/usr/bin/env", ["bash", Checkout.cohortSSH, path, "--state", state] + words)
        #expect(try files.contentsOfDirectory(atPath: folder.path) == ["hosts"])
        return outcome
    }
}
