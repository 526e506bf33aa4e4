import Outcry

/// `outcry-peer tls-echo PORT CHAIN.pem KEY.pem`: the server of `http-echo` over TLS, which speaks http/1.1;
/// with `CA.pem` behind that, clients need a certificate of that authority.
enum TLSEcho {
    static func run(_ words: inout PeerWords) throws {
        let port = try words.port()
        let chain = try words.next("CHAIN.pem")
        let key = try words.next("KEY.pem")
        let authority = words.optional()
        try words.finish()
        var options = TLSServerOptions(
            identity: TLSIdentity(chain: .file(chain), key: .file(key)), protocols: ["http/1.1"])
        options.clientTrust = authority.map { .authorities(.file($0)) }
        try HTTPEcho.serve(HTTPEchoServer(port: port, tls: options))
    }
}
