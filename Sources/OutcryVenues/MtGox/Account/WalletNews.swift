public import OutcryMarket
import OutcryWire

/// What the account's channel says of money: the message `wallet`, one entry of a wallet's history.
///
/// - Source: the protocol reference, section 10.3.
public struct MtGoxWalletNews: Hashable, Sendable {
    /// What kind of entry it is; it gives the sign.
    public let kind: MtGoxEntryKind
    /// How much, never negative.
    public let amount: Money
    /// Why, in words.
    public let info: String
    /// The trade that it belongs to, which only the words tell.
    public let tradeID: Int64?
    /// Whether it is the fee of that trade, which only the words tell too: `(0.6% fee)`.
    public let isTradeFee: Bool
    /// What there is afterwards of the amount's currency; nil where the venue does not say.
    public let balance: Money?

    /// Reads the JSON of a `wallet`.
    ///
    /// Accepts every order of keys, unknown fields, numbers in strings and strings as numbers.
    ///
    /// - Throws: ``MtGoxFault``.
    public init(_ json: Span<UInt8>) throws(MtGoxFault) {
        var reader = JSONReader(json)
        if let news = try? Self(usual: &reader), (try? reader.finish()) != nil {
            self = news
        } else {
            do throws(Stop) {
                self = try Self(json, at: json.root())
            } catch { throw MtGoxFault(error, in: json) }
        }
    }

    init(_ kind: MtGoxEntryKind, _ amount: Money, _ info: String, balance: Money?) {
        self.kind = kind
        self.amount = amount
        self.info = info
        self.balance = balance
        let bytes = info.utf8.span
        tradeID = kind.canBeTraded ? bytes.tradeID : nil
        isTradeFee = tradeID != nil && bytes.endsInFee
    }

    /// Reads the object that comes next in one pass; nil where a field of it is not as usual.
    init?(usual json: inout JSONReader) throws(JSONError) {
        var fields = WalletFields()
        try fields.read(&json)
        guard let news = fields.news else { return nil }
        self = news
    }

    /// Reads the fields of the object at a place one by one.
    @inline(never)
    init(_ text: Span<UInt8>, at root: Range<Int>) throws(Stop) {
        let balance = try text.moneyIfAny("balance", of: root)
        let amount = try text.need("amount", of: root)
        let money = try text.money(amount)
        guard !money.isNegative else {
            throw .value("an amount of zero or more", at: amount.lowerBound)
        }
        self.init(
            MtGoxEntryKind(try text.string("op", of: root)), money,
            try text.stringIfAny("info", of: root) ?? "", balance: balance)
    }
}

/// What kind of entry of a wallet's history: the venue's word.
@nonexhaustive
public enum MtGoxEntryKind: Hashable, Sendable {
    /// Coins that were bought.
    case `in`
    /// Coins that were sold.
    case out
    /// Money that coins were sold for.
    case earned
    /// Money that coins were bought with.
    case spent
    /// What the venue took.
    case fee
    /// Money from outside.
    case deposit
    /// Money to outside.
    case withdraw
    /// Another word.
    case other(String)

    /// Reads the venue's word.
    public init(_ word: String) {
        switch word {
        case "in": self = .in
        case "out": self = .out
        case "earned": self = .earned
        case "spent": self = .spent
        case "fee": self = .fee
        case "deposit": self = .deposit
        case "withdraw": self = .withdraw
        default: self = .other(word)
        }
    }

    /// Whether it adds to the balance; nil where that is not known.
    public var isCredit: Bool? {
        switch self {
        case .in, .earned, .deposit: true
        case .out, .spent, .fee, .withdraw: false
        case .other: nil
        }
    }

    /// Whether trades make such entries: what people say of a transfer is no word of the venue's.
    var canBeTraded: Bool {
        switch self {
        case .in, .out, .earned, .spent, .fee: true
        case .deposit, .withdraw, .other: false
        }
    }
}

/// The fields of a `wallet`, as far as they were there.
struct WalletFields {
    private var kind: MtGoxEntryKind?
    private var amount = MoneyFields()
    private var balance = MoneyFields()
    private var info = ""

    /// Reads the object that comes next: in the order of the documents, or in any other.
    @inline(never)
    mutating func read(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        repeat {
            if json.key(is: "op") { kind = try Self.kind(&json) }
            if json.key(is: "amount") { amount = try MoneyFields(&json) }
            if json.key(is: "info") { info = try json.string().string }
            if json.key(is: "ref") { try json.skip() }
            if json.key(is: "balance") { balance = try MoneyFields(&json) }
        } while try json.anotherKey()
    }

    /// Reads a kind: the words that trades make are known without a string.
    private static func kind(_ json: inout JSONReader) throws(JSONError) -> MtGoxEntryKind {
        if json.string(is: "in") { return .in }
        if json.string(is: "out") { return .out }
        if json.string(is: "earned") { return .earned }
        if json.string(is: "spent") { return .spent }
        if json.string(is: "fee") { return .fee }
        return MtGoxEntryKind(try json.string().string)
    }

    /// The news; nil where a field is missing or not as usual.
    var news: MtGoxWalletNews? {
        guard let kind, amount.units >= 0, let currency = amount.currency else { return nil }
        var left: Money?
        if balance.wasRead {
            guard balance.units != .min, let currency = balance.currency else { return nil }
            left = Money(units: balance.units, currency: currency)
        }
        return MtGoxWalletNews(
            kind, Money(units: amount.units, currency: currency), info, balance: left)
    }
}

extension Span where Element == UInt8 {
    /// The number in `[tid:…]`; nil where there is none, or one that does not fit.
    fileprivate var tradeID: Int64? {
        let head: StaticString = "[tid:"
        var index = 0
        while index + head.utf8CodeUnitCount < count {
            if self[index] == UInt8(ascii: "["), holds(head, at: index) {
                return number(from: index + head.utf8CodeUnitCount)
            }
            index += 1
        }
        return nil
    }

    /// Whether it ends as the words for a fee do.
    fileprivate var endsInFee: Bool {
        let end: StaticString = "% fee)"
        return count >= end.utf8CodeUnitCount && holds(end, at: count - end.utf8CodeUnitCount)
    }

    private func number(from start: Int) -> Int64? {
        var (index, value) = (start, Int64(0))
        while index < count, case let digit = self[index] &- UInt8(ascii: "0"), digit < 10 {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(digit))
            guard !over, !carry else { return nil }
            value = sum
            index += 1
        }
        return index > start && index < count && self[index] == UInt8(ascii: "]") ? value : nil
    }

    private func holds(_ text: StaticString, at start: Int) -> Bool {
        text.withUTF8Buffer { bytes in
            for offset in 0..<bytes.count where unsafe self[start + offset] != bytes[offset] {
                return false
            }
            return true
        }
    }
}
