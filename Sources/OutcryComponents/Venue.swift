public import OutcryBytes
public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// One exchange's dialect, as far as the components have to know it: its channels, its messages, its
/// rules as data.
public protocol Venue {
    /// The venue's short name.
    var id: VenueID { get }
    /// The venue's numbers.
    var rules: VenueRules { get }
    /// What has to be subscribed for `instrument`, in the order in which it is asked for; the first is the
    /// channel of its depth.
    func channels(for instrument: Instrument) -> [Channel]
    /// The channel by which a feed names what it says of an instrument's depth, whether a link asks for it or not;
    /// the first of ``channels(for:)``, as the extension says.
    func depthChannel(for instrument: Instrument) -> Channel?
    /// The message that asks for `channel`.
    func subscribeMessage(_ channel: Channel) -> [UInt8]
    /// The message that gives `channel` up; nil when the venue knows none for it.
    func unsubscribeMessage(_ channel: Channel) -> [UInt8]?
    /// Makes the parser of one connection's messages.
    func makeFeed() -> any Feed
    /// The HTTP call that brings a whole book.
    func snapshotTarget(_ instrument: Instrument) -> String
    /// Reads the reply to that call.
    func snapshot(_ instrument: Instrument, from reply: HTTPReply) throws -> BookSnapshot
    /// Whether it was made with a key: the links to it have an account then.
    var hasAccount: Bool { get }
    /// The same venue as one sees it without a key; itself, as the extension says, for one that never has one.
    var withoutAccount: any Venue { get }
    /// Starts what makes a link's calls as children of `my`: a gateway under `link.gateway`, which answers the
    /// events of `GatewayEvents.swift` where ``hasAccount`` holds, and what it needs.
    ///
    /// - Parameter http: Where the HTTP calls go.
    func startCalls(of link: Link, http: VenueURL, _ my: Context)
    /// The HTTP call that brings what a cache is asked for, besides whole books; nil: there is none, as the
    /// extension says.
    func fetchTarget(_ key: CacheKey) -> String?
    /// Reads the reply to that call, which has come at `now`.
    func fetched(_ key: CacheKey, from reply: HTTPReply, at now: WallTime) throws -> CacheValue
    /// The channel that tells such things of an instrument as they happen; nil: none, or nobody knows, as the
    /// extension says.
    func channel(of kind: CacheKind, for instrument: Instrument) -> Channel?
}

extension Venue {
    /// The first of those that are subscribed for it.
    public func depthChannel(for instrument: Instrument) -> Channel? {
        channels(for: instrument).first
    }

    /// No key.
    public var hasAccount: Bool { false }
    /// Itself.
    public var withoutAccount: any Venue { self }
    /// Starts nothing.
    public func startCalls(of link: Link, http: VenueURL, _ my: Context) {}

    /// No call.
    public func fetchTarget(_ key: CacheKey) -> String? { nil }

    /// Nothing is read, since nothing is called.
    public func fetched(
        _ key: CacheKey, from reply: HTTPReply, at now: WallTime
    ) throws -> CacheValue { throw NoSuchCall(venue: id, key: key) }

    /// No channel.
    public func channel(of kind: CacheKind, for instrument: Instrument) -> Channel? { nil }
}

/// A venue was asked to read what it has no call for.
struct NoSuchCall: Error, CustomStringConvertible {
    let venue: VenueID
    let key: CacheKey
    var description: String { "expected a call that \(venue) knows, found \(key)" }
}

/// A venue's numbers.
public struct VenueRules: Sendable {
    /// Where a whole book comes from.
    public var snapshotSource: SnapshotSource
    /// Of ``SnapshotSource/stream``: a channel that is subscribed once more begins with every level, too; else only
    /// another connection does.
    public var isBookToldAgain = true
    /// A snapshot may be so old when it is served.
    public var snapshotAge: Duration
    /// Snapshots that may be fetched in ``snapshotPeriod``.
    public var snapshots: Int
    /// The time in which ``snapshots`` are counted.
    public var snapshotPeriod: Duration
    /// A signed call that has gone out cannot be carried out any more after this: at Mt. Gox a tonce counts for
    /// 10 s.
    public var settlesAfter = Duration.seconds(12)
    /// The venue's other limits.
    public var budgets: [RateBudget] = []
    /// Nothing at all for so long: the connection is dead.
    public var silence: Duration
    /// Channels that may say nothing for hours while the others speak.
    public var rareChannels: [Channel] = []
    /// Pauses between connection tries.
    public var reconnect: Backoff
    /// The `Origin` that the venue wants to see; nil for none.
    public var origin: String?
    /// More fields of the opening handshake, such as `User-Agent`.
    public var fields: HTTPFields = []
    /// Fields of each call over HTTP that does not say them itself.
    public var callFields: HTTPFields = []
    /// The subprotocols that are offered, the most wanted first.
    public var subprotocols: [String] = []
    /// How permessage-deflate is offered; nil: it is not. No venue that is known here speaks it.
    public var compression: DeflateOptions?
    /// The pause between two subscription messages.
    public var subscriptionPace: Duration
    /// A subscription that is not confirmed within this time is asked for again.
    public var subscriptionTimeout: Duration
    /// What the link's cache keeps, and how long.
    public var cache = CacheRules()
    /// What it does to orders, for those that are simulated.
    public var paper = PaperRules()

    /// All of its limits: ``budgets``, and that of whole books.
    public var allBudgets: [RateBudget] {
        var books = RateBudget(
            "whole books", snapshots, in: snapshotPeriod, kinds: [.snapshot, .spareSnapshot])
        books.reserve = snapshots / 2
        return budgets + [books]
    }

    /// Numbers for a venue without known limits.
    public init(
        snapshotSource: SnapshotSource = .http, snapshotAge: Duration = .zero, snapshots: Int = 60,
        snapshotPeriod: Duration = .seconds(60), silence: Duration = .seconds(60),
        reconnect: Backoff = Backoff(
            first: .milliseconds(250), most: .seconds(30), floor: .milliseconds(100), limit: 20),
        origin: String? = nil, subscriptionPace: Duration = .milliseconds(20),
        subscriptionTimeout: Duration = .seconds(5)
    ) {
        self.snapshotSource = snapshotSource
        self.snapshotAge = snapshotAge
        self.snapshots = snapshots
        self.snapshotPeriod = snapshotPeriod
        self.silence = silence
        self.reconnect = reconnect
        self.origin = origin
        self.subscriptionPace = subscriptionPace
        self.subscriptionTimeout = subscriptionTimeout
    }
}

/// Where a whole book comes from.
public enum SnapshotSource: Sendable, Equatable {
    /// From an HTTP call, to be joined with the stream.
    case http
    /// From the stream itself: it begins with every level, behind each `subscribed`.
    case stream
}

/// A whole book as a venue served it.
public struct BookSnapshot: Sendable {
    /// What is traded in it.
    public let instrument: Instrument
    /// The bids, in any order.
    public let bids: [BookLevel]
    /// The asks, in any order.
    public let asks: [BookLevel]
    /// The newest change that it holds, µs since 1970; 0 if not told.
    public let newestStamp: Int64

    /// Makes a snapshot.
    public init(instrument: Instrument, bids: [BookLevel], asks: [BookLevel], newestStamp: Int64) {
        self.instrument = instrument
        self.bids = bids
        self.asks = asks
        self.newestStamp = newestStamp
    }
}

/// The parser of one connection: turns text messages into published events.
///
/// The connection calls it once a read; it takes the messages one after the other from there.
public protocol Feed: AnyObject {
    /// How many messages have come, by channel: what the heartbeat looks at.
    var pulse: Pulse { get }
    /// Publishes what one text message says, under the connection's alias.
    func message(_ text: Span<UInt8>, _ my: Context)
    /// This feed's connection takes the place of another that was up meanwhile, whose feed is given: what
    /// that has published may come here once more, and is not published again. Feeds of venues whose
    /// messages cannot be told apart leave this to the extension, which does nothing.
    func follow(_ feed: any Feed)
    /// Takes up to `budget` messages from the stream. Conforming types leave this to the extension,
    /// where the call of ``message(_:_:)`` is a direct one.
    func drain(
        _ stream: StreamWheel, _ decoder: inout WebSocketFrameDecoder, _ budget: Int, _ my: Context
    ) -> DrainEnd
    /// Takes up to `budget` messages of a Socket.IO session from its WebSocket, and stops where the client has
    /// something to do, which is its owner's to see to. Conforming types leave this to the extension too.
    func drain(
        _ stream: StreamWheel, _ client: SocketIOClient, _ budget: Int, _ my: Context
    ) -> DrainEnd
}

/// Why a feed stopped taking messages.
public enum DrainEnd {
    /// Everything whole has been taken.
    case drained
    /// The budget is used up; there may be more.
    case more
    /// The venue says good-bye.
    case closed(WebSocketGoodbye)
    /// The bytes are not what they should be.
    case failed(CodecError)
}

extension Feed {
    /// Does nothing: messages may come twice around a renewal.
    public func follow(_ feed: any Feed) {}

    /// Takes up to `budget` messages from the stream: gives each text to ``message(_:_:)``, answers pings,
    /// counts the rest.
    @inlinable public func drain(
        _ stream: StreamWheel, _ decoder: inout WebSocketFrameDecoder, _ budget: Int, _ my: Context
    ) -> DrainEnd {
        do {
            return try stream.inbound.consume { (bytes, position) throws(CodecError) in
                var left = budget
                while left > 0 {
                    switch try decoder.next(&bytes, at: &position) {
                    case .text(let range):
                        message(bytes.span.extracting(range), my)
                        left &-= 1
                    case .assembledText:
                        decoder.withAssembled { message($0, my) }
                        left &-= 1
                    case .needMore: return .drained
                    case .ping(let range):
                        answer(bytes.span.extracting(range), stream, my)
                    case .pong: pulse.noteOther()
                    case .binary, .assembledBinary: pulse.noteOther()
                    case .close(let code, let reason):
                        return .closed(
                            WebSocketGoodbye(code, reason: bytes.span.extracting(reason)))
                    }
                }
                return .more
            }
        } catch { return .failed(error) }
    }

    /// Takes up to `budget` messages of a Socket.IO session: gives the JSON of each to ``message(_:_:)``, in
    /// the bytes of the read; counts the rest and gives it to the client.
    @inlinable public func drain(
        _ stream: StreamWheel, _ client: SocketIOClient, _ budget: Int, _ my: Context
    ) -> DrainEnd {
        client.machine.heard(at: my.now)
        do {
            return try stream.inbound.consume { (bytes, position) throws(CodecError) in
                var left = budget
                while left > 0 {
                    switch try client.decoder.next(&bytes, at: &position) {
                    case .text(let range):
                        left &-= 1
                        let text = bytes.span
                        if let json = client.json(text, range) {
                            message(text.extracting(json), my)
                        } else {
                            pulse.noteOther()
                            client.receive(message: text, range, my)
                            if client.machine.hasOutputs { return .more }
                        }
                    case .assembledText:
                        left &-= 1
                        client.decoder.withAssembled { text in
                            if let json = client.json(text, 0..<text.count) {
                                message(text.extracting(json), my)
                            } else {
                                pulse.noteOther()
                                client.receive(message: text, 0..<text.count, my)
                            }
                        }
                        if client.machine.hasOutputs { return .more }
                    case .needMore: return .drained
                    // Servers of this protocol send no pings, and answer them with garbage.
                    case .ping, .pong, .binary, .assembledBinary: pulse.noteOther()
                    case .close(let code, let reason):
                        return .closed(
                            WebSocketGoodbye(code, reason: bytes.span.extracting(reason)))
                    }
                }
                return .more
            }
        } catch { return .failed(error) }
    }

    /// Answers a ping with its own bytes.
    @usableFromInline @inline(never) func answer(
        _ payload: Span<UInt8>, _ stream: StreamWheel, _ my: Context
    ) {
        pulse.noteOther()
        let key = my.random(UInt32.self)
        _ = try? stream.write { (queue) throws(CodecError) in
            try WebSocketFrameEncoder(role: .client).write(
                .pong, payload, maskKey: key, to: queue)
        }
    }
}

/// Counts of messages; an object, so that counting costs one addition.
///
/// The counts lie in memory of their own, behind a constant: a property that is changed once a message
/// would pay the run-time check for overlapping accesses each time, which costs more than all the rest.
@safe public final class Pulse {
    /// The channels that are counted.
    public let channels: [Channel]
    // `channels.count` counts and one for the rest; allocated here, freed in deinit, reached by `note`,
    // which checks the index.
    @usableFromInline let memory: UnsafeMutablePointer<Int>
    @usableFromInline let channelCount: Int

    /// Begins to count.
    public init(_ channels: [Channel]) {
        self.channels = channels
        channelCount = channels.count
        unsafe memory = .allocate(capacity: channels.count + 1)
        unsafe memory.initialize(repeating: 0, count: channels.count + 1)
    }

    deinit { unsafe memory.deallocate() }

    /// Counts one message of the channel with this place in ``channels``.
    @inlinable public func note(_ place: Int) {
        precondition(place >= 0 && place < channelCount, "a counted channel has a place")
        unsafe memory[place] &+= 1
    }

    /// Counts one message of no counted channel.
    @inlinable public func noteOther() { unsafe memory[channelCount] &+= 1 }

    /// The messages of each channel since the connection came up, in the order of ``channels``.
    public var counts: [Int] { (0..<channelCount).map { unsafe memory[$0] } }

    /// Messages of no counted channel.
    public var other: Int { unsafe memory[channelCount] }

    /// All of them.
    @inlinable public var total: Int {
        var sum = 0
        for i in 0...channelCount { unsafe sum &+= memory[i] }
        return sum
    }
}
