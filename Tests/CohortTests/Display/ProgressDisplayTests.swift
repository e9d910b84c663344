import Synchronization
import Testing

import cohort

private final class Captured: TextOutput {
    private let text = Mutex("")
    func write(_ more: String) { text.withLock { $0 += more } }
    var all: String { text.withLock { $0 } }
}

private func line(_ step: Int) -> ProgressLine {
    ProgressLine(step: step, total: 10, liveWorkers: 1, expectedWorkers: 1)
}

@Test("On a terminal one line is rewritten, and notes stand above it")
func rewriting() {
    let output = Captured()
    let display = ProgressDisplay(
        output: output, capabilities: TerminalCapabilities(canRewrite: true, style: .plain))
    display.update(line(1))
    display.note("a worker joined")
    display.update(line(2))
    display.finish()
    display.note("done\n")
    let clear = "\r\u{1B}[2K"
    let (first, second) = (line(1).fitted(columns: 79), line(2).fitted(columns: 79))
    #expect(
        output.all
            == clear + first + clear + "a worker joined\n" + first + clear + second + "\ndone\n")
}

@Test("A resized terminal gets a line of its new width")
func resizing() {
    let output = Captured()
    let widths = Mutex([40, 60])
    let display = ProgressDisplay(
        output: output, capabilities: TerminalCapabilities(canRewrite: true, style: .plain),
        columns: { widths.withLock { $0.isEmpty ? nil : $0.removeFirst() } })
    display.update(line(1))
    display.update(line(1))
    let expected = [39, 59].map { "\r\u{1B}[2K" + line(1).fitted(columns: $0) }.joined()
    #expect(output.all == expected)
}

@Test("Elsewhere there is one line per logging_steps, and always the last")
func plainLines() {
    let output = Captured()
    let display = ProgressDisplay(
        output: output, capabilities: TerminalCapabilities(canRewrite: false, style: .plain),
        loggingSteps: 4)
    for step in 1...10 { display.update(line(step)) }
    display.note("note")
    display.finish()
    #expect(
        output.all == [4, 8, 10].map { line($0).plain + "\n" }.joined() + "note\n")
}

@Test("Notes from many tasks never tear each other")
func concurrentNotes() async {
    let output = Captured()
    let display = ProgressDisplay(
        output: output, capabilities: TerminalCapabilities(canRewrite: false, style: .plain))
    await withTaskGroup(of: Void.self) { group in
        for number in 0..<100 { group.addTask { display.note("note \(number)") } }
    }
    let lines = output.all.split(separator: "\n").map(String.init)
    #expect(Set(lines) == Set((0..<100).map { "note \($0)" }))
}

@Test("What a stream can do follows TERM, NO_COLOR and COLUMNS")
func capabilities() {
    func ask(_ isTerminal: Bool, _ environment: [String: String]) -> TerminalCapabilities {
        TerminalCapabilities(isTerminal: isTerminal, environment: environment)
    }
    let term = ["TERM": "xterm"]
    #expect(ask(true, term) == TerminalCapabilities(canRewrite: true, style: .colored))
    #expect(ask(false, term) == TerminalCapabilities(canRewrite: false, style: .plain))
    #expect(ask(true, ["TERM": "dumb"]).canRewrite == false)
    #expect(ask(true, [:]).canRewrite == false)
    #expect(ask(true, ["TERM": "xterm", "NO_COLOR": "1"]).style == .plain)
    #expect(ask(true, ["TERM": "xterm", "NO_COLOR": "1"]).canRewrite)
    #expect(ask(true, ["TERM": "xterm", "NO_COLOR": ""]).style == .colored)
    #expect(ask(true, ["TERM": "xterm", "COLUMNS": "132"]).columns == 132)
    #expect(ask(true, ["TERM": "xterm", "COLUMNS": "-1"]).columns == 80)
}
