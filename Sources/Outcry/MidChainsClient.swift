/// MidChains for scripts: what is asked for is waited for.
///
/// ```swift
/// let mid = try MidChainsClient(url: "ws://127.0.0.1:8081/")
/// try mid.send(#"{"type":"subscribe","request":[{"msg":"book","security":"BCHUSD","dest":"CROX"}]}"#)
/// while true { print(try mid.receive()) }
/// ```
///
/// It owns a kernel on the thread that made it, which runs while somebody waits and at no other time. A connection
/// that ends is an error to who waits; the next call makes another one.
///
/// In a handler or a workflow it traps: there a ``Link`` waits without holding the loop up.
public final class MidChainsClient {
    private let kernel: Kernel
    private let link: Link
    private let listener: ClientListener
    private let timeout: Duration
    private var isClosed = false

    /// Makes a client; it connects when it is asked for something.
    ///
    /// - Parameters:
    ///   - url: The stream, such as `wss://ws.midchains.com:8081`.
    ///   - instruments: Whose books it keeps, for ``bestPrices(of:)``; with none it hears what ``send(_:)`` asks for.
    ///   - credentials: Who logs in; without, nobody does.
    ///   - trust: Who may vouch for the venue's certificate, where the URL is `wss`.
    ///   - timeout: A call without an answer within this time has none. ``receive()`` waits as long as it takes.
    /// - Throws: What is wrong with the URL, or that the system has no descriptors left.
    public convenience init(
        url: String, instruments: [Instrument] = [], credentials: MidChainsCredentials? = nil,
        trust: TLSTrust = .system, timeout: Duration = .seconds(30)
    ) throws {
        var live = ReactorOptions()
        live.takesSignals = false
        // Between two calls its loop stands still, and nobody would be answered.
        live.isInspectable = false
        let kernel = Kernel(driver: try Reactor(live))
        kernel.logLevel = .error
        try self.init(
            on: kernel, url: url, instruments: instruments, credentials, trust: trust,
            timeout: timeout)
    }

    /// Makes a client on a kernel of its own.
    init(
        on kernel: Kernel, url: String, instruments: [Instrument],
        _ credentials: MidChainsCredentials?, trust: TLSTrust = .system,
        timeout: Duration = .seconds(30)
    ) throws {
        let markets = instruments.isEmpty ? [.btcusd] : instruments
        var venue = MidChainsVenue(markets, account: credentials.map { MidChainsAccess($0) })
        venue.asksForMarkets = !instruments.isEmpty
        link = try Link.open(
            venue, on: kernel, url: url, instruments: markets, trust: trust)
        listener = ClientListener(link)
        kernel.start(listener, alias: ClientListener.alias)
        self.kernel = kernel
        self.timeout = timeout
    }

    deinit { close() }

    // MARK: Texts

    /// Sends one message as it is.
    ///
    /// - Throws: ``MidChainsClientError`` where there is no connection within the timeout.
    public func send(_ text: String) throws(MidChainsClientError) {
        try wait("a connection") { $0.isUp ? () : nil }
        kernel.post(.send, to: link.connection, Array(text.utf8))
        kernel.runOnce()
    }

    /// Waits for the next message.
    ///
    /// - Throws: ``MidChainsClientError`` when the connection ends: what was subscribed on it is not any more.
    public func receive() throws(MidChainsClientError) -> String {
        try wait("a message", timeout: nil) { $0.takeText() }
    }

    // MARK: The market

    /// Waits until the best prices of a market are others than they were when it was asked last.
    ///
    /// - Precondition: The instrument is one of those that the client was made with.
    public func bestPrices(
        of instrument: Instrument
    ) throws(MidChainsClientError) -> (bid: Price, ask: Price) {
        precondition(
            link.instruments.contains(instrument), "a client keeps the books it was made for")
        return try wait("best prices of \(instrument)", timeout: nil) { $0.takeTouch(instrument) }
    }

    // MARK: The account

    /// Places an order, and returns when the venue has taken it.
    ///
    /// - Returns: The order; its ``OutcryMarket/Order/venueID`` is the venue's name for it.
    /// - Throws: ``MidChainsClientError``; see ``MidChainsClientError/isOutcomeUnknown``.
    public func place(_ request: OrderRequest) throws(MidChainsClientError) -> Order {
        try logIn()
        let link = link
        do {
            return try task { _ in try await link.place(request) }
        } catch let error as OrderRejected {
            throw .refused(error.order.reason ?? "rejected")
        } catch { throw .uncertain("\(error)") }
    }

    /// Takes an order back, by its own or the venue's name, and returns when it has ended.
    public func cancel(_ id: OrderID) throws(MidChainsClientError) -> Order {
        try logIn()
        let link = link
        do {
            let order = try task { _ in
                let mine = try await link.openOrders().first { $0.id == id || $0.venueID == id }
                guard let mine else { return Order?.none }
                await Context.inWorkflow { my in _ = link.cancel(mine.id, my) }
                return try await link.end(of: mine.id)
            }
            if let order { return order }
        } catch { throw .uncertain("\(error)") }
        throw .refused("order not found")
    }

    /// The orders that are open.
    public func orders() throws(MidChainsClientError) -> [Order] {
        try logIn()
        let link = link
        do { return try task { _ in try await link.openOrders() } } catch {
            throw .uncertain("\(error)")
        }
    }

    /// What the account has.
    public func wallet() throws(MidChainsClientError) -> Wallet {
        try logIn()
        return try wait("the wallet") { $0.wallet }
    }

    /// Waits until the venue has let the user in, and told what there is.
    private func logIn() throws(MidChainsClientError) {
        try wait("a login") { $0.isReconciled ? () : nil }
    }

    // MARK: Waiting

    /// Runs the kernel until a workflow has come to its end.
    private func task<Value>(
        _ body: nonisolated(nonsending) @escaping (_ my: Context) async throws -> Value
    ) throws -> Value {
        checkPlace()
        var outcome: Result<Value, any Error>?
        let act = ClientAct { my in
            my.task { my in
                do { outcome = .success(try await body(my)) } catch { outcome = .failure(error) }
            }
        }
        kernel.post(.clientListenerAct, to: ClientListener.alias, act)
        let isIn = runs(timeout) { outcome != nil }
        guard isIn, let outcome else { throw MidChainsClientError.timedOut("an answer") }
        return try outcome.get()
    }

    /// Runs the kernel until `take` gives something.
    private func wait<Value>(
        _ what: String, timeout: Duration?, _ take: (ClientListener) -> Value?
    ) throws(MidChainsClientError) -> Value {
        checkPlace()
        guard !isClosed else { throw .closed }
        var found = take(listener)
        let isIn =
            found != nil
            || runs(timeout) {
                // Asked more than once: what was taken is kept.
                if found == nil { found = take(self.listener) }
                return found != nil || self.listener.hasEnded
            }
        if let found { return found }
        if let reason = listener.takeEnd() { throw .disconnected(reason) }
        throw isIn ? .closed : .timedOut(what)
    }

    private func wait<Value>(
        _ what: String, _ take: (ClientListener) -> Value?
    ) throws(MidChainsClientError) -> Value { try wait(what, timeout: timeout, take) }

    private func runs(_ timeout: Duration?, until isDone: () -> Bool) -> Bool {
        listener.isLate = false
        if let timeout {
            kernel.post(
                .clientListenerAct, to: ClientListener.alias,
                ClientAct { $0.after(timeout, .clientLate, named: "late") })
        }
        let isOver = kernel.run(until: { isDone() || self.listener.isLate })
        if timeout != nil {
            kernel.post(
                .clientListenerAct, to: ClientListener.alias,
                ClientAct { $0.cancel(named: "late") })
        }
        return isOver && !listener.isLate
    }

    private func checkPlace() {
        precondition(
            !Kernel.isRunningHere,
            "a blocking call in a handler would hold up the loop; use a link there")
    }

    /// Waits for a while.
    public func sleep(_ duration: Duration) {
        _ = try? task { my in try await my.sleep(duration) }
    }

    /// Ends the connection.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        try? kernel.finish()
    }
}

/// Why a ``MidChainsClient`` has nothing to give.
public enum MidChainsClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The connection has ended, or could not be made.
    case disconnected(String)
    /// Nothing came within the timeout.
    case timedOut(String)
    /// The venue, or the link's own desk, refused it: nothing was done.
    case refused(String)
    /// It may have been done.
    case uncertain(String)
    /// The client was closed.
    case closed

    /// It may have been done: only ``refused(_:)`` and ``closed`` say that nothing was.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .refused, .closed: false
        case .disconnected, .timedOut, .uncertain: true
        }
    }

    /// In words.
    public var description: String {
        switch self {
        case .disconnected(let reason): "disconnected: \(reason)"
        case .timedOut(let what): "expected \(what) in time, found nothing"
        case .refused(let words): "refused: \(words)"
        case .uncertain(let reason): "outcome unknown: \(reason)"
        case .closed: "the client is closed"
        }
    }
}

/// Hears what a client's link says.
private final class ClientListener: Session {
    static let alias: Alias = "client.listener"

    private let link: Link
    private var texts: [String] = []
    private var next = 0
    private var end: String?
    private var touches: [Instrument: (bid: Price, ask: Price)] = [:]
    private var told: [Instrument: (bid: Price, ask: Price)] = [:]
    private(set) var isUp = false
    private(set) var isReconciled = false
    private(set) var wallet: Wallet?
    var isLate = false

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<ClientListener>) {
        on(.started) { me, _, my in
            my.register(
                me.link.frame, me.link.connected, me.link.disconnected, me.link.bookChanged,
                me.link.reconciled, me.link.accountChannel, me.link.wallet)
        }
        on(.clientListenerAct) { _, act, my in act.body(my) }
        on(.clientLate) { me, _, _ in me.isLate = true }
        on(.frame) { me, frame, _ in
            guard frame.direction == .received, frame.kind == .text else { return }
            me.texts.append(String(decoding: frame.bytes, as: UTF8.self))
        }
        on(.connected) { me, _, _ in
            me.isUp = true
            me.end = nil
        }
        on(.disconnected) { me, down, _ in
            me.isUp = false
            me.end = down.reason
        }
        on(.accountChannel) { me, isUp, _ in if !isUp { me.isReconciled = false } }
        on(.reconciled) { me, _, _ in me.isReconciled = true }
        on(.wallet) { me, wallet, _ in me.wallet = copy wallet }
        on(.bookChanged) { me, change, _ in
            guard change.evidence.isTrusted, let bid = change.book.bestBid,
                let ask = change.book.bestAsk
            else { return }
            me.touches[change.instrument] = (bid.price, ask.price)
        }
    }

    var hasEnded: Bool { end != nil && next == texts.count }

    func takeEnd() -> String? {
        defer { end = nil }
        return end
    }

    func takeText() -> String? {
        guard next < texts.count else { return nil }
        defer {
            next += 1
            if next == texts.count {
                texts.removeAll(keepingCapacity: true)
                next = 0
            }
        }
        return texts[next]
    }

    func takeTouch(_ instrument: Instrument) -> (bid: Price, ask: Price)? {
        guard let touch = touches[instrument] else { return nil }
        if let old = told[instrument], old == touch { return nil }
        told[instrument] = touch
        return touch
    }
}

extension Event where Payload == ClientAct {
    fileprivate static let clientListenerAct = Self("client.listenerAct")
}
extension Event where Payload == Void {
    fileprivate static let clientLate = Self("client.late")
}
