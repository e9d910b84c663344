#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

/// Where text for people goes.
package protocol TextOutput: Sendable {
    func write(_ text: String)
}

/// Standard output or standard error.
package enum StandardStream: TextOutput {
    case output, error

    private var descriptor: Int32 { self == .output ? STDOUT_FILENO : STDERR_FILENO }

    /// A reader that went away must not end a training run, so failures are ignored.
    package func write(_ text: String) {
        try? POSIXFile.write(Array(text.utf8), to: descriptor, path: "standard stream")
    }

    /// What the stream can show, asked from the system and `environment` (`TERM`, `NO_COLOR`,
    /// `COLUMNS`).
    package func capabilities(environment: [String: String]) -> TerminalCapabilities {
        TerminalCapabilities(
            isTerminal: isatty(descriptor) == 1, environment: environment)
    }

    /// The terminal's width at this moment, or `nil` where it does not tell.
    package func columns() -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// What may be written to a stream.
package struct TerminalCapabilities: Hashable, Sendable {
    /// Whether a line can be rewritten.
    package var canRewrite: Bool
    package var style: TextStyle
    /// From `COLUMNS`, for terminals that do not tell their width.
    package var columns: Int

    package init(canRewrite: Bool, style: TextStyle, columns: Int = 80) {
        self.canRewrite = canRewrite
        self.style = style
        self.columns = columns
    }

    /// A terminal of type "dumb" cannot rewrite; any non-empty `NO_COLOR` turns colours off
    /// (no-color.org).
    package init(isTerminal: Bool, environment: [String: String]) {
        canRewrite = isTerminal && environment["TERM", default: "dumb"] != "dumb"
        let wantsColor = environment["NO_COLOR", default: ""].isEmpty
        style = canRewrite && wantsColor ? .colored : .plain
        columns = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }
}
