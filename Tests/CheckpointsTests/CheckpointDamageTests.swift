import Checkpoints
import Foundation
import Ports
import Testing

@Suite struct CheckpointDamageTests {
    @Test(
        "Damage to any file falls back to the previous checkpoint with a note",
        arguments: [
            "MANIFEST.json", "config.json", "model.safetensors", "optimizer.safetensors",
            "trainer_state.json", "tokenizer.json",
        ])
    func fallback(name: String) throws {
        let damages: [(Data) -> Data?] = [
            { _ in nil }, { _ in Data() }, { $0.dropLast(2) }, { $0 + [0x20] },
            { Data($0.enumerated().map { $1 ^ ($0 == 1 ? 4 : 0) }) },
        ]
        for (index, damage) in damages.enumerated() {
            // A manifest may be followed by white space; it is still the same manifest.
            if name == "MANIFEST.json", index == 3 { continue }
            try withCheckpoints([1, 2]) { directory throws in
                let file = URL(filePath: "\(directory.path)/checkpoint-2/\(name)")
                if let data = damage(try Data(contentsOf: file)) {
                    try data.write(to: file)
                } else {
                    try FileManager.default.removeItem(at: file)
                }
                let latest = try #require(try directory.latest())
                #expect(latest.checkpoint.step == 1, "damage \(index)")
                #expect(latest.notes.count == 1)
                let note = latest.notes.first ?? ""
                #expect(note.contains("checkpoint-2") && note.contains(name))
            }
        }
    }

    @Test("No flipped bit of the manifest is accepted or traps")
    func manifestBits() throws {
        try withCheckpoints([1]) { directory throws in
            let path = "\(directory.path)/checkpoint-1/MANIFEST.json"
            let whole = try readFile(path)
            var accepted: [Int] = []
            // One bit of each byte, each in turn: all of them would only repeat the same cases.
            for bit in (0..<whole.count).map({ $0 * 8 + $0 % 8 }) {
                var bytes = whole
                bytes[bit / 8] ^= 1 << (bit % 8)
                try Data(bytes).write(to: URL(filePath: path))
                if (try? directory.verify(step: 1)) != nil { accepted.append(bit) }
            }
            #expect(accepted.isEmpty)
        }
    }

    @Test("Where every checkpoint is damaged, starting afresh is not silent")
    func allDamaged() throws {
        try withCheckpoints([1, 2]) { directory throws in
            for step in [1, 2] {
                try write("x", to: "\(directory.path)/checkpoint-\(step)/model.safetensors")
            }
            #expect {
                try directory.latest()
            } throws: { error in
                guard case .noneValid(_, let notes)? = error as? CheckpointError else {
                    return false
                }
                return notes.count == 2 && "\(error)".contains("checkpoint-1")
            }
        }
    }

    @Test("A newer format is refused, not passed over")
    func newerFormat() throws {
        try withCheckpoints([1, 2]) { directory throws in
            let path = "\(directory.path)/checkpoint-2/MANIFEST.json"
            try write("{\"format_version\": 2, \"entries\": []}", to: path)
            let error = CheckpointError.newerFormat(path: path, version: 2)
            #expect(throws: error) { try directory.latest() }
            #expect(
                error.description.contains("format version 2") && error.description.contains("1"))
        }
    }

    @Test("A manifest that lists too little, too much or elsewhere is refused")
    func lyingManifest() throws {
        try withCheckpoints([1]) { directory throws in
            let path = "\(directory.path)/checkpoint-1/MANIFEST.json"
            let text = String(decoding: try readFile(path), as: UTF8.self)
            for (from, to) in [
                ("\"config.json\"", "\"tokenizer.json\""), ("\"tokenizer.json\"", "\"../run\""),
                ("\"optimizer.safetensors\"", "\"/etc/passwd\""), ("\"step\" : 1", "\"step\" : 2"),
                ("\"format_version\" : 1", "\"format_version\" : \"1\""),
                ("\"format_version\" : 1", "\"format_version\" : 0"),
            ] {
                #expect(text.contains(from))
                try write(text.replacingOccurrences(of: from, with: to), to: path)
                #expect(throws: (any Error).self, "\(to)") { try directory.verify(step: 1) }
            }
            try write(text, to: path)
            _ = try directory.verify(step: 1)
        }
    }
}
