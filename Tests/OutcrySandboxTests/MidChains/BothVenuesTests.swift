import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// One exchange that speaks both protocols, and one bot that knows neither: it quotes on both at once.
@Suite struct BothVenuesTests {
    @Test(arguments: [1, 2] as [UInt64]) func oneBotQuotesOnBoth(seed: UInt64) throws {
        let world = SimulatedWorld(seed: seed)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        var access: MidChainsAccess?
        let money = [Money("100000", .usd), Money("5000", .btc)].compactMap(\.self)
        let sandbox = try EmbeddedSandbox(on: kernel) {
            $0.speed = 600
            access = $0.openMidChains(to: "mid", money: money)
        }
        let gox = try MtGox.open(
            on: kernel, url: sandbox.url, instruments: [.btcusd],
            account: sandbox.account("gox", money: money))
        let mid = try MidChains.open(
            on: kernel, url: try #require(sandbox.midChainsURL), instruments: [.btcusd],
            account: access)
        let bot = Quoter([gox, mid])
        kernel.start(bot, alias: "quoter")
        world.advance(by: .seconds(120))
        for (place, link) in [gox, mid].enumerated() {
            #expect(bot.quoted[place] > 10, "\(link.venue), seed \(seed)")
            #expect(bot.filled[place] > 0, "\(link.venue), seed \(seed)")
            #expect(bot.refused[place] == [], "\(link.venue), seed \(seed)")
        }
        // No more quotes, and none is left: at the bot, and at the exchange.
        kernel.post(.interrupt, to: "quoter", ())
        world.advance(by: .seconds(30))
        #expect(bot.live.map(\.count) == [0, 0], "seed \(seed)")
        #expect(sandbox.exchange.state.accounts.map(\.open.count) == [0, 0])
        for (place, name) in ["gox", "mid"].enumerated() {
            let account = try #require(sandbox.exchange.state.account(named: name))
            let traded = account.trades.reduce(0) { $0 + $1.trade.amount }
            #expect(bot.filled[place] == traded, "\(name), seed \(seed): each fill was told, once")
        }
    }
}

/// Keeps a bid and an ask a little behind the best prices, wherever it is: nothing in it is a venue's.
private final class Quoter: Session {
    let links: [Link]
    var live: [Set<OrderID>]
    var quoted: [Int]
    var filled: [Int64]
    var refused: [[String]]
    private var isOver = false

    init(_ links: [Link]) {
        self.links = links
        live = links.map { _ in [] }
        quoted = links.map { _ in 0 }
        filled = links.map { _ in 0 }
        refused = links.map { _ in [] }
    }

    static func handlers(_ on: inout Handlers<Quoter>) {
        on(.started) { me, _, my in
            for place in me.links.indices {
                let desk = QuoterDesk(me, place)
                my.start(desk, alias: Alias("quotes at \(me.links[place].name)"))
            }
        }
        on(.interrupt) { me, _, my in
            me.isOver = true
            for link in me.links { link.cancelAll(my) }
        }
    }

    fileprivate func look(_ change: BookChange, _ place: Int, _ my: Context) {
        guard !isOver, live[place].isEmpty, change.evidence.isTrusted,
            let bid = change.book.bestBid, let ask = change.book.bestAsk
        else { return }
        let link = links[place]
        let behind = Price.usd("0.01")
        for request in [
            OrderRequest.limit(.buy, quantity: "1.5", price: bid.price - behind),
            .limit(.sell, quantity: "1.5", price: ask.price + behind),
        ] { live[place].insert(link.place(request, my)) }
        quoted[place] += 2
    }

    fileprivate func hear(_ order: Order, _ place: Int, _ my: Context) {
        guard order.state.isFinal else { return }
        live[place].remove(order.id)
        if order.state == .rejected { refused[place].append(order.reason ?? "") }
    }

    /// The market has gone away: quotes where it was are of no use.
    fileprivate func renew(_ place: Int, _ my: Context) {
        for id in live[place].sorted() { links[place].cancel(id, my) }
    }
}

/// Listens at one venue.
private final class QuoterDesk: Session {
    let quoter: Quoter
    let place: Int

    init(_ quoter: Quoter, _ place: Int) {
        self.quoter = quoter
        self.place = place
    }

    static func handlers(_ on: inout Handlers<QuoterDesk>) {
        on(.started) { me, _, my in
            let link = me.quoter.links[me.place]
            my.register(link.bookChanged, link.order, link.fill)
            my.every(.seconds(2), .renewQuotes)
        }
        on(.bookChanged) { me, change, my in me.quoter.look(copy change, me.place, my) }
        on(.order) { me, order, my in me.quoter.hear(copy order, me.place, my) }
        on(.fill) { me, fill, _ in me.quoter.filled[me.place] += fill.quantity.units }
        on(.renewQuotes) { me, _, my in me.quoter.renew(me.place, my) }
    }
}

extension Event where Payload == Void {
    fileprivate static let renewQuotes = Self("test.renewQuotes")
}
