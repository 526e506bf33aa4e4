/// Mt. Gox for scripts: a call waits for its answer.
///
/// ```swift
/// let gox = try MtGoxClient(url: "http://127.0.0.1:8080")
/// print(try gox.ticker())
/// ```
///
/// It owns a kernel on the thread that made it, which runs while a call waits and at no other time, and makes its
/// calls over HTTP by the same parts as a ``Link``: in their turn, by the limits of the venue, signed, tried again
/// where that changes nothing. Signals do what they do to any program.
///
/// In a handler or a workflow it traps: there `link.call` and `link.place` wait without holding the loop up.
public final class MtGoxClient {
    private let kernel: Kernel
    private let caller: ClientCaller
    private let timeout: Duration
    private var isClosed = false

    /// Makes a client; it connects with its first call.
    ///
    /// - Parameters:
    ///   - url: Where the calls go, such as `http://127.0.0.1:8080`.
    ///   - credentials: The API key; without one calls are public.
    /// - Throws: What is wrong with the URL, or that the system has no descriptors left.
    public convenience init(
        url: String, credentials: MtGoxCredentials? = nil,
        options: MtGoxClientOptions = MtGoxClientOptions()
    ) throws {
        var live = ReactorOptions()
        live.takesSignals = false
        let place = try VenueURL(url)
        let kernel = Kernel(driver: try Reactor(live))
        kernel.logLevel = .error
        try self.init(on: kernel, url: place, credentials, options)
    }

    /// Makes a client on a kernel of its own.
    init(
        on kernel: Kernel, url: VenueURL, _ credentials: MtGoxCredentials?,
        _ options: MtGoxClientOptions
    ) throws(LinkError) {
        guard !url.scheme.isStream else {
            throw LinkError.unsupportedScheme(url.scheme.rawValue, url: "\(url)")
        }
        var access = credentials.map { MtGoxAccess($0) }
        access?.signer = options.signer
        var gateway = options.gateway
        gateway.timeout = min(gateway.timeout, options.timeout)
        access?.gateway = gateway
        var venue = MtGoxVenue([.btcusd], account: access)
        venue.gateway = gateway
        let link = try Link.open(
            venue, on: kernel, from: .calls(url, trust: options.trust), instruments: [.btcusd])
        let caller = ClientCaller(link.gateway)
        kernel.start(caller, alias: ClientCaller.alias)
        self.kernel = kernel
        self.caller = caller
        timeout = options.timeout
    }

    deinit { close() }

    /// Makes a call, and waits for its answer.
    ///
    /// - Throws: ``MtGoxCallFailure``; after ``MtGoxClientOptions/timeout`` the outcome is unknown.
    /// - Precondition: It is not called in a handler or a workflow.
    public func call<Reply>(_ call: MtGoxCall<Reply>) throws(MtGoxCallFailure) -> Reply {
        check()
        guard !isClosed else { throw .notSent("the client is closed") }
        // What the venue has closed meanwhile is seen now, not behind the next call.
        kernel.runOnce()
        caller.answer = nil
        let posted = kernel.post(
            .clientAsk, to: ClientCaller.alias, ClientAsk(call: call.raw, timeout: timeout))
        guard posted == .taken, kernel.run(until: { caller.answer != nil }),
            let answer = caller.answer
        else { throw .uncertain("the client's kernel has stopped") }
        switch call.answer(to: answer, isThere: true, timeout: timeout) {
        case .success(let reply): return reply
        case .failure(let failure): throw failure
        }
    }

    /// Waits for a while.
    ///
    /// - Precondition: It is not called in a handler or a workflow.
    public func sleep(_ duration: Duration) {
        check()
        guard !isClosed, duration > .zero else { return }
        caller.isAwake = false
        kernel.post(.clientSleep, to: ClientCaller.alias, duration)
        _ = kernel.run(until: { caller.isAwake })
    }

    /// Ends all connections. A call after it is not sent.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        try? kernel.finish()
    }

    private func check() {
        precondition(
            !Kernel.isRunningHere,
            "a blocking call in a handler would hold up the loop; use link.call or link.place")
    }
}

/// How a ``MtGoxClient`` goes about its work.
public struct MtGoxClientOptions: Sendable {
    /// A call is given up after this time; what changes nothing may have been tried several times by then.
    public var timeout = Duration.seconds(30)
    /// Who may vouch for the venue's certificate, for `https`.
    public var trust = TLSTrust.system
    /// How calls are made; all of them go over HTTP.
    public var gateway = MtGoxGatewayOptions()
    /// How calls are made new ones, and where processes share what they have used of the key.
    public var signer = MtGoxSignerOptions()

    /// The usual ways, with somebody who waits: three more tries of what changes nothing.
    public init() { gateway.retries = 3 }
}

struct ClientAsk {
    let call: MtGoxRawCall
    let timeout: Duration
}

/// Asks for one call after the other.
final class ClientCaller: Session {
    static let alias: Alias = "client"
    private let gateway: Alias
    var answer: Answer<Outcome<MtGoxRawReply, CallFailure>>?
    var isAwake = false

    init(_ gateway: Alias) { self.gateway = gateway }

    static func handlers(_ on: inout Handlers<ClientCaller>) {
        on(.clientAsk) { me, ask, my in
            my.ask(
                .mtgoxCall, to: me.gateway, ask.call, timeout: ask.timeout, then: .clientAnswer)
        }
        on(.clientAnswer) { me, answer, _ in me.answer = copy answer }
        on(.clientSleep) { _, duration, my in my.after(copy duration, .clientAwake) }
        on(.clientAwake) { me, _, _ in me.isAwake = true }
    }
}

extension Event where Payload == ClientAsk {
    fileprivate static let clientAsk = Self("client.ask")
}
extension Event where Payload == Answer<Outcome<MtGoxRawReply, CallFailure>> {
    fileprivate static let clientAnswer = Self("client.answer")
}
extension Event where Payload == Duration {
    fileprivate static let clientSleep = Self("client.sleep")
}
extension Event where Payload == Void {
    fileprivate static let clientAwake = Self("client.awake")
}
