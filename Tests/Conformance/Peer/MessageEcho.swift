import Outcry

/// One end of a WebSocket that sends every message back, answers pings and closes in order; a message that
/// came compressed goes back compressed.
struct MessageEcho {
    private var decoder: WebSocketFrameDecoder
    private let encoder: WebSocketFrameEncoder
    private let deflater: MessageDeflater?
    /// The close frame is said: nothing more is listened to.
    private(set) var isOver = false
    /// The last text, where texts are kept instead of sent back.
    private(set) var kept: String?
    private let keepsText: Bool

    /// Messages taken from the stream before other sessions get their turn.
    private static let budget = 256

    init(_ role: WebSocketRole, _ deflate: DeflateAgreement? = nil, keepsText: Bool = false) {
        self.keepsText = keepsText
        decoder = WebSocketFrameDecoder(role: role, deflate: deflate)
        deflater = deflate.map { MessageDeflater($0, role: role) }
        encoder = WebSocketFrameEncoder(role: role)
    }

    /// Answers what has come completely.
    mutating func read(_ stream: StreamWheel, _ my: Context) {
        guard !isOver else { return stream.inbound.removeAll() }
        do throws(CodecError) {
            let isMore = try stream.inbound.consume { (bytes, position) throws(CodecError) in
                var left = Self.budget
                while left > 0, try take(&bytes, &position, stream, my) { left -= 1 }
                return left == 0
            }
            if isMore { stream.continueReading() }
        } catch {
            close(error.closeCode, error.expected, stream, my)
        }
    }

    /// Answers the next message or control frame; false when there is none, or no more.
    private mutating func take(
        _ bytes: inout MutableSpan<UInt8>, _ position: inout Int, _ stream: StreamWheel,
        _ my: Context
    ) throws(CodecError) -> Bool {
        switch try decoder.next(&bytes, at: &position) {
        case .needMore: return false
        case .text(let range) where keepsText:
            kept = String(copying: bytes.span.extracting(range))
        case .text(let range): try put(.text, bytes.span.extracting(range), stream, my)
        case .binary(let range): try put(.binary, bytes.span.extracting(range), stream, my)
        case .assembledText where keepsText:
            kept = decoder.withAssembled { String(copying: $0) }
        case .assembledText:
            try decoder.withAssembled { (all) throws(CodecError) in
                try put(.text, all, stream, my)
            }
        case .assembledBinary:
            try decoder.withAssembled { (all) throws(CodecError) in
                try put(.binary, all, stream, my)
            }
        case .ping(let range): try put(.pong, bytes.span.extracting(range), stream, my)
        case .pong: break
        case .close(let code, _):
            close(code, "", stream, my)
            return false
        }
        return true
    }

    private func put(
        _ kind: WebSocketFrameEncoder.Kind, _ payload: Span<UInt8>, _ stream: StreamWheel,
        _ my: Context
    ) throws(CodecError) {
        let key = mask(my)
        let deflater = decoder.isCompressed && kind != .pong ? deflater : nil
        try stream.write { (queue) throws(CodecError) in
            if let deflater {
                try encoder.write(kind, payload, by: deflater, maskKey: key, to: queue)
            } else {
                try encoder.write(kind, payload, maskKey: key, to: queue)
            }
        }
    }

    /// Says goodbye; a server's stream ends behind it, a client waits for the server to end it
    /// (RFC 6455 section 7.1.1).
    private mutating func close(
        _ code: WebSocketCloseCode, _ reason: String, _ stream: StreamWheel, _ my: Context
    ) {
        isOver = true
        let key = mask(my)
        // A stream that is full gets no goodbye.
        _ = try? stream.write { (queue) throws(CodecError) in
            try encoder.writeClose(code, reason: reason, maskKey: key, to: queue)
        }
        if encoder.role == .server { stream.close() }
    }

    private func mask(_ my: Context) -> UInt32? {
        encoder.role == .client ? my.random(UInt32.self) : nil
    }
}

extension String {
    /// Text of bytes that are known to be UTF-8.
    init(copying bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        copy.append(copying: bytes)
        self.init(decoding: copy, as: UTF8.self)
    }
}
