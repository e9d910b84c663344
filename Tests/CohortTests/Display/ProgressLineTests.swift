import Testing

import cohort

private let line = ProgressLine(
    step: 48, total: 120, reward: 0.4126, kl: 0.00214, meanLength: 4.25, tokensPerSecond: 18_432,
    liveWorkers: 2, expectedWorkers: 2, remaining: .seconds(80))

@Test("A wide terminal shows everything")
func wideLine() {
    #expect(
        line.fitted(columns: 120)
            == "[########------------]   48/120  reward 0.413  kl 0.0021  length 4.3  18.4k tok/s  "
            + "workers 2/2  1m 20s left")
}

@Test("The bar shrinks first, then the least important parts go")
func narrowLines() {
    #expect(
        line.fitted(columns: 98)
            == "[###-----]   48/120  reward 0.413  kl 0.0021  length 4.3  18.4k tok/s  "
            + "workers 2/2  1m 20s left")
    #expect(
        line.fitted(columns: 80)
            == "[###-----]   48/120  reward 0.413  kl 0.0021  workers 2/2  1m 20s left")
    #expect(
        line.fitted(columns: 60) == "[###-----]   48/120  reward 0.413  workers 2/2  1m 20s left")
    #expect(line.fitted(columns: 57) == "[###-----]   48/120  reward 0.413  1m 20s left")
    #expect(line.fitted(columns: 35) == "[###-----]   48/120  reward 0.413")
    #expect(line.fitted(columns: 25) == " 48/120  reward 0.413")
    #expect(line.fitted(columns: 10) == " 48/120")
    #expect(line.fitted(columns: 5) == " 48/…")
}

@Test("No width is ever exceeded, with colours or without")
func everyWidth() {
    for columns in 1...150 {
        #expect(line.fitted(columns: columns).count <= columns)
        let colored = line.fitted(columns: columns, style: .colored)
        let plain = colored.replacing(#/\u{1B}\[\d+m/#, with: "")
        #expect(plain == line.fitted(columns: columns))
    }
}

@Test("What is not known yet is left out")
func earlyLine() {
    let early = ProgressLine(step: 0, total: 120, liveWorkers: 1, expectedWorkers: 2)
    #expect(early.fitted(columns: 80) == "[--------------------]    0/120  workers 1/2")
    #expect(early.plain == "step   0/120  workers 1/2")
}

@Test("The plain line has everything in fixed places")
func plainLine() {
    #expect(
        line.plain
            == "step  48/120  reward 0.413  kl 0.0021  length 4.3  18.4k tok/s  workers 2/2  "
            + "1m 20s left")
}

@Test("Colours mark the bar, the reward and missing workers")
func colors() {
    var short = line
    short.liveWorkers = 1
    let text = short.fitted(columns: 120, style: .colored)
    #expect(text.hasPrefix("[\u{1B}[32m########\u{1B}[0m\u{1B}[2m------------\u{1B}[0m]"))
    #expect(text.contains("\u{1B}[1mreward 0.413\u{1B}[0m"))
    #expect(text.contains("\u{1B}[33mworkers 1/2\u{1B}[0m"))
    #expect(!line.fitted(columns: 120, style: .colored).contains("\u{1B}[33m"))
}

@Test("A bar never overflows", arguments: [(200, 120), (-1, 120), (1, 0), (0, 0)])
func barBounds(step: Int, total: Int) {
    let odd = ProgressLine(step: step, total: total, liveWorkers: 0, expectedWorkers: 0)
    let bar = odd.fitted(columns: 100).prefix { $0 != " " }
    #expect(bar.count == 22)
}

@Test("Numbers that are not finite are shown as such")
func nonFiniteNumbers() {
    var odd = line
    odd.reward = .nan
    odd.kl = .infinity
    #expect(odd.plain.contains("reward nan  kl inf"))
}
