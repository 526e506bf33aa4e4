// The events of one link to a venue: its connection, its channels, what it says besides.

public import OutcryKernel
public import OutcryMarket
public import OutcryWire

/// A link is up.
public struct LinkUp: Sendable {
    /// The venue.
    public let venue: VenueID
    /// How many times it has come up.
    public let count: Int
}

/// A link is down, or did not come up.
public struct LinkDown: Sendable {
    /// The venue.
    public let venue: VenueID
    /// Why, in words.
    public let reason: String
    /// The pause before the next try; nil when there will be none.
    public let retryIn: Duration?
    /// What the venue's close frame said, where that is how it ended.
    public let goodbye: WebSocketGoodbye?

    init(
        venue: VenueID, reason: String, retryIn: Duration?, goodbye: WebSocketGoodbye? = nil
    ) {
        self.venue = venue
        self.reason = reason
        self.retryIn = retryIn
        self.goodbye = goodbye
    }
}

/// A channel of a venue: what one subscribes to. The name is the venue's.
public struct Channel: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The venue's name for it, for instance `depth.BTCUSD`.
    public let name: String

    /// Names a channel.
    public init(_ name: String) { self.name = name }

    /// Orders by name.
    public static func < (a: Self, b: Self) -> Bool { a.name < b.name }

    /// The name.
    public var description: String { name }
}

/// Something that the venue sent and that could not be used. The feed goes on.
public struct Malformed: Sendable, CustomStringConvertible {
    /// What was expected and what came, with the place.
    public let problem: String
    /// The beginning of the message, at most 200 bytes.
    public let excerpt: String

    /// Names a problem.
    public init(problem: String, excerpt: String) {
        self.problem = problem
        self.excerpt = excerpt
    }

    /// In one line.
    public var description: String { "\(problem) in \(excerpt)" }
}

/// Something that the venue says in words.
public struct Notice: Sendable {
    /// The words.
    public let text: String
    /// The venue calls it a success.
    public let isSuccess: Bool
    /// The request that it answers, if it names one.
    public let request: String?

    /// Makes a notice.
    public init(text: String, isSuccess: Bool, request: String? = nil) {
        self.text = text
        self.isSuccess = isSuccess
        self.request = request
    }
}

/// A channel has been silent for longer than its own pace explains.
public struct Silence: Sendable {
    /// The channel.
    public let channel: Channel
    /// How long nothing came.
    public let lasting: Duration
}

extension Event where Payload == LinkUp {
    /// The link is up: what is sent now goes out.
    public static let connected = Self("connected")
}
extension Event where Payload == LinkDown {
    /// The link is down, or did not come up.
    public static let disconnected = Self("disconnected")
}
extension Event where Payload == Channel {
    /// The venue confirmed a channel.
    public static let subscribed = Self("subscribed")
    /// The venue confirmed that a channel ended.
    public static let unsubscribed = Self("unsubscribed")
    /// A channel was asked for repeatedly and never confirmed.
    public static let subscriptionRefused = Self("subscriptionRefused")
    /// Asks the subscription manager for a channel; kept over reconnects.
    public static let subscribe = Self("subscribe")
    /// Asks the subscription manager to give a channel up.
    public static let unsubscribe = Self("unsubscribe")
}
extension Event where Payload == Channel {
    /// A feed has lost a part of what its stream said of a channel's books: they are not to be relied upon.
    public static let depthLost = Self("depthLost")
}
extension Event where Payload == Malformed {
    /// A message could not be used: unknown, or not what the venue's documents say.
    public static let malformed = Self("malformed")
}
extension Event where Payload == Notice {
    /// The venue says something in words.
    public static let notice = Self("notice")
}
extension Event where Payload == Silence {
    /// A channel is silent although the connection lives.
    public static let channelStale = Self("channelStale")
}
extension Event where Payload == Duration {
    /// Nothing at all has come for so long: the connection is taken for dead.
    public static let connectionStale = Self("connectionStale")
}
extension Event where Payload == [UInt8] {
    /// Sends one text message to the venue, as it is. While the link is down it is lost, with a warning in
    /// the log: what was meant for one connection is not sent on another.
    public static let send = Self("send")
}
