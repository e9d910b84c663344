import Testing
import Training

@Suite struct ScheduleTests {
    private func plan(_ schedule: Schedule, staleness: Int) -> SchedulePlan {
        SchedulePlan(schedule: schedule, maxStaleness: staleness, groupsPerBatch: 4, maxSteps: 5)
    }

    @Test(
        "In lockstep batch k is sampled from exactly version max(0, k − staleness)",
        arguments: [
            // staleness, ordinal, version
            (0, 0, 0), (0, 3, 0), (0, 4, 1), (0, 7, 1), (0, 8, 2), (0, 19, 4),
            (1, 0, 0), (1, 4, 0), (1, 7, 0), (1, 8, 1), (1, 12, 2),
            (3, 0, 0), (3, 15, 0), (3, 16, 1), (3, 20, 2),
        ] as [(Int, UInt64, UInt64)])
    func lockstep(staleness: Int, ordinal: UInt64, version: UInt64) {
        let plan = plan(.lockstep, staleness: staleness)
        for current in version...version + 3 {
            #expect(plan.version(forOrdinal: ordinal, current: current) == version)
        }
        if version > 0 { #expect(plan.version(forOrdinal: ordinal, current: version - 1) == nil) }
    }

    @Test("Bounded tickets name the newest version, whatever their place")
    func bounded() {
        for staleness in 0...3 {
            for ordinal in [0, 4, 100] as [UInt64] {
                for current in 0...5 as ClosedRange<UInt64> {
                    #expect(
                        plan(.bounded, staleness: staleness)
                            .version(forOrdinal: ordinal, current: current) == current)
                }
            }
        }
    }

    @Test("The oldest version that is needed lags by the staleness, and is never negative")
    func oldestNeeded() {
        #expect(
            (0...4).map { plan(.lockstep, staleness: 0).oldestNeeded(current: $0) } == [
                0, 1, 2, 3, 4,
            ])
        #expect(
            (0...4).map { plan(.lockstep, staleness: 2).oldestNeeded(current: $0) } == [
                0, 0, 0, 1, 2,
            ])
    }

    @Test("No lockstep ticket that may still be given out names a version that is not needed")
    func neededVersionsAreKept() {
        for staleness in 0...3 {
            let plan = plan(.lockstep, staleness: staleness)
            for current in 0..<5 as Range<UInt64> {
                for ordinal in current * 4..<30 {
                    let version = plan.version(forOrdinal: ordinal, current: current)
                    #expect(version ?? current >= plan.oldestNeeded(current: current))
                }
            }
        }
    }

    @Test("The run's totals and bounds")
    func totals() {
        #expect(plan(.lockstep, staleness: 0).groupsTotal == 20)
        #expect(plan(.lockstep, staleness: 0).groupsInFlightMax == 4)
        #expect(plan(.bounded, staleness: 2).groupsInFlightMax == 12)
    }
}
