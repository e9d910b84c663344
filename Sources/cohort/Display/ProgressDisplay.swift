private import Synchronization

/// Shows how a run goes on: on a terminal one line that is rewritten, elsewhere one line per step.
///
/// Everything that is written to the same stream goes through `note`, so that it never lands in the
/// middle of the progress line. May be used from any thread.
package final class ProgressDisplay: Sendable {
    private let output: any TextOutput
    private let capabilities: TerminalCapabilities
    private let columns: @Sendable () -> Int?
    private let loggingSteps: Int
    private let state = Mutex(State())

    private struct State {
        /// The line that stands on the terminal without a line end.
        var shown: ProgressLine?
    }

    /// `columns` is asked before each line, because terminals are resized. Off a terminal every
    /// `loggingSteps`-th line and the last are printed.
    package init(
        output: any TextOutput, capabilities: TerminalCapabilities, loggingSteps: Int = 1,
        columns: @escaping @Sendable () -> Int? = { nil }
    ) {
        precondition(loggingSteps > 0, "logging_steps is at least 1, not \(loggingSteps)")
        self.output = output
        self.capabilities = capabilities
        self.loggingSteps = loggingSteps
        self.columns = columns
    }

    /// Whether text from elsewhere should be styled.
    package var style: TextStyle { capabilities.style }

    /// Columns that a line of a note may have.
    package var width: Int { max(20, (columns() ?? capabilities.columns) - 1) }

    /// Shows the latest state.
    package func update(_ line: ProgressLine) {
        state.withLock { state in
            if capabilities.canRewrite {
                output.write(Self.clear + fitted(line))
                state.shown = line
            } else if line.step % loggingSteps == 0 || line.step == line.total {
                output.write(line.plain + "\n")
            }
        }
    }

    /// Prints lines that stay. `text` is trusted; what comes from outside goes through
    /// `TerminalText`.
    package func note(_ text: String) {
        state.withLock { state in
            let lines = text.hasSuffix("\n") ? text : text + "\n"
            if let shown = state.shown {
                output.write(Self.clear + lines + fitted(shown))
            } else {
                output.write(lines)
            }
        }
    }

    /// Leaves the progress line where it is and starts a new one below it.
    package func finish() {
        state.withLock { state in
            if state.shown != nil { output.write("\n") }
            state.shown = nil
        }
    }

    /// To the first column, and erase the line.
    private static let clear = "\r\u{1B}[2K"

    /// One column stays free, or some terminals would move to the next line.
    private func fitted(_ line: ProgressLine) -> String {
        line.fitted(
            columns: max(1, (columns() ?? capabilities.columns) - 1), style: capabilities.style)
    }
}
