import OutcryServing
import OutcryVenues

/// What a key remembers so that no call is taken twice.
///
/// A nonce is greater than every one before. A tonce is within ten seconds of the server's time and
/// was not used before; those outside of that window are forgotten, so the memory is bounded. HTTP
/// and `op:call` share it.
///
/// - Source: the protocol reference, section 3.3.
struct StampMemory: Hashable, Sendable {
    /// How far a tonce may be from the server's time, in microseconds.
    static let window: Int64 = 10_000_000
    /// The most tonces that are remembered: 3,276 a second for the 20 seconds they matter.
    static let limit = 65_536

    /// The last nonce that was accepted; nil before the first.
    private(set) var lastNonce: UInt64?
    /// Those that were accepted and matter, ascending; at most as many before them that are too old, so
    /// that forgetting costs little.
    private var tonces: [UInt64] = []

    /// How many tonces are held.
    var count: Int { tonces.count }

    /// Accepts a stamp, or says why not; a refused one changes nothing.
    ///
    /// - Parameter now: the server's time, microseconds since 1970.
    mutating func accept(_ stamp: MtGoxCallStamp, now: Int64) throws(AccessRefusal) {
        switch stamp {
        case .nonce(let value):
            guard lastNonce.map({ value > $0 }) ?? true else {
                throw .nonceNotGreater(found: value, last: lastNonce ?? 0)
            }
            lastNonce = value
        case .tonce(let value): try acceptTonce(value, now)
        }
    }

    private mutating func acceptTonce(_ value: UInt64, _ now: Int64) throws(AccessRefusal) {
        let (first, last) = (max(0, now - Self.window), now + Self.window)
        guard let stamp = Int64(exactly: value), stamp >= first, stamp <= last else {
            throw .tonceOutside(found: value, now: now)
        }
        var dead = place(of: UInt64(first))
        if dead * 2 > tonces.count {
            tonces.removeFirst(dead)
            dead = 0
        }
        let place = place(of: value)
        guard place == tonces.count || tonces[place] != value else {
            throw .tonceUsed(value)
        }
        guard tonces.count - dead < Self.limit else { throw .tooManyTonces(Self.limit) }
        tonces.insert(value, at: place)
    }

    /// How many are less than `value`.
    private func place(of value: UInt64) -> Int {
        var (low, high) = (0, tonces.count)
        while low < high {
            let middle = (low + high) / 2
            if tonces[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
