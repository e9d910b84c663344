import Checkpoints
import Foundation
import Ports
import Testing

@Suite struct CheckpointDirectoryTests {
    @Test("What is saved comes back, and is a model directory too")
    func roundTrip() throws {
        try withCheckpoints([7]) { directory throws in
            let original = try checkpoint(7)
            let latest = try #require(try directory.latest())
            #expect(latest.notes.isEmpty && latest.checkpoint.step == 7)
            #expect(try latest.checkpoint.weights() == original.weights)
            #expect(try latest.checkpoint.optimizer() == original.optimizer)
            #expect(try latest.checkpoint.trainerState() == original.trainerState)
            let model = try HuggingFaceDirectory(reading: latest.checkpoint.path)
            #expect(model.config == original.config && model.passThrough == original.passThrough)
            #expect(
                try listing(latest.checkpoint.path) == [
                    "MANIFEST.json", "config.json", "model.safetensors", "optimizer.safetensors",
                    "tokenizer.json", "trainer_state.json",
                ])
        }
    }

    @Test("The manifest lists every other file with its size and SHA-256")
    func manifest() throws {
        try withCheckpoints([3]) { directory throws in
            let verified = try directory.verify(step: 3)
            var files = try contents(of: verified.path)
            files["MANIFEST.json"] = nil
            let listed = Dictionary(
                uniqueKeysWithValues: verified.manifest.files.map { ($0.name, $0) })
            #expect(Set(listed.keys) == Set(files.keys))
            for (name, bytes) in files {
                #expect(listed[name]?.size == bytes.count && listed[name]?.sha256 == sha256(bytes))
            }
            #expect(verified.manifest.formatVersion == 1 && verified.manifest.step == 3)
        }
    }

    @Test("No checkpoint at all is nil, not an error")
    func none() throws {
        try withCheckpoints([]) { directory throws in
            #expect(try directory.latest() == nil)
            #expect(throws: CheckpointError.noSuchStep(4, directory: directory.path)) {
                try directory.verify(step: 4)
            }
        }
    }

    @Test("The newest is the one of the highest step, not of the last name or the last save")
    func newest() throws {
        try withCheckpoints([10, 9, 100]) { directory throws in
            _ = try directory.save(checkpoint(11))
            #expect(try directory.steps() == [9, 10, 11, 100])
            #expect(try directory.latest()?.checkpoint.step == 100)
        }
    }

    @Test(
        "Other directories are none of ours",
        arguments: [
            "checkpoint-", "checkpoint-01", "checkpoint-x", "checkpoint--1", "checkpoint-5.bak",
            "latest",
        ])
    func foreign(name: String) throws {
        try withCheckpoints([1]) { directory throws in
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(name)", withIntermediateDirectories: false)
            #expect(try directory.steps() == [1])
        }
    }

    @Test("Only the newest few are kept, the just saved one always")
    func prune() throws {
        try withCheckpoints([1, 2, 3, 4], limit: 2) { directory throws in
            #expect(try directory.steps() == [3, 4])
            // Saved after going back: a lower step than what is there.
            try directory.prune(keeping: directory.save(checkpoint(2)))
            #expect(try directory.steps() == [2, 4])
            #expect(try listing(directory.path) == ["checkpoint-2", "checkpoint-4"])
        }
        try withCheckpoints([1, 2], limit: 1) { directory throws in
            #expect(try directory.steps() == [2])
        }
        try withCheckpoints([1, 2], limit: 0) { directory throws in
            #expect(try directory.steps() == [1, 2])
        }
    }

    @Test("Saving the same step again replaces it")
    func again() throws {
        try withCheckpoints([5]) { directory throws in
            var other = try checkpoint(5)
            other.trainerState = Array("{\"again\": true}".utf8)
            #expect(try directory.save(other).trainerState() == other.trainerState)
            #expect(try listing(directory.path) == ["checkpoint-5"])
        }
    }

    @Test("What a crash left is tidied at the start")
    func leftovers() throws {
        try withCheckpoints([1, 2]) { directory throws in
            let path = directory.path
            try FileManager.default.moveItem(
                atPath: "\(path)/checkpoint-2", toPath: "\(path)/.checkpoint-2.replaced-9-9")
            for name in [".checkpoint-3.incomplete-9-9", ".checkpoint-1.removed-9-9", ".other"] {
                try FileManager.default.createDirectory(
                    atPath: "\(path)/\(name)", withIntermediateDirectories: false)
            }
            let reopened = try CheckpointDirectory(path: path)
            #expect(try listing(path) == [".other", "checkpoint-1", "checkpoint-2"])
            #expect(try reopened.latest()?.checkpoint.step == 2)
        }
    }

    @Test("A negative step and a path that is a file are refused")
    func misuse() throws {
        try withCheckpoints([]) { directory throws in
            #expect(throws: CheckpointError.negativeStep(-1)) {
                try directory.save(checkpoint(-1))
            }
            try write("", to: "\(directory.path)/file")
            #expect {
                try CheckpointDirectory(path: "\(directory.path)/file")
            } throws: { error in
                "\(error)".contains("cannot create directory \(directory.path)/file")
            }
        }
    }
}
