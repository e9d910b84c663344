import Testing
import Wire

@Suite("The vectors of protocols/") struct VectorTests {
    @Test("Every valid frame decodes to the object beside it", arguments: Vector.valid)
    func decodes(vector: Vector) throws {
        let message = try AnyMessage(vector.bytes, from: vector.from)
        var expected = try #require(vector.decoded)
        expected["canonical"] = nil
        #expect(message.shown == expected)
    }

    @Test("Every valid frame in canonical form is what the encoder writes", arguments: Vector.valid)
    func encodes(vector: Vector) throws {
        let message = try AnyMessage(vector.bytes, from: vector.from)
        let frame = try message.encode()
        // Where the frame is not canonical (unknown fields, another order), the meaning must survive.
        if vector.decoded?["canonical"] == .bool(false) {
            #expect(try AnyMessage(frame, from: vector.from).shown == message.shown)
        } else {
            #expect(frame == (try vector.bytes))
        }
    }

    @Test("Every invalid frame gives the error that it names", arguments: Vector.invalid)
    func refuses(vector: Vector) throws {
        let bytes = try vector.bytes
        let error = #expect(throws: WireError.self) {
            try AnyMessage(bytes, from: vector.from)
        }
        #expect(error?.code.rawValue == vector.error, "\(error?.description ?? "")")
        #expect(error?.description.isEmpty == false)
    }

    @Test("The vectors contain every command and every error")
    func complete() throws {
        let types = try Set(Vector.valid.map { try AnyMessage($0.bytes, from: $0.from).type })
        #expect(types == Set(MessageType.allCases))
        let codes = Set(Vector.invalid.compactMap(\.error))
        #expect(codes == Set(WireError.Code.allCases.map(\.rawValue)))
        #expect(Vector.valid.count >= 200)
        #expect(Vector.invalid.count >= 200)
    }

    @Test("No valid frame is accepted from another sender", arguments: Vector.valid)
    func otherSender(vector: Vector) throws {
        let bytes = try vector.bytes
        for sender in AnyMessage.senders where sender != vector.from {
            let error = #expect(throws: WireError.self) { try AnyMessage(bytes, from: sender) }
            #expect(error?.code == .unknownType)
        }
    }
}
