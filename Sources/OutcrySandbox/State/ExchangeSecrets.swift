import OutcryCrypto
import OutcryServing
import OutcryVenues

/// What an exchange keeps to itself: what its GUIDs and idkeys are made with. Made once, kept in its
/// journal; shown nowhere.
struct ExchangeSecrets: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private let words: [UInt64]
    private static let count = 10

    /// Takes them from a generator.
    init(using random: inout some RandomNumberGenerator) {
        words = (0..<Self.count).map { _ in random.next() }
    }

    /// Reads them from a journal.
    init?(text: String) {
        let words = text.split(separator: " ").compactMap { UInt64($0, radix: 16) }
        guard words.count == Self.count else { return nil }
        self.words = words
    }

    /// For the journal, and for nothing else.
    var text: String { words.map { String($0, radix: 16) }.joined(separator: " ") }

    /// What names orders, channels and transfers.
    var cipher: GUIDCipher { GUIDCipher(low: words[0], high: words[1]) }

    /// What signs idkeys.
    var signature: HMACSHA512Key {
        HMACSHA512Key(
            words.dropFirst(2).flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
            })
    }

    /// Nothing of them.
    var description: String { "secrets" }
    /// Nothing of them.
    var customMirror: Mirror { Mirror(self, children: []) }
}
