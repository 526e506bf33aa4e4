import COutcryBits

/// XXH3 (Yann Collet's xxHash, 64 bits, seed 0), which can be asked for its value at any time: the
/// checksum of blocks, and of what was written.
///
/// The bytes lie in one piece and grow: ``add(_:total:)`` takes in what can no longer change, ``value(_:total:)`` looks
/// at the rest, and changes nothing.
@safe struct BlockHash {
    /// The sums of what has been taken in.
    private var sums = Sums()
    /// Bytes that have been taken in: whole stripes, and never the last byte.
    private var taken = 0

    private struct Sums {
        var a = UInt64(prime32c), b = prime1, c = prime2, d = prime3
        var e = prime4, f = UInt64(prime32b), g = prime5, h = UInt64(prime32a)
    }

    private static let stripe = 64
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5
    private static let prime32a: UInt32 = 0x9e37_79b1
    private static let prime32b: UInt32 = 0x85eb_ca77
    private static let prime32c: UInt32 = 0xc2b2_ae3d

    /// Takes in what it can of `total` bytes at `start`, among which are those that were taken in before.
    mutating func add(_ start: UnsafeRawPointer, total: Int) {
        // A value of few bytes is made otherwise.
        let count = (total - 1 - taken) / Self.stripe
        guard total > Self.few, count > 0 else { return }
        let first = taken / Self.stripe % 16
        unsafe Self.add(&sums, start + taken, count, first)
        taken += count * Self.stripe
    }

    private static func add(
        _ sums: inout Sums, _ bytes: UnsafeRawPointer, _ stripes: Int, _ first: Int
    ) {
        unsafe withUnsafeMutableBytes(of: &sums) { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe outcry_bits_xxh3_add(
                base.assumingMemoryBound(to: UInt64.self), bytes, stripes, first)
        }
    }

    /// The hash of `total` bytes at `start`, of which some may have been taken in.
    func value(_ start: UnsafeRawPointer, total: Int) -> UInt64 {
        guard total > Self.few else { return unsafe Self.short(start, total) }
        var whole = self
        unsafe whole.add(start, total: total)
        var sums = whole.sums
        unsafe Self.addLast(&sums, start + total - Self.stripe)
        let result =
            UInt64(total) &* Self.prime1
            &+ Self.folded(sums.a ^ Self.secret(11), sums.b ^ Self.secret(19))
            &+ Self.folded(sums.c ^ Self.secret(27), sums.d ^ Self.secret(35))
            &+ Self.folded(sums.e ^ Self.secret(43), sums.f ^ Self.secret(51))
            &+ Self.folded(sums.g ^ Self.secret(59), sums.h ^ Self.secret(67))
        return Self.scattered(result)
    }

    /// The last 64 bytes count once more, with a part of the secret that no stripe has.
    private static func addLast(_ sums: inout Sums, _ bytes: UnsafeRawPointer) {
        func product(_ place: Int) -> UInt64 {
            let key = unsafe word(bytes + place) ^ secret(121 + place)
            return (key & 0xffff_ffff) &* (key &>> 32)
        }
        unsafe sums.a &+= word(bytes + 8) &+ product(0)
        unsafe sums.b &+= word(bytes) &+ product(8)
        unsafe sums.c &+= word(bytes + 24) &+ product(16)
        unsafe sums.d &+= word(bytes + 16) &+ product(24)
        unsafe sums.e &+= word(bytes + 40) &+ product(32)
        unsafe sums.f &+= word(bytes + 32) &+ product(40)
        unsafe sums.g &+= word(bytes + 56) &+ product(48)
        unsafe sums.h &+= word(bytes + 48) &+ product(56)
    }

    // MARK: Few bytes

    private static let few = 240

    private static func short(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
        switch count {
        case 0: return spread(secret(56) ^ secret(64))
        case 1...3:
            func byte(_ place: Int) -> UInt64 {
                UInt64(unsafe bytes.load(fromByteOffset: place, as: UInt8.self))
            }
            let word = byte(0) << 16 | byte(count / 2) << 24 | byte(count - 1) | UInt64(count) << 8
            return spread(word ^ (secret(0) & 0xffff_ffff) ^ secret(0) >> 32)
        case 4...8:
            let word = unsafe UInt64(half(bytes + count - 4)) | UInt64(half(bytes)) << 32
            return shaken(word ^ secret(8) ^ secret(16), count)
        case 9...16:
            let low = unsafe word(bytes) ^ secret(24) ^ secret(32)
            let high = unsafe word(bytes + count - 8) ^ secret(40) ^ secret(48)
            return scattered(UInt64(count) &+ low.byteSwapped &+ high &+ folded(low, high))
        case 17...128:
            var sum = UInt64(count) &* prime1
            for pair in 0...(count - 1) / 32 {
                unsafe sum &+= mixed(bytes + 16 * pair, 32 * pair)
                unsafe sum &+= mixed(bytes + count - 16 * (pair + 1), 32 * pair + 16)
            }
            return scattered(sum)
        default:
            var sum = UInt64(count) &* prime1
            for place in 0..<8 { unsafe sum &+= mixed(bytes + 16 * place, 16 * place) }
            sum = scattered(sum)
            for place in 8..<count / 16 {
                unsafe sum &+= mixed(bytes + 16 * place, 16 * (place - 8) + 3)
            }
            unsafe sum &+= mixed(bytes + count - 16, 119)
            return scattered(sum)
        }
    }

    /// Sixteen bytes and as many of the secret.
    private static func mixed(_ bytes: UnsafeRawPointer, _ place: Int) -> UInt64 {
        unsafe folded(word(bytes) ^ secret(place), word(bytes + 8) ^ secret(place + 8))
    }

    // MARK: Words

    private static func word(_ at: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: unsafe at.loadUnaligned(as: UInt64.self))
    }

    private static func half(_ at: UnsafeRawPointer) -> UInt32 {
        UInt32(littleEndian: unsafe at.loadUnaligned(as: UInt32.self))
    }

    /// The eight bytes of the secret from a place on, at most 184.
    private static func secret(_ place: Int) -> UInt64 { outcry_bits_xxh3_word(place) }

    private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    private static func turned(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 &- count)
    }

    private static func scattered(_ word: UInt64) -> UInt64 {
        let hash = (word ^ word &>> 37) &* 0x1656_6791_9e37_79f9
        return hash ^ hash &>> 32
    }

    /// XXH64's.
    private static func spread(_ word: UInt64) -> UInt64 {
        var hash = (word ^ word &>> 33) &* prime2
        hash = (hash ^ hash &>> 29) &* prime3
        return hash ^ hash &>> 32
    }

    private static func shaken(_ word: UInt64, _ count: Int) -> UInt64 {
        let prime: UInt64 = 0x9fb2_1c65_1e98_df25
        var hash = (word ^ turned(word, 49) ^ turned(word, 24)) &* prime
        hash = (hash ^ (hash &>> 35 &+ UInt64(count))) &* prime
        return hash ^ hash &>> 28
    }

    /// The hash of some bytes.
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return 0x2d06_8005_38d3_94c2 }
            return unsafe BlockHash().value(base, total: buffer.count)
        }
    }

    /// A running hash of words: 64 bits, one multiplication each.
    @inline(__always) static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        turned((hash ^ word) &* prime1, 29)
    }
}
