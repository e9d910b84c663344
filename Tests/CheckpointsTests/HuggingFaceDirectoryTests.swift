import Checkpoints
import Foundation
import Ports
import Testing

@Suite struct HuggingFaceDirectoryTests {
    private let weights = try! SafetensorsCodec().encode(smallTensors)

    @Test("What is missing is named with what to do")
    func missing() throws {
        try withTemporaryDirectory { directory throws in
            let path = "\(directory)/model"
            #expect(throws: HuggingFaceError.noDirectory(path)) {
                try HuggingFaceDirectory(reading: path)
            }
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
            #expect(throws: HuggingFaceError.missingFile(path: "\(path)/config.json")) {
                try HuggingFaceDirectory(reading: path)
            }
            try write("{}", to: "\(path)/config.json")
            #expect(throws: HuggingFaceError.missingFile(path: "\(path)/model.safetensors")) {
                try HuggingFaceDirectory(reading: path)
            }
            try write("", to: "\(path)/pytorch_model.bin")
            #expect(throws: HuggingFaceError.pickledWeights(path: path)) {
                try HuggingFaceDirectory(reading: path)
            }
        }
    }

    @Test("A damaged weights file is named")
    func damaged() throws {
        try withTemporaryDirectory { path throws in
            try write("{}", to: "\(path)/config.json")
            try Data(weights.dropLast()).write(to: URL(filePath: "\(path)/model.safetensors"))
            #expect {
                try HuggingFaceDirectory(reading: path)
            } throws: { "\($0)".contains("\(path)/model.safetensors: the safetensors image ends") }
        }
    }

    @Test(
        "A shard outside the directory is refused",
        arguments: [
            "../other.safetensors", "/etc/passwd", "a/b.safetensors", "", "..", ".hidden",
        ])
    func unsafeShard(name: String) throws {
        try withTemporaryDirectory { path throws in
            try writeIndex(["w": name], in: path)
            #expect(
                throws: HuggingFaceError.unsafeShard(
                    index: "\(path)/model.safetensors.index.json", name: name)
            ) { try HuggingFaceDirectory(reading: path) }
        }
    }

    @Test("A shard that is a link is refused")
    func linkedShard() throws {
        try withTemporaryDirectory { path throws in
            try writeIndex(["w": "s.safetensors"], in: path)
            try Data(weights).write(to: URL(filePath: "\(path)/real"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/s.safetensors", withDestinationPath: "\(path)/real")
            #expect(throws: HuggingFaceError.self) { try HuggingFaceDirectory(reading: path) }
        }
    }

    @Test("A missing shard, a missing tensor and a bad index are named")
    func badIndex() throws {
        try withTemporaryDirectory { path throws in
            try writeIndex(["w": "s.safetensors"], in: path)
            let shard = "\(path)/s.safetensors"
            #expect(throws: HuggingFaceError.missingFile(path: shard)) {
                try HuggingFaceDirectory(reading: path)
            }
            try Data(weights).write(to: URL(filePath: shard))
            #expect(throws: HuggingFaceError.missingTensor("w", shard: shard)) {
                try HuggingFaceDirectory(reading: path)
            }
            try writeIndex(["a.bias": "s.safetensors"], in: path)
            #expect(try HuggingFaceDirectory(reading: path).weights.names == ["a.bias"])
            for text in ["", "[]", "{}", "{\"weight_map\": {\"a\": 1}}"] {
                try write(text, to: "\(path)/model.safetensors.index.json")
                #expect {
                    try HuggingFaceDirectory(reading: path)
                } throws: { error in
                    guard case .badIndex? = error as? HuggingFaceError else { return false }
                    return "\(error)".contains("weight_map")
                }
            }
        }
    }

    private func writeIndex(_ map: [String: String], in path: String) throws {
        try write("{}", to: "\(path)/config.json")
        let json = try JSONSerialization.data(withJSONObject: ["weight_map": map])
        try json.write(to: URL(filePath: "\(path)/model.safetensors.index.json"))
    }

    @Test("A model is replaced, anything else is not")
    func replaceable() throws {
        try withTemporaryDirectory { directory throws in
            let path = "\(directory)/out"
            func export(_ config: String) throws {
                try HuggingFaceDirectory.write(
                    to: path, config: Array(config.utf8), weights: weights, passThrough: [])
            }
            try export("{\"a\": 1}")
            try export("{\"a\": 2}")
            #expect(try HuggingFaceDirectory(reading: path).config == Array("{\"a\": 2}".utf8))
            try FileManager.default.removeItem(atPath: "\(path)/config.json")
            #expect(throws: HuggingFaceError.notAModel(path)) { try export("{}") }
            #expect(try listing(path) == ["model.safetensors"])
            try FileManager.default.removeItem(atPath: "\(path)/model.safetensors")
            try export("{}")
            #expect(try listing(path) == ["config.json", "model.safetensors"])
            #expect(try listing(directory) == ["out"])
        }
    }

    @Test("Messages name the path and say what to do")
    func messages() {
        let errors: [(HuggingFaceError, String)] = [
            (.noDirectory("/m"), "config.json"), (.missingFile(path: "/m"), "fetch"),
            (.pickledWeights(path: "/m"), "save_pretrained"),
            (.notAModel("/m"), "another directory"),
            (.unsafeShard(index: "/m", name: "../x"), "../x"),
            (.missingTensor("w", shard: "/m"), "\"w\""), (.badIndex(path: "/m", reason: "r"), "r"),
        ]
        for (error, hint) in errors {
            #expect(error.description.contains("/m") && error.description.contains(hint))
        }
    }
}
