public import OutcryKernel
public import OutcryMarket

/// What the engine has in its book, summed from its orders.
public struct SandboxLevels: Sendable {
    /// Bids, best first; their stamps are 0.
    public let bids: [BookLevel]
    /// Asks, best first; their stamps are 0.
    public let asks: [BookLevel]
    /// The stamp of the last trade or depth change, in microseconds since 1970.
    public let stamp: Int64
}

/// What a sandbox has done since it was started.
public struct SandboxCounters: Sendable, Equatable {
    /// Connections that came.
    public var accepted = 0
    /// Connections that are there.
    public var open = 0
    /// Of those, the ones that are WebSockets.
    public var webSockets = 0
    /// Clients at a Socket.IO session.
    public var socketIO = 0
    /// HTTP calls that were answered with what they asked for.
    public var replies = 0
    /// Of those, the ones that were told as they had been told before.
    public var cached = 0
    /// HTTP calls and WebSocket handshakes that were refused.
    public var refused = 0
    /// Messages of the market's trades.
    public var trades = 0
    /// Messages of changes of depth, those that were dropped on purpose included.
    public var depths = 0
    /// Messages of the ticker.
    public var tickers = 0
    /// Messages of the lag.
    public var lags = 0
    /// Messages put to clients of the stream, each counted for each client.
    public var sent = 0
    /// Clients of the stream that were cut off because they read too slowly.
    public var cutOff = 0
    /// Messages that were dropped on purpose.
    public var dropped = 0
    /// How often each fault was done.
    public var faults = SandboxFaultCounts()
    /// Restarts.
    public var restarts = 0
    /// The recording is over.
    public var isMarketOver = false

    /// Nothing done yet.
    public init() {}
}

/// Everything that was put to clients has left this process.
public struct SandboxDrained: Sendable {
    /// The stamp of the last trade or depth change, in microseconds since 1970.
    public let stamp: Int64
    /// What was done until then.
    public let counters: SandboxCounters
}

extension Event where Payload == Void {
    /// To a sandbox: nothing happens in the market any more; calls and subscriptions are still served.
    public static let sandboxStop = Self("sandboxStop")
    /// To a sandbox: the market goes on after ``sandboxStop``.
    public static let sandboxGo = Self("sandboxGo")
    /// Published by a sandbox: its recording is over.
    public static let sandboxEnded = Self("sandboxEnded")
    static let sandboxBegin = Self("sandbox.begin")
    static let sandboxStep = Self("sandbox.step")
    static let sandboxLag = Self("sandbox.lag")
    static let sandboxReopen = Self("sandbox.reopen")
    static let sandboxDrainLook = Self("sandbox.drainLook")
    static let sandboxWeigh = Self("sandbox.weigh")
    static let sandboxResume = Self("sandbox.resume")
    static let sandboxTrickle = Self("sandbox.trickle")
    static let sandboxWork = Self("sandbox.work")
    static let sandboxCommit = Self("sandbox.commit")
}

extension Event where Payload == Result<Void, any Error> {
    static let sandboxWritten = Self("sandbox.written")
}

extension Event where Payload == Duration {
    /// To a sandbox: close listener and connections without a goodbye, and be back after so long. The
    /// market goes on meanwhile.
    public static let sandboxRestart = Self("sandboxRestart")
}

extension Event where Payload == SocketAddress {
    /// Published by a sandbox: it listens here, from now on.
    public static let sandboxOpened = Self("sandboxOpened")
}

extension Event where Payload == Ask<Void, SandboxLevels> {
    /// To a sandbox: what is in your book?
    public static let sandboxLevels = Self("sandboxLevels")
}

extension Event where Payload == Ask<Void, SandboxCounters> {
    /// To a sandbox: what have you done?
    public static let sandboxCounters = Self("sandboxCounters")
}

extension Event where Payload == Ask<Void, SandboxDrained> {
    /// To a sandbox: tell when everything that you put to clients has left. After ``sandboxStop``.
    public static let sandboxDrain = Self("sandboxDrain")
}
