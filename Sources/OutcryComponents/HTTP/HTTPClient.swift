import OutcryBytes
public import OutcryKernel
import OutcryWire

/// Makes HTTP/1.1 calls: on connections that are kept for the next call to the same host, some a host at a
/// time, through proxies where its options say so.
///
/// It answers ``OutcryKernel/Event/httpCall`` with the whole reply, or with why there is none. A call whose
/// kept connection turns out to be closed is put again, once and on a new one, where that cannot do anything
/// twice.
public final class HTTPClient: Session {
    typealias Question = Ask<HTTPCall, Outcome<HTTPReply, HTTPFailure>>

    /// A call that is not answered yet.
    private struct Call {
        let ask: Question
        let origin: HTTPOrigin
        let request: HTTPCallWriter.Written
        /// Nil: it waits for one.
        var connection: UInt64?
        var isRepeated = false
    }

    private struct Connection {
        let stream: StreamWheel
        let origin: HTTPOrigin
        var machine: HTTPConnectionMachine
        var call: UInt64?
        /// What had been written when the call began.
        var mark = 0
    }

    private let options: HTTPClientOptions
    private let writer: HTTPCallWriter
    private var calls: [UInt64: Call] = [:]
    private var connections: [UInt64: Connection] = [:]
    private var pool: HTTPPool
    private var tracker = RequestTracker<UInt64, Void>()
    private var begun: UInt64 = 0

    /// Makes a client.
    public init(_ options: HTTPClientOptions) {
        self.options = options
        pool = HTTPPool(limit: options.connectionsPerHost)
        writer = HTTPCallWriter(
            agent: options.agent, asksForGzip: options.asksForGzip, keepsAlive: options.keepsAlive,
            fields: options.fields)
    }

    /// Makes a client whose calls take at most `timeout` as a whole.
    ///
    /// - Parameters:
    ///   - bodyLimit: The most bytes that a reply's body may have.
    ///   - trust: Who may vouch for the servers' certificates, for `https`.
    public convenience init(
        timeout: Duration = .seconds(20), agent: String = "outcry", bodyLimit: Int = 32 << 20,
        trust: TLSTrust = .system
    ) {
        var options = HTTPClientOptions()
        options.timeout = timeout
        options.agent = agent
        options.bodyLimit = bodyLimit
        options.trust = trust
        self.init(options)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<HTTPClient>) {
        on(.httpCall) { me, ask, my in me.begin(ask, my) }
        on(.streamOpened) { me, stream, my in me.step(stream, my) { $0.opened() } }
        on(.streamSecured) { me, stream, my in me.step(stream, my) { $0.secured() } }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamEnded) { me, stream, my in me.step(stream, my) { $0.ended() } }
        on(.streamOverdue) { me, stream, my in
            let options = me.options
            me.step(stream, my) { $0.overdue(options) }
        }
        on(.streamClosed) { me, end, my in
            let mark = me.connections[end.stream.number]?.mark
            let isUntouched = end.stream.bytesOut == mark
            me.step(end.stream, my) { $0.lost("\(end.reason)", isUntouched: isUntouched) }
        }
        on(.httpDeadline) { me, _, my in me.expire(my) }
    }

    // MARK: Calls

    private func begin(_ ask: Question, _ my: Context) {
        let url = ask.question.url
        let proxy = options.proxies.proxy(for: url)
        let forwarder = proxy?.language == .http && !url.isSecure ? proxy : nil
        begun += 1
        let number = begun
        do throws(CodecError) {
            let request = try writer.write(ask.question, forwardedBy: forwarder)
            calls[number] = Call(ask: ask, origin: HTTPOrigin(url, proxy), request: request)
        } catch {
            my.answer(ask, .failure(.malformed(error)))
            return
        }
        _ = tracker.begin(number, (), deadline: my.now + options.timeout)
        arm(my)
        give(number, pool.place(number, HTTPOrigin(url, proxy)), my)
    }

    private func give(_ number: UInt64, _ place: HTTPPool.Place, _ my: Context) {
        switch place {
        case .queue: return
        case .new: open(number, my)
        case .connection(let connection):
            connections[connection]?.call = number
            calls[number]?.connection = connection
            put(connection, my)
        }
    }

    private func open(_ number: UInt64, _ my: Context) {
        guard let call = calls[number] else { return }
        let url = call.ask.question.url
        let proxy = call.origin.proxy
        var limits = StreamOptions()
        limits.connectTimeout = options.connectTimeout
        let stream =
            proxy.map {
                my.connect(to: .host($0.host, port: UInt16($0.port)), options: limits)
            } ?? my.connect(to: url.endpoint, tls: url.tls(options.trust), options: limits)
        let machine = HTTPConnectionMachine(call.origin, bodyLimit: options.bodyLimit)
        connections[stream.number] = Connection(
            stream: stream, origin: call.origin, machine: machine, call: number)
        calls[number]?.connection = stream.number
        stream.setDeadline(after: options.connectTimeout)
    }

    /// Sends the request of a connection's call.
    private func put(_ number: UInt64, _ my: Context) {
        guard let connection = connections[number],
            let call = connection.call.flatMap({ calls[$0] })
        else { return }
        let stream = connection.stream
        let what = call.ask.question
        stream.isBackground = false
        connections[number]?.mark = stream.bytesOut
        connections[number]?.machine.begin(
            what.request.method, closes: call.request.closes, inflates: call.request.inflates)
        stream.setDeadline(after: options.firstByteTimeout)
        stream.put(call.request.head.span)
        if !what.body.isEmpty { stream.put(what.body.span) }
    }

    private func finish(
        _ number: UInt64, _ result: Outcome<HTTPReply, HTTPFailure>, _ my: Context
    ) {
        guard let call = calls.removeValue(forKey: number) else { return }
        _ = tracker.end(number)
        my.answer(call.ask, result)
        arm(my)
    }

    private func expire(_ my: Context) {
        for (number, _) in tracker.expire(at: my.now) {
            guard let call = calls[number] else { continue }
            finish(number, .failure(.timedOut(options.timeout)), my)
            if let connection = call.connection {
                drop(connection, my)
            } else {
                pool.withdraw(number, call.origin)
            }
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

    // MARK: Connections

    private func read(_ stream: StreamWheel, _ my: Context) {
        while connections[stream.number] != nil {
            let before = stream.inbound.count
            step(stream, my) { machine in
                stream.inbound.consume { bytes, position in
                    machine.received(bytes.span, &position)
                }
            }
            // What a proxy said may have been one of several answers.
            if stream.inbound.isEmpty || stream.inbound.count == before { return }
        }
    }

    /// Lets the machine of a stream take a step, and does what it asks for.
    private func step(
        _ stream: StreamWheel, _ my: Context,
        _ body: (inout HTTPConnectionMachine) -> HTTPConnectionMachine.Step
    ) {
        let number = stream.number
        guard var connection = connections.removeValue(forKey: number) else { return }
        let before = connection.machine.state
        let step = body(&connection.machine)
        let state = connection.machine.state
        connections[number] = connection
        switch step {
        case .wait:
            // From here on the call's own deadline is the only one.
            if state == .answered, before == .asked { stream.clearDeadline() }
        case .send(let bytes): stream.put(bytes.span)
        case .secure: secure(connection, my)
        case .ready: put(number, my)
        case .reply(let reply, let isFree):
            if let call = connection.call { finish(call, .success(reply), my) }
            // A reply before its request is through says nothing of the next one.
            isFree && stream.unwritten == 0 ? rest(number, my) : drop(number, my, inOrder: true)
        case .failure(let failure, let mayRepeat): fail(number, failure, mayRepeat, my)
        }
    }

    private func secure(_ connection: Connection, _ my: Context) {
        guard let url = connection.call.flatMap({ calls[$0] })?.ask.question.url,
            let tls = url.tls(options.trust)
        else { return drop(connection.stream.number, my) }
        connection.stream.secure(tls, serverName: url.host)
    }

    private func fail(
        _ number: UInt64, _ failure: HTTPFailure, _ mayRepeat: Bool, _ my: Context
    ) {
        if mayRepeat, let call = connections[number]?.call, calls[call]?.isRepeated == false {
            // The place in the pool stays with the call.
            connections.removeValue(forKey: number)?.stream.abort()
            calls[call]?.isRepeated = true
            return open(call, my)
        }
        if let call = connections[number]?.call { finish(call, .failure(failure), my) }
        drop(number, my)
    }

    /// A connection is free: for the call that has waited longest, or for a later one.
    private func rest(_ number: UInt64, _ my: Context) {
        guard let connection = connections[number] else { return }
        connections[number]?.call = nil
        if let next = pool.release(number, connection.origin) {
            return give(next.call, next.place, my)
        }
        connection.stream.setDeadline(after: options.idleTimeout)
        connection.stream.isBackground = true
    }

    /// A connection is of no more use.
    private func drop(_ number: UInt64, _ my: Context, inOrder: Bool = false) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        inOrder ? connection.stream.close() : connection.stream.abort()
        guard connection.call != nil else {
            return pool.lose(number, connection.origin)
        }
        if let next = pool.release(nil, connection.origin) { give(next.call, next.place, my) }
    }
}

extension Event where Payload == Void {
    static let httpDeadline = Self("http.deadline")
}
