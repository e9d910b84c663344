import Testing
import ZeroMQ

@Suite("Endpoints")
struct EndpointTests {
    struct Good: Sendable {
        var text: String
        var description: String
        var isLocal: Bool
        var port: UInt16?
        var isConnectable = true

        init(
            _ text: String, as description: String? = nil, local: Bool, port: UInt16? = nil,
            connectable: Bool = true
        ) {
            self.text = text
            self.description = description ?? text
            (isLocal, self.port, isConnectable) = (local, port, connectable)
        }
    }

    static let good: [Good] = [
        Good("tcp://127.0.0.1:5555", local: true, port: 5555),
        Good("tcp://127.255.0.9:1", local: true, port: 1),
        Good("tcp://10.0.0.1:65535", local: false, port: 65535),
        Good("tcp://0.0.0.0:5555", local: false, port: 5555),
        Good("tcp://*:5555", local: false, port: 5555, connectable: false),
        Good("tcp://*:*", local: false, port: 0, connectable: false),
        Good("tcp://127.0.0.1:*", local: true, port: 0, connectable: false),
        Good(
            "tcp://127.0.0.1:0", as: "tcp://127.0.0.1:*", local: true, port: 0, connectable: false),
        Good("tcp://127.0.0.1:05555", as: "tcp://127.0.0.1:5555", local: true, port: 5555),
        Good("tcp://[::1]:5555", local: true, port: 5555),
        Good("tcp://[0:0:0:0:0:0:0:1]:5555", local: true, port: 5555),
        Good("tcp://[::]:5555", local: false, port: 5555),
        Good("tcp://[::ffff:127.0.0.1]:5555", local: true, port: 5555),
        Good("tcp://[::ffff:10.0.0.1]:5555", local: false, port: 5555),
        Good("tcp://[fe80::1%eth0]:5555", local: false, port: 5555),
        Good("tcp://localhost:5555", local: true, port: 5555),
        Good("tcp://LocalHost:5555", local: true, port: 5555),
        Good("tcp://localhost.example.org:5555", local: false, port: 5555),
        Good("tcp://learner-0.learner.svc.cluster.local:5555", local: false, port: 5555),
        Good("tcp://eth0:5555", local: false, port: 5555),
        Good("ipc:///tmp/run/rollouts", local: true),
        Good("ipc://relative/path", local: true),
        Good("inproc://rollouts", local: true),
    ]

    @Test("What libzmq takes is parsed and printed in one form", arguments: good)
    func parses(_ expected: Good) throws {
        let endpoint = try Endpoint(expected.text)
        #expect(endpoint.description == expected.description)
        #expect(endpoint.isLoopbackOrLocal == expected.isLocal)
        #expect(endpoint.port == expected.port)
        #expect(endpoint.hasWildcardPort == (expected.port == 0))
        #expect(endpoint.isConnectable == expected.isConnectable)
        #expect(try Endpoint(endpoint.description) == endpoint)
    }

    static let bad: [(String, String)] = [
        ("", "no transport"),
        ("127.0.0.1:5555", "no transport"),
        ("tcp:/127.0.0.1:5555", "no transport"),
        ("TCP://127.0.0.1:5555", "transport TCP is not accepted"),
        ("udp://127.0.0.1:5555", "transport udp is not accepted"),
        ("pgm://eth0;239.192.1.1:5555", "transport pgm is not accepted"),
        ("ws://127.0.0.1:5555", "transport ws is not accepted"),
        ("tcp://", "port is missing"),
        ("tcp://127.0.0.1", "port is missing"),
        ("tcp://[::1]", "port is missing"),
        ("tcp://127.0.0.1:", "port \"\""),
        ("tcp://127.0.0.1:65536", "port \"65536\""),
        ("tcp://127.0.0.1:-1", "port \"-1\""),
        ("tcp://127.0.0.1:+1", "port \"+1\""),
        ("tcp://127.0.0.1:http", "port \"http\""),
        ("tcp://127.0.0.1:99999999999999999999", "port \"9"),
        ("tcp://:5555", "no host name"),
        ("tcp://256.0.0.1:5555", "no host name"),
        ("tcp://127.1:5555", "no host name"),
        ("tcp://1.2.3:5555", "no host name"),
        ("tcp://a..b:5555", "no host name"),
        ("tcp://-a:5555", "no host name"),
        ("tcp://a b:5555", "no host name"),
        ("tcp://127.0.0.1;10.0.0.1:5555", "no host name"),
        ("tcp://::1:5555", "brackets"),
        ("tcp://[::1:5555", "brackets"),
        ("tcp://[127.0.0.1]:5555", "no IPv6 address"),
        ("tcp://[::1%]:5555", "no IPv6 address"),
        ("tcp://[::g]:5555", "no IPv6 address"),
        ("ipc://", "path of the socket file is missing"),
        ("ipc://*", "path of the socket file is missing"),
        ("ipc://@abstract", "abstract names have no permissions"),
        ("inproc://", "name is empty"),
        ("inproc://a\0b", "zero byte"),
    ]

    @Test("Everything else is refused with a sentence that quotes it", arguments: bad)
    func refuses(_ text: String, _ problem: String) {
        do {
            let endpoint = try Endpoint(text)
            Issue.record("accepted as \(endpoint)")
        } catch {
            #expect(error.problem.contains(problem), "\(error)")
            #expect(error.description.contains("\"\(text)\""))
        }
    }

    @Test("An ipc path of 107 bytes is taken and one of 108 refused with its length")
    func pathLimit() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(try Endpoint.ipc(path: longest).path == longest)
        #expect(throws: EndpointError.self) { try Endpoint.ipc(path: longest + "x") }
        // Bytes count, not characters.
        let umlauts = "/" + String(repeating: "ü", count: 54)
        do {
            _ = try Endpoint.ipc(path: umlauts)
            Issue.record("109 bytes were accepted")
        } catch {
            #expect(error.description.contains("109 bytes"))
            #expect(error.description.contains("107"))
            #expect(error.description.contains(umlauts))
        }
    }

    @Test("No random text makes the parser trap")
    func hostile() {
        let pieces = [
            "tcp", "ipc", "inproc", "://", ":", "[", "]", "*", "%", "::", "1", ".", "@", "/", "\0",
            "é",
            "65536", " ", "-",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...8)).map { _ in pieces.randomElement()! }.joined()
            guard let endpoint = try? Endpoint(text) else { continue }
            #expect((try? Endpoint(endpoint.description)) == endpoint, "\(text)")
        }
    }
}

@Suite("Routing ids")
struct RoutingIDTests {
    @Test("1 to 255 bytes are taken, unless the first is zero", arguments: [1, 2, 16, 255])
    func accepts(_ count: Int) throws {
        let bytes = [UInt8](repeating: 7, count: count)
        #expect(try RoutingID(bytes).bytes == bytes)
        #expect(throws: ZeroMQError.self) { try RoutingID([0] + bytes.dropFirst()) }
    }

    @Test("No byte and 256 bytes are refused", arguments: [0, 256])
    func refuses(_ count: Int) {
        #expect(throws: ZeroMQError.self) { try RoutingID([UInt8](repeating: 7, count: count)) }
    }

    @Test("A random id has 16 bytes, never starts with zero, and prints as hexadecimal")
    func random() throws {
        let ids = (0..<2000).map { _ in RoutingID.random() }
        #expect(ids.allSatisfy { $0.bytes.count == 16 && $0.bytes[0] != 0 })
        #expect(Set(ids).count == ids.count)
        #expect(try RoutingID([0x0A, 0xFF, 0x00]).description == "0aff00")
    }
}
