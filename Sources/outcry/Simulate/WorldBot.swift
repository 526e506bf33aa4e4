import Outcry

/// What a bot was told and did: outlives its process.
final class WorldDiary {
    /// Its own orders by their names, in the order in which they were placed.
    var placed: [OrderID] = []
    /// As they were told last, those that others placed included.
    var orders: [OrderID: Order] = [:]
    /// What the venue called them: one that ended unfilled is not found by a successor whose disk lost its name.
    var names: [OrderID: OrderID] = [:]
    /// Orders of which a successor knows no name, or another one: what its disk lost when the power failed.
    var renamed: Set<OrderID> = []
    /// Orders that a process took with it before their venue had named them: they may never have left.
    var limbo: Set<OrderID> = []
    /// Orders of which the present process has told.
    var told: Set<OrderID> = []
    var fills: [OrderID: [Fill]] = [:]
    var wallet: Wallet?
    /// The bot's book, while its process lives.
    var book: Book?
    var evidence = Evidence.stale(since: .zero)
    /// The stamp of the book's last change.
    var stamp: Int64 = 0
    /// The stamp of the newest change that the book held when it was loaded.
    var checkpoint: Int64 = 0
    var best: (bid: Price, ask: Price)?
    var isUp = false
    /// The number of the last trade that was heard.
    var lastTrade: Int64 = 0
    /// Things that came: so that no comparison is of nothing.
    var heard = 0
    /// Processes that were started.
    var processes = 0
    /// It places no more.
    var isResting = false
    /// What must not be, and was; the first of it.
    var problem: WorldProblem?

    func note(_ invariant: String, expected: String, found: String) {
        if problem == nil {
            problem = WorldProblem(invariant: invariant, expected: expected, found: found)
        }
    }

    /// A process has died, or the first one begins.
    func beginProcess() {
        processes += 1
        for id in placed where orders[id].map({ !$0.state.isFinal && $0.venueID == nil }) ?? true {
            orders[id] = nil
            limbo.insert(id)
        }
        told = []
        book = nil
        best = nil
        checkpoint = 0
        evidence = .stale(since: .zero)
        isUp = false
    }
}

/// A bot in a simulated world: does what its kind does, and keeps all that it is told.
final class WorldBot: Session {
    private let link: Link
    private let kind: WorldBotKind
    private let diary: WorldDiary
    private var random: SeededGenerator
    private let isMade: (Trade) -> Bool
    /// Trades may come twice.
    private let mayRepeat: Bool
    private var quotes: [OrderSide: OrderID] = [:]
    private var wantsLag = false

    init(
        _ link: Link, _ kind: WorldBotKind, _ diary: WorldDiary, _ random: SeededGenerator,
        mayRepeat: Bool, isMade: @escaping (Trade) -> Bool
    ) {
        self.link = link
        self.kind = kind
        self.diary = diary
        self.random = random
        self.mayRepeat = mayRepeat
        self.isMade = isMade
    }

    static func handlers(_ on: inout Handlers<WorldBot>) {
        on(.started) { me, _, my in
            let link = me.link
            my.register(
                link.bookChanged, link.bookStale, link.trade, link.connected, link.disconnected)
            if me.kind.trades {
                my.register(link.order, link.fill, link.wallet)
                // What a predecessor quoted.
                if me.diary.processes > 1, me.kind == .maker { link.cancelAll(my) }
            }
            my.after(.seconds(1), .worldAct)
        }
        on(.worldAct) { me, _, my in
            guard !me.diary.isResting else { return }
            me.act(my)
            my.after(.milliseconds(.random(in: 200...1_500, using: &me.random)), .worldAct)
        }
        on(.connected) { me, _, _ in me.diary.isUp = true }
        on(.disconnected) { me, down, _ in
            me.diary.isUp = false
            if down.retryIn == nil {
                me.diary.note(
                    "liveness", expected: "a link that is tried again",
                    found: "one that is given up: \(down.reason)")
            }
        }
        on(.bookChanged) { me, change, _ in
            let diary = me.diary
            diary.heard += 1
            diary.book = change.book
            diary.evidence = change.evidence
            if let stamp = change.change?.stamp {
                diary.stamp = max(diary.stamp, stamp)
                // What SafetyNet puts right has a younger stamp than the level that it is about.
                if stamp > 0, stamp < diary.checkpoint, !me.kind.usesNet {
                    diary.note(
                        "book",
                        expected: "no change older than the book, as of \(diary.checkpoint)",
                        found: "one as of \(stamp)")
                }
            } else if case .checkpointed(let stamp) = change.evidence {
                diary.checkpoint = stamp
            }
            guard let bid = change.book.bestBid, let ask = change.book.bestAsk else { return }
            diary.best = (bid.price, ask.price)
        }
        on(.bookStale) { me, _, my in me.diary.evidence = .stale(since: my.now) }
        on(.trade) { me, trade, _ in me.hear(trade) }
        on(.order) { me, order, _ in me.hear(copy order) }
        on(.fill) { me, fill, _ in
            if let order = fill.order { me.diary.fills[order, default: []].append(copy fill) }
        }
        on(.wallet) { me, wallet, _ in me.diary.wallet = copy wallet }
    }

    // MARK: What it is told

    private func hear(_ trade: Trade) {
        diary.heard += 1
        if !isMade(trade) {
            diary.note(
                "trades", expected: "trades that the exchange made",
                found: "\(trade.id) of \(trade.quantity) at \(trade.price)")
        }
        if trade.id <= diary.lastTrade, !mayRepeat {
            diary.note(
                "trades", expected: "each trade once, in order: one behind \(diary.lastTrade)",
                found: "\(trade.id)")
        }
        diary.lastTrade = trade.id
    }

    private func hear(_ order: Order) {
        let id = order.id
        if diary.told.contains(id), let before = diary.orders[id] {
            if before.state.isFinal, before.state != order.state {
                diary.note(
                    "orders", expected: "no news of an order that has ended: \(before)",
                    found: "\(order)")
            }
            if order.filled < before.filled {
                diary.note(
                    "orders", expected: "at least \(before.filled) filled of \(before)",
                    found: "\(order.filled)")
            }
        }
        diary.told.insert(id)
        if let name = diary.names[id], order.venueID != name { diary.renamed.insert(id) }
        if let name = order.venueID { diary.names[id] = name }
        diary.limbo.remove(id)
        diary.orders[id] = order
    }

    // MARK: What it does

    private func act(_ my: Context) {
        switch kind {
        case .watch: watch(my)
        case .maker: for side in [OrderSide.buy, .sell] { quote(side, my) }
        case .parallel: placeAndCancel(my)
        case .taker: take(my)
        }
    }

    private func draw(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    private func watch(_ my: Context) {
        switch draw(12) {
        case 0: link.renew(my)
        case 1...3:
            wantsLag.toggle()
            if wantsLag {
                link.subscribe(Channel("trade.lag"), my)
            } else {
                link.unsubscribe(Channel("trade.lag"), my)
            }
        default: break
        }
    }

    private func place(
        _ side: OrderSide, _ units: Int64, at price: Int64?, _ my: Context
    ) -> OrderID {
        let id = OrderID("w\(diary.placed.count)")
        diary.placed.append(id)
        let request = OrderRequest(
            side: side, quantity: Quantity(units: units, of: .btc),
            price: price.map { Price(units: max(1, $0), of: .usd) }, id: id)
        link.place(request, my)
        return id
    }

    /// So many satoshis, of a few coins.
    private func amount() -> Int64 { Int64(1 + draw(400)) * 1_000_000 }

    /// Cancels one of those that have not ended.
    private func cancelOne(_ my: Context) {
        let open = diary.placed.suffix(60).filter { !(diary.orders[$0]?.state.isFinal ?? false) }
        if !open.isEmpty { link.cancel(open[draw(open.count)], my) }
    }

    private func quote(_ side: OrderSide, _ my: Context) {
        guard let best = diary.best, diary.evidence.isTrusted else { return }
        let distance = draw(8) == 0 ? -1_000 : Int64(draw(6_000))
        let price = side == .buy ? best.bid.units - distance : best.ask.units + distance
        guard let id = quotes[side] else {
            return quotes[side] = place(side, amount(), at: price, my)
        }
        // Nothing was said of it yet.
        guard let order = diary.orders[id] else { return }
        if order.state.isFinal {
            quotes[side] = place(side, amount(), at: price, my)
        } else if abs((order.price?.units ?? 0) - price) > 3_000 {
            link.cancel(id, my)
        }
    }

    private func placeAndCancel(_ my: Context) {
        guard let best = diary.best else { return }
        for _ in 0..<draw(6) {
            let step = Int64(draw(20_000))
            _ =
                Bool.random(using: &random)
                ? place(.buy, amount(), at: best.ask.units + 2_000 - step, my)
                : place(.sell, amount(), at: best.bid.units - 2_000 + step, my)
        }
        for _ in 0..<draw(6) { cancelOne(my) }
        if draw(25) == 0 { link.cancelAll(my) }
    }

    private func take(_ my: Context) {
        guard let best = diary.best else { return }
        let side: OrderSide = Bool.random(using: &random) ? .buy : .sell
        switch draw(8) {
        case 0...1: _ = place(side, amount(), at: nil, my)
        case 2...4:
            _ = place(side, amount(), at: side == .buy ? best.ask.units : best.bid.units, my)
        case 5: _ = place(.buy, amount(), at: best.bid.units - 50_000, my)
        default: cancelOne(my)
        }
    }
}

extension Event where Payload == Void {
    static let worldAct = Self("world.act")
}
