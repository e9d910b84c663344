import Testing
import ZeroMQ

@Suite("Sending and receiving")
struct ExchangeTests {
    @Test(
        "A full queue refuses, and after draining nothing is lost and the order is kept",
        arguments: [SocketKind.push, .dealer], ["tcp", "inproc"])
    func backPressure(_ kind: SocketKind, _ transport: String) async throws {
        try await withSockets { thread, context in
            let options: [SocketOption] = [.sndhwm(10), .rcvhwm(10), .linger(.zero)]
            let receiver = try await thread.peer(
                kind == .push ? .pull : .dealer, in: context, options)
            let sender = try await thread.peer(kind, in: context, options)
            let text = transport == "tcp" ? "tcp://127.0.0.1:*" : "inproc://\(kind)"
            let endpoint = try await receiver.bind(text)
            try await sender.use { try $0.connect(endpoint) }
            // Large enough for the kernel's buffers to fill as well.
            let padding = [UInt8](repeating: 0, count: 1 << 18)
            let sent = try await sender.use { socket in
                var sent = 0
                while sent < 5000, try socket.send(numbered(sent) + padding) { sent += 1 }
                return sent
            }
            #expect(sent >= 10 && sent < 5000)
            // One that waits goes through as soon as there is room.
            async let last: Void = sender.send(numbered(sent))
            for number in 0...sent {
                #expect(try await receiver.receive().prefix(4).elementsEqual(numbered(number)))
            }
            try await last
            #expect(try await receiver.use { try $0.receive() == nil })
        }
    }

    @Test("A refused message stays whole and can be sent later")
    func refusedMessage() async throws {
        try await withSockets { thread, context in
            let push = try await thread.peer(.push, in: context)
            let isKept = try await push.use { socket in
                var message = Message([1, 2, 3])
                let isSent = try socket.send(&message)
                return !isSent && message.bytes == [1, 2, 3]
            }
            #expect(isKept)
        }
    }

    @Test("A sent message is left empty")
    func sentMessage() async throws {
        try await withSockets { thread, context in
            let (pull, push) = try await thread.pair(.pull, .push, in: context)
            let isEmpty = try await push.use { socket in
                var message = Message([UInt8](repeating: 1, count: 100))
                return try socket.send(&message) && message.isEmpty
            }
            #expect(isEmpty)
            #expect(try await pull.receive().count == 100)
        }
    }

    @Test("A message of several frames is drained and reported; the next one arrives")
    func malformed() async throws {
        try await withSockets { thread, context in
            let (pull, push) = try await thread.pair(.pull, .push, in: context)
            #expect(try await push.use { try $0.send(frames: [[1], [2], [3]]) })
            #expect(try await push.use { try $0.send([4]) })
            let error = try await zeroMQError { _ = try await pull.receive() }
            #expect(error.code == .malformedMessage && error.description.contains("3 frames"))
            #expect(try await pull.receive() == [4])
        }
    }

    @Test("Frames of one message are received together, and too many are drained")
    func frames() async throws {
        try await withSockets { thread, context in
            let (one, two) = try await thread.pair(.pair, .pair, in: context)
            let many = (0..<17).map { [UInt8($0)] }
            #expect(try await two.use { try $0.send(frames: [[], [1, 2]]) })
            #expect(try await two.use { try $0.send(frames: many) })
            #expect(try await two.use { try $0.send(frames: Array(many.prefix(16))) })
            try await one.waitForMessage()
            #expect(try await one.use { try $0.receiveFrames() } == [[], [1, 2]])
            try await one.waitForMessage()
            let error = try await zeroMQError { _ = try await one.use { try $0.receiveFrames() } }
            #expect(error.code == .malformedMessage && error.description.contains("17 frames"))
            try await one.waitForMessage()
            #expect(try await one.use { try $0.receiveFrames() } == Array(many.prefix(16)))
        }
    }

    @Test("A REQ may not send twice, and the error says so")
    func stateMachine() async throws {
        try await withSockets { thread, context in
            let (rep, req) = try await thread.pair(.rep, .req, in: context)
            try await req.send([1])
            let error = try await zeroMQError { try await req.send([2]) }
            #expect(error.code == .wrongState && error.operation.hasPrefix("send on req socket"))
            #expect(try await rep.receive() == [1])
            try await rep.send([3])
            #expect(try await req.receive() == [3])
        }
    }

    @Test("A SUB receives what it subscribed to")
    func subscription() async throws {
        try await withSockets { thread, context in
            let (pub, sub) = try await thread.pair(.xpub, .sub, in: context)
            try await sub.use { try $0.set(.subscribe([1])) }
            // An XPUB receives the subscription, so there is no race with it.
            #expect(try await pub.receive() == [1, 1])
            try await pub.send([2, 0])
            try await pub.send([1, 0])
            #expect(try await sub.receive() == [1, 0])
        }
    }

    @Test("Messages between two threads arrive in order, in both directions")
    func twoThreads() async throws {
        try await withSockets { server, context in
            try await SocketThread.withThread(named: "client") { client in
                let echo = try await server.peer(.dealer, in: context, [.linger(.zero)])
                let caller = try await client.peer(.dealer, in: context, [.linger(.zero)])
                let endpoint = try await echo.bind("tcp://127.0.0.1:*")
                try await caller.use { try $0.connect(endpoint) }
                async let echoing: Void = echo.echo(5000)
                async let sending: Void = caller.sendNumbers(5000)
                for number in 0..<5000 { #expect(try await caller.receive() == numbered(number)) }
                try await echoing
                try await sending
            }
        }
    }
}

@Suite("ROUTER")
struct RouterTests {
    @Test("A ROUTER answers the peer that sent, by its own name")
    func routing() async throws {
        try await withSockets { thread, context in
            let (router, a) = try await thread.pair(
                .router, .dealer, in: context, [.linger(.zero)])
            let b = try await thread.peer(.dealer, in: context, [.linger(.zero)])
            let name = try RoutingID(Array("worker-b".utf8))
            let endpoint = try #require(try await router.use { try $0.boundEndpoint() })
            try await b.use {
                try $0.set(.routingID(name))
                try $0.connect(endpoint)
            }
            try await a.send([1])
            let first = try await router.receiveFromPeer()
            #expect(first.bytes == [1] && first.from != name)
            try await b.send([2])
            let second = try await router.receiveFromPeer()
            #expect(second.bytes == [2] && second.from == name)
            #expect(try await router.use { try $0.send([20], to: name) } == .sent)
            #expect(try await router.use { try $0.send([10], to: first.from) } == .sent)
            #expect(try await a.receive() == [10])
            #expect(try await b.receive() == [20])
        }
    }

    @Test("A message to an unknown peer is reported as unroutable, and kept")
    func unroutable() async throws {
        try await withSockets { thread, context in
            let router = try await thread.peer(.router, in: context)
            let isKept = try await router.use { socket in
                var body = Message([1])
                let outcome = try socket.send(&body, to: .random())
                return outcome == .unroutable && body.bytes == [1]
            }
            #expect(isKept)
            // The refused routing id left nothing half sent.
            #expect(try await router.use { try $0.send([1], to: .random()) } == .unroutable)
        }
    }

    @Test("A full peer is reported as full, others still get theirs, and nothing is lost")
    func full() async throws {
        try await withSockets { thread, context in
            let options: [SocketOption] = [.sndhwm(5), .rcvhwm(5), .linger(.zero)]
            // In process there is no kernel buffer that takes some more a moment later.
            let router = try await thread.peer(.router, in: context, options)
            let endpoint = try await router.bind("inproc://full")
            let slow = try await thread.peer(.dealer, in: context, options)
            let other = try await thread.peer(.dealer, in: context, options)
            try await slow.use { try $0.connect(endpoint) }
            try await other.use { try $0.connect(endpoint) }
            try await slow.send([1])
            let slowID = try await router.receiveFromPeer().from
            try await other.send([2])
            let otherID = try await router.receiveFromPeer().from
            let sent = try await router.use { socket in
                var sent = 0
                while sent < 5000, try socket.send(numbered(sent), to: slowID) == .sent {
                    sent += 1
                }
                return sent
            }
            // What the sender may queue and what the receiver may queue.
            #expect(sent == 10)
            #expect(try await router.use { try $0.send([9], to: slowID) } == .full)
            #expect(try await router.use { try $0.send([8], to: otherID) } == .sent)
            #expect(try await other.receive() == [8])
            for number in 0..<sent {
                #expect(try await slow.receive() == numbered(number))
            }
            // With the queue empty there is room again, once the ROUTER has heard of it.
            try await slow.send([3])
            #expect(try await router.receiveFromPeer().bytes == [3])
            while try await router.use({ try $0.send([7], to: slowID) }) == .full {
                await Task.yield()
            }
            #expect(try await slow.receive() == [7])
        }
    }

    @Test("What is not one frame after the routing id is drained and reported with its sender")
    func malformed() async throws {
        try await withSockets { thread, context in
            let (router, dealer) = try await thread.pair(.router, .dealer, in: context)
            #expect(try await dealer.use { try $0.send(frames: [[1], [2]]) })
            #expect(try await dealer.use { try $0.send(frames: [[], [1], [2]]) })
            #expect(try await dealer.use { try $0.send([]) })
            let two = try await router.receiveFromPeer()
            #expect(two.bytes == nil && two.frames == 2)
            let three = try await router.receiveFromPeer()
            #expect(three.bytes == nil && three.frames == 3 && three.from == two.from)
            let empty = try await router.receiveFromPeer()
            #expect(empty.bytes == [] && empty.from == two.from)
        }
    }

    @Test("With handover a restarted peer takes its routing id over")
    func handover() async throws {
        try await withSockets { thread, context in
            let router = try await thread.peer(
                .router, in: context, [.routerHandover(true), .linger(.zero)])
            let endpoint = try await router.bind("tcp://127.0.0.1:*")
            let name = RoutingID.random()
            var kept: [Peer] = []
            for incarnation in UInt8(1)...3 {
                // The previous one is still connected when the next one comes.
                let worker = try await thread.peer(
                    .dealer, in: context, [.routingID(name), .linger(.zero)])
                try await worker.use { try $0.connect(endpoint) }
                try await worker.send([incarnation])
                let received = try await router.receiveFromPeer()
                #expect(received.from == name && received.bytes == [incarnation])
                #expect(try await router.use { try $0.send([incarnation], to: name) } == .sent)
                #expect(try await worker.receive() == [incarnation])
                kept.append(worker)
            }
            #expect(kept.count == 3)
        }
    }
}

/// Four bytes that say which message it is.
func numbered(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
}

extension Peer {
    fileprivate func echo(_ count: Int) async throws {
        for _ in 0..<count { try await send(try await receive()) }
    }

    fileprivate func sendNumbers(_ count: Int) async throws {
        for number in 0..<count { try await send(numbered(number)) }
    }
}
