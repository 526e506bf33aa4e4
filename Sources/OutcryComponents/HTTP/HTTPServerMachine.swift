import OutcryBytes
import OutcryWire

/// The HTTP of one connection of a server: requests one at a time, the next when the last was answered. A pure
/// state machine.
struct HTTPServerMachine {
    /// Where it is between requests and answers.
    enum Phase: Equatable {
        /// Nothing of a request has come.
        case idle
        /// A part of a head has come.
        case head
        /// The head is there, its body is not whole.
        case body
        /// A request is given out and not answered.
        case answering
    }

    /// What lies at the position.
    enum Found {
        /// Nothing complete yet, or the last request is not answered.
        case needMore
        /// The client waits for `100 Continue` before it sends its body; then ask again.
        case proceed
        /// A request with its body.
        case request(HTTPRequestHead, body: [UInt8])
    }

    /// How an answer goes out.
    struct Answer {
        var head: HTTPResponseHead
        /// The connection is closed behind it.
        let closes: Bool
        let hasBody: Bool
        let isChunked: Bool
    }

    private(set) var phase = Phase.idle
    private let limits: HTTPLimits
    private var parser: HTTPRequestParser
    private var head: HTTPRequestHead?
    private var decoder: HTTPBodyDecoder?
    private var body: [UInt8] = []
    private var proceeds = false
    // Of the request that is to be answered.
    private var keepsAlive = true
    private var isHead = false
    private var version = HTTPVersion.http11

    init(_ limits: HTTPLimits) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits)
    }

    /// Reads on at `position`.
    ///
    /// - Throws: ``CodecError``, with the status to answer with; nothing more can be read.
    mutating func next(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Found {
        guard phase != .answering else { return .needMore }
        do throws(CodecError) {
            return try read(bytes, &position)
        } catch {
            // It is answered in the words of the version that is known, and never kept.
            keepsAlive = false
            isHead = false
            phase = .answering
            throw error
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(CodecError) -> Found {
        if head == nil {
            guard let found = try parser.next(bytes, at: &position) else {
                // Empty lines behind a body, as some clients send, are no beginning.
                phase = parser.isInside || position < bytes.count ? .head : .idle
                return .needMore
            }
            guard found.method != "CONNECT" else {
                throw CodecError(
                    .unsupportedMethod, at: 0, expected: "a request to this server",
                    found: "CONNECT, as to a proxy")
            }
            let framing = try HTTPBodyFraming(of: found)
            decoder = HTTPBodyDecoder(framing, limits: limits)
            head = found
            phase = .body
            // RFC 9110 section 10.1.1: not to HTTP/1.0, nor where the body has begun to come.
            proceeds =
                framing != .none && position == bytes.count && found.version == .http11
                && found.fields.contains("100-continue", in: "Expect")
        }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .needMore:
                guard proceeds else { return .needMore }
                proceeds = false
                return .proceed
            case .data(let range): body.append(copying: bytes.extracting(range))
            case .end, nil: return finishRequest()
            }
        }
    }

    private mutating func finishRequest() -> Found {
        guard let found = head else { return .needMore }
        let content = body
        head = nil
        decoder = nil
        body = []
        phase = .answering
        keepsAlive = found.keepsAlive
        isHead = found.method == "HEAD"
        version = found.version
        return .request(found, body: content)
    }

    /// The answer to the request that was given out, or to what was no request.
    ///
    /// - Parameters:
    ///   - fields: All but those of the framing and `Connection`.
    ///   - isChunked: The body goes in chunks where the client knows them.
    mutating func answer(
        _ status: Int, _ fields: HTTPFields, bytes: Int, keepsAlive keeps: Bool, isChunked: Bool
    ) -> Answer {
        let stays = keeps && keepsAlive
        // RFC 9110 section 8.6: no length where no body can be.
        let hasFraming = status != 204 && status != 304
        let isChunked = isChunked && stays && version == .http11 && hasFraming
        var all = fields
        if hasFraming, !isChunked { all.append("Content-Length", "\(bytes)") }
        // RFC 9110 section 7.8: what is offered instead is named here too.
        let offer = fields["Upgrade"] == nil ? "" : ", Upgrade"
        all.append("Connection", (stays ? "keep-alive" : "close") + offer)
        if isChunked { all.append("Transfer-Encoding", "chunked") }
        phase = .idle
        return Answer(
            head: HTTPResponseHead(status: status, fields: all), closes: !stays,
            hasBody: hasFraming && !isHead, isChunked: isChunked)
    }
}
