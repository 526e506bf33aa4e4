import COpenSSL
import Glibc
import OutcryKernel

extension TLSConnection {
    /// Makes a client's side: whom it expects, what it asks for, and the session that may go on.
    ///
    /// - Parameter port: The server's; a session is kept by name and port.
    static func client(
        _ context: TLSContext, _ buffers: TLSBuffers, _ options: TLSClientOptions,
        serverName: String, port: UInt16
    ) throws(TLSFailure) -> TLSConnection {
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        let connection = try TLSConnection(
            context, buffers, name: name, server: "\(name.lowercased()):\(port)")
        try connection.expect(name)
        try connection.ask(for: options.protocols)
        unsafe context.sessions.use(in: connection.ssl, of: connection.server)
        unsafe SSL_set_connect_state(connection.ssl)
        return connection
    }

    /// The certificate must be for `name`: an address by an address, a name by a DNS name; never by the
    /// subject's common name, and a wildcard stands for one whole label.
    private func expect(_ name: String) throws(TLSFailure) {
        ERR_clear_error()
        if Self.isNumeric(name) {
            guard unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 else {
                throw TLSError.options(name, "a numeric address")
            }
            return
        }
        let isName = name.utf8.allSatisfy { byte in
            byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a
                || byte == 0x2d || byte == 0x2e || byte == 0x5f
        }
        guard isName, (1...253).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw TLSFailure(
                .options, name: name, expected: "a server's name in ASCII, or its address",
                found: "\"\(name.prefix(300))\"")
        }
        unsafe SSL_set_hostflags(
            ssl, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe SSL_set1_host(ssl, name) == 1, unsafe outcry_tls_set_name(ssl, name) == 1
        else {
            throw TLSError.options(name, "a server's name")
        }
    }

    private func ask(for protocols: [String]) throws(TLSFailure) {
        let wire = try TLSContext.wire(protocols)
        guard !wire.isEmpty else { return }
        // Zero is success here, and only here.
        guard unsafe SSL_set_alpn_protos(ssl, wire, UInt32(wire.count)) == 0 else {
            throw TLSError.options(name, "protocols that can be asked for")
        }
    }

    static func isNumeric(_ name: String) -> Bool {
        var address = in6_addr()
        return unsafe name.utf8.contains(0x3a) || inet_pton(AF_INET, name, &address) == 1
    }
}
