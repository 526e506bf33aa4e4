import OutcryWire

/// Makes the bytes of a call's request.
struct HTTPCallWriter {
    let agent: String
    let asksForGzip: Bool
    let keepsAlive: Bool
    var fields: HTTPFields = []

    /// A request, and what the connection has to know of it.
    struct Written {
        let head: [UInt8]
        let closes: Bool
        let inflates: Bool
    }

    /// The request's head.
    ///
    /// - Parameter proxy: The proxy that is asked instead of the host, by an absolute target.
    /// - Throws: ``CodecError`` (unwritable) for what may not go over the wire, or would be read in two ways.
    func write(_ call: HTTPCall, forwardedBy proxy: HTTPProxy?) throws(CodecError) -> Written {
        var head = call.request
        guard head.method != "CONNECT" else {
            throw CodecError(
                .unwritable, at: 0, expected: "a call", found: "CONNECT, which opens a way")
        }
        for name in ["Transfer-Encoding", "Upgrade", "Proxy-Authorization"]
        where head.fields[name] != nil {
            throw CodecError(
                .unwritable, at: 0, expected: "a call's own fields", found: "\(name)")
        }
        guard head.fields.count(of: "Host") <= 1 else {
            throw CodecError(.unwritable, at: 0, expected: "one Host", found: "more")
        }
        if head.fields["Host"] == nil { head.fields.append("Host", call.url.hostField) }
        for field in fields where head.fields[field.name] == nil {
            head.fields.append(field.name, field.value)
        }
        if head.fields["User-Agent"] == nil { head.fields.append("User-Agent", agent) }
        // Whoever names codings gets the body as it comes; ranges are those of the coded bytes.
        let inflates =
            asksForGzip && head.fields["Accept-Encoding"] == nil && head.fields["Range"] == nil
        if inflates { head.fields.append("Accept-Encoding", "gzip") }
        let closes = !keepsAlive || head.fields.contains("close", in: "Connection")
        head.fields.remove("Connection")
        if closes { head.fields.append("Connection", "close") }
        head.fields.remove("Content-Length")
        // A POST without a body says so, as some servers want (RFC 9110 section 8.6).
        if !call.body.isEmpty || ["POST", "PUT", "PATCH"].contains(head.method) {
            head.fields.append("Content-Length", "\(call.body.count)")
        }
        if let proxy {
            head.target =
                head.target == "*"
                ? "http://\(call.url.hostField)"
                : "http://\(call.url.hostField)\(head.target)"
            if let credentials = proxy.credentials {
                head.fields.append("Proxy-Authorization", credentials.basic)
            }
        }
        head.version = .http11
        return Written(head: try head.encoded(), closes: closes, inflates: inflates)
    }
}
