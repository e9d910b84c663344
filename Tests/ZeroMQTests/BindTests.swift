import Foundation
import Testing
import ZeroMQ

@Suite("Binding and connecting")
struct BindTests {
    @Test("A port that is taken is a clear error, and free again once its socket is closed")
    func portInUse() async throws {
        try await withSockets { thread, context in
            var first: Peer? = try await thread.peer(.pull, in: context)
            let endpoint = try #require(try await first?.bind("tcp://127.0.0.1:*"))
            #expect(!endpoint.hasWildcardPort && endpoint.isLoopbackOrLocal)
            let second = try await thread.peer(.pull, in: context)
            let error = try await zeroMQError { try await second.use { try $0.bind(endpoint) } }
            #expect(error.code == .addressInUse && error.endpoint == endpoint.description)
            #expect(error.description.contains("already in use"))
            try await first?.use { try $0.unbind(endpoint) }
            first = nil
            // The listener is closed in the background.
            while (try? await second.use({ try $0.bind(endpoint) })) == nil { await Task.yield() }
        }
    }

    @Test("IPv6 loopback works where the machine has it")
    func ipv6() async throws {
        try await withSockets { thread, context in
            let options: [SocketOption] = [.ipv6(true), .linger(.zero)]
            let pull = try await thread.peer(.pull, in: context, options)
            let endpoint: Endpoint
            do {
                endpoint = try await pull.bind("tcp://[::1]:*")
            } catch let error as ZeroMQError where error.code == .addressNotAvailable {
                return
            }
            #expect(endpoint.isLoopbackOrLocal)
            let push = try await thread.peer(.push, in: context, options)
            try await push.use { try $0.connect(endpoint) }
            try await push.send([6])
            #expect(try await pull.receive() == [6])
        }
    }

    @Test("An address of another machine cannot be bound")
    func foreignAddress() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let endpoint = try Endpoint("tcp://192.0.2.1:5555")
            let error = try await zeroMQError { try await pull.use { try $0.bind(endpoint) } }
            #expect(error.code == .addressNotAvailable || error.code == .noSuchDevice)
            #expect(error.description.contains("no such address"))
        }
    }

    @Test("A wildcard cannot be connected to", arguments: ["tcp://*:5555", "tcp://127.0.0.1:0"])
    func wildcard(_ text: String) async throws {
        try await withSockets { thread, context in
            let push = try await thread.peer(.push, in: context)
            let endpoint = try Endpoint(text)
            let error = try await zeroMQError { try await push.use { try $0.connect(endpoint) } }
            #expect(error.code == .invalidArgument && error.description.contains("wildcard"))
        }
    }

    @Test("What was not connected cannot be disconnected, and the error names it")
    func disconnect() async throws {
        try await withSockets { thread, context in
            let push = try await thread.peer(.push, in: context, [.linger(.zero)])
            let endpoint = try Endpoint("tcp://127.0.0.1:5555")
            #expect(try await push.use { try $0.boundEndpoint() } == nil)
            let error = try await zeroMQError { try await push.use { try $0.disconnect(endpoint) } }
            #expect(error.endpoint == endpoint.description)
            try await push.use {
                try $0.connect(endpoint)
                try $0.disconnect(endpoint)
            }
        }
    }

    @Test("A stale ipc file of a dead process is replaced")
    func staleFile() async throws {
        try await withScratchDirectory { directory in
            let path = directory + "/rollouts"
            try leaveStaleSocket(at: path)
            try await withSockets { thread, context in
                let (pull, push) = (
                    try await thread.peer(.pull, in: context, [.linger(.zero)]),
                    try await thread.peer(.push, in: context, [.linger(.zero)])
                )
                let endpoint = try await pull.bind("ipc://\(path)")
                #expect(endpoint.path == path)
                try await push.use { try $0.connect(endpoint) }
                try await push.send([1])
                #expect(try await pull.receive() == [1])
            }
        }
    }

    @Test("An ordinary file at an ipc path is neither replaced nor removed")
    func ordinaryFile() async throws {
        try await withScratchDirectory { directory in
            let path = directory + "/notes"
            try Data("keep".utf8).write(to: URL(fileURLWithPath: path))
            try await withSockets { thread, context in
                let pull = try await thread.peer(.pull, in: context)
                let error = try await zeroMQError { _ = try await pull.bind("ipc://\(path)") }
                #expect(error.code == .notASocket && error.description.contains(path))
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "keep")
        }
    }

    @Test("An ipc path in a directory that does not exist says so")
    func noDirectory() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let error = try await zeroMQError { _ = try await pull.bind("ipc:///nowhere/at/all") }
            #expect(error.code == .noSuchFile && error.description.contains("create it first"))
        }
    }

    @Test("An ipc path of exactly 107 bytes can be bound and connected")
    func longestPath() async throws {
        try await withScratchDirectory { directory in
            let name = String(
                repeating: "x", count: Endpoint.ipcPathBytesMax - directory.utf8.count - 1)
            try await withSockets { thread, context in
                let pull = try await thread.peer(.pull, in: context, [.linger(.zero)])
                let push = try await thread.peer(.push, in: context, [.linger(.zero)])
                let endpoint = try await pull.bind("ipc://\(directory)/\(name)")
                try await push.use { try $0.connect(endpoint) }
                try await push.send([1])
                #expect(try await pull.receive() == [1])
            }
        }
    }
}

/// What a killed process leaves: a socket file that nobody listens at.
private func leaveStaleSocket(at path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(status == 0)
}
