import Ports
import Testing
import Training

@Suite struct LearnerTimeTests {
    @Test("A lease that is not answered in time goes to whoever has room")
    func expiry() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        _ = script.join(bob, slots: 1)
        for second in 1...9 { #expect(script.tick(at: .seconds(second)).isEmpty) }
        let actions = script.tick(at: .seconds(10))
        #expect(actions.notes == ["2 leases were not answered in time and are free again"])
        // Alice may still be at work on both.
        #expect(actions.granted == [bob: [0]])
        #expect(script.state.accounting == counts(issued: 2, leased: 2, reissued: 1))
        #expect(script.push(1).verdicts == [.accepted(durable: true)])
        #expect(script.newestLease(of: alice) == 4)
    }

    @Test("Time in which the learner itself was stopped is on no lease's account")
    func tickGap() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        for second in 1...4 { _ = script.tick(at: .seconds(second)) }
        #expect(script.tick(at: .seconds(3600)).isEmpty)
        // 3596 s are forgiven, so the deadline is 10 + 3596.
        for second in 3601...3605 { #expect(script.tick(at: .seconds(second)).isEmpty) }
        #expect(script.tick(at: .seconds(3606)).notes.count == 1)
    }

    @Test("Ticks that only come a little late extend nothing")
    func smallGap() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        for second in [1, 4, 7] { #expect(script.tick(at: .seconds(second)).isEmpty) }
        #expect(script.tick(at: .seconds(10)).notes.count == 1)
    }

    @Test("Groups that waited while the learner was stopped are good when it wakes")
    func answersAfterTheGap() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        _ = script.tick(at: .seconds(1))
        script.now = .seconds(3600)
        #expect(script.push(1).verdicts == [.accepted(durable: true)])
        #expect(script.tick(at: .seconds(3600)).isEmpty)
        #expect(script.push(2).steps == [0])
        #expect(script.state.accounting.reissued == 0)
    }
}
