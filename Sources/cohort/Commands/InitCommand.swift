import ArgumentParser
import Foundation
import Transformer

/// `cohort init`: a small random model directory.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a small random model as a Hugging Face directory.",
        discussion: "Its shape comes from the [model] table: --set model.hidden_size=64 and so on.")

    @Argument(help: "The directory to write.")
    var directory: String

    @Option(help: "Decides the weights.")
    var seed: UInt64 = 42

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw CommandFailure("\(directory) exists already; choose another name or remove it", .cannotCreate)
        }
        let resolved = try ResolvedConfiguration(try settings.sources([]))
        try BuiltInModel(settings: resolved.configuration.model, seed: seed).write(to: directory)
        let model = try ModelDirectory(directory)
        StandardStream.output.write(
            "wrote \(directory): \(model.parameterCount) parameters, vocabulary \(model.configuration.vocabularySize)\n")
    }
}
