import CZeroMQ

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The few calls in which POSIX threads differ between Linux and macOS.
enum PlatformThread {
    #if canImport(Darwin)
        typealias Handle = pthread_t
    #else
        typealias Handle = UInt
    #endif

    /// A handle in a form that crosses isolation; the handle is an opaque pointer on macOS.
    struct Identity: Sendable, Hashable {
        let bits: UInt

        var handle: Handle {
            #if canImport(Darwin)
                Handle(bitPattern: bits)!
            #else
                bits
            #endif
        }
    }

    /// The calling thread; never 0. Asked anew at each call, unlike `pthread_self`.
    static var current: UInt { UInt(czmq_current_thread()) }

    /// Starts a joinable thread.
    ///
    /// Throws: `ZeroMQError` where the system has no thread left.
    static func start(
        named name: String, _ body: @escaping @Sendable () -> Void
    ) throws(ZeroMQError) -> Identity {
        let box = Unmanaged.passRetained(Start(name: name, body: body))
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let status = pthread_create(&handle, nil, { runThread($0) }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw ZeroMQError(code: .init(errno: status), operation: "start of thread \(name)")
        }
        #if canImport(Darwin)
            return Identity(bits: UInt(bitPattern: handle))
        #else
            return Identity(bits: UInt(handle))
        #endif
    }

    /// Starts a thread that nobody joins.
    static func startDetached(
        named name: String, _ body: @escaping @Sendable () -> Void
    ) throws(ZeroMQError) {
        pthread_detach(try start(named: name, body).handle)
    }

    static func join(_ thread: Identity) {
        let status = pthread_join(thread.handle, nil)
        precondition(status == 0, "pthread_join failed with \(status)")
    }

    /// Names the calling thread, cut to what the system takes.
    fileprivate static func setName(_ name: String) {
        czmq_name_thread(String(decoding: name.utf8.prefix(15), as: UTF8.self))
    }
}

private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

#if canImport(Darwin)
    private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        runStart(argument)
    }
#else
    private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        runStart(argument!)
    }
#endif

private func runStart(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    PlatformThread.setName(start.name)
    start.body()
    return nil
}
