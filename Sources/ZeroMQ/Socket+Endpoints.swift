import CZeroMQ
import Foundation

extension Socket {
    /// Binds to an endpoint.
    ///
    /// A stale ipc file of a dead process is replaced, and so is a live one without any error: hold
    /// a `RunDirectoryLock` on its directory first.
    /// Throws: `ZeroMQError`: `.addressInUse`, `.addressNotAvailable`, `.notASocket` where an
    /// ordinary file stands at the ipc path (libzmq would delete it), …
    public func bind(_ endpoint: Endpoint) throws(ZeroMQError) {
        if let path = endpoint.path { try refuseOrdinaryFile(at: path) }
        guard zmq_bind(handle(for: "bind"), endpoint.description) == 0 else {
            throw lastError("bind", endpoint: endpoint.description)
        }
    }

    /// Connects to an endpoint; that the peer is there is not known yet when it returns.
    ///
    /// Throws: `ZeroMQError.Code.invalidArgument` for a wildcard host or port, and what libzmq
    /// refuses.
    public func connect(_ endpoint: Endpoint) throws(ZeroMQError) {
        guard endpoint.isConnectable else {
            throw ZeroMQError(
                code: .invalidArgument, operation: "connect on \(kind) socket \(id)",
                endpoint: endpoint.description,
                detail: "one can bind to a wildcard but not connect to it; name a host and a port")
        }
        guard zmq_connect(handle(for: "connect"), endpoint.description) == 0 else {
            throw lastError("connect", endpoint: endpoint.description)
        }
    }

    /// Stops accepting at an endpoint; for a wildcard pass what `boundEndpoint` said.
    public func unbind(_ endpoint: Endpoint) throws(ZeroMQError) {
        guard zmq_unbind(handle(for: "unbind"), endpoint.description) == 0 else {
            throw lastError("unbind", endpoint: endpoint.description)
        }
    }

    /// Drops the connection to an endpoint, and what waits to be sent to it.
    public func disconnect(_ endpoint: Endpoint) throws(ZeroMQError) {
        guard zmq_disconnect(handle(for: "disconnect"), endpoint.description) == 0 else {
            throw lastError("disconnect", endpoint: endpoint.description)
        }
    }

    /// The endpoint that was bound or connected last, with the port that the system chose; `nil`
    /// before the first.
    public func boundEndpoint() throws(ZeroMQError) -> Endpoint? {
        let text = try get(.lastEndpoint)
        guard !text.isEmpty else { return nil }
        do throws(EndpointError) {
            return try Endpoint(text)
        } catch {
            throw ZeroMQError(
                code: .invalidArgument, operation: "reading of the last endpoint", endpoint: text,
                detail: error.description)
        }
    }

    private func refuseOrdinaryFile(at path: String) throws(ZeroMQError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK else { return }
        throw ZeroMQError(
            code: .notASocket, operation: "bind on \(kind) socket \(id)", endpoint: "ipc://\(path)")
    }
}
