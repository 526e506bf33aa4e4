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
    let link: Link
    let timeout: Duration
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
        // Between two calls its loop stands still, and nobody would be answered.
        live.isInspectable = false
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
        // What has not left by then is known to have not, when the time is up.
        gateway.patience = min(gateway.patience, options.timeout / 2)
        access?.gateway = gateway
        var venue = MtGoxVenue([.btcusd], account: access)
        venue.gateway = gateway
        link = try Link.open(
            venue, on: kernel, from: .calls(url, trust: options.trust), instruments: [.btcusd])
        kernel.start(ClientCaller(), alias: ClientCaller.alias)
        self.kernel = kernel
        timeout = options.timeout
    }

    deinit { close() }

    /// Makes a call, and waits for its answer.
    ///
    /// - Throws: ``MtGoxCallFailure``; after ``MtGoxClientOptions/timeout`` the outcome is unknown.
    /// - Precondition: It is not called in a handler or a workflow.
    public func call<Reply>(_ call: MtGoxCall<Reply>) throws(MtGoxCallFailure) -> Reply {
        let (link, timeout) = (link, timeout)
        do {
            return try wait { _ in try await link.call(call, timeout: timeout) }
        } catch let failure as MtGoxCallFailure { throw failure } catch is ClientClosed {
            throw .notSent("the client is closed")
        } catch { throw .uncertain("\(error)") }
    }

    /// Runs the kernel until a workflow of the client's session has come to its end.
    ///
    /// - Throws: What that throws, and ``ClientClosed``.
    func wait<Value>(
        _ body: nonisolated(nonsending) @escaping (_ my: Context) async throws -> Value
    ) throws -> Value {
        precondition(
            !Kernel.isRunningHere,
            "a blocking call in a handler would hold up the loop; use link.call or link.place")
        guard !isClosed else { throw ClientClosed() }
        // What the venue has closed meanwhile is seen now, not behind the next call.
        kernel.runOnce()
        var outcome: Result<Value, any Error>?
        let act = ClientAct { my in
            my.task { my in
                do { outcome = .success(try await body(my)) } catch { outcome = .failure(error) }
            }
        }
        kernel.post(.clientAct, to: ClientCaller.alias, act)
        _ = kernel.run(until: { outcome != nil })
        guard let outcome else { throw ClientClosed() }
        return try outcome.get()
    }

    /// Waits for a while.
    ///
    /// - Precondition: It is not called in a handler or a workflow.
    public func sleep(_ duration: Duration) {
        _ = try? wait { my in try await my.sleep(duration) }
    }

    /// Ends all connections. A call after it is not sent.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        try? kernel.finish()
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

/// The client has ended, or its kernel has.
struct ClientClosed: Error {}

struct ClientAct {
    let body: (Context) -> Void
}

/// Whose workflows the calls of a client are.
final class ClientCaller: Session {
    static let alias: Alias = "client"

    static func handlers(_ on: inout Handlers<ClientCaller>) {
        on(.clientAct) { _, act, my in act.body(my) }
    }
}

extension Event where Payload == ClientAct {
    fileprivate static let clientAct = Self("client.act")
}
