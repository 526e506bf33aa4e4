/// Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6).
struct HTTPTunnelClient: Sendable {
    let request: HTTPRequestHead
    private var parser = HTTPResponseParser(limits: HTTPLimits(headBytes: 16 << 10))
    private var interims = 0

    init(host: String, port: Int, credentials: ProxyCredentials?) {
        let place = (host.utf8.contains(0x3A) ? "[\(host)]" : host) + ":\(port)"
        var request = HTTPRequestHead(
            method: "CONNECT", target: place, fields: [HTTPField("Host", place)])
        if let credentials { request.fields.append("Proxy-Authorization", credentials.basic) }
        self.request = request
    }

    /// A body that comes with a refusal is not read: the connection is of no more use.
    mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(ProxyError) -> ProxyNegotiation.Step {
        while let head = try nextHead(bytes, &position) {
            switch head.status {
            case 200..<300: return .open
            case 407: throw .unauthorized
            case _ where head.isInterim && interims < HTTPResponseHead.interimLimit: interims += 1
            default:
                throw .refused(code: head.status, reason: String(head.reason.prefix(100)))
            }
        }
        return .needMore
    }

    private mutating func nextHead(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(ProxyError) -> HTTPResponseHead? {
        do throws(CodecError) {
            return try parser.next(bytes, at: &position)
        } catch { throw .malformed(error) }
    }
}
