import Testing
import cohort

@Test("Restarts after progress are not limited")
func progress() {
    var limit = RestartLimit(limit: 1)
    for _ in 0..<100 { #expect(limit.next(afterProgress: true, wasKilled: true) == .zero) }
}

@Test("In a row without progress there are as many restarts as allowed, and progress begins anew")
func fruitless() {
    var limit = RestartLimit(limit: 2)
    #expect(limit.next(afterProgress: false, wasKilled: true) != nil)
    #expect(limit.next(afterProgress: false, wasKilled: true) != nil)
    #expect(limit.next(afterProgress: true, wasKilled: true) != nil)
    #expect(limit.next(afterProgress: false, wasKilled: true) != nil)
    #expect(limit.next(afterProgress: false, wasKilled: true) != nil)
    #expect(limit.next(afterProgress: false, wasKilled: true) == nil)
    #expect(limit.fruitless == 3)
}

@Test("A limit of 0 allows none, not even after progress")
func none() {
    var limit = RestartLimit(limit: 0)
    #expect(limit.next(afterProgress: true, wasKilled: true) == nil)
}

@Test("A killed process comes back at once, one that gets nowhere later and later, but never too late")
func pauses() {
    var limit = RestartLimit(limit: 1_000)
    let killed = (0..<20).map { _ in limit.next(afterProgress: false, wasKilled: true)! }
    #expect(killed.prefix(4) == [.zero, .milliseconds(250), .milliseconds(500), .seconds(1)])
    #expect(killed.last == .seconds(5))
    #expect(limit.next(afterProgress: true, wasKilled: false) == .milliseconds(250))
}

@Test("Records are found among the lines of a log, whatever else stands there")
func records() {
    let log = """
        step 1/2  reward 0.5
        {"ts":"1970-01-01T00:00:02.250Z","level":"info","step":7,"msg":"step published","worker":null}
        {"ts":"yesterday","msg":"step published"}
        {"ts":"1970-01-01T00:00:03.000Z","msg":"sampling","data":{"tickets":"1.0 2.0"}}
        {"ts":"1970-01
        """
    #expect(
        WorkLog.records(in: log) == [
            .init(time: 2.25, message: WorkLog.published, step: 7),
            .init(time: 3, message: WorkLog.sampling, data: [WorkLog.tickets: "1.0 2.0"]),
        ])
}
