import ArgumentParser
import Foundation

/// `cohort bench loss`
struct BenchLossCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loss",
        abstract: "What common ZeroMQ patterns lose without an error, beside the link.",
        discussion: """
            PUB/SUB with libzmq's default high-water marks and a ROUTER without ROUTER_MANDATORY, both \
            with a reader that is slower than the sender; PUSH/PULL and the link with a reader in a \
            process of its own that is killed once (kill -9) and started again. Everything stays on \
            this machine.
            """)

    @Option(help: "Messages of a kibibyte to a slow reader.")
    var messages = 20_000

    @Option(help: "Messages to a reader that is killed after a third of them.")
    var killedMessages = 6_000

    @Option(help: "Microseconds that the reader takes for a message.")
    var pauseMicroseconds = 50

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard 1...1_000_000 ~= messages else { throw ValidationError("--messages must be 1 to 1000000") }
        guard 3...1_000_000 ~= killedMessages else {
            throw ValidationError("--killed-messages must be 3 to 1000000")
        }
        guard 1...100_000 ~= pauseMicroseconds else {
            throw ValidationError("--pause-microseconds must be 1 to 100000")
        }
    }

    func run() async throws {
        let options = self
        let report = try await BenchScratch.with { scratch in
            try await LossBenchmark(
                messages: options.messages, killedMessages: options.killedMessages,
                pause: .microseconds(options.pauseMicroseconds), directory: scratch.path
            ).run { StandardStream.error.write($0 + "\n") }
        }
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
    }
}

/// `cohort bench loss-reader`: the process that `cohort bench loss` kills.
struct BenchLossReaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "loss-reader", shouldDisplay: false)

    @Option var pattern: LossReader.Pattern
    @Option var endpoint: String
    @Option var record: String
    @Option var messages: Int
    @Option var pauseMicroseconds: UInt32
    @Option var start: UInt32

    func run() async throws {
        ParentWatch.start { _exit(ExitCode.peerUnavailable.rawValue) }
        let reader = LossReader(
            endpoint: endpoint, record: ReaderRecord(path: record), messages: messages,
            pauseMicroseconds: pauseMicroseconds, start: start)
        switch pattern {
        case .pull: try reader.pull()
        case .link: try await reader.learn()
        }
    }
}

extension LossReader.Pattern: ExpressibleByArgument {}
