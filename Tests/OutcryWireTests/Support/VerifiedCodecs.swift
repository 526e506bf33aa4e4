import OutcryWire

/// The frame decoder under the verifier.
struct VerifiedFrames: VerifiedCodec {
    var decoder: WebSocketFrameDecoder
    var log: [String] = []
    var promised: Int?

    init(
        _ role: WebSocketRole, messageLimit: Int = 16 << 20, deflate: DeflateAgreement? = nil
    ) {
        decoder = WebSocketFrameDecoder(role: role, messageLimit: messageLimit, deflate: deflate)
    }

    mutating func read(_ bytes: inout MutableSpan<UInt8>, at position: inout Int) -> Bool {
        do throws(CodecError) {
            while true {
                switch try decoder.next(&bytes, at: &position) {
                case .needMore(let count):
                    promised = count
                    return true
                case .text(let range): note("text", array(bytes.span, range))
                case .binary(let range): note("binary", array(bytes.span, range))
                case .ping(let range): note("ping", array(bytes.span, range))
                case .pong(let range): note("pong", array(bytes.span, range))
                case .assembledText: decoder.withAssembled { note("text", array($0, 0..<$0.count)) }
                case .assembledBinary:
                    decoder.withAssembled { note("binary", array($0, 0..<$0.count)) }
                case .close(let code, let reason):
                    log.append("close \(code) \(shown(array(bytes.span, reason)))")
                }
            }
        } catch {
            log.append("error \(error.closeCode) \(error)")
            return false
        }
    }

    mutating func end() {}

    private mutating func note(_ kind: String, _ bytes: [UInt8]) {
        log.append("\(kind) \(shown(bytes))")
    }
}

/// One end of HTTP under the verifier: heads and bodies in turn, as a server or client reads them.
struct VerifiedHTTP: VerifiedCodec {
    enum Role { case requests, responses(toMethod: String) }

    let role: Role
    let limits: HTTPLimits
    var log: [String] = []
    let promised: Int? = nil
    private var requests: HTTPRequestParser
    private var responses: HTTPResponseParser
    private var body: HTTPBodyDecoder?
    private var data: [UInt8] = []
    /// The bodies of the messages that are complete.
    private(set) var bodies: [[UInt8]] = []
    private(set) var failure: CodecError?
    private var closesAfterThis = false

    init(_ role: Role = .requests, limits: HTTPLimits = HTTPLimits()) {
        self.role = role
        self.limits = limits
        requests = HTTPRequestParser(limits: limits)
        responses = HTTPResponseParser(limits: limits)
    }

    mutating func read(_ bytes: inout MutableSpan<UInt8>, at position: inout Int) -> Bool {
        do throws(CodecError) {
            while try step(bytes.span, &position) {}
            return true
        } catch {
            fail(error)
            return false
        }
    }

    mutating func end() {
        guard body != nil else { return }
        do throws(CodecError) {
            try body?.finish()
            finishBody()
        } catch {
            fail(error)
        }
    }

    private mutating func fail(_ error: CodecError) {
        if !data.isEmpty { log.append("part \(shown(data))") }
        failure = error
        log.append("error \(error.httpStatus) \(error)")
    }

    /// One step; false when more bytes are needed or nothing after this message counts.
    private mutating func step(_ bytes: Span<UInt8>, _ position: inout Int) throws(CodecError)
        -> Bool
    {
        if body != nil {
            switch try body!.next(bytes, at: &position) {
            case .needMore: return false
            case .data(let range): data += array(bytes, range)
            case .end: finishBody()
            }
            return true
        }
        if closesAfterThis { return false }
        switch role {
        case .requests:
            guard let head = try requests.next(bytes, at: &position) else { return false }
            log.append("\(head.method) \(head.target) \(head.version.rawValue)")
            log += head.fields.map(\.description)
            begin(try HTTPBodyFraming(of: head), keepsAlive: head.keepsAlive)
        case .responses(let method):
            guard let head = try responses.next(bytes, at: &position) else { return false }
            log.append("\(head.version.rawValue) \(head.status) \(head.reason)")
            log += head.fields.map(\.description)
            begin(try HTTPBodyFraming(of: head, toMethod: method), keepsAlive: head.keepsAlive)
        }
        return true
    }

    private mutating func begin(_ framing: HTTPBodyFraming, keepsAlive: Bool) {
        body = HTTPBodyDecoder(framing, limits: limits)
        closesAfterThis = !keepsAlive
    }

    private mutating func finishBody() {
        log.append("body \(shown(data))")
        if let body, !body.trailers.isEmpty {
            log.append("trailers \(body.trailers.map(\.description))")
        }
        bodies.append(data)
        data = []
        body = nil
    }
}
