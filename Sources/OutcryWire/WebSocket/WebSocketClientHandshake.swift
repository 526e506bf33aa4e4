public import OutcryBytes

/// The client's side of an opening handshake (RFC 6455 section 4.1), a codec like the others.
///
/// Write the ``request`` by ``write(to:)``, then give what comes to ``next(_:at:)``.
/// When it returns an agreement, the position is at the first byte of the first frame: give the
/// rest to a ``WebSocketFrameDecoder``.
public struct WebSocketClientHandshake: Sendable {
    /// What both ends agreed on.
    public struct Agreement: Equatable, Sendable {
        /// The subprotocol that the server picked of those offered, or nil.
        public let subprotocol: String?
        /// How messages are compressed; nil where they are not.
        public let deflate: DeflateAgreement?
        /// The whole head of the answer.
        public let head: HTTPResponseHead
    }

    /// The head of the request.
    public let request: HTTPRequestHead
    private let key: WebSocketKey
    private let subprotocols: [String]
    private let deflate: DeflateOptions?
    private var parser: HTTPResponseParser
    private var refusal: Refusal?

    /// An answer that is no agreement, while the beginning of its body is collected.
    private struct Refusal: Sendable {
        var head: HTTPResponseHead
        var decoder: HTTPBodyDecoder
        var body: [UInt8] = []
    }

    /// How much of the body of a refusal is kept, in bytes.
    static let shownBody = 200

    /// Makes a handshake.
    ///
    /// - Parameters:
    ///   - key: 16 fresh random bytes, from the driver's entropy.
    ///   - origin: The value of Origin, for servers that want one.
    ///   - subprotocols: Those offered, the most wanted first.
    ///   - deflate: Offers permessage-deflate; nil: does not.
    ///   - fields: More fields, for example `User-Agent`, `Authorization`.
    public init(
        url: VenueURL, key: WebSocketKey, origin: String? = nil, subprotocols: [String] = [],
        deflate: DeflateOptions? = nil, fields: HTTPFields = [], limits: HTTPLimits = HTTPLimits()
    ) {
        self.deflate = deflate
        self.key = key
        self.subprotocols = subprotocols
        parser = HTTPResponseParser(limits: limits)
        var all: HTTPFields = [
            HTTPField("Host", url.hostField), HTTPField("Upgrade", "websocket"),
            HTTPField("Connection", "Upgrade"), HTTPField("Sec-WebSocket-Key", key.text),
            HTTPField("Sec-WebSocket-Version", "13"),
        ]
        if let origin { all.append("Origin", origin) }
        if !subprotocols.isEmpty {
            all.append("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
        }
        if let deflate { all.append("Sec-WebSocket-Extensions", deflate.offer) }
        for field in fields { all.append(field.name, field.value) }
        request = HTTPRequestHead(method: "GET", target: url.target, fields: all)
    }

    /// Writes the request behind what is in `queue`.
    ///
    /// - Throws: ``CodecError`` (unwritable) for a field that may not be sent, or full.
    public func write(to queue: ByteQueue) throws(CodecError) { try request.write(to: queue) }

    /// Reads on at `position` and moves it over what is used up.
    ///
    /// A refusal is reported when 200 bytes of its body are there, or all of it, or on
    /// ``finish()``; so a time limit should call that.
    ///
    /// - Returns: The agreement, or nil when more bytes are needed.
    /// - Throws: ``WebSocketHandshakeError``.
    public mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(WebSocketHandshakeError) -> Agreement? {
        while refusal == nil {
            let head: HTTPResponseHead?
            do throws(CodecError) {
                head = try parser.next(bytes, at: &position)
            } catch {
                throw .notHTTP(error)
            }
            guard let head else { return nil }
            if head.isInterim { continue }
            if head.status == 101 { return try check(head) }
            try beginRefusal(head)
        }
        try readRefusal(bytes, &position)
        return nil
    }

    /// The reason to report when nothing more will come, by the end of the connection or of
    /// patience.
    public func finish() -> WebSocketHandshakeError {
        refusal.map(Self.refused) ?? .endedEarly
    }

    /// Checks the head of an answer with status 101 (RFC 6455 section 4.1, items 2 to 6).
    private func check(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) -> Agreement {
        let fields = head.fields
        guard fields.list("Upgrade").count == 1, fields.contains("websocket", in: "Upgrade") else {
            throw .wrongUpgrade(found: fields["Upgrade"])
        }
        guard fields.contains("Upgrade", in: "Connection") else {
            throw .wrongConnection(found: fields["Connection"])
        }
        let accepts = fields.values(of: "Sec-WebSocket-Accept")
        guard accepts.count == 1, accepts[0].utf8.elementsEqual(key.accept.utf8) else {
            throw .wrongAccept(expected: key.accept, found: accepts.first)
        }
        let extensions = fields.values(of: "Sec-WebSocket-Extensions").filter { !$0.isEmpty }
        if deflate == nil, !extensions.isEmpty {
            throw .wrongExtension(found: extensions.joined(separator: ", "))
        }
        let agreed = try deflate?.check(extensions)
        let picked = fields.values(of: "Sec-WebSocket-Protocol")
        guard picked.count <= 1, picked.allSatisfy(subprotocols.contains) else {
            throw .wrongProtocol(offered: subprotocols, found: picked.joined(separator: ", "))
        }
        return Agreement(subprotocol: picked.first, deflate: agreed, head: head)
    }

    private mutating func beginRefusal(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) {
        do throws(CodecError) {
            let framing = try HTTPBodyFraming(of: head, toMethod: "GET")
            refusal = Refusal(head: head, decoder: HTTPBodyDecoder(framing, limits: parser.limits))
        } catch {
            throw .notHTTP(error)
        }
    }

    private mutating func readRefusal(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(WebSocketHandshakeError) {
        guard var current = refusal else { return }
        while current.body.count < Self.shownBody {
            // A body that is wrong in itself changes nothing: the status is the reason.
            guard let found = try? current.decoder.next(bytes, at: &position), found != .end else {
                throw Self.refused(current)
            }
            guard case .data(let range) = found else {
                refusal = current
                return
            }
            for index in range.prefix(Self.shownBody - current.body.count) {
                current.body.append(bytes[index])
            }
        }
        throw Self.refused(current)
    }

    private static func refused(_ refusal: Refusal) -> WebSocketHandshakeError {
        .refused(refusal.head, body: String(decoding: refusal.body, as: UTF8.self))
    }
}
