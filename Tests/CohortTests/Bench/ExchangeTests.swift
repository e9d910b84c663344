import Foundation
import Testing
import cohort

/// Long enough for some messages; nothing is asserted about speed.
private let pace = Pace(seconds: 0.02)

/// A directory with a short path for sockets.
private struct SocketDirectory: ~Copyable {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "cohort-\(UInt32.random(in: .min ... .max))").path

    init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Test("Groups go through the real link and are counted, over ipc and tcp")
func linkExchange() async throws {
    let directory = try SocketDirectory()
    let load = WireLoad(groupSize: 2, completionLength: 8)
    for endpoint in ["ipc://\(directory.path)/link", "tcp://127.0.0.1:0"] {
        let result = try await LinkExchange(
            endpoint: endpoint, load: load, slots: 4, pace: pace
        ).run()
        #expect(result.messages > 0)
        #expect(result.seconds >= 0.02)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
}

@Test("Frames go through libzmq alone and are counted, with and without answers")
func rawExchange() async throws {
    let directory = try SocketDirectory()
    let load = WireLoad(groupSize: 2, completionLength: 8)
    let frames = try load.groupFrames()
    for answers in [[], try load.answerFrames()] {
        for endpoint in ["ipc://\(directory.path)/raw", "tcp://127.0.0.1:*"] {
            let result = try await RawExchange(
                endpoint: endpoint, frames: frames, answers: answers, window: 4, pace: pace
            ).run()
            #expect(result.messages > 0)
            #expect(result.seconds >= 0.02)
        }
    }
}

@Test("An endpoint that cannot be bound is reported, and nothing waits for it")
func unusableEndpoint() async throws {
    let load = WireLoad(groupSize: 2, completionLength: 8)
    let frames = try load.groupFrames()
    await #expect(throws: CommandFailure.self) {
        try await RawExchange(
            endpoint: "ipc:///nonexistent/socket", frames: frames, answers: [], window: 1,
            pace: pace
        ).run()
    }
    await #expect(throws: (any Error).self) {
        try await LinkExchange(
            endpoint: "ipc:///nonexistent/socket", load: load, slots: 1, pace: pace
        ).run()
    }
}
