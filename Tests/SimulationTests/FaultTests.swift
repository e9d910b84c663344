import Ports
import Simulation
import Testing
import Training

/// Each kind of fault alone, far more often than anyone would see it.
@Suite("Simulated clusters under one kind of fault")
struct FaultTests {
    private func check(
        _ change: (inout SimulationSetup) -> Void
    ) -> [SimulationReport] {
        var reports: [SimulationReport] = []
        for seed in 1...20 as ClosedRange<UInt64> {
            for schedule in Schedule.allCases {
                var setup = SimulationSetup(workers: 4, plan: .small(schedule))
                setup.seed = seed
                setup.lease = .seconds(8)
                setup.faults.until = .seconds(60)
                change(&setup)
                do throws(Violation) { reports.append(try World.run(setup)) } catch {
                    Issue.record("\(error)")
                }
            }
        }
        return reports
    }

    @Test("Without faults no lease is given out twice and every group is trained on")
    func calm() {
        for report in check({ _ in }) {
            #expect(report.groups.reissued == 0 && report.groups.duplicateCopies == 0)
            #expect(report.faults.happened == 0 && report.groups.consumed == 24)
        }
    }

    @Test("Connections that break every three seconds")
    func disconnects() {
        let reports = check { $0.faults.disconnect = .seconds(3) }
        #expect(reports.allSatisfy { $0.faults.disconnects > 0 })
    }

    @Test("Partitions, one way and both")
    func partitions() {
        let reports = check { setup in
            setup.faults.partition = .seconds(6)
            setup.faults.partitionLength = .seconds(8)
        }
        #expect(reports.allSatisfy { $0.faults.happened > 0 })
    }

    @Test("A network worse than any connection: a fifth of all frames lost, repeated and overtaken")
    func loss() {
        _ = check { setup in
            (setup.faults.lossShare, setup.faults.repeatShare, setup.faults.overtakeShare) = (0.2, 0.2, 0.2)
        }
    }

    @Test("Flipped bits in real frames")
    func corruption() {
        _ = check { setup in
            setup.faults.corruptionShare = 0.01
            setup.encodes = true
        }
    }

    @Test("Pipes and outboxes of a few frames, and readers that stop")
    func slowReaders() {
        _ = check { setup in
            (setup.pipeCapacity, setup.outboxCapacity) = (3, 2)
            setup.faults.workerPause = .seconds(5)
            setup.faults.workerPauseLength = .seconds(8)
        }
    }

    @Test("Workers that are killed")
    func workerCrashes() {
        let reports = check { $0.faults.workerCrash = .seconds(5) }
        #expect(reports.allSatisfy { $0.faults.workerRestarts > 0 })
    }

    @Test("Second processes under a worker's name, and samplers that never come to an end")
    func twins() {
        _ = check { setup in
            setup.faults.workerTwin = .seconds(6)
            setup.faults.stallShare = 0.1
        }
    }

    @Test("Wall clocks that are set, and with them the incarnations of workers that start again")
    func clocks() {
        _ = check { setup in
            setup.faults.clockJump = .seconds(3)
            setup.faults.workerCrash = .seconds(5)
        }
    }

    @Test("A learner that is killed")
    func learnerCrashes() {
        let reports = check { $0.faults.learnerCrash = .seconds(10) }
        #expect(reports.filter { $0.faults.learnerRestarts > 0 }.count > reports.count / 2)
    }

    @Test("A learner that is killed while checkpoints fail and turn out damaged replays its journal")
    func checkpoints() {
        let reports = check { setup in
            setup.faults.learnerCrash = .seconds(10)
            (setup.faults.checkpointFailureShare, setup.faults.checkpointDamageShare) = (0.5, 0.5)
        }
        #expect(reports.contains { $0.faults.replayedSteps > 0 })
    }

    @Test("A learner that is stopped and goes on")
    func learnerPauses() {
        _ = check { setup in
            setup.faults.learnerPause = .seconds(6)
            setup.faults.learnerPauseLength = .seconds(8)
        }
    }

    @Test("A disk that is full again and again, and slow")
    func disk() {
        _ = check { setup in
            setup.faults.diskFull = .seconds(8)
            setup.faults.diskFullLength = .seconds(6)
            setup.commitTime = Delay(.milliseconds(300), spread: 1, tailShare: 0.1)
        }
    }

    @Test("Groups that do not answer their ticket, bad rewards and failing reward programs")
    func groups() {
        let reports = check { setup in
            setup.faults.malformedShare = 0.1
            (setup.badRewardShare, setup.rewardFailureShare) = (0.2, 0.2)
        }
        #expect(reports.contains { $0.groups.droppedTotal > 0 })
    }
}
