import COpenSSL
import OutcryKernel

/// Everything that connections with the same options share: certificates, authorities, and a client's
/// sessions. Its pointer is freed in deinit; each connection holds its context.
@safe final class TLSContext {
    /// What a context is made of.
    enum Kind: Hashable {
        case client(TLSTrust, TLSIdentity?)
        case server(TLSServerOptions)
    }

    /// Forward secret, authenticated encryption; TLS 1.3 has no other.
    static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    static let groups = "X25519:P-256:P-384"

    let kind: Kind
    let pointer: OpaquePointer
    /// A client's sessions that may go on.
    let sessions = TLSSessions()
    /// A server's protocols as they go over the wire: the callback's answer points into it.
    private let protocols: UnsafeMutableBufferPointer<UInt8>

    init(_ kind: Kind) throws(TLSFailure) {
        self.kind = kind
        ERR_clear_error()
        var offered: [String] = []
        let method: OpaquePointer?
        switch kind {
        case .client: unsafe method = TLS_client_method()
        case .server(let options):
            unsafe method = TLS_server_method()
            offered = options.protocols
        }
        let wire = try Self.wire(offered)
        guard let made = unsafe SSL_CTX_new(method) else {
            throw TLSError.options("TLS", "a context of libssl")
        }
        unsafe pointer = made
        unsafe protocols = .allocate(capacity: wire.count)
        _ = unsafe protocols.initialize(from: wire)
        try set()
        switch kind {
        case .client(let trust, let identity):
            try setTrust(trust, isServer: false)
            if let identity { try setIdentity(identity) }
            unsafe SSL_CTX_sess_set_new_cb(pointer, keepSession)
        case .server(let options):
            try setIdentity(options.identity)
            try setServer(options)
        }
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
        unsafe protocols.deallocate()
    }

    private func set() throws(TLSFailure) {
        guard unsafe outcry_tls_configure(pointer) == 1,
            unsafe outcry_tls_set_groups(pointer, Self.groups) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1
        else { throw TLSError.options("TLS", "TLS 1.2 and 1.3 with \(Self.ciphers)") }
        // RSA from 2048 bits, no SHA-1: what Debian's level says, whatever its configuration file does.
        unsafe SSL_CTX_set_security_level(pointer, 2)
        var isClient = false
        if case .client = kind { isClient = true }
        unsafe outcry_tls_keep_sessions(pointer, isClient ? 1 : 0)
    }

    private func setServer(_ options: TLSServerOptions) throws(TLSFailure) {
        var mark = Array("outcry".utf8)
        _ = unsafe SSL_CTX_set_session_id_context(pointer, &mark, UInt32(mark.count))
        if let trust = options.clientTrust { try setTrust(trust, isServer: true) }
        guard unsafe protocols.count > 0 else { return }
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_alpn_select_cb(pointer, chooseProtocol, me)
    }

    /// Names of protocols as they go over the wire (RFC 7301 section 3.1).
    static func wire(_ protocols: [String]) throws(TLSFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in protocols {
            guard (1...255).contains(name.utf8.count) else {
                throw TLSFailure(
                    .options, name: "TLS", expected: "a protocol's name of 1 to 255 bytes",
                    found: "\"\(name.prefix(300))\"")
            }
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
        }
        return bytes
    }

    /// Chooses the first of this side's protocols that the client asks for.
    fileprivate func choose(
        _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ count: UnsafeMutablePointer<UInt8>,
        _ asked: UnsafePointer<UInt8>, _ askedCount: UInt32
    ) -> Int32 {
        var found: UnsafeMutablePointer<UInt8>?
        let result = unsafe SSL_select_next_proto(
            &found, count, protocols.baseAddress, UInt32(protocols.count), asked, askedCount)
        guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        unsafe out.pointee = unsafe UnsafePointer(found)
        return SSL_TLSEXT_ERR_OK
    }
}

/// libssl asks a server which protocol it chooses.
private func chooseProtocol(
    _ ssl: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ count: UnsafeMutablePointer<UInt8>?, _ asked: UnsafePointer<UInt8>?, _ askedCount: UInt32,
    _ owner: UnsafeMutableRawPointer?
) -> Int32 {
    guard let owner = unsafe owner, let out = unsafe out, let count = unsafe count,
        let asked = unsafe asked
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    // Sound: the context outlives its pointer, and with it every call of this.
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(owner).takeUnretainedValue()
    return unsafe context.choose(out, count, asked, askedCount)
}

/// libssl has a session that may go on later: 1 takes it over.
private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    guard let ssl = unsafe ssl, let session = unsafe session,
        let connection = unsafe TLSConnection.owner(of: ssl)
    else { return 0 }
    unsafe connection.keep(session)
    return 1
}
