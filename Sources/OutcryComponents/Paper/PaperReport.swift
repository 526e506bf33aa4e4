import OutcryKernel
public import OutcryMarket
import OutcryWire

/// What a simulated account has done, for people and for programs: the same market, options and bot give the same
/// report, to the byte.
public struct PaperReport: Sendable, Equatable {
    /// The link's name.
    public let link: String
    /// What happened.
    public let statistics: PaperStatistics
    /// What the account began with.
    public let initial: Wallet
    /// What it has.
    public let final: Wallet
    /// The fees, by currency.
    public let fees: [Money]
    /// Orders that have not ended.
    public let open: Int
    /// The final wallet less the initial one, each at the middle of its time, in the first market's quote; nil where no
    /// middle was known.
    public let profit: Money?
    /// What of that the market would have brought to one who had done nothing.
    public let ofHolding: Money?
    /// What of it trading has brought: both wallets at the last middle.
    public let ofTrading: Money?
    /// Both wallets at the first middle: the profit as if prices had stood still.
    public let atFirstMid: Money?
    /// The deepest fall of the account's worth from a best before it.
    public let drawdown: Money?
    /// What was assumed, a sentence each.
    public let assumptions: [String]
    /// What one has to know about this very run, a sentence each.
    public let warnings: [String]

    /// Makes the report of an account as it stands.
    public init(_ machine: PaperMachine, of link: Link) {
        self.link = link.name
        statistics = machine.statistics
        initial = machine.ledger.initialWallet
        final = machine.ledger.wallet
        fees = machine.ledger.fees
        open = machine.openOrders.count
        let quote = link.instruments[0].quote
        func money(_ units: Int64?) -> Money? { units.map { Money(units: $0, currency: quote) } }
        let before = money(machine.worth(of: initial, atStart: true))
        let after = money(machine.worth(of: final, atStart: false))
        let held = money(machine.worth(of: initial, atStart: false))
        let still = money(machine.worth(of: final, atStart: true))
        func less(_ a: Money?, _ b: Money?) -> Money? {
            guard let a, let b else { return nil }
            return a - b
        }
        profit = less(after, before)
        ofHolding = less(held, before)
        ofTrading = less(after, held)
        atFirstMid = less(still, before)
        drawdown = money(machine.statistics.worth?.drawdown)
        assumptions = machine.assumptions
        warnings = machine.warnings
    }

    /// The filled part of what was wanted, in thousandths, over all markets' orders; nil where nothing was.
    public var fillRatio: Int? {
        var sum = (wanted: Int128(0), filled: Int128(0))
        for market in statistics.markets {
            sum.wanted += market.wanted
            sum.filled += market.filled
        }
        return sum.wanted > 0 ? Int(sum.filled * 1_000 / sum.wanted) : nil
    }
}

extension PaperMachine {
    /// What the simulation assumes, a sentence each.
    public var assumptions: [String] {
        let latency = options.latency
        func ms(_ duration: Duration) -> String {
            "\(Quantity(units: duration.nanoseconds / 1_000, scale: 3)) ms"
        }
        let tail = latency.tail > .zero ? ", each and \(ms(latency.tail)) more on the average" : ""
        let queued =
            switch options.queue {
            case .back:
                "An order rests behind all that stands at its price; what is cancelled goes from behind it first."
            case .proRata:
                "An order rests behind all that stands at its price; what is cancelled goes evenly from before and behind it."
            case .touch:
                "An order that rests has nobody before it: the first trade at its price is its own."
            }
        let paid =
            rules.funds == .held
            ? "Open orders hold their money back."
            : "Open orders hold no money back; they trade as far as there is some."
        return [
            "Orders move nobody: the market goes on as it did, and they are not in the book that the bot sees.",
            "An order takes what the book shows, level by level; what it took stays taken until as much has gone in the feed.",
            queued,
            "A trade at a price fills what rests there after those before it, past it all; never more than was traded.",
            "Orders come \(ms(latency.entry)) after they were sent, cancellations \(ms(latency.cancel)), news \(ms(latency.news)) after what they tell\(tail), by the feed's clock.",
            "The fee is \(Quantity(units: Int64(feeRate), scale: 2)) % of what is received. \(paid)",
            "Orders of the account never trade with each other.",
        ]
    }

    /// What one has to know about this very run.
    public var warnings: [String] {
        var all: [String] = []
        for market in markets where !market.wasKnown {
            all.append(
                "There was never a whole book of \(market.instrument): no order was filled. Has the recording one?"
            )
        }
        if statistics.waited > 0 {
            all.append(
                "\(statistics.waited) orders came while the book was not known, and waited for it.")
        }
        for market in statistics.markets
        where market.filled * 10 > market.traded && market.filled > 0 {
            all.append(
                "The fills in \(market.instrument) are more than a tenth of what all others traded: they would have moved the market."
            )
        }
        return all
    }
}

// MARK: Words

extension PaperReport {
    /// For people, some lines.
    public var text: String {
        let counts = statistics
        var lines = ["paper account \(link)"]
        func line(_ name: String, _ value: String) {
            lines.append("  " + name + String(repeating: " ", count: 14 - name.count) + value)
        }
        if counts.began > 0 {
            let seconds = (counts.ended - counts.began) / 1_000_000
            line(
                "market", "\(WallTime(microseconds: counts.began)), \(seconds) s")
        }
        line(
            "orders",
            "\(counts.ordered): \(counts.filled) filled, \(counts.touched - counts.filled) in part, \(counts.cancelled) cancelled, \(counts.refused) refused, \(open) open"
        )
        line(
            "fills",
            "\(counts.takingFills + counts.restingFills): \(counts.takingFills) taking, \(counts.restingFills) resting"
        )
        if counts.lateCancellations > 0 {
            line("too late", "\(counts.lateCancellations) cancellations of \(counts.cancellations)")
        }
        for market in counts.markets where market.wanted > 0 {
            let base = market.instrument.base
            let quote = market.instrument.quote
            line(
                "volume",
                "\(Self.amount(market.filled, base)) of \(Self.amount(market.wanted, base)) wanted, for \(Self.amount(market.turnover, quote)); all others \(Self.amount(market.traded, base))"
            )
        }
        if let ratio = fillRatio {
            line("fill ratio", "\(Quantity(units: Int64(ratio), scale: 1)) %")
        }
        line("fees", fees.isEmpty ? "none" : fees.map { "\($0)" }.joined(separator: ", "))
        line("began with", "\(initial)")
        line("has", "\(final)")
        if let profit, let ofHolding, let ofTrading, let atFirstMid, let drawdown {
            line("profit", "\(profit): \(ofTrading) by trading, \(ofHolding) by holding")
            line("", "\(atFirstMid) if prices had stood still")
            line("drawdown", "\(drawdown)")
        } else {
            line("profit", "unknown: there was never a price")
        }
        lines += warnings.map { "  beware: \($0)" }
        lines.append("  assumed:")
        lines += assumptions.map { "    \($0)" }
        return lines.joined(separator: "\n")
    }

    /// One line of JSON: amounts as decimal strings, times in microseconds since 1970.
    public var json: String {
        var text: [UInt8] = []
        JSONWriter.appendObject(to: &text) { report in
            report.field("link", link)
            report.field("began", statistics.began)
            report.field("ended", statistics.ended)
            report.field("orders", statistics.ordered)
            report.field("accepted", statistics.accepted)
            report.field("refused", statistics.refused)
            report.field("filled", statistics.filled)
            report.field("partly_filled", statistics.touched - statistics.filled)
            report.field("cancelled", statistics.cancelled)
            report.field("open", open)
            report.field("cancellations", statistics.cancellations)
            report.field("late_cancellations", statistics.lateCancellations)
            report.field("waited_for_book", statistics.waited)
            report.field("taking_fills", statistics.takingFills)
            report.field("resting_fills", statistics.restingFills)
            if let fillRatio {
                report.field("fill_ratio", "\(Quantity(units: Int64(fillRatio), scale: 3))")
            }
            report.array("markets") { all in
                for market in statistics.markets {
                    all.object { one in
                        let instrument = market.instrument
                        one.field("market", "\(instrument)")
                        one.field("wanted", Self.number(market.wanted, instrument.base))
                        one.field("filled", Self.number(market.filled, instrument.base))
                        one.field("turnover", Self.number(market.turnover, instrument.quote))
                        one.field("traded", Self.number(market.traded, instrument.base))
                    }
                }
            }
            Self.put(fees, "fees", &report)
            Self.put(initial.balances.map(\.total), "initial", &report)
            Self.put(final.balances.map(\.total), "final", &report)
            if let profit { report.field("profit", profit.amountText) }
            if let ofTrading { report.field("profit_of_trading", ofTrading.amountText) }
            if let ofHolding { report.field("profit_of_holding", ofHolding.amountText) }
            if let atFirstMid { report.field("profit_at_first_mid", atFirstMid.amountText) }
            if let drawdown { report.field("max_drawdown", drawdown.amountText) }
            if let profit { report.field("currency", profit.currency.code) }
            report.array("warnings") { all in for warning in warnings { all.append(warning) } }
            report.array("assumptions") { all in
                for sentence in assumptions { all.append(sentence) }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func put(_ money: [Money], _ name: String, _ report: inout JSONObjectWriter) {
        report.object(name) { all in
            for one in money { all.field(one.currency.code, one.amountText) }
        }
    }

    private static func number(_ units: Int128, _ currency: Currency) -> String {
        Money(units: Int64(clamping: units), currency: currency).amountText
    }

    private static func amount(_ units: Int128, _ currency: Currency) -> String {
        "\(Money(units: Int64(clamping: units), currency: currency))"
    }
}
