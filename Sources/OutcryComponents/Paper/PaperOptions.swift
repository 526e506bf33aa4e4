import OutcryKernel
public import OutcryMarket

/// How orders are simulated: nothing of them leaves the machine.
///
/// The market is the feed's, live or recorded; the fills are a model's. What is assumed is in ``assumptions``, in
/// words.
public struct PaperOptions: Sendable, Equatable {
    /// How long the way to the exchange and back is.
    public var latency = PaperLatency()
    /// Where in a queue an order stands.
    public var queue = PaperQueue.back
    /// What the account has at the beginning.
    public var balances: [PaperBalance] = []
    /// What the exchange takes, in hundredths of a percent of what is received; nil: what the venue took.
    public var feeRate: Int?
    /// Decides the delays.
    public var seed: UInt64 = 1
    /// The report at the end is one line of JSON.
    public var reportsJSON = false

    /// The usual ways: the back of the queue, 50 ms each way, 10 coins of `BTC` and 1000 of `USD`.
    public init() {}

    /// What the account has where nothing is said.
    public static let usualBalances = [
        PaperBalance(code: "BTC", amount: "10"), PaperBalance(code: "USD", amount: "1000"),
    ]
}

/// An amount of a currency by its code; which decimals it has the link's instruments say.
public struct PaperBalance: Sendable, Equatable {
    /// The currency's code, such as `USD`.
    public var code: String
    /// A decimal number, 0 or more.
    public var amount: Quantity

    /// Puts the parts together.
    public init(code: String, amount: Quantity) {
        self.code = code
        self.amount = amount
    }
}

/// Where in the queue of its price an order stands that rests in the book.
public enum PaperQueue: String, Sendable, CaseIterable {
    /// Behind everything that stood at the price when it came; what is cancelled is taken from behind it first.
    case back
    /// The same, but what is cancelled is taken evenly from the whole queue.
    case proRata = "pro-rata"
    /// Nothing is before it: it is filled as soon as somebody trades at its price.
    case touch
}

/// How long the way to the exchange and back is, each part constant plus a tail: exponentially distributed, with
/// the given mean.
///
/// The clock is the feed's. An order meets the market that the feed shows ``entry`` after the order was sent, and
/// the bot hears of what became of it ``news`` later.
public struct PaperLatency: Sendable, Equatable {
    /// From the bot to the exchange, for an order or a question.
    public var entry = Duration.milliseconds(50)
    /// From the bot to the exchange, for a cancellation.
    public var cancel = Duration.milliseconds(50)
    /// From the exchange to the bot: replies, fills, balances.
    public var news = Duration.milliseconds(50)
    /// The mean of what comes on top of each.
    public var tail = Duration.milliseconds(10)

    /// 50 ms each way, and 10 ms more on the average.
    public init() {}
}

/// What a venue does to orders, as far as a simulation has to know it.
public struct PaperRules: Sendable, Equatable {
    /// Who pays for an order that rests.
    public enum Funds: Sendable, Equatable {
        /// What an order needs is held back while it is open; what cannot be held back is refused.
        case held
        /// Orders hold nothing back: any is taken, and trades as far as there is money at that moment.
        case free
    }

    /// What is taken of what is received, in hundredths of a percent, where a ``PaperOptions`` does not say it.
    public var feeRate = 0
    /// The least amount of an order; nil: none.
    public var leastQuantity: Quantity?
    /// The venue's words for an order below that.
    public var tooSmall = "the order is too small"
    /// The venue's words where there is not enough money; of ``Funds/held``.
    public var notEnough = "not enough funds"
    /// The venue's words where there is no order to be cancelled.
    public var notFound = "order not found"
    /// Whether open orders hold money back.
    public var funds = Funds.held

    /// No fee, no least amount, money held back.
    public init() {}
}

/// Why options for simulated orders cannot be read.
public struct PaperOptionsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was expected and what came.
    public let description: String
    init(_ description: String) { self.description = description }
}

// MARK: As text

extension PaperOptions {
    /// The variable of a driver that has each link simulate its orders: see ``init(_:)``.
    public static let variable = "OUTCRY_PAPER"

    /// Reads `queue=back;latency=50;balance=BTC=10 USD=1000;fee=0.6;seed=7;json`: any of them, in any order. Other
    /// texts that are usual for yes (`1`, `on`, `yes`) mean the usual ways.
    public init(_ text: String) throws(PaperOptionsError) {
        for field in text.split(separator: ";") {
            let parts = field.split(separator: "=", maxSplits: 1).map { String($0) }
            let value = parts.count > 1 ? parts[1] : ""
            switch parts.first ?? "" {
            case "1", "on", "yes": break
            case "json": reportsJSON = true
            case "queue": try setQueue(value)
            case "latency": try setLatency(value)
            case "balance": try setBalances(value)
            case "fee": try setFee(value)
            case "seed": try setSeed(value)
            default:
                throw PaperOptionsError(
                    "expected queue, latency, balance, fee, seed or json, found \"\(field)\"")
            }
        }
    }

    /// Reads `back`, `pro-rata` or `touch`.
    public mutating func setQueue(_ text: String) throws(PaperOptionsError) {
        guard let found = PaperQueue(rawValue: text) else {
            let names = PaperQueue.allCases.map(\.rawValue).joined(separator: ", ")
            throw PaperOptionsError("queue: expected one of \(names), found \"\(text)\"")
        }
        queue = found
    }

    /// Reads milliseconds: one number for all ways, without a tail; or `ENTRY,CANCEL,NEWS` or
    /// `ENTRY,CANCEL,NEWS,TAIL`.
    public mutating func setLatency(_ text: String) throws(PaperOptionsError) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Quantity(String($0))?.rescaled(to: 3)
        }
        var ways: [Duration] = []
        for number in numbers {
            guard let number, !number.isNegative, number.units <= 3_600_000_000 else { break }
            ways.append(.microseconds(number.units))
        }
        guard ways.count == numbers.count, [1, 3, 4].contains(ways.count) else {
            throw PaperOptionsError(
                "latency: expected milliseconds up to an hour, one number or ENTRY,CANCEL,NEWS[,TAIL], "
                    + "found \"\(text)\"")
        }
        latency.entry = ways[0]
        latency.cancel = ways.count > 1 ? ways[1] : ways[0]
        latency.news = ways.count > 2 ? ways[2] : ways[0]
        latency.tail = ways.count > 3 ? ways[3] : .zero
    }

    /// Reads `BTC=10 USD=1000`.
    public mutating func setBalances(_ text: String) throws(PaperOptionsError) {
        balances = []
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=").map { String($0) }
            guard parts.count == 2, let amount = Quantity(parts[1]), amount.isValid,
                !amount.isNegative, Currency(validating: parts[0], decimals: 0) != nil,
                !balances.contains(where: { $0.code == parts[0] })
            else {
                throw PaperOptionsError(
                    "balance: expected amounts such as BTC=10 USD=1000, each currency once, found \"\(word)\""
                )
            }
            balances.append(PaperBalance(code: parts[0], amount: amount))
        }
        guard !balances.isEmpty else {
            throw PaperOptionsError("balance: expected amounts such as BTC=10 USD=1000, found none")
        }
    }

    /// Reads a percentage with at most two decimals.
    public mutating func setFee(_ text: String) throws(PaperOptionsError) {
        guard let rate = Quantity(text)?.rescaled(to: 2), (0...10_000).contains(rate.units) else {
            throw PaperOptionsError(
                "fee: expected 0 to 100 percent with at most two decimals, found \"\(text)\"")
        }
        feeRate = Int(rate.units)
    }

    /// Reads a whole number.
    public mutating func setSeed(_ text: String) throws(PaperOptionsError) {
        guard let number = UInt64(text) else {
            throw PaperOptionsError("seed: expected a whole number, found \"\(text)\"")
        }
        seed = number
    }

    /// The text that ``init(_:)`` reads as these.
    public var text: String {
        func milliseconds(_ duration: Duration) -> String {
            let whole = duration.nanoseconds / 1_000
            return "\(Quantity(units: whole, scale: 3))"
        }
        var fields = [
            "queue=\(queue.rawValue)",
            "latency="
                + [latency.entry, latency.cancel, latency.news, latency.tail].map(milliseconds)
                .joined(separator: ","),
        ]
        if !balances.isEmpty {
            fields.append(
                "balance="
                    + balances.map { "\($0.code)=\($0.amount)" }.joined(separator: " "))
        }
        if let feeRate {
            fields.append("fee=\(Quantity(units: Int64(feeRate), scale: 2))")
        }
        fields.append("seed=\(seed)")
        if reportsJSON { fields.append("json") }
        return fields.joined(separator: ";")
    }
}
