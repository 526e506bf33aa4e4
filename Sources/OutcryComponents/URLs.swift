public import OutcryKernel
public import OutcryWire

extension VenueURL {
    /// For logs: without the query, in which a secret may stand.
    var shown: String { "\(scheme.rawValue)://\(hostField)\(path)" }

    /// Where a stream to it goes.
    public var endpoint: Endpoint { .host(host, port: UInt16(port)) }

    /// How a stream to it is made secret: as a client of ``host`` that speaks HTTP/1.1; nil where the scheme
    /// is not secret.
    ///
    /// - Parameter trust: Who may vouch for the server's certificate.
    public func tls(_ trust: TLSTrust = .system) -> TLSClientOptions? {
        isSecure ? TLSClientOptions(trust: trust, protocols: ["http/1.1"]) : nil
    }
}
