/// How a simulated link behaves; may be changed at any time, and counts from then on.
///
/// Whatever is switched on, the bytes of one direction of a connection arrive in the order in which they
/// were written, each at most once.
public struct NetworkFaults: Sendable, Equatable {
    /// The time that a packet takes one way; drawn evenly for each. Also a look-up's.
    public var latency: ClosedRange<Duration> = .microseconds(50) ... .microseconds(50)
    /// What is written arrives in random pieces of 1 to so many bytes; nil: as it was written.
    public var largestPiece: Int?
    /// One write takes a random number of bytes, 1 to so many; nil: as many as there is room for.
    public var largestWrite: Int?
    /// Bytes that a direction holds, written and not yet read: beyond that a write takes nothing.
    public var window = 1 << 18
    /// Bytes a second and direction; nil: no limit.
    public var bandwidth: Int?
    /// One in so many packets is dropped on its way; 0: none. The sender sends it again when
    /// ``resendsAfter`` has passed, doubled each time it is dropped anew; what was sent behind it waits.
    public var dropsOneIn = 0
    /// The time after which a dropped packet is sent again; a dropped try to connect, after five times that.
    public var resendsAfter = Duration.milliseconds(200)
    /// One in so many packets resets its connection instead of arriving; 0: none.
    public var resetsOneIn = 0
    /// One in so many tries to connect is refused, 1: every one; 0: none but those without listener.
    public var refusesOneIn = 0
    /// One in so many TLS handshakes fails at both sides, 1: every one; 0: none but those that cannot agree.
    public var handshakesFailOneIn = 0
    /// Packets vanish, both ways: no bytes, no end, no reset, no connection. The sender is not told. A
    /// connection of which a packet has vanished stays so when this is false again, as one whose router
    /// has forgotten it: there is never a hole in what arrives.
    public var isHalfOpen = false
    /// Packets wait until this is false again.
    public var isStalled = false

    /// A link without faults: 50 microseconds each way.
    public init() {}

    /// A link without faults but with this latency.
    public init(latency: ClosedRange<Duration>) { self.latency = latency }

    /// A link on which everything that may happen to a connection that stays up does happen: packets
    /// torn into pieces of at most `piece` bytes, writes that take part, and a latency that varies.
    public static func rough(piece: Int = 7, window: Int = 4096) -> NetworkFaults {
        var faults = NetworkFaults(latency: .microseconds(10) ... .milliseconds(2))
        faults.largestPiece = piece
        faults.largestWrite = window / 2
        faults.window = window
        return faults
    }
}
