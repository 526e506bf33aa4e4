/// A name for an order: opaque text, compared and nothing else.
///
/// A GUID as venues write them (36 characters, lower case) is kept as its 16 bytes, a name of
/// ``init(random:)`` as its 8: making, comparing and hashing one allocates nothing. Other short texts, up to
/// 15 bytes, allocate nothing either.
public struct OrderID: Sendable {
    /// What is kept of a name: of a text that has numbers the numbers, so that equal names are kept alike.
    private enum Form {
        /// The halves of a GUID, of which the first is not 0; or 0 and the bits of a random name.
        case numbers(UInt64, UInt64)
        case words(String)
    }

    private let form: Form

    /// Wraps a text.
    public init(_ text: String) {
        if let (high, low) = Self.packed(text.utf8.span) {
            form = .numbers(high, low)
        } else {
            form = .words(text)
        }
    }

    /// Wraps a text in UTF-8; what is no UTF-8 in it is replaced as `String` does.
    public init(_ text: Span<UInt8>) {
        if let (high, low) = Self.packed(text) {
            form = .numbers(high, low)
        } else {
            form = .words(Self.words(text))
        }
    }

    @inline(never)
    private static func words(_ text: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in text.indices { bytes.append(text[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Wraps a GUID in UTF-8, 36 characters in lower case; nil for any other text, and where the first half of
    /// its digits is 0.
    public init?(guid text: Span<UInt8>) {
        guard let (high, low) = OrderIDText.halves(text) else { return nil }
        form = .numbers(high, low)
    }

    /// Makes a name of 64 random bits: thirteen digits and letters from `a` to `v`.
    public init(random: UInt64) {
        form = random == 0 ? .words("0000000000000") : .numbers(0, random)
    }

    /// The text.
    public var text: String {
        switch form {
        case .numbers(0, let bits):
            String(asciiCapacity: 13) { OrderIDText.put(random: bits, to: &$0) }
        case .numbers(let high, let low):
            String(asciiCapacity: 36) { OrderIDText.put(high, low, to: &$0) }
        case .words(let text): text
        }
    }

    /// It is a GUID or a random name: ``putNumbers(to:)`` writes it.
    package var isNumbers: Bool {
        if case .numbers = form { true } else { false }
    }

    /// How many bytes the text has.
    package var textCount: Int {
        switch form {
        case .numbers(0, _): 13
        case .numbers: 36
        case .words(let text): text.utf8.count
        }
    }

    /// Appends the text of a name that ``isNumbers``: ASCII; of any other nothing.
    package func putNumbers(to output: inout OutputSpan<UInt8>) {
        switch form {
        case .numbers(0, let bits): OrderIDText.put(random: bits, to: &output)
        case .numbers(let high, let low): OrderIDText.put(high, low, to: &output)
        case .words: break
        }
    }

    /// The numbers of a GUID or of a random name in its canonical spelling; nil for any other text.
    private static func packed(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
        switch text.count {
        case 13: OrderIDText.random(text).map { (0, $0) }
        case 36: OrderIDText.halves(text)
        default: nil
        }
    }

    /// A number for tables: equal for equal names, and spread well for the names that venues make.
    ///
    /// Not seeded: whoever can choose names can make a table slow.
    public var tableHash: UInt64 {
        var hash: UInt64 = 0
        switch form {
        case .numbers(let high, let low): hash = high ^ (low &* 0x9E37_79B9_7F4A_7C15)
        case .words(let text):
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        hash ^= hash >> 32
        hash &*= 0xD6E8_FEB8_6659_FD93
        return hash ^ (hash >> 32)
    }
}

extension OrderID: Hashable {
    /// Whether the texts are the same.
    public static func == (left: Self, right: Self) -> Bool {
        switch (left.form, right.form) {
        case (.numbers(let a, let b), .numbers(let c, let d)): a == c && b == d
        case (.words(let left), .words(let right)): left == right
        default: false
        }
    }

    /// Hashes what the text says.
    public func hash(into hasher: inout Hasher) {
        switch form {
        case .numbers(let high, let low):
            hasher.combine(high)
            hasher.combine(low)
        case .words(let text): hasher.combine(text)
        }
    }
}

extension OrderID: ExpressibleByStringLiteral {
    /// Wraps a literal.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension OrderID: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}

extension OrderID: Comparable {
    /// Orders ids by their text; for determinism only, it is not the order of time.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
