import ArgumentParser
import Foundation
import Tokenization

/// `cohort bench tokenizer`
struct BenchTokenizerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Megabytes of text per second that one thread encodes.",
        discussion: """
            Generated text (or --file), and three texts without anywhere to cut: one letter, spaces, letters \
            without a space. Each is encoded whole and by half, in turn; "time for twice the text" is 2 \
            where time grows with the length and 4 where it grows with its square.
            """)

    @Option(help: "Directory with a tokenizer.json.")
    var model: String

    @Option(help: "UTF-8 text to encode instead of generated text.")
    var file: String?

    @Option(help: "Megabytes of generated text.")
    var megabytes = 4.0

    @Option(help: "Times that everything is measured.")
    var rounds = 5

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard 0.001...1_000 ~= megabytes else {
            throw ValidationError("--megabytes must be 0.001 to 1000")
        }
        guard 1...1_000 ~= rounds else { throw ValidationError("--rounds must be 1 to 1000") }
    }

    func run() async throws {
        let tokenizer = try Tokenizer(directory: model)
        let text =
            try file.map(read)
            ?? {
                var mixed = MixedText()
                return mixed.text(bytes: Int(megabytes * 1e6))
            }()
        let report = TokenizerBenchmark(tokenizer: tokenizer, rounds: rounds)
            .run([("text", text)] + TokenizerBenchmark.hostileTexts(bytes: 1_000_000))
        StandardStream.output.write(
            json ? try report.benchJSON() : BenchMachine.current.text + report.text)
    }

    private func read(_ path: String) throws -> String {
        let bytes = try POSIXFile.read(path, limit: 1 << 30)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(path) is not UTF-8", .badData)
        }
        return text
    }
}
