import Foundation
import Testing

/// A command that cannot work, and what it has to say.
struct Mistake: Sendable, CustomTestStringConvertible {
    /// What is wrong, in a word or two.
    let name: String
    /// Words after `cohort`. `{model}`, `{data}` are those of `Start`, `{}` is an empty folder.
    let command: String
    let code: Int32
    /// What the message contains.
    let fragment: String
    /// Puts wrong things into the folder.
    let preparation: @Sendable (Scratch, Start) throws -> Void

    init(
        _ name: String, _ command: String, _ code: Int32, _ fragment: String,
        _ preparation: @escaping @Sendable (Scratch, Start) throws -> Void = { _, _ in }
    ) {
        (self.name, self.command, self.code, self.fragment) = (name, command, code, fragment)
        self.preparation = preparation
    }

    var testDescription: String { name }

    func run(in scratch: Scratch) async throws -> Outcome {
        let start = try await Start.shared
        try preparation(scratch, start)
        let words = filled(command, scratch, start).split(separator: " ").map(String.init)
        return try await cohort(words, environment: ["COHORT_LEARNER": ""], seconds: 20)
    }

    func filled(_ text: String, _ scratch: Scratch, _ start: Start) -> String {
        text.replacing("{model}", with: start.model).replacing("{data}", with: start.data)
            .replacing("{}", with: scratch.path)
    }
}

extension Mistake {
    /// `eval` of a model directory of which one file was changed; `nil` removes the file.
    static func model(
        _ name: String, _ file: String, _ code: Int32, _ fragment: String,
        _ change: @escaping @Sendable (Data) -> Data?
    ) -> Mistake {
        Mistake(name, "eval --model {}/m", code, fragment) { scratch, start in
            let copy = scratch.path + "/m"
            try FileManager.default.copyItem(atPath: start.model, toPath: copy)
            let url = URL(filePath: copy + "/" + file)
            let changed = change(try Data(contentsOf: url))
            try FileManager.default.removeItem(at: url)
            try changed?.write(to: url)
        }
    }

    /// `train` with a data file whose second line is `row`.
    static func row(_ name: String, _ row: String, _ fragment: String) -> Mistake {
        Mistake(
            name,
            "train --model {model} --data {}/rows.jsonl --output-dir {}/run "
                + "--set grpo.max_completion_length=8", 65,
            "{}/rows.jsonl:2: " + fragment
        ) { scratch, _ in
            try scratch.write("rows.jsonl", #"{"prompt":"0+0=","answer":"0"}"# + "\n\(row)\n")
        }
    }

    /// `train` with a configuration file.
    static func toml(_ name: String, _ text: String, _ fragment: String) -> Mistake {
        Mistake(name, "train {}/c.toml --output-dir {}/run", 78, "{}/c.toml:" + fragment) { scratch, _ in
            try scratch.write("c.toml", text)
        }
    }
}

extension Data {
    /// With the first occurrence of a text replaced.
    func replacingText(_ text: String, by other: String) -> Data {
        guard let range = range(of: Data(text.utf8)) else { return self }
        return self[startIndex..<range.lowerBound] + Data(other.utf8) + self[range.upperBound...]
    }
}
