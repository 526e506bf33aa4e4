/// The server's side of an opening handshake (RFC 6455 section 4.2): a request that asks for a
/// WebSocket, checked, and the answer to it.
///
/// The request's head comes from an ``HTTPRequestParser``. After ``response(subprotocol:fields:)``
/// has been written, the bytes behind the request are frames.
public struct WebSocketServerHandshake: Equatable, Sendable {
    /// The request.
    public let request: HTTPRequestHead
    /// The client's key.
    public let key: WebSocketKey
    /// The subprotocols that the client offers, the most wanted first.
    public let subprotocols: [String]

    /// Why a request is not granted: a status to answer with, and what was expected and found.
    public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// The status: 400, 405 or 426.
        public let status: Int
        /// What was expected.
        public let expected: String
        /// What came instead.
        public let found: String

        /// One line with all the parts.
        public var description: String { "\(status): expected \(expected), found \(found)" }

        /// What its status has to tell: what is spoken here instead (RFC 6455 section 4.4, RFC 9110
        /// sections 15.5.6 and 15.5.22). Where that is `Upgrade`, `Connection` has to name it.
        public var fields: HTTPFields {
            switch status {
            case 426:
                [HTTPField("Upgrade", "websocket"), HTTPField("Sec-WebSocket-Version", "13")]
            case 405: [HTTPField("Allow", "GET")]
            default: []
            }
        }

        /// The head to answer with; its body is ``description`` in UTF-8, and the connection ends.
        public var response: HTTPResponseHead {
            var all: HTTPFields = [
                HTTPField("Content-Type", "text/plain; charset=utf-8"),
                HTTPField("Content-Length", String(description.utf8.count)),
                HTTPField("Connection", status == 426 ? "close, Upgrade" : "close"),
            ]
            for field in fields { all.append(field.name, field.value) }
            return HTTPResponseHead(status: status, fields: all)
        }
    }

    /// Whether a request asks for a WebSocket at all, rightly or not.
    public static func isAsked(in head: HTTPRequestHead) -> Bool {
        head.fields.contains("websocket", in: "Upgrade")
    }

    /// Checks a request.
    ///
    /// - Throws: ``Refusal`` with the status to answer with.
    public init(_ head: HTTPRequestHead) throws(Refusal) {
        let fields = head.fields
        guard head.method == "GET" else {
            throw Refusal(status: 405, expected: "GET", found: head.method)
        }
        guard head.version == .http11 else {
            throw Refusal(status: 400, expected: "HTTP/1.1", found: head.version.rawValue)
        }
        guard Self.isAsked(in: head) else {
            throw Self.refusal(426, "Upgrade: websocket", fields["Upgrade"])
        }
        guard fields.contains("Upgrade", in: "Connection") else {
            throw Self.refusal(400, "Connection: Upgrade", fields["Connection"])
        }
        guard fields.values(of: "Sec-WebSocket-Version") == ["13"] else {
            throw Self.refusal(426, "Sec-WebSocket-Version: 13", fields["Sec-WebSocket-Version"])
        }
        let keys = fields.values(of: "Sec-WebSocket-Key")
        guard keys.count == 1, let key = WebSocketKey(text: keys[0]) else {
            throw Self.refusal(
                400, "one Sec-WebSocket-Key of 16 bytes in base64", keys.first)
        }
        guard let framing = try? HTTPBodyFraming(of: head), framing == .none else {
            throw Refusal(status: 400, expected: "a request without a body", found: "a body")
        }
        request = head
        self.key = key
        subprotocols = fields.list("Sec-WebSocket-Protocol")
    }

    /// The head of the answer that grants the request.
    ///
    /// - Parameters:
    ///   - subprotocol: One of ``subprotocols``, or nil.
    ///   - deflate: What ``agreement(on:)`` gave.
    ///   - fields: More fields, for example `Server`.
    public func response(
        subprotocol: String? = nil, deflate: DeflateAgreement? = nil, fields: HTTPFields = []
    ) -> HTTPResponseHead {
        var all: HTTPFields = [
            HTTPField("Upgrade", "websocket"), HTTPField("Connection", "Upgrade"),
            HTTPField("Sec-WebSocket-Accept", key.accept),
        ]
        if let subprotocol {
            precondition(subprotocols.contains(subprotocol), "only what was offered is picked")
            all.append("Sec-WebSocket-Protocol", subprotocol)
        }
        if let deflate { all.append("Sec-WebSocket-Extensions", deflate.field) }
        for field in fields { all.append(field.name, field.value) }
        return HTTPResponseHead(status: 101, fields: all)
    }

    /// How messages can be compressed; nil where the client offers nothing that can be granted.
    public func agreement(on options: DeflateOptions) -> DeflateAgreement? {
        options.grant(request.fields.values(of: "Sec-WebSocket-Extensions"))
    }

    private static func refusal(_ status: Int, _ expected: String, _ found: String?) -> Refusal {
        Refusal(status: status, expected: expected, found: found.map { "\"\($0)\"" } ?? "none")
    }
}
