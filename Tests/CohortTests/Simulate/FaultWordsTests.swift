import Simulation
import Testing
import cohort

@Suite("cohort simulate --faults and --seeds")
struct FaultWordsTests {
    @Test("A plan by name is changed by the keys after it")
    func words() throws {
        let plan = try FaultWords(parsing: "light,worker_crash=60,loss_share=0.5,disconnect=0").plan
        var expected = FaultRates.light
        (expected.workerCrash, expected.lossShare, expected.disconnect) = (.seconds(60), 0.5, nil)
        #expect(plan == expected)
    }

    @Test("Every key is known, and a number that makes no sense is refused")
    func keys() {
        for key in FaultRates.keys {
            var plan = FaultRates.none
            #expect(plan.set(key, to: 0.25) == nil && plan != .none)
            #expect(plan.set(key, to: -1) != nil)
            #expect(plan.set(key, to: .nan) != nil)
        }
    }

    @Test(
        "What makes no sense is refused",
        arguments: ["bad", "heavy,light", "worker_crash", "worker_crash=x", "nothing=1", ""])
    func mistakes(_ text: String) {
        #expect(throws: (any Error).self) { try FaultWords(parsing: text) }
    }

    @Test("Seeds are a range of two numbers in order")
    func seeds() {
        #expect(SeedRange(argument: "3..17")?.seeds == 3...17)
        for text in ["5", "9..3", "1.2", "a..b", "1..", "-1..4"] { #expect(SeedRange(argument: text) == nil) }
    }
}
