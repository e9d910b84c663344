import Foundation
import Testing
import ZeroMQ
import ZeroMQTransport

@Suite("Keys on disk")
struct KeyFileTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func problem(_ body: () throws -> Void) -> String {
        do { try body() } catch let error as KeyFileError { return error.description } catch {
            return "\(error)"
        }
        return "nothing was thrown"
    }

    @Test("A key that was written is read back: the secret for its owner, the public half for all")
    func roundTrip() async throws {
        try await withDirectory { directory in
            let pair = try CurveKeyPair.generate()
            try KeyFile.write(pair, name: "node1", in: directory + "/keys")
            let path = directory + "/keys/node1"
            #expect(try mode(path + ".key") == 0o600 && mode(path + ".pub") == 0o644)
            #expect(try KeyFile.readPublic(path + ".pub") == pair.publicKey)
            let read = try KeyFile.readSecret(path + ".key")
            #expect(read.name == "node1" && read.pair.publicKey == pair.publicKey)
            let secret = read.pair.secretKey.withZ85 { Array($0) }
            #expect(pair.secretKey.withZ85 { Array($0) } == secret)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/keys").count == 2)
        }
    }

    @Test("A key that is there is not replaced unless that is asked for")
    func existing() async throws {
        try await withDirectory { directory in
            let (first, second) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
            try KeyFile.write(first, name: "a", in: directory)
            try FileManager.default.removeItem(atPath: directory + "/a.key")
            let refused = problem { try KeyFile.write(second, name: "a", in: directory) }
            #expect(refused.contains("a.pub is there already"))
            #expect(try KeyFile.readPublic(directory + "/a.pub") == first.publicKey)
            try KeyFile.write(second, name: "a", in: directory, replaces: true)
            #expect(try KeyFile.readPublic(directory + "/a.pub") == second.publicKey)
        }
    }

    @Test("Names that could leave the directory, or mean two workers, are refused")
    func names() async throws {
        try await withDirectory { directory in
            let pair = try CurveKeyPair.generate()
            for name in ["", "../a", "a/b", ".a", "-a", "a@1", "a b", String(repeating: "a", count: 101)] {
                let refused = problem { try KeyFile.write(pair, name: name, in: directory) }
                #expect(refused.contains("is no name for a key"), "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test("A secret that others could read or have changed is refused")
    func rights() async throws {
        try await withDirectory { directory in
            try KeyFile.write(.generate(), name: "a", in: directory)
            for mode in [0o640, 0o604, 0o660, 0o644] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: directory + "/a.key")
                let refused = problem { _ = try KeyFile.readSecret(directory + "/a.key") }
                #expect(refused.contains("chmod 600"))
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o666], ofItemAtPath: directory + "/a.pub")
            let refused = problem { _ = try KeyFile.readPublic(directory + "/a.pub") }
            #expect(refused.contains("changed by everyone"))
        }
    }

    @Test("What is no key file is refused with a reason, which never shows a secret")
    func damaged() async throws {
        try await withDirectory { directory in
            let (pair, other) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
            let secret = pair.secretKey.withZ85 { String(decoding: $0, as: UTF8.self) }
            let name = "name = \"a\"\n"
            let half = "public = \"\(pair.publicKey)\"\n"
            let manual = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
            let table: [(String, String)] = [
                ("", "no line secret"), (name + half, "no line secret"),
                (name + "secret = \"\(secret)\"\n", "no line public"),
                (half + "secret = \"\(secret)\"\n", "no line name"),
                (name + "public = \"\(other.publicKey)\"\nsecret = \"\(secret)\"\n", "belong together"),
                (name + half + "secret = \"\(secret.dropLast())\"\n", "no line secret"),
                (name + half + half + "secret = \"\(secret)\"\n", "says public twice"),
                (name + half + "secret \(secret)\n", "line 3 that is not"),
                (name + half + "secret = \"\(secret)\n", "line 3 that is not"),
                (name + "public = \"\(manual)\"\nsecret = \"\(secret)\"\n", "test key"),
                (String(repeating: "# \n", count: 2_000), "more than 4096 bytes"),
                ("\u{0}\u{1}garbage", "line 1 that is not"),
            ]
            for (text, expected) in table {
                let path = directory + "/a.key"
                try text.write(toFile: path, atomically: false, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                let refused = problem { _ = try KeyFile.readSecret(path) }
                #expect(refused.contains(expected), "\(refused)")
                #expect(!refused.contains(secret.dropLast()))
            }
            try KeyFile.write(pair, name: "b", in: directory)
            let misplaced = problem { _ = try KeyFile.readPublic(directory + "/b.key") }
            #expect(misplaced.contains("holds a secret key"))
            #expect(problem { _ = try KeyFile.readSecret(directory) }.contains("is no file"))
            #expect(problem { _ = try KeyFile.readSecret(directory + "/c") }.contains("cannot be read"))
        }
    }

    @Test("The list follows its files, says once what is wrong with one, and never guesses")
    func list() async throws {
        try await withDirectory { directory in
            let (a, b, notes) = (try CurveKeyPair.generate(), try CurveKeyPair.generate(), Notes())
            let folder = directory + "/authorized_workers"
            let list = AuthorizedWorkers(directories: [folder]) { notes.add($0) }
            #expect(list.identities.isEmpty)
            try KeyFile.write(a, name: "a", in: folder)
            try KeyFile.write(b, name: "b", in: folder)
            try "nonsense".write(toFile: folder + "/c.pub", atomically: true, encoding: .utf8)
            try FileManager.default.copyItem(atPath: folder + "/a.pub", toPath: folder + "/d.pub")
            try FileManager.default.copyItem(atPath: folder + "/a.pub", toPath: folder + "/.e.pub")
            for _ in 0..<2 { list.reread() }
            #expect(list.identities == ["a", "b"])
            #expect(notes.all.count == 2)
            #expect(notes.all.contains { $0.contains("c.pub has a line 1") })
            #expect(notes.all.contains { $0.contains("d.pub names a worker or a key a second time") })
            try FileManager.default.removeItem(atPath: folder + "/a.pub")
            list.reread()
            #expect(list.identities == ["b", "d"])
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
            list.reread()
            #expect(list.identities.isEmpty && notes.all.last?.contains("chmod o-w") == true)
        }
    }
}
