import COpenSSL

/// The sessions of a client that may go on, by server: the newest two of each, of 256 servers.
final class TLSSessions {
    static let serverLimit = 256
    static let sessionLimit = 2

    /// One session; freed with this object.
    @safe private final class Session {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
        deinit { unsafe SSL_SESSION_free(pointer) }
    }

    private var byServer: [String: [Session]] = [:]
    /// The servers in the order in which they came.
    private var servers: [String] = []

    /// How many sessions a server has left.
    func count(of server: String) -> Int { byServer[server]?.count ?? 0 }

    /// Takes a session over.
    func keep(_ session: OpaquePointer, of server: String) {
        if byServer[server] == nil {
            servers.append(server)
            if servers.count > Self.serverLimit { byServer[servers.removeFirst()] = nil }
        }
        var kept = byServer[server] ?? []
        unsafe kept.append(Session(session))
        if kept.count > Self.sessionLimit { kept.removeFirst() }
        byServer[server] = kept
    }

    /// Lets the newest session of a server go on in `ssl`. One of TLS 1.3 is used once, so that nobody who
    /// listens can tell that two connections are the same client's (RFC 8446 appendix C.4).
    func use(in ssl: OpaquePointer, of server: String) {
        guard let session = byServer[server]?.last else { return }
        if unsafe SSL_SESSION_get_protocol_version(session.pointer) >= TLS1_3_VERSION {
            byServer[server]?.removeLast()
        }
        _ = unsafe SSL_set_session(ssl, session.pointer)
    }
}
