import ArgumentParser
import GRPO

/// `cohort objective`: advantages, loss and gradients of an objective file.
struct ObjectiveCommand: ParsableCommand {
    /// What the loss is computed in.
    enum Precision: String, CaseIterable, ExpressibleByArgument { case f64, f32 }

    static let configuration = CommandConfiguration(
        commandName: "objective",
        abstract: "Advantages, loss and gradients of some groups under a profile, as JSON.",
        discussion: """
            FILE holds groups of completions with their log-probabilities under the current, behaviour, \
            proximal and reference policies, masks, and rewards or advantages; - is standard input. \
            The answer holds the advantages, the loss and its terms, clip and KL figures, and the \
            gradient by every token's log-probability.

            cohort objective groups.json --profile trl-1.16 --set beta=0.04
            """)

    @Argument(help: "JSON file, or - for standard input.")
    var file: String

    @Option(help: "One of the profiles that `cohort profiles` lists.")
    var profile = Profile.cohort.name

    @Option(name: .customLong("set"), help: "A word that differs from the profile: word=value.")
    var changes: [String] = []

    @Option(help: "What the loss is computed in: f64 or f32.")
    var dtype = Precision.f64

    func run() throws {
        let settings = try settings()
        let path = file == "-" ? "/dev/stdin" : file
        let document = try ObjectiveFileReader(path: path).document(
            try POSIXFile.read(path, limit: 1 << 30))
        do throws(DocumentError) {
            let answer =
                switch dtype {
                case .f64: try document.evaluate(settings, profile: profile, in: Double.self)
                case .f32: try document.evaluate(settings, profile: profile, in: Float.self)
                }
            StandardStream.output.write(answer.json)
        } catch {
            throw CommandFailure("\(path): \(error)", .badData)
        }
    }

    private func settings() throws -> AlgorithmSettings {
        do throws(WordError) {
            var settings = try Profile.named(profile).settings
            for change in changes {
                let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw .unknownWord(change) }
                try AlgorithmWord.named(parts[0]).set(WordValue(parsing: parts[1]), in: &settings)
            }
            return settings
        } catch {
            throw CommandFailure("\(error)", .usage)
        }
    }
}
