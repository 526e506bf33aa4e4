import OutcryCrypto
import OutcryVenues

/// Numbers as GUIDs and back: a keyed permutation, so that no table is needed.
///
/// The 122 free bits of a GUID of version 4 are two halves of a Feistel network of eight rounds. What
/// goes in is the number and 58 zero bits: a GUID that comes back with other bits there was never
/// given out. Without the key the GUIDs look random and a right one cannot be guessed (one in 2^58).
struct GUIDCipher: Sendable {
    /// What is numbered; the same number is another GUID for each.
    enum Kind: UInt64, CaseIterable, Sendable {
        /// Orders: `oid`.
        case order = 1
        /// Entries of the engine's queue: `qid`.
        case queueEntry = 2
        /// Accounts: the private channel, and the head of an idkey.
        case channel = 3
        /// Accounts: `Id` of `info`.
        case account = 4
        /// Transfers: `reference` and the links of the wallet history.
        case transfer = 5
        /// Codes that are worth money.
        case code = 6
        /// Transactions.
        case transaction = 7
    }

    private static let mask: UInt64 = 1 << 61 - 1
    private static let rounds: UInt64 = 8
    private let hash: SipHash

    /// Takes the key of 128 bits.
    init(low: UInt64, high: UInt64) { hash = SipHash(low: low, high: high) }

    /// Takes a key from a generator.
    init(using random: inout some RandomNumberGenerator) {
        self.init(low: random.next(), high: random.next())
    }

    /// The GUID of a number.
    func guid(_ kind: Kind, _ number: Int64) -> MtGoxGUID {
        let word = UInt64(bitPattern: number)
        var (left, right) = (word >> 3, (word & 7) << 58)
        for round in 0..<Self.rounds {
            (left, right) = (right, left ^ scrambled(kind, round, right))
        }
        let (upper, lower) = (left >> 1, (left & 1) << 61 | right)
        return MtGoxGUID(
            high: (upper >> 12) << 16 | 0x4000 | upper & 0xFFF, low: 2 << 62 | lower)
    }

    /// The number of a GUID; nil for one that was never given out.
    func number(_ kind: Kind, _ guid: MtGoxGUID) -> Int64? {
        guard guid.high & 0xF000 == 0x4000, guid.low >> 62 == 2 else { return nil }
        let upper = (guid.high >> 16) << 12 | guid.high & 0xFFF
        let lower = guid.low & (1 << 62 - 1)
        var (left, right) = (upper << 1 | lower >> 61, lower & Self.mask)
        for round in (0..<Self.rounds).reversed() {
            (left, right) = (right ^ scrambled(kind, round, left), left)
        }
        guard right & (1 << 58 - 1) == 0 else { return nil }
        return Int64(bitPattern: left << 3 | right >> 58)
    }

    private func scrambled(_ kind: Kind, _ round: UInt64, _ half: UInt64) -> UInt64 {
        hash.hash(kind.rawValue << 8 | round, half) & Self.mask
    }
}
