public import OutcryKernel

/// What a reply or a message tells of the venue's clock.
public struct MtGoxClockReading: Sendable, BitwiseCopyable {
    /// The venue's time, µs since 1970.
    public var venueMicroseconds: Int64
    /// How exact it is: one second for a `Date` of HTTP, less for a stamp of the stream.
    public var resolution: Duration
    /// How long ago the venue can have written it, at most: the time since the request left, for a reply.
    /// Nil for what the venue may have kept for any time, such as a message of a market that lags.
    public var age: Duration?

    /// Makes a reading, taken now.
    public init(venueMicroseconds: Int64, resolution: Duration, age: Duration? = nil) {
        self.venueMicroseconds = venueMicroseconds
        self.resolution = resolution
        self.age = age
    }
}

/// This machine's clock and the venue's differ by so much that signed calls would be refused.
public struct ClockSkew: Sendable, BitwiseCopyable {
    /// The venue's clock less this machine's.
    public var offset: Duration

    /// Names an offset.
    public init(offset: Duration) { self.offset = offset }
}

extension Event where Payload == MtGoxClockReading {
    /// Tells a signer what the venue's clock shows.
    public static let mtgoxClock = Self("mtgox.clock")
}
extension Event where Payload == ClockSkew {
    /// This machine's clock and the venue's differ by more than calls stand, or do so no longer.
    public static let clockSkew = Self("clockSkew")
}
