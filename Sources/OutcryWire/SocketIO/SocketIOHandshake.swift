/// A way to carry packets, by its name in URLs.
public enum SocketIOTransport: String, Equatable, Hashable, Sendable, CaseIterable {
    /// One WebSocket.
    case websocket
    /// One endless HTML page; sends by POST.
    case htmlfile
    /// One GET a batch; sends by POST.
    case xhrPolling = "xhr-polling"
    /// One script a batch; sends by form.
    case jsonpPolling = "jsonp-polling"
    /// A WebSocket under another name.
    case flashsocket

    /// Whether packets come in answers to polls.
    public var isPolling: Bool { self == .xhrPolling || self == .jsonpPolling }
    /// Whether packets go over a WebSocket.
    public var isWebSocket: Bool { self == .websocket || self == .flashsocket }
}

/// The answer to a handshake: `SID:HEARTBEAT:CLOSE:TRANSPORTS`.
public struct SocketIOHandshake: Equatable, Sendable {
    /// The session's name.
    public let session: String
    /// The silence after which the other end is gone, in seconds; nil: there are no heartbeats.
    public let heartbeatTimeout: Int?
    /// How long a session without a connection is kept, in seconds; nil where it is not told.
    public let closeTimeout: Int?
    /// The transports that the server offers, the most wanted first; unknown names are left out.
    public let transports: [SocketIOTransport]

    /// Makes an answer.
    public init(
        session: String, heartbeatTimeout: Int?, closeTimeout: Int?,
        transports: [SocketIOTransport]
    ) {
        self.session = session
        self.heartbeatTimeout = heartbeatTimeout
        self.closeTimeout = closeTimeout
        self.transports = transports
    }

    /// Reads the body of an answer. A heartbeat or close timeout that is no number counts as far as its
    /// digits go, as in JavaScript's `parseInt`.
    ///
    /// - Throws: ``CodecError`` where the four parts are not there, or the session's name is none that can
    ///   stand in a URL.
    public init(_ body: String) throws(CodecError) {
        let parts = body.split(
            separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4 else {
            throw Self.wrong(0, "SID:HEARTBEAT:CLOSE:TRANSPORTS", body)
        }
        let name = parts[0]
        guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(Self.isNameByte) else {
            throw Self.wrong(0, "a session's name", String(name))
        }
        session = String(name)
        heartbeatTimeout = Self.seconds(parts[1])
        closeTimeout = Self.seconds(parts[2])
        transports = parts[3].split(separator: ",").compactMap { text in
            SocketIOTransport(rawValue: String(text.filter { !$0.isWhitespace }))
        }
    }

    /// The body of the answer.
    public var body: String {
        let names = transports.map(\.rawValue).joined(separator: ",")
        return "\(session):\(heartbeatTimeout.map(String.init) ?? "")"
            + ":\(closeTimeout.map(String.init) ?? ""):\(names)"
    }

    private static func seconds(_ text: Substring) -> Int? {
        guard let seconds = Int(text.prefix { $0.isASCII && $0.isNumber }), seconds > 0 else {
            return nil
        }
        return min(seconds, 86_400)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != 0x2F && byte != 0x3F && byte != 0x23 && byte != 0x25
    }

    private static func wrong(_ at: Int, _ expected: String, _ found: String) -> CodecError {
        CodecError(.malformed, at: at, expected: expected, found: "\"\(found.prefix(100))\"")
    }
}
