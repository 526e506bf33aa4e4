import OutcryBytes
public import OutcryKernel
import OutcryWire

/// Makes HTTP/1.1 calls, each on a connection of its own, many at a time.
///
/// It answers ``OutcryKernel/Event/httpCall`` with the whole reply, or with why there is none.
public final class HTTPClient: Session {
    fileprivate struct Running {
        let ask: Ask<HTTPCall, Outcome<HTTPReply, HTTPFailure>>
        let stream: StreamWheel
        var head: HTTPResponseHead?
        var parser = HTTPResponseParser()
        var decoder: HTTPBodyDecoder?
        var body: [UInt8] = []
    }

    private let timeout: Duration
    private let agent: String
    private let bodyLimit: Int
    /// Who may vouch for servers, where the URL is secret.
    private let trust: TLSTrust
    private var running: [UInt64: Running] = [:]
    private var tracker = RequestTracker<UInt64, Void>()

    /// Makes a client whose calls take at most `timeout` as a whole.
    ///
    /// - Parameters:
    ///   - bodyLimit: The most bytes that a reply's body may have.
    ///   - trust: Who may vouch for the servers' certificates, for `https`.
    public init(
        timeout: Duration = .seconds(20), agent: String = "outcry", bodyLimit: Int = 32 << 20,
        trust: TLSTrust = .system
    ) {
        self.timeout = timeout
        self.trust = trust
        self.agent = agent
        self.bodyLimit = bodyLimit
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<HTTPClient>) {
        on(.httpCall) { me, ask, my in me.begin(ask, my) }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamEnded) { me, stream, my in me.ended(stream, my) }
        on(.streamClosed) { me, end, my in
            me.finish(end.stream, .failure(.connection("\(end.reason)")), my)
        }
        on(.httpDeadline) { me, _, my in me.expire(my) }
    }

    private func begin(_ ask: Ask<HTTPCall, Outcome<HTTPReply, HTTPFailure>>, _ my: Context) {
        let call = ask.question
        var head = call.request
        if head.fields["Host"] == nil { head.fields.append("Host", call.url.hostField) }
        if head.fields["User-Agent"] == nil { head.fields.append("User-Agent", agent) }
        head.fields.replace("Connection", "close")
        // A POST without a body says so, as some servers want (RFC 9110 section 8.6).
        if !call.body.isEmpty || head.method == "POST" || head.method == "PUT" {
            head.fields.replace("Content-Length", "\(call.body.count)")
        }
        let stream = my.connect(to: call.url.endpoint, tls: call.url.tls(trust))
        running[stream.number] = Running(ask: ask, stream: stream)
        _ = tracker.begin(stream.number, (), deadline: my.now + timeout)
        arm(my)
        do {
            try stream.write { (queue) throws(CodecError) in try head.write(to: queue) }
            if !call.body.isEmpty { stream.put(call.body.span) }
        } catch {
            finish(stream, .failure(.malformed(error)), my)
            stream.abort()
        }
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        guard var call = running.removeValue(forKey: stream.number) else { return stream.abort() }
        do throws(CodecError) {
            let isDone = try stream.inbound.consume { (bytes, position) throws(CodecError) in
                try call.take(bytes.span, &position, bodyLimit)
            }
            running[stream.number] = call
            if isDone { complete(stream, my) }
        } catch {
            running[stream.number] = call
            finish(stream, .failure(.malformed(error)), my)
            stream.abort()
        }
    }

    private func ended(_ stream: StreamWheel, _ my: Context) {
        guard var call = running[stream.number] else { return stream.close() }
        if call.head != nil, call.decoder != nil {
            do throws(CodecError) {
                try call.decoder?.finish()
                complete(stream, my)
            } catch {
                finish(stream, .failure(.malformed(error)), my)
            }
        } else {
            finish(stream, .failure(.connection("ended before a reply")), my)
        }
        stream.close()
    }

    private func complete(_ stream: StreamWheel, _ my: Context) {
        guard let call = running[stream.number], let head = call.head else { return }
        finish(stream, .success(HTTPReply(head: head, body: call.body)), my)
        stream.close()
    }

    private func finish(
        _ stream: StreamWheel, _ result: Outcome<HTTPReply, HTTPFailure>, _ my: Context
    ) {
        guard let call = running.removeValue(forKey: stream.number) else { return }
        _ = tracker.end(stream.number)
        my.answer(call.ask, result)
        arm(my)
    }

    private func expire(_ my: Context) {
        for (number, _) in tracker.expire(at: my.now) {
            guard let stream = running[number]?.stream else { continue }
            finish(stream, .failure(.timedOut(timeout)), my)
            stream.abort()
        }
        arm(my)
    }

    private func arm(_ my: Context) {
        if let deadline = tracker.nextDeadline {
            my.at(deadline, .httpDeadline, named: "deadline")
        } else {
            my.cancel(named: "deadline")
        }
    }
}

extension HTTPClient.Running {
    /// Takes what is there; true when the reply is whole.
    fileprivate mutating func take(
        _ bytes: Span<UInt8>, _ position: inout Int, _ limit: Int
    ) throws(CodecError) -> Bool {
        while head == nil || head?.isInterim == true {
            guard let next = try parser.next(bytes, at: &position) else { return false }
            head = next
            guard !next.isInterim else { continue }
            let framing = try HTTPBodyFraming(of: next, toMethod: ask.question.request.method)
            decoder = HTTPBodyDecoder(framing, limits: HTTPLimits(bodyBytes: limit))
        }
        while true {
            switch try decoder?.next(bytes, at: &position) {
            case .data(let range):
                body.append(bytes.extracting(range))
            case .end: return true
            case .needMore, nil: return false
            }
        }
    }
}

extension [UInt8] {
    /// Appends bytes in one copy.
    fileprivate mutating func append(_ bytes: Span<UInt8>) {
        // Sound: the pointer is used inside the call only, and the span keeps its bytes meanwhile.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Event where Payload == Void {
    static let httpDeadline = Self("http.deadline")
}
