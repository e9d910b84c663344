import Testing
import cohort

@Test("Nothing is counted during the warm-up, and what starts the clock is not counted either")
func meterWarmsUp() {
    let origin = ContinuousClock.now
    var meter = Meter(Pace(seconds: 1), at: origin)
    // A fifth of a second warms up.
    #expect(meter.add(at: origin + .milliseconds(10)) == nil)
    #expect(meter.add(at: origin + .milliseconds(199)) == nil)
    #expect(meter.add(at: origin + .milliseconds(300)) == nil)
    #expect(meter.add(at: origin + .milliseconds(800)) == nil)
    let result = meter.add(at: origin + .milliseconds(1_300))
    #expect(result == Throughput(messages: 2, seconds: 1))
}

@Test("The time counted ends with the last message, so a late one does not raise the speed")
func meterEndsLate() {
    let origin = ContinuousClock.now
    var meter = Meter(Pace(seconds: 1), at: origin)
    _ = meter.add(at: origin + .seconds(1))
    let result = meter.add(at: origin + .seconds(5))
    #expect(result == Throughput(messages: 1, seconds: 4))
    #expect(result?.perSecond == 0.25)
}

@Test("A measurement without messages is overdue after its limit, not before")
func meterIsOverdue() {
    let origin = ContinuousClock.now
    let pace = Pace(seconds: 1)
    let meter = Meter(pace, at: origin)
    #expect(!meter.isOverdue(at: origin + pace.warmUp + pace.counting))
    #expect(!meter.isOverdue(at: origin + pace.limit))
    #expect(meter.isOverdue(at: origin + pace.limit + .milliseconds(1)))
}

@Test("Work that does not end is cancelled at its deadline, with the exit code for another try")
func deadlineCancels() async throws {
    let failure = await #expect(throws: CommandFailure.self) {
        try await withDeadline(.milliseconds(1), for: "the endless work") {
            // Ends when cancelled, and only then.
            try await Task.sleep(for: .seconds(86_400))
        }
    }
    #expect(failure?.exitCode == .tryAgain)
    #expect(failure?.message.contains("the endless work") == true)
}

@Test("Work that ends in time answers, and its error is passed on")
func deadlineIsKept() async throws {
    let answer = try await withDeadline(.seconds(600), for: "work") { 42 }
    #expect(answer == 42)
    await #expect(throws: CommandFailure("broken", .badData)) {
        try await withDeadline(.seconds(600), for: "work") { () async throws -> Int in
            throw CommandFailure("broken", .badData)
        }
    }
}
