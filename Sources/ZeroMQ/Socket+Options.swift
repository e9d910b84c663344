import CZeroMQ

extension Socket {
    /// Sets an option; before the first bind or connect.
    ///
    /// Throws: `ZeroMQError` with the option's name and value when it does not fit or libzmq
    /// refuses it.
    public func set(_ option: SocketOption) throws(ZeroMQError) {
        let handle = handle(for: "setting of \(option.name)")
        let operation = "setting of \(option.name) = \(option.description)"
        guard let value = option.value else {
            throw ZeroMQError(
                code: .valueOutOfRange, operation: "\(operation) on \(kind) socket \(id)")
        }
        let status =
            switch value {
            case .int32(var number): zmq_setsockopt(handle, option.number, &number, 4)
            case .int64(var number): zmq_setsockopt(handle, option.number, &number, 8)
            case .bytes(let bytes): zmq_setsockopt(handle, option.number, bytes, bytes.count)
            case .secret(let key):
                key.withUnsafeBytes { zmq_setsockopt(handle, option.number, $0.baseAddress, $0.count) }
            }
        guard status == 0 else { throw lastError(operation) }
    }

    /// The present value of an option.
    ///
    /// Throws: `ZeroMQError` when the socket's kind or libzmq's build does not have the option.
    public func get<Value>(_ key: OptionKey<Value>) throws(ZeroMQError) -> Value {
        guard let value = key.decode(try read(key.number, key.shape, key.name)) else {
            preconditionFailure("option \(key.name) is read in a shape that is not its own")
        }
        return value
    }

    private func read(
        _ number: Int32, _ shape: OptionShape, _ name: String
    ) throws(ZeroMQError) -> OptionBytes {
        let handle = handle(for: "reading of \(name)")
        var status: Int32 = 0
        let value: OptionBytes
        switch shape {
        case .int32:
            var (number32, size) = (Int32(0), 4)
            status = zmq_getsockopt(handle, number, &number32, &size)
            value = .int32(number32)
        case .int64:
            var (number64, size) = (Int64(0), 8)
            status = zmq_getsockopt(handle, number, &number64, &size)
            value = .int64(number64)
        case .bytes, .text:
            var (bytes, size) = ([UInt8](repeating: 0, count: optionBytesMax), optionBytesMax)
            status = zmq_getsockopt(handle, number, &bytes, &size)
            bytes.removeLast(optionBytesMax - (status == 0 ? size : 0))
            // libzmq counts the final zero of a text.
            if case .text = shape, bytes.last == 0 { bytes.removeLast() }
            value = .bytes(bytes)
        }
        guard status == 0 else { throw lastError("reading of \(name)") }
        return value
    }
}
