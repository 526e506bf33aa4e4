/// SipHash-2-4 of whole words: a short keyed hash of 64 bits, random-looking to all without the key.
///
/// For names and checks that are made by the million; where somebody gains by forging, a code of
/// ``HMACSHA512`` is the right thing.
///
/// - Source: Aumasson, Bernstein, SipHash: a fast short-input PRF (2012).
public struct SipHash: Sendable, CustomReflectable {
    private let low: UInt64
    private let high: UInt64

    /// Takes the key of 128 bits; `low` holds its first eight bytes, the first one lowest.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The hash of two words: sixteen bytes, the first one lowest in `first`.
    ///
    /// - Complexity: O(1), no allocation.
    public func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var state = State(low, high)
        state.take(first)
        state.take(second)
        state.take(16 << 56)
        return state.finish()
    }

    /// Shows nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private struct State {
        private var v0: UInt64
        private var v1: UInt64
        private var v2: UInt64
        private var v3: UInt64

        init(_ low: UInt64, _ high: UInt64) {
            v0 = low ^ 0x736f_6d65_7073_6575
            v1 = high ^ 0x646f_7261_6e64_6f6d
            v2 = low ^ 0x6c79_6765_6e65_7261
            v3 = high ^ 0x7465_6462_7974_6573
        }

        mutating func take(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xFF
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 = v0 &+ v1
            v1 = v1 &<< 13 | v1 &>> 51
            v1 ^= v0
            v0 = v0 &<< 32 | v0 &>> 32
            v2 = v2 &+ v3
            v3 = v3 &<< 16 | v3 &>> 48
            v3 ^= v2
            v0 = v0 &+ v3
            v3 = v3 &<< 21 | v3 &>> 43
            v3 ^= v0
            v2 = v2 &+ v1
            v1 = v1 &<< 17 | v1 &>> 47
            v1 ^= v2
            v2 = v2 &<< 32 | v2 &>> 32
        }
    }
}
