/// XXH64 (Yann Collet's xxHash, 64 bits, seed 0), which can be asked for its value at any time: the
/// checksum of blocks, and of what was written.
///
/// What is given to ``add(_:count:)`` is whole stripes of 32 bytes; the rest goes to
/// ``value(rest:count:total:)``, which changes nothing.
@safe struct BlockHash {
    static let stripe = 32
    private static let p1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let p3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let p5: UInt64 = 0x27d4_eb2f_1656_67c5

    private var a = p1 &+ p2
    private var b = p2
    private var c: UInt64 = 0
    private var d = 0 &- p1

    @inline(__always) private static func turned(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 &- count)
    }

    @inline(__always) private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        turned(lane &+ word &* p2, 31) &* p1
    }

    private static func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* p1 &+ p4
    }

    @inline(__always) private static func word(_ at: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: unsafe at.loadUnaligned(as: UInt64.self))
    }

    /// Adds `count` bytes, a multiple of ``stripe``.
    mutating func add(_ bytes: UnsafeRawPointer, count: Int) {
        var at = unsafe bytes
        let end = unsafe bytes + count
        while unsafe at < end {
            a = unsafe Self.round(a, Self.word(at))
            b = unsafe Self.round(b, Self.word(at + 8))
            c = unsafe Self.round(c, Self.word(at + 16))
            d = unsafe Self.round(d, Self.word(at + 24))
            unsafe at += Self.stripe
        }
    }

    /// The hash of everything added and of the `count` bytes at `rest`, fewer than a stripe.
    func value(rest: UnsafeRawPointer, count: Int, total: Int) -> UInt64 {
        var hash: UInt64
        if total >= Self.stripe {
            hash =
                Self.turned(a, 1) &+ Self.turned(b, 7) &+ Self.turned(c, 12)
                &+ Self.turned(d, 18)
            hash = Self.merged(hash, a)
            hash = Self.merged(hash, b)
            hash = Self.merged(hash, c)
            hash = Self.merged(hash, d)
        } else {
            hash = Self.p5
        }
        hash &+= UInt64(total)
        var at = unsafe rest
        let end = unsafe rest + count
        while unsafe end - at >= 8 {
            hash ^= unsafe Self.round(0, Self.word(at))
            hash = Self.turned(hash, 27) &* Self.p1 &+ Self.p4
            unsafe at += 8
        }
        if unsafe end - at >= 4 {
            let half = unsafe UInt32(littleEndian: at.loadUnaligned(as: UInt32.self))
            hash = Self.turned(hash ^ UInt64(half) &* Self.p1, 23) &* Self.p2 &+ Self.p3
            unsafe at += 4
        }
        while unsafe at < end {
            let byte = unsafe UInt64(at.load(as: UInt8.self))
            hash = Self.turned(hash ^ byte &* Self.p5, 11) &* Self.p1
            unsafe at += 1
        }
        return Self.scattered(hash)
    }

    private static func scattered(_ hash: UInt64) -> UInt64 {
        var hash = hash
        hash = (hash ^ hash &>> 33) &* p2
        hash = (hash ^ hash &>> 29) &* p3
        return hash ^ hash &>> 32
    }

    /// The hash of some bytes.
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return 0xef46_db37_51d8_e999 }
            var hash = BlockHash()
            let whole = buffer.count & ~(stripe - 1)
            unsafe hash.add(base, count: whole)
            return unsafe hash.value(
                rest: base + whole, count: buffer.count - whole, total: buffer.count)
        }
    }

    /// A running hash of words: 64 bits, one multiplication each.
    @inline(__always) static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        turned((hash ^ word) &* p1, 29)
    }
}
