import OutcryBytes
import OutcryKernel
import OutcryWire

/// Reads the replies to requests on one connection, one after the other: interim ones passed over, bodies
/// taken out of their framing and out of gzip. A pure state machine.
struct HTTPReplyReader {
    private var parser: HTTPResponseParser
    private var head: HTTPResponseHead?
    private var decoder: HTTPBodyDecoder?
    private var body: [UInt8] = []
    private var interims = 0
    private let limit: Int
    /// Bodies that come as gzip are inflated.
    var inflates = true

    /// - Parameter bodyLimit: The largest body, in bytes: as it comes, and as it is given out.
    init(bodyLimit: Int = 8 << 20) {
        limit = bodyLimit
        parser = HTTPResponseParser(limits: HTTPLimits(bodyBytes: bodyLimit))
    }

    /// Something of a reply has come, but not all.
    var isInside: Bool { head != nil }

    /// The next whole reply; nil when more bytes are needed.
    ///
    /// - Parameter method: Of the request that is answered.
    mutating func next(
        _ stream: StreamWheel, method: String
    ) throws(CodecError) -> HTTPReply? {
        try stream.inbound.consume { (bytes, position) throws(CodecError) in
            try next(bytes.span, &position, method: method)
        }
    }

    /// The next whole reply in bytes, of which it uses those before the position.
    mutating func next(
        _ bytes: Span<UInt8>, _ position: inout Int, method: String
    ) throws(CodecError) -> HTTPReply? {
        while head == nil {
            guard let found = try parser.next(bytes, at: &position) else { return nil }
            guard !found.isInterim else {
                interims += 1
                guard interims <= HTTPResponseHead.interimLimit else {
                    throw CodecError(
                        .malformed, at: 0,
                        expected: "at most \(HTTPResponseHead.interimLimit) interim replies",
                        found: "more")
                }
                continue
            }
            guard found.status != 101 else {
                throw CodecError(
                    .malformed, at: 0, expected: "HTTP", found: "another protocol (status 101)")
            }
            let framing = try HTTPBodyFraming(of: found, toMethod: method)
            head = found
            decoder = HTTPBodyDecoder(framing, limits: HTTPLimits(bodyBytes: limit))
        }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .needMore: return nil
            case .data(let range): body.append(copying: bytes.extracting(range))
            case .end, nil: return try take()
            }
        }
    }

    /// The connection has ended: the reply that ends with it, if there is one.
    ///
    /// - Throws: ``CodecError`` (ended early) where a reply is cut off; nil where none has begun.
    mutating func finish() throws(CodecError) -> HTTPReply? {
        guard head != nil else { return nil }
        try decoder?.finish()
        return try take()
    }

    private mutating func take() throws(CodecError) -> HTTPReply? {
        guard var found = head else { return nil }
        var content = body
        head = nil
        decoder = nil
        body = []
        interims = 0
        if inflates, !content.isEmpty, found.isGzip {
            do throws(GzipError) {
                content = try Gzip.decompress(content.span, limit: limit)
            } catch { throw CodecError(error) }
            // What they say is true no more.
            found.fields.remove("Content-Encoding")
            found.fields.remove("Content-Length")
        }
        return HTTPReply(head: found, body: content)
    }
}

extension HTTPResponseHead {
    /// The body is gzip and nothing else around it.
    fileprivate var isGzip: Bool {
        let codings = fields.list("Content-Encoding").map { $0.lowercased() }
        return codings == ["gzip"] || codings == ["x-gzip"]
    }
}

extension CodecError {
    /// Says of a body what was wrong with its gzip.
    init(_ error: GzipError) {
        switch error {
        case .tooLarge(let limit):
            self.init(
                .tooLarge, at: 0, expected: "a body of at most \(limit) bytes",
                found: "more when inflated")
        case .malformed(let offset, let reason):
            self.init(.malformed, at: offset, expected: "gzip", found: reason)
        case .endedEarly(let offset):
            self.init(.endedEarly, at: offset, expected: "more of the gzip", found: "its end")
        case .trailingBytes(let offset):
            self.init(.malformed, at: offset, expected: "the end of the gzip", found: "more bytes")
        default: self.init(.full, at: 0, expected: "memory to inflate", found: "\(error)")
        }
    }
}

extension [UInt8] {
    /// Appends bytes in one copy.
    mutating func append(copying bytes: Span<UInt8>) {
        // Sound: the pointer is used inside the call only, and the span keeps its bytes meanwhile.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
