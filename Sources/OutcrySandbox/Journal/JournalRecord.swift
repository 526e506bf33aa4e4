import OutcryServing

/// One line of a journal: what an exchange was told, in the columns of its table.
///
/// A record has what its kind needs, the rest is nil: the table can be read by people.
public struct JournalRecord: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// When: microseconds since 1970.
    public var time: Int64
    /// What: `submit`, `cancel`, `deposit` …
    public var kind: String
    /// Whose.
    public var owner: Int64?
    /// What doing it gave: a ticket, an account, a transfer.
    public var number: Int64?
    /// In which book or currency.
    public var market: String?
    /// `buy` or `sell`.
    public var side: String?
    /// Units of the base, or of the currency.
    public var amount: Int64?
    /// Units of the quote.
    public var price: Int64?
    /// Names, keys, rights.
    public var text: String?

    /// A record without anything but its kind.
    public init(
        _ kind: String, at time: Int64, owner: Int64? = nil, number: Int64? = nil,
        market: String? = nil, side: String? = nil, amount: Int64? = nil, price: Int64? = nil,
        text: String? = nil
    ) {
        self.time = time
        self.kind = kind
        self.owner = owner
        self.number = number
        self.market = market
        self.side = side
        self.amount = amount
        self.price = price
        self.text = text
    }

    /// Without the text, which may hold a secret.
    public var description: String { "\(kind) at \(time)" }
    /// Without the text, which may hold a secret.
    public var customMirror: Mirror { Mirror(self, children: ["kind": kind, "time": time]) }
}

/// Why a journal could not be opened, written or read.
@nonexhaustive
public enum JournalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// SQLite said no: while doing what, its code, its words.
    case refused(String, code: Int32, message: String)
    /// The file is a database of something else.
    case foreign(String)
    /// The file was written by a later version: expected, found.
    case version(expected: Int, found: Int)
    /// A record that cannot be: its place in the journal, and what is wrong with it.
    case damaged(record: Int64, String)

    /// One line.
    public var description: String {
        switch self {
        case .refused(let what, let code, let message):
            "the journal: \(what): \(message) (SQLite \(code))"
        case .foreign(let path): "expected a journal of a sandbox, found something else: \(path)"
        case .version(let expected, let found):
            "expected a journal of version \(expected) at most, found version \(found)"
        case .damaged(let record, let fault): "record \(record) of the journal: \(fault)"
        }
    }
}
