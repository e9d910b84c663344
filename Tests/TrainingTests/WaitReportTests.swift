import Ports
import Testing
import Training

@Suite("What a learner says while it waits") struct WaitReportTests {
    private func sentences(
        _ report: inout WaitReport, _ seconds: ClosedRange<Int>,
        _ accounting: GroupAccounting = GroupAccounting(), workers: Int = 0, isTraining: Bool = false
    ) -> [Int: String] {
        var result: [Int: String] = [:]
        for second in seconds {
            result[second] = report.due(
                accounting, workers: workers, isTraining: isTraining, step: 4, batch: 8,
                now: .seconds(second))
        }
        return result
    }

    @Test("Without workers it says so after 10 s, and then less and less often")
    func nobody() {
        var report = WaitReport()
        let said = sentences(&report, 0...1_000)
        #expect(said.keys.sorted() == [10, 20, 40, 80, 160, 320, 620, 920])
        #expect(
            said[20]
                == "waiting for workers for 20 s: none is connected; start some with `cohort worker`")
    }

    @Test("With workers it says what is here and what is out; progress begins the wait anew")
    func groups() {
        var report = WaitReport()
        var accounting = counts(issued: 7, leased: 5, received: 2)
        let said = sentences(&report, 0...19, accounting, workers: 3)
        #expect(
            said == [
                10:
                    "waiting for groups for 10 s: step 5 takes 8, 2 are here and 5 with 3 workers"
            ])
        accounting = counts(issued: 7, leased: 4, received: 3)
        #expect(sentences(&report, 20...29, accounting, workers: 3).isEmpty)
        #expect(sentences(&report, 30...30, accounting, workers: 3).count == 1)
    }

    @Test("A training step is no wait, however long it takes")
    func training() {
        var report = WaitReport()
        #expect(sentences(&report, 0...500, isTraining: true).isEmpty)
        #expect(sentences(&report, 501...509).isEmpty)
        #expect(sentences(&report, 510...510).count == 1)
    }
}
