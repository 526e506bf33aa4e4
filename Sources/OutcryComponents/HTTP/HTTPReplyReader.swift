import OutcryBytes
import OutcryKernel
import OutcryWire

/// Reads the answers to requests on one connection, one after the other.
struct HTTPReplyReader {
    private var parser = HTTPResponseParser()
    private var head: HTTPResponseHead?
    private var decoder: HTTPBodyDecoder?
    private var body: [UInt8] = []
    private let limit: Int

    init(bodyLimit: Int = 8 << 20) { limit = bodyLimit }

    /// Something of an answer has come, but not all.
    var isInside: Bool { head != nil }

    /// The next whole answer; nil when more bytes are needed.
    mutating func next(
        _ stream: StreamWheel, method: String
    ) throws(CodecError) -> HTTPReply? {
        try stream.inbound.consume { (bytes, position) throws(CodecError) in
            try next(bytes.span, &position, method)
        }
    }

    private mutating func next(
        _ bytes: Span<UInt8>, _ position: inout Int, _ method: String
    ) throws(CodecError) -> HTTPReply? {
        while head == nil {
            guard let found = try parser.next(bytes, at: &position) else { return nil }
            guard !found.isInterim else { continue }
            head = found
            let framing = try HTTPBodyFraming(of: found, toMethod: method)
            decoder = HTTPBodyDecoder(framing, limits: HTTPLimits(bodyBytes: limit))
        }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .needMore: return nil
            case .data(let range): body += bytes.copy(range)
            case .end, nil: return take()
            }
        }
    }

    /// The answer that ends with the connection, if that is how it ends.
    mutating func finish() -> HTTPReply? {
        guard head != nil, (try? decoder?.finish()) != nil else { return nil }
        return take()
    }

    private mutating func take() -> HTTPReply? {
        guard let found = head else { return nil }
        let reply = HTTPReply(head: found, body: body)
        head = nil
        decoder = nil
        body = []
        return reply
    }
}
