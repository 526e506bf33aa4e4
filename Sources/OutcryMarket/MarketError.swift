/// Why a market value was refused: what was expected, what was found, and where.
@nonexhaustive public enum MarketError: Error, Hashable, Sendable {
    /// A number was expected, the text was empty.
    case empty
    /// Another byte stood, or the text ended (`found` is nil), where `expected` had to be.
    case unexpected(expected: String, found: UInt8?, offset: Int)
    /// The number has more decimals than the unit; `offset` is its last digit that is not zero.
    case tooFine(decimals: Int, found: Int, offset: Int)
    /// The number does not fit 64 bits at this scale; `offset` is where the number begins.
    case overflow(decimals: Int, offset: Int)
    /// A level's new total was negative; `index` is its place in a bulk load.
    case negativeTotal(found: Int64, index: Int?)
    /// A level's price or total is finer than the book's unit; `index` is its place in a bulk load.
    case finerThanUnit(decimals: Int, found: Int, index: Int)
    /// A level's price was the invalid one; `index` is its place in a bulk load.
    case invalidPrice(index: Int?)
}

extension MarketError: CustomStringConvertible {
    /// A sentence for logs, with the numbers.
    public var description: String {
        switch self {
        case .empty:
            "expected a decimal number, found no characters at offset 0"
        case .unexpected(let expected, let found, let offset):
            "expected \(expected), found \(Self.name(of: found)) at offset \(offset)"
        case .tooFine(let decimals, let found, let offset):
            "expected at most \(decimals) decimals, found \(found) at offset \(offset)"
        case .overflow(let decimals, let offset):
            "expected at most 9223372036854775807 units of \(decimals) decimals, "
                + "found a larger number at offset \(offset)"
        case .negativeTotal(let found, let index):
            "expected a total of zero or more, found \(found)" + Self.place(index)
        case .finerThanUnit(let decimals, let found, let index):
            "expected a number of \(decimals) decimals that fits, found \(found) decimals"
                + Self.place(index)
        case .invalidPrice(let index):
            "expected a valid price, found an invalid one" + Self.place(index)
        }
    }

    private static func name(of byte: UInt8?) -> String {
        guard let byte else { return "the end" }
        guard PackedText.isAllowed(byte) else { return "byte \(byte)" }
        return "'\(Unicode.Scalar(byte))'"
    }

    private static func place(_ index: Int?) -> String {
        guard let index else { return "" }
        return " at level \(index)"
    }
}
