public import OutcryMarket
import OutcryWire

/// What the account's channel says of an order: the message `user_order`.
///
/// - Source: the protocol reference, section 10.2.
public struct MtGoxOrderNews: Hashable, Sendable {
    /// The order.
    public let id: OrderID
    /// How it stands.
    public let state: State

    /// How an order stands.
    public enum State: Hashable, Sendable {
        /// It is new, or something about it is: its `amount` is what remains. A market order has no price.
        case changed(MtGoxOrder)
        /// It is no more. A market order says so twice: first ``Removal/completedPassive``, then
        /// ``Removal/completedActive``.
        case removed(Removal)
    }

    /// Why an order is no more.
    @nonexhaustive
    public enum Removal: Hashable, Sendable {
        /// Somebody asked for it.
        case requested
        /// What was left of it was taken.
        case completedPassive
        /// It took what was left for it to take.
        case completedActive
        /// The venue did not say, as in 2012.
        case untold
        /// Something else, in the venue's word.
        case other(String)

        /// Reads the venue's word; the word of a well-known copy of the venue too.
        init(_ word: String) {
            switch word {
            case "requested", "user_requested": self = .requested
            case "completed_passive": self = .completedPassive
            case "completed_active": self = .completedActive
            default: self = .other(word)
            }
        }
    }

    /// Reads the JSON of a `user_order`.
    ///
    /// Accepts every order of keys, unknown fields, numbers in strings and strings as numbers. An order
    /// that comes without amount and status, or with a reason, is no more.
    ///
    /// - Throws: ``MtGoxFault``.
    public init(_ json: Span<UInt8>) throws(MtGoxFault) {
        var reader = JSONReader(json)
        if let news = try? Self(usual: &reader, in: json), (try? reader.finish()) != nil {
            self = news
        } else {
            do throws(Stop) {
                self = try Self(json, at: json.root())
            } catch { throw MtGoxFault(error, in: json) }
        }
    }

    @inline(__always)
    fileprivate init(_ id: consuming OrderID, _ state: consuming State) {
        self.id = id
        self.state = state
    }

    /// Reads the object that comes next in one pass; nil where a field of it is not as usual.
    init?(usual json: inout JSONReader, in text: Span<UInt8>) throws(JSONError) {
        var fields = OrderFields()
        try fields.read(&json, in: text)
        guard let news = fields.news({ $0 }) else { return nil }
        self = news
    }

    /// Reads the fields of the object at a place one by one.
    @inline(never)
    init(_ text: Span<UInt8>, at root: Range<Int>) throws(Stop) {
        let id = OrderID(try text.string("oid", of: root))
        if let reason = try text.find("reason", of: root) {
            self.init(id, .removed(Removal(text.words(reason))))
            return
        }
        if try text.find("amount", of: root) == nil, try text.find("status", of: root) == nil {
            self.init(id, .removed(.untold))
            return
        }
        self.init(id, .changed(try MtGoxReply.order(text, root)))
    }
}

/// The fields of a `user_order`, as far as they were there.
struct OrderFields {
    private var id = OrderID(random: 1)
    private var hasID = false
    private var removal: MtGoxOrderNews.Removal?
    private var quote = CurrencyField()
    private var base = CurrencyField()
    private var side: OrderSide?
    private var amount = MoneyFields()
    private var effective = MoneyFields()
    private var invalid = MoneyFields()
    private var price = MoneyFields()
    private var status: MtGoxOrder.Status?
    private var date = Int64.min
    /// A key with escapes: a closer look is needed.
    private var isUnusual = false

    /// Reads the object that comes next: in the order of the wire, or in any other.
    mutating func read(_ json: inout JSONReader, in text: Span<UInt8>) throws(JSONError) {
        let memory = MoneyMemory()
        try read(&json, in: text, memory)
    }

    /// Reads the object that comes next in a text: in the order of the wire, or in any other.
    @inline(never)
    mutating func read(
        _ json: inout JSONReader, in text: Span<UInt8>, _ memory: MoneyMemory
    ) throws(JSONError) {
        try json.beginObject()
        if json.key(is: "oid") {
            try readID(&json)
            if json.key(is: "reason") {
                // Nothing is known to come behind it.
                try readReason(&json)
                try readAnyOrder(&json)
                return
            }
            repeat {
                // Rare, and what the documents do not have: the careful reading knows it.
                if json.key(is: "priority") { try lookCloser(&json) }
                if json.key(is: "oid") { try readID(&json) }
                if json.key(is: "reason") { try readReason(&json) }
                if json.key(is: "currency") { try quote.readQuote(&json) }
                if json.key(is: "item") { try base.readBase(&json) }
                if json.key(is: "type") { try readSide(&json) }
                if json.key(is: "amount") { amount = try memory.read(&json, text, .amount) }
                if json.key(is: "effective_amount") {
                    effective = try memory.read(&json, text, .effective)
                }
                if json.key(is: "invalid_amount") { invalid = try MoneyFields(&json) }
                if json.key(is: "price") { price = try memory.read(&json, text, .price) }
                if json.key(is: "status") { status = try Self.status(&json) }
                if json.key(is: "date") { date = try json.integer() }
            } while try json.anotherKey()
        } else {
            try readAnyOrder(&json)
        }
    }

    /// Reads the rest of the fields one by one.
    @inline(never)
    private mutating func readAnyOrder(_ json: inout JSONReader) throws(JSONError) {
        while let key = try json.nextKey() {
            switch key {
            case "oid": try readID(&json)
            case "reason": try readReason(&json)
            case "currency": try quote.readQuote(&json)
            case "item": try base.readBase(&json)
            case "type": try readSide(&json)
            case "amount": amount = try MoneyFields(&json)
            case "effective_amount": effective = try MoneyFields(&json)
            case "invalid_amount": invalid = try MoneyFields(&json)
            case "price": price = try MoneyFields(&json)
            case "status": status = try Self.status(&json)
            case "date": date = try json.integer()
            case "priority": try lookCloser(&json)
            default: try json.skip()
            }
        }
    }

    @inline(__always)
    private mutating func readID(_ json: inout JSONReader) throws(JSONError) {
        id = try json.orderID()
        hasID = true
    }

    /// Reads a status: the words that are known are there already.
    @inline(__always)
    private static func status(_ json: inout JSONReader) throws(JSONError)
        -> MtGoxOrder.Status
    {
        if json.string(is: "open") { return .open }
        if json.string(is: "pending") { return .pending }
        if json.string(is: "executing") { return .executing }
        if json.string(is: "post-pending") { return .postPending }
        return MtGoxOrder.Status(try json.string().string)
    }

    private mutating func lookCloser(_ json: inout JSONReader) throws(JSONError) {
        isUnusual = true
        try json.skip()
    }

    private mutating func readReason(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "completed_passive") {
            removal = .completedPassive
        } else if json.string(is: "completed_active") {
            removal = .completedActive
        } else if json.string(is: "requested") {
            removal = .requested
        } else {
            removal = MtGoxOrderNews.Removal(try json.string().string)
        }
    }

    @inline(__always)
    private mutating func readSide(_ json: inout JSONReader) throws(JSONError) {
        if json.string(is: "bid") {
            side = .buy
        } else if json.string(is: "ask") {
            side = .sell
        } else {
            try lookCloser(&json)
        }
    }

    /// What is made of the news; nil where a field of them is not as usual.
    ///
    /// The news go straight to where they are used: they are large.
    @inline(__always)
    func news<Result>(_ make: (consuming MtGoxOrderNews) -> Result) -> Result? {
        guard hasID else { return nil }
        if isWhole, let side, let status {
            let order = MtGoxOrder(
                id: id, instrument: Instrument(base: base.code, quote: quote.code), side: side,
                amount: Quantity(units: amount.units, of: base.code),
                effectiveAmount: quantity(effective), invalidAmount: quantity(invalid),
                price: price.wasRead ? Price(units: price.units, of: quote.code) : nil,
                status: status, date: date, priority: nil)
            return make(MtGoxOrderNews(id, .changed(order)))
        }
        if let removal { return make(MtGoxOrderNews(id, .removed(removal))) }
        // Something tells that there is still an order, or did not tell it well.
        if status != nil || amount.wasRead || isUnusual { return nil }
        return make(MtGoxOrderNews(id, .removed(.untold)))
    }

    /// Whether there is still an order, and all of what has to be told of it is as usual.
    @inline(__always)
    private var isWhole: Bool {
        removal == nil && !isUnusual && base.isKnown && quote.isKnown && date != .min
            && amount.isUsual(of: base.code) && isUsualOrAbsent(effective, of: base.code)
            && isUsualOrAbsent(invalid, of: base.code) && isUsualOrAbsent(price, of: quote.code)
    }

    @inline(__always)
    private func quantity(_ money: MoneyFields) -> Quantity? {
        money.wasRead ? Quantity(units: money.units, of: base.code) : nil
    }

    private func isUsualOrAbsent(_ money: MoneyFields, of currency: Currency) -> Bool {
        !money.wasRead || money.isUsual(of: currency)
    }
}

extension MoneyFields {
    /// Whether units and this currency were there.
    func isUsual(of currency: Currency) -> Bool { units != .min && self.currency == currency }
}
