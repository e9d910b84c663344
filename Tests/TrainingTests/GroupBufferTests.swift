import GRPO
import Testing
import Training

@Suite struct GroupBufferTests {
    private func buffer(
        _ schedule: Schedule, staleness: Int = 0, holding groups: [(UInt64, UInt64)]
    ) -> GroupBuffer {
        var buffer = GroupBuffer(plan: makeSetup(schedule, staleness: staleness, batch: 3).plan)
        for (ordinal, version) in groups {
            buffer.add(answer(makeTicket(ordinal: ordinal, version: version)))
        }
        return buffer
    }

    @Test("Lockstep waits for exactly the places of its batch, and sorts them")
    func lockstep() {
        var buffer = buffer(.lockstep, holding: [(2, 0), (0, 0), (3, 0), (4, 0)])
        #expect(buffer.assemble(step: 0, current: 0).batch == nil)
        #expect(buffer.assemble(step: 1, current: 0).batch == nil)
        buffer.add(answer(makeTicket(ordinal: 1)))
        #expect(buffer.assemble(step: 0, current: 0).batch?.map(\.ordinal) == [0, 1, 2])
        #expect(buffer.count == 2)
        #expect(buffer.assemble(step: 0, current: 0).batch == nil)
        buffer.add(answer(makeTicket(ordinal: 5)))
        #expect(buffer.assemble(step: 1, current: 1).batch?.map(\.ordinal) == [3, 4, 5])
        #expect(buffer.count == 0)
    }

    @Test("Lockstep calls nothing stale, however far the version is behind")
    func lockstepIsNeverStale() {
        var buffer = buffer(.lockstep, holding: [(0, 0), (1, 0), (2, 0)])
        let assembly = buffer.assemble(step: 0, current: 9)
        #expect(assembly.stale.isEmpty && assembly.batch?.count == 3)
    }

    @Test("Bounded takes the first groups that came, in prompt order")
    func bounded() {
        var buffer = buffer(.bounded, holding: [(7, 0), (2, 0), (9, 0), (1, 0)])
        #expect(buffer.assemble(step: 0, current: 0).batch?.map(\.ordinal) == [2, 7, 9])
        #expect(buffer.count == 1)
        #expect(buffer.assemble(step: 1, current: 0).batch == nil)
    }

    @Test("Bounded drops what is older than the bound and takes what is exactly at it")
    func boundedStaleness() {
        var buffer = buffer(
            .bounded, staleness: 2, holding: [(0, 2), (1, 3), (2, 5), (3, 4), (4, 1)])
        let assembly = buffer.assemble(step: 5, current: 5)
        #expect(assembly.stale.map(\.ordinal) == [0, 4])
        #expect(assembly.batch?.map(\.ordinal) == [1, 2, 3])
        #expect(buffer.count == 0)
    }

    @Test("Stale groups are reported also where no batch is complete, and only once")
    func staleWithoutBatch() {
        var buffer = buffer(.bounded, holding: [(0, 0), (1, 1), (2, 1)])
        let assembly = buffer.assemble(step: 1, current: 1)
        #expect(assembly.batch == nil && assembly.stale.map(\.ordinal) == [0])
        #expect(buffer.assemble(step: 1, current: 1).stale.isEmpty)
        #expect(buffer.count == 2)
    }
}
