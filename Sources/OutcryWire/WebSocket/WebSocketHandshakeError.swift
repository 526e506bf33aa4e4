/// Why an opening handshake of a WebSocket failed; each case names what came instead.
@nonexhaustive
public enum WebSocketHandshakeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are not HTTP.
    case notHTTP(CodecError)
    /// The server answered with another status; `body` is the beginning of its body as text, at
    /// most 200 bytes. The head tells for example `Retry-After`.
    case refused(HTTPResponseHead, body: String)
    /// Upgrade is not `websocket`: what came, nil for nothing.
    case wrongUpgrade(found: String?)
    /// Connection does not name `Upgrade`: what came, nil for nothing.
    case wrongConnection(found: String?)
    /// Sec-WebSocket-Accept does not answer the key.
    case wrongAccept(expected: String, found: String?)
    /// A subprotocol that was not offered, or several.
    case wrongProtocol(offered: [String], found: String)
    /// An extension that was not offered, or not so.
    case wrongExtension(found: String)
    /// The connection ended before the answer was complete.
    case endedEarly

    /// One line that names what was expected and what came.
    public var description: String {
        switch self {
        case .notHTTP(let error): "the answer is not HTTP: \(error)"
        case .refused(let head, let body):
            "expected status 101, found \(head.status) \(head.reason)"
                + (body.isEmpty ? "" : ": \(body)")
        case .wrongUpgrade(let found): "expected Upgrade: websocket, found \(Self.show(found))"
        case .wrongConnection(let found): "expected Connection: Upgrade, found \(Self.show(found))"
        case .wrongAccept(let expected, let found):
            "expected Sec-WebSocket-Accept: \(expected), found \(Self.show(found))"
        case .wrongProtocol(let offered, let found):
            "expected a subprotocol of [\(offered.joined(separator: ", "))], found \(found)"
        case .wrongExtension(let found):
            "expected no extension but what was offered, found \(found)"
        case .endedEarly: "the connection ended before the answer to the handshake"
        }
    }

    private static func show(_ found: String?) -> String { found.map { "\"\($0)\"" } ?? "none" }
}
