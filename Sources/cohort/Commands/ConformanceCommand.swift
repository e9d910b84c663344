import ArgumentParser
import Foundation
import GRPO

/// `cohort conformance`: how far each profile is from the implementation that it is named after.
struct ConformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Compare every profile with values that other systems' own code gave.",
        discussion: """
            Reads the JSON files of a directory, each with cases: an objective file, the profile and words \
            to evaluate it under, and what the reference implementation answered. Prints the largest \
            relative error of every quantity, in float64 against the reference and in float32 against \
            float64; ends with exit code 65 where one is out of bounds (1e-9 and 1e-5; with the direct \
            form of k3, float32 may be off by 1e-6 absolutely).
            """)

    @Argument(help: "Directory of JSON files.")
    var directory = "Tests/Fixtures/objective"

    @Flag(help: "Also print every value that is out of bounds.")
    var verbose = false

    func run() throws {
        var table = ConformanceTable()
        for path in try files() {
            let golden = try ObjectiveFileReader(path: path).golden(
                try POSIXFile.read(path, limit: 1 << 30))
            for value in golden.cases {
                do {
                    if let result = try value.result() { table.add(result) }
                } catch {
                    throw CommandFailure("\(path): \(value.name): \(error)", .badData)
                }
            }
        }
        StandardStream.output.write(table.text)
        if verbose { StandardStream.output.write(table.failures.map { "\($0)\n" }.joined()) }
        guard table.failures.isEmpty else {
            throw CommandFailure(
                "\(table.failures.count) values are out of bounds" + (verbose ? "" : "; see --verbose"),
                .badData)
        }
    }

    private func files() throws -> [String] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
            throw CommandFailure("cannot read \(directory): \(readable(error))", .noInput)
        }
        let files = names.filter { $0.hasSuffix(".json") }.sorted().map { "\(directory)/\($0)" }
        guard !files.isEmpty else {
            throw CommandFailure("\(directory) holds no JSON files", .noInput)
        }
        return files
    }
}
