import Outcry

/// `outcry-peer ws-autobahn URL AGENT`: the client role of the Autobahn Testsuite. Asks how many cases there
/// are, echoes in each, and asks for the reports.
enum WSAutobahn {
    static func run(_ words: inout PeerWords) throws {
        let url = try VenueURL(try words.next("URL"))
        let agent = try words.next("AGENT")
        try words.finish()
        guard url.scheme == .ws else {
            throw UsageError("ws-autobahn: expected a URL with ws, found \(url)")
        }
        let client = AutobahnClient(url, agent)
        let kernel = Kernel(driver: try Reactor())
        kernel.start(client)
        try kernel.run()
        Output.line("\(client.done) of \(client.count) cases run")
        if let failure = client.failure { throw failure }
    }
}

/// One connection after the other.
private final class AutobahnClient: Session {
    private enum Step: Equatable {
        case count
        case run(Int)
        case report
    }

    private let url: VenueURL
    private let agent: String
    private var step = Step.count
    private var stream: StreamWheel?
    private var handshake: WebSocketClientHandshake?
    private var echo = MessageEcho(.client)
    /// The number of cases, as the suite says.
    private(set) var count = 0
    /// Connections of cases that were made and have ended.
    private(set) var done = 0
    /// Why it could not go on.
    private(set) var failure: PeerError?

    /// The longest that one case may take.
    private static let limit = Duration.seconds(300)

    init(_ url: VenueURL, _ agent: String) {
        self.url = url
        self.agent = agent
    }

    static func handlers(_ on: inout Handlers<AutobahnClient>) {
        on(.started) { me, _, my in me.dial(my) }
        on(.streamOpened) { me, stream, my in me.greet(stream, my) }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamEnded) { _, stream, _ in stream.close() }
        on(.streamPressure) { _, pressure, _ in
            pressure.isHigh ? pressure.stream.pauseReading() : pressure.stream.resumeReading()
        }
        on(.streamClosed) { me, end, my in me.closed("\(end.reason)", my) }
        on(.caseLate) { me, _, _ in me.fail("no end within \(Self.limit)") }
        on(.interrupt) { _, _, my in my.kernel.stop() }
    }

    // MARK: Steps

    private var target: VenueURL {
        let agent = HTTPQueryItem("agent", agent)
        func at(_ path: String, _ items: [HTTPQueryItem]) -> VenueURL {
            var url = url
            url.target = (url.target == "/" ? "" : url.target) + path
            return url.adding(query: items)
        }
        switch step {
        case .count: return at("/getCaseCount", [])
        case .run(let number):
            return at("/runCase", [HTTPQueryItem("case", "\(number)"), agent])
        case .report: return at("/updateReports", [agent])
        }
    }

    private func dial(_ my: Context) {
        let bytes = (0..<16).map { _ in UInt8(truncatingIfNeeded: my.random(UInt64.self)) }
        handshake = WebSocketClientHandshake(
            url: target, key: WebSocketKey(bytes: bytes), deflate: DeflateOptions())
        stream = my.connect(to: .host(url.host, port: UInt16(url.port)))
        my.after(Self.limit, .caseLate, named: "late")
    }

    private func closed(_ reason: String, _ my: Context) {
        my.cancel(named: "late")
        guard failure == nil else { return }
        if handshake != nil { return fail("no handshake: \(reason)") }
        switch step {
        case .count:
            guard count > 0 else { return fail("no number of cases: \(reason)") }
            step = .run(1)
        case .run(let number):
            done += 1
            step = number < count ? .run(number + 1) : .report
        case .report: return
        }
        dial(my)
    }

    private func fail(_ reason: String) {
        if failure == nil { failure = PeerError("\(target): \(reason)") }
        stream?.abort()
    }

    // MARK: Bytes

    private func greet(_ stream: StreamWheel, _ my: Context) {
        do {
            try stream.write { (queue) throws(CodecError) in try handshake?.write(to: queue) }
        } catch { fail("\(error)") }
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        if var handshake {
            do throws(WebSocketHandshakeError) {
                let agreement = try stream.inbound.consume {
                    (bytes, position) throws(WebSocketHandshakeError) in
                    try handshake.next(bytes.span, at: &position)
                }
                self.handshake = agreement == nil ? handshake : nil
                guard let agreement else { return }
                echo = MessageEcho(.client, agreement.deflate, keepsText: step == .count)
            } catch { return fail("\(error)") }
        }
        echo.read(stream, my)
        if step == .count { count = echo.kept.flatMap(Int.init) ?? 0 }
        if echo.isOver { my.after(.seconds(5), .caseLate, named: "late") }
    }
}

extension Event where Payload == Void {
    fileprivate static let caseLate = Self("autobahn.caseLate")
}
