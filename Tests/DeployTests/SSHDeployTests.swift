import Foundation
import FreePorts
import Subprocess
import Testing

@Suite(
    "Workers over ssh", .serialized, .timeLimit(.minutes(2)),
    .enabled(if: Checkout.hasSSH, "needs ssh and /usr/sbin/sshd (Debian: openssh-server)"))
struct SSHDeployTests {
    @Test("A worker behind ssh, of a binary that was copied there, carries a run to its end")
    func carriesRun() async throws {
        try await Cluster.with(steps: 3, endsLearner: false) { cluster in
            try cluster.writeHosts(slots: [1])
            let up = try await cluster.up(copies: true)
            #expect(up.code == 0, "\(up)")
        } then: { cluster, learner in
            #expect(learner == .exited(0))
            let metrics = try String(
                contentsOf: cluster.folder.appending(path: "run/metrics.jsonl"), encoding: .utf8)
            #expect(metrics.split(separator: "\n").count >= 3)
            #expect(try await waitForEnd(of: cluster.process("keeper", of: 1)))
            let status = try await cluster.cohortSSH(["status"])
            #expect(status.code == 0, "\(status)")
            #expect(status.output.contains("finished; worker 1 exited 0 (had no more to do)"))
            #expect(try await cluster.cohortSSH(["down"]).code == 0)
            #expect(cluster.runningProcesses().isEmpty)
        }
    }

    @Test("Workers reach the learner through forwarded loopback ports, without --insecure")
    func usesForwardedPorts() async throws {
        try await Cluster.with(steps: 1_000_000, endsLearner: true) { cluster in
            try cluster.writeHosts(slots: [2])
            #expect(try await cluster.up().code == 0)
            let workers = try cluster.workers(of: 1)
            #expect(workers.count == 2)
            for worker in workers {
                let arguments = ProcessTable.arguments(of: worker)
                #expect(arguments.first == Checkout.cohort)
                #expect(!arguments.contains("--insecure"))
                for option in ["--connect", "--snapshots"] {
                    let index = try #require(arguments.firstIndex(of: option))
                    let address = arguments[index + 1]
                    #expect(address.hasPrefix("tcp://127.0.0.1:"))
                    #expect(!address.hasSuffix(":\(cluster.learnerPort)"))
                    #expect(!address.hasSuffix(":\(cluster.learnerPort + 1)"))
                }
            }
            let logs = try await cluster.cohortSSH(["logs", cluster.label(1)])
            #expect(logs.output.contains("remote forward to 127.0.0.1:\(cluster.learnerPort)"))
            #expect(logs.output.contains("worker 2 started"))
        }
    }

    @Test("With keys, each machine gets one of its own, its workers join by it, and down takes it back")
    func givesKeys() async throws {
        try await Cluster.with(steps: 3, endsLearner: false, keys: true) { cluster in
            try cluster.writeHosts(slots: [2])
            let up = try await cluster.up(keys: true)
            #expect(up.code == 0, "\(up)")
            let listed = cluster.keys.appending(path: "authorized_workers/\(cluster.label(1)).pub")
            #expect(FileManager.default.fileExists(atPath: listed.path))
        } then: { cluster, learner in
            #expect(learner == .exited(0))
            #expect(try await waitForEnd(of: cluster.process("keeper", of: 1)))
            let status = try await cluster.cohortSSH(["status"])
            #expect(status.output.contains("worker 1 exited 0 (had no more to do)"), "\(status)")
            #expect(try await cluster.cohortSSH(["down"]).code == 0)
            let list = cluster.keys.appending(path: "authorized_workers").path
            #expect(try FileManager.default.contentsOfDirectory(atPath: list).isEmpty)
        }
    }

    @Test("up twice starts nothing twice, killed ones start again, and down leaves nothing")
    func wholeLife() async throws {
        try await Cluster.with(steps: 1_000_000, endsLearner: true) { cluster in
            try cluster.writeHosts(slots: [2, 1])
            #expect(try await cluster.up().code == 0)
            let first = (
                try cluster.events(1), try cluster.events(2), try cluster.process("ssh", of: 1)
            )
            let again = try await cluster.up()
            #expect(again.code == 0)
            #expect(again.error.components(separatedBy: "runs already").count == 3, "\(again)")
            let second = (
                try cluster.events(1), try cluster.events(2), try cluster.process("ssh", of: 1)
            )
            #expect(first == second)
            try await killsOfSSHAndWorker(cluster)
            try await leavesNothing(cluster)
        }
    }

    private func killsOfSSHAndWorker(_ cluster: Cluster) async throws {
        let orphans = try cluster.workers(of: 1)
        #expect(orphans.count == 2)
        kill(try cluster.process("ssh", of: 1), SIGKILL)
        for worker in orphans { #expect(try await waitForEnd(of: worker)) }
        #expect(try await waitForEnd(of: cluster.process("keeper", of: 1)))
        let status = try await cluster.cohortSSH(["status"])
        #expect(status.code == 1)
        #expect(status.output.contains("dead: ssh was ended by signal 9"), "\(status)")
        #expect(status.output.contains("connected, 1 of 1 workers alive"), "\(status)")
        #expect(try await cluster.up().code == 0)
        #expect(Set(orphans).isDisjoint(with: try cluster.workers(of: 1)))
        let well = try await cluster.cohortSSH(["status"])
        #expect(well.code == 0, "\(well)")
        #expect(well.output.contains("connected, 2 of 2 workers alive"))
    }

    private func leavesNothing(_ cluster: Cluster) async throws {
        let keepers = [try cluster.process("keeper", of: 1), try cluster.process("keeper", of: 2)]
        let worker = try #require(try cluster.workers(of: 2).last)
        let remote = URL(filePath: ProcessTable.folder(of: worker)).deletingLastPathComponent().path
        #expect(remote.contains("/.cache/cohort/ssh/"))
        #expect(FileManager.default.fileExists(atPath: remote))
        #expect(!cluster.runningProcesses().isEmpty)
        let down = try await cluster.cohortSSH(["down"])
        #expect(down.code == 0, "\(down)")
        #expect(cluster.runningProcesses().isEmpty)
        #expect(keepers.allSatisfy { ProcessTable.arguments(of: $0).isEmpty })
        #expect(!FileManager.default.fileExists(atPath: cluster.state.path))
        #expect(!FileManager.default.fileExists(atPath: remote))
        let again = try await cluster.cohortSSH(["down"])
        #expect(again.code == 0)
        #expect(again.error == "nothing is up\n")
    }

    @Test("A machine that cannot be reached is named, and the others run")
    func unreachableMachine() async throws {
        try await Cluster.with(steps: 1_000_000, endsLearner: true) { cluster in
            let closed = try freePorts(1)
            try cluster.writeHosts(slots: [1], more: "127.0.0.1:\(closed) 1\n")
            let up = try await cluster.up()
            #expect(up.code == 69)
            #expect(up.error.contains("127.0.0.1_\(closed): did not start"), "\(up)")
            #expect(up.error.contains("Connection refused"))
            let status = try await cluster.cohortSSH(["status"])
            #expect(status.code == 1)
            #expect(status.output.contains("connected, 1 of 1 workers alive"), "\(status)")
            #expect(status.output.contains("dead: ssh could not connect"))
            #expect(try await cluster.cohortSSH(["down"]).code == 0)
            #expect(cluster.runningProcesses().isEmpty)
        }
    }
}
