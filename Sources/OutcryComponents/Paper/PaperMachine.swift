public import OutcryKernel
public import OutcryMarket

/// A simulated account at a venue whose market is told by a feed: orders come after a while, meet the book as it is
/// then, rest in queues that are a model's, and are filled by what the feed says is traded. No kernel, no I/O.
///
/// What is assumed:
/// - The account moves nobody. Its orders are not in the book that the bot sees, and the market goes on as it did.
/// - What an order takes from a level stays taken until as much of that level has gone in the feed, too.
/// - What is filled by a trade is never more than that trade; by the book never more than it shows.
/// - The account's own orders never meet each other.
///
/// Time is the feed's: each input says it, and none says an earlier one than the last.
public struct PaperMachine {
    /// What is simulated.
    public let options: PaperOptions
    /// What the venue does to orders.
    public let rules: PaperRules
    /// What the account has.
    public internal(set) var ledger: PaperLedger
    /// What has happened so far.
    public internal(set) var statistics = PaperStatistics()
    /// Microseconds since 1970 less the clock of the inputs.
    public var wallOffset: Int64 = 0

    var markets: [PaperMarket]
    private var arrivals: [Arrival] = []
    /// What the bot is yet to hear, in the order in which it will.
    private var told: [(time: KernelTime, news: PaperNews)] = []
    private var nextTold = 0
    private var lastEntry = KernelTime.zero
    private var lastCancel = KernelTime.zero
    private var lastNews = KernelTime.zero
    /// What is told next is of another moment than what was told last.
    private var isNewMoment = true
    private var random: SeededGenerator
    private var numbers = 0
    /// All trades of the account, the oldest first, and where those of an order are.
    private var executions: [ExecutionNews] = []
    private var executionsOf: [OrderID: [Int]] = [:]

    private struct Arrival {
        enum Kind {
            case order(OrderPlacement)
            case cancel(OrderCancellation)
            case question(Int, AccountQuestion)
        }
        let time: KernelTime
        let kind: Kind
    }

    /// Opens an account.
    ///
    /// - Parameter instruments: What is traded; balances of currencies that none of them has are left out.
    /// - Throws: A balance that is finer than the currency's unit, or no instrument's.
    public init(
        _ options: PaperOptions, _ rules: PaperRules, instruments: [Instrument]
    ) throws(PaperOptionsError) {
        self.options = options
        self.rules = rules
        random = SeededGenerator(seed: options.seed)
        markets = instruments.map { PaperMarket($0, options.queue) }
        var money: [Money] = []
        let all = instruments.flatMap { [$0.base, $0.quote] }
        for balance in options.balances.isEmpty ? PaperOptions.usualBalances : options.balances {
            // Several links may share one setting: each takes what is its own.
            guard let currency = all.first(where: { $0.code == balance.code }) else { continue }
            guard let exact = balance.amount.rescaled(to: currency.decimals) else {
                throw PaperOptionsError(
                    "balance: expected at most \(currency.decimals) decimals of \(balance.code), "
                        + "found \(balance.amount)")
            }
            money.append(Money(units: exact.units, currency: currency))
        }
        ledger = PaperLedger(money)
        for currency in all { ledger.enter(currency) }
    }

    /// The fee in hundredths of a percent.
    public var feeRate: Int { options.feeRate ?? rules.feeRate }

    // MARK: What the bot does

    /// An order leaves the bot.
    public mutating func place(_ placement: OrderPlacement, at now: KernelTime) {
        statistics.ordered += 1
        lastEntry = max(lastEntry, now + delay(options.latency.entry))
        add(Arrival(time: lastEntry, kind: .order(placement)))
        advance(to: now)
    }

    /// A cancellation leaves the bot.
    public mutating func cancel(_ cancellation: OrderCancellation, at now: KernelTime) {
        statistics.cancellations += 1
        lastCancel = max(lastCancel, now + delay(options.latency.cancel))
        add(Arrival(time: lastCancel, kind: .cancel(cancellation)))
        advance(to: now)
    }

    /// A question leaves the bot; the answer is ``PaperNews/answer(_:_:)`` with its number.
    public mutating func ask(_ question: AccountQuestion, _ number: Int, at now: KernelTime) {
        lastEntry = max(lastEntry, now + delay(options.latency.entry))
        add(Arrival(time: lastEntry, kind: .question(number, question)))
        advance(to: now)
    }

    // MARK: Time

    /// When something happens by itself next: an order comes to the exchange, or news to the bot.
    public var nextDue: KernelTime? {
        let news = nextTold < told.count ? told[nextTold].time : nil
        guard let arrival = arrivals.first?.time else { return news }
        return min(arrival, news ?? arrival)
    }

    /// Lets come what is due.
    public mutating func advance(to now: KernelTime) {
        while let first = arrivals.first, first.time <= now {
            arrivals.removeFirst()
            switch first.kind {
            case .order(let placement): take(placement, at: first.time)
            case .cancel(let cancellation): take(cancellation, at: first.time)
            case .question(let number, let question):
                beginMoment()
                tell(.answer(number, answer(to: question)), at: first.time)
            }
        }
    }

    /// What the bot hears next, if it is due.
    public mutating func nextNews(at now: KernelTime) -> PaperNews? {
        guard nextTold < told.count, told[nextTold].time <= now else { return nil }
        defer {
            nextTold += 1
            if nextTold == told.count || nextTold >= 1_024 {
                told.removeFirst(nextTold)
                nextTold = 0
            }
        }
        return told[nextTold].news
    }

    private mutating func add(_ arrival: Arrival) {
        let place = arrivals.lastIndex { $0.time <= arrival.time }.map { $0 + 1 } ?? 0
        arrivals.insert(arrival, at: place)
    }

    /// The bot will hear of something that happens now; never of two things in another order than theirs.
    mutating func tell(_ news: PaperNews, at now: KernelTime) {
        if isNewMoment { lastNews = max(lastNews, now + delay(options.latency.news)) }
        isNewMoment = false
        told.append((lastNews, news))
    }

    /// Begins a moment: what is told of it has one delay, which is drawn if there is something to tell.
    private mutating func beginMoment() { isNewMoment = true }

    /// A constant and a tail.
    private mutating func delay(_ constant: Duration) -> Duration {
        let mean = options.latency.tail
        guard mean > .zero else { return constant }
        return constant + .nanoseconds(Int64(exponential() * Double(mean.nanoseconds)))
    }

    /// An exponentially distributed number of mean 1, by von Neumann's comparisons: the same on every machine,
    /// since nothing but additions and comparisons are made.
    private mutating func exponential() -> Double {
        var whole = 0.0
        while true {
            let first = uniform()
            var (last, run) = (first, 1)
            while true {
                let next = uniform()
                if next >= last { break }
                last = next
                run += 1
            }
            if run % 2 == 1 { return whole + first }
            whole += 1
        }
    }

    /// A number from 0 to below 1, of 53 random bits.
    private mutating func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }

    func wall(_ now: KernelTime) -> Int64 { now.nanoseconds / 1_000 &+ wallOffset }

    // MARK: Arrivals

    private mutating func take(_ placement: OrderPlacement, at now: KernelTime) {
        beginMoment()
        let request = placement.request
        guard let instrument = request.instrument,
            let market = markets.firstIndex(where: { $0.instrument == instrument })
        else {
            return refuse(placement, "expected a market of the link, found none", at: now)
        }
        guard let quantity = request.quantity.rescaled(to: instrument.base.decimals),
            quantity.isPositive, request.price.map({ $0.isPositive }) ?? true
        else { return refuse(placement, "expected an amount and a price above 0", at: now) }
        let price = request.price?.rescaled(to: instrument.quote.decimals)?.units
        guard (price == nil) == (request.price == nil) else {
            return refuse(placement, "expected a price in the market's units", at: now)
        }
        if let least = rules.leastQuantity, quantity < least {
            return refuse(placement, rules.tooSmall, at: now)
        }
        if rules.funds == .held,
            !canHold(request.side, quantity.units, at: price, in: market)
        {
            return refuse(placement, rules.notEnough, at: now)
        }
        numbers += 1
        let order = PaperOrder(
            number: numbers, id: placement.id, venueID: OrderID("paper-\(numbers)"),
            side: request.side, price: price, quantity: quantity.units,
            remaining: quantity.units, created: wall(now))
        statistics.accepted += 1
        statistics.add(quantity.units, wanted: instrument)
        tell(.report(.placed(order.id, venueID: order.venueID)), at: now)
        guard markets[market].isKnown else {
            statistics.waited += 1
            markets[market].waiting.append(order)
            return tell(.order(.changed(venueOrder(order, market, .pending))), at: now)
        }
        enter(order, market, at: now)
    }

    private mutating func refuse(
        _ placement: OrderPlacement, _ reason: String, at now: KernelTime
    ) {
        statistics.refused += 1
        tell(.report(.refused(placement.id, reason: reason)), at: now)
    }

    private mutating func take(_ cancellation: OrderCancellation, at now: KernelTime) {
        beginMoment()
        for market in markets.indices {
            guard let order = markets[market].remove(cancellation.venueID) else { continue }
            statistics.cancelled += 1
            tell(.report(.cancelTaken(cancellation.id)), at: now)
            tell(.order(.removed(order.venueID, .cancelled)), at: now)
            return
        }
        statistics.lateCancellations += 1
        tell(.report(.cancelPointless(cancellation.id, reason: rules.notFound)), at: now)
    }

    private func answer(to question: AccountQuestion) -> AccountAnswer {
        switch question {
        case .openOrders: return .openOrders(openOrders)
        case .wallet: return .wallet(wallet)
        case .fills(let order, _):
            return .executions((executionsOf[order] ?? []).map { executions[$0] })
        case .executions(let since):
            return .executions(executions.filter { $0.stamp >= since })
        }
    }

    /// The account's orders that have not ended, in the order in which they came.
    public var openOrders: [VenueOrder] {
        var all: [(number: Int, order: VenueOrder)] = []
        for (place, market) in markets.enumerated() {
            for order in market.waiting {
                all.append((order.number, venueOrder(order, place, .pending)))
            }
            for order in market[.bid] + market[.ask] {
                all.append((order.number, venueOrder(order, place, .open)))
            }
        }
        return all.sorted { $0.number < $1.number }.map(\.order)
    }

    /// What others have before an order that rests, in units; nil for any other.
    public func ahead(of venueID: OrderID) -> Int64? {
        for market in markets {
            for order in market[.bid] + market[.ask] where order.venueID == venueID {
                return order.ahead
            }
        }
        return nil
    }

    // MARK: Fills

    /// An order of the account has traded: the ledger, and what the bot will hear.
    mutating func noteFill(
        _ order: PaperOrder, _ market: Int, price: Int64, quantity: Int64, cost: Int64, fee: Money,
        isResting: Bool, at now: KernelTime
    ) {
        let instrument = markets[market].instrument
        statistics.add(
            quantity, cost: cost, filled: instrument, isResting: isResting,
            isWhole: order.remaining == 0, isFirst: order.remaining + quantity == order.quantity)
        let number = max((executions.last?.tradeID ?? 0) + 1, wall(now))
        var news = ExecutionNews(tradeID: number)
        news.instrument = instrument
        news.side = order.side
        news.price = Price(units: price, of: instrument.quote)
        news.quantity = Quantity(units: quantity, of: instrument.base)
        news.fee = fee.isZero ? nil : fee
        news.cost = Money(units: cost, currency: instrument.quote)
        news.venueID = order.venueID
        news.stamp = number
        executionsOf[order.venueID, default: []].append(executions.count)
        executions.append(news)
        tell(.execution(news), at: now)
        if order.remaining == 0 {
            tell(.order(.removed(order.venueID, .filled)), at: now)
        } else if isResting {
            tell(.order(.changed(venueOrder(order, market, .open))), at: now)
        }
        tellWallet(order.side, instrument, quantity, cost, fee, at: now)
    }

    private mutating func tellWallet(
        _ side: OrderSide, _ instrument: Instrument, _ quantity: Int64, _ cost: Int64,
        _ fee: Money, at now: KernelTime
    ) {
        let coins = Money(units: quantity, currency: instrument.base)
        let money = Money(units: cost, currency: instrument.quote)
        let (got, given) = side == .buy ? (coins, money) : (money, coins)
        let what = "\(instrument.base) \(side == .buy ? "bought" : "sold")"
        for (change, info) in [(-given, what), (got, what), (-fee, "\(what), fee")]
        where !change.isZero {
            let balance = Money(
                units: ledger.units(of: change.currency), currency: change.currency)
            tell(
                .wallet(WalletChange(change: change, balance: balance, info: info)), at: now)
        }
    }

    /// Something happens in the market.
    mutating func marketMoves(at now: KernelTime) {
        advance(to: now)
        beginMoment()
    }
}

/// What a simulated exchange says to its bot.
public enum PaperNews: Sendable {
    /// What became of a request.
    case report(GatewayReport)
    /// How an order stands.
    case order(OrderNews)
    /// A trade of the account's.
    case execution(ExecutionNews)
    /// Money of the account moved.
    case wallet(WalletChange)
    /// The answer to the question of a number.
    case answer(Int, AccountAnswer)
}
