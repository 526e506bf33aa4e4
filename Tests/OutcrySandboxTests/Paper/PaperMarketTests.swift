import OutcryComponents
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcryKernel
@testable import OutcrySandbox

@Suite struct PaperMarketTests {
    /// The bot hears all that its account does, to the last coin; and twice the same is the same.
    @Test(arguments: DeskCarrier.allCases, PaperQueue.allCases)
    func aBotTradesOnARecording(_ carrier: DeskCarrier, _ queue: PaperQueue) throws {
        let market = try PaperHall.market(carrier)
        let options = "json;queue=\(queue.rawValue);balance=BTC=50 USD=5000"
        let end = try PaperHall.play([market], options, carrier: carrier)
        #expect(end.lines == [])
        let report = try #require(end.reports.first)
        #expect(end.reports.count == 1)
        let bot = end.bot
        #expect(bot.fills.count > 3, "\(report)")
        #expect(bot.orders.values.allSatisfy { $0.state.isFinal })
        #expect(Set(bot.fills.map(\.tradeID)).count == bot.fills.count)
        // What the orders say, what the fills say, what the wallet says and what the report says are one.
        let filled = bot.fills.reduce(Quantity.zero) { $0 + $1.quantity }
        #expect(bot.orders.values.reduce(Quantity.zero) { $0 + $1.filled } == filled)
        #expect(
            end.field("filled").map { Int($0) } == bot.orders.values.count { $0.state == .filled })
        let fees = bot.fills.filter { $0.fee?.currency == .btc }
            .reduce(Int64(0)) { $0 + ($1.fee?.units ?? 0) }
        let wallet = try #require(bot.wallets.last)
        #expect(
            wallet[.btc]?.total.units == Money.btc("50").units + (bot.bought.units(of: .btc)) - fees
        )
        let final =
            "\"final\":{\"BTC\":\"\(wallet[.btc]?.total.amountText ?? "")\",\"USD\":\"\(wallet[.usd]?.total.amountText ?? "")\"}"
        #expect(report.contains(final), "\(report)")
        #expect(end.field("orders") == "\(bot.orders.count)")
        #expect(report.contains("\"warnings\":[]"))

        let again = try PaperHall.play([market], options, carrier: carrier)
        #expect(again.reports == end.reports)
        #expect(again.bot.seen == bot.seen)
        #expect(again.took == end.took)
    }

    @Test(arguments: 2...3) func theHopefulFillAtLeastAsMuch(_ seed: UInt64) throws {
        let market = try PaperHall.record(seed: seed, seconds: 20, of: .february2012, speed: 5)
        let filled = try ["back", "touch"].map { queue in
            let end = try PaperHall.play([market], "json;queue=\(queue);fee=0")
            return try #require(end.field("resting_fills").flatMap { Int($0) })
        }
        #expect(filled[0] < filled[1])
    }

    @Test func theDelayDecides() throws {
        let market = try PaperHall.market()
        let ends = try [
            "latency=0", "latency=900", "latency=50,50,50,200", "latency=50,50,50,200;seed=2",
        ]
        .map { try PaperHall.play([market], "json;\($0)") }
        for (place, end) in ends.enumerated() {
            #expect(end.bot.orders.values.allSatisfy { $0.state.isFinal })
            for other in ends[..<place] { #expect(other.bot.seen != end.bot.seen) }
        }
    }

    /// The stream breaks off in the middle: the orders stay, and the desk finds out what it has missed.
    @Test func aBreakInTheRecordingIsOne() throws {
        let market = try PaperHall.record(seconds: 20) { house in
            try house.set("disconnect", "on")
        }
        let end = try PaperHall.play([market], "json")
        #expect(end.bot.channel == [true, false, true])
        #expect(end.bot.reconciliations >= 2)
        #expect(end.bot.orders.values.allSatisfy { $0.state.isFinal })
        let fills = end.bot.fills.reduce(Quantity.zero) { $0 + $1.quantity }
        #expect(end.bot.orders.values.reduce(Quantity.zero) { $0 + $1.filled } == fills)
    }

    @Test func aRecordingWithoutAWholeBookSaysSo() throws {
        let text = String(decoding: try PaperHall.market(), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { !$0.contains("\"http\":") }
        #expect(lines.count < text.split(separator: "\n").count)
        let market = Array((lines.joined(separator: "\n") + "\n").utf8)
        let end = try PaperHall.play([market])
        #expect(end.lines.contains { $0.contains("the recording has no whole book") })
        #expect(end.reports.first?.contains("There was never a whole book of BTCUSD") == true)
        #expect(end.bot.fills.isEmpty)
    }

    @Test func aRecordingOfAnotherVenueEndsTheLink() throws {
        let market = try PaperHall.market(.midChains)
        let end = try PaperHall.play([market])
        #expect(
            end.lines.contains { $0.contains("expected a recording of mtgox, found midchain") },
            "\(end.lines)")
        let broken = try PaperHall.play([Array(market.prefix(2_000)) + Array("\n{}\n".utf8)])
        #expect(broken.lines.contains { $0.contains("/market-0.jsonl: line") }, "\(broken.lines)")
    }

    // MARK: A live market

    /// A link with a key and simulated orders: nothing of them gets to the exchange.
    @Test(arguments: DeskCarrier.allCases) func noOrderLeaves(_ carrier: DeskCarrier) throws {
        var options = AccountOptions()
        options.paper = PaperOptions()
        options.desk.ledger = "/orders"
        let house = try DeskHouse(seed: 3, account: options, carrier: carrier)
        house.run(.seconds(10))
        #expect(house.kernel.find(house.link.signer) == nil)
        house.act { bot, my in
            guard let best = bot.best else { return }
            bot.link.place(.limit(.buy, quantity: "1", price: best.ask), my)
            bot.link.place(.limit(.buy, quantity: "1", price: "0.01"), my)
        }
        house.run(.seconds(5))
        #expect(house.bot.fills.count >= 1)
        #expect(
            house.bot.orders.values.map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                .open, .filled,
            ])
        #expect(house.exchange.state.orders.isEmpty)
        #expect(house.theirWallet.contains("100000.00000 USD"))
        #expect(house.ourWallet != house.theirWallet)
        #expect(house.world.storage["/orders"] == nil)
        house.act { bot, my in bot.link.cancelAll(my) }
        house.run(.seconds(1))
        #expect(house.bot.orders.values.allSatisfy { $0.state.isFinal })
        if carrier != .midChains {
            var answers: [String] = []
            house.act { bot, my in
                my.task { my in
                    answers.append("\(try await bot.link.call(.ticker(.btcusd)))")
                    do { _ = try await bot.link.call(.info) } catch { answers.append("\(error)") }
                }
            }
            house.run(.seconds(5))
            #expect(answers.count == 2)
            #expect(answers.last?.contains("no API key") == true)
        }
    }

    /// The account outlives what stands for its venue: orders, money and the market are as they were.
    @Test(arguments: DeskCarrier.allCases) func aGatewayThatFailsBeginsAnew(
        _ carrier: DeskCarrier
    ) throws {
        var options = AccountOptions()
        options.paper = PaperOptions()
        let house = try DeskHouse(seed: 5, account: options, carrier: carrier)
        house.run(.seconds(5))
        for price in ["0.01", "0.02"] as [Price] {
            house.act { bot, my in
                bot.link.place(.limit(.buy, quantity: "1", price: price), my)
            }
        }
        house.run(.milliseconds(20))
        let gateway = try #require(house.kernel.find(house.link.gateway))
        house.kernel.failed(gateway, Broken())
        house.run(.seconds(20))
        #expect(house.bot.orders.values.filter { $0.state == .open }.count == 2)
        house.act { bot, my in
            guard let best = bot.best else { return }
            bot.link.place(.limit(.buy, quantity: "1", price: best.ask + .usd("5")), my)
        }
        house.run(.seconds(5))
        #expect(house.bot.fills.count >= 1)
        #expect(house.bot.orders.values.filter { $0.state == .filled }.count == 1)
        #expect(house.exchange.state.orders.isEmpty)
    }

    @Test func whatCannotBeSimulatedIsNamed() throws {
        let simulation = Simulation(seed: 1)
        simulation.variables[PaperOptions.variable] = "queue=front"
        let kernel = Kernel(driver: simulation)
        do {
            _ = try MtGox.open(on: kernel, url: "ws://127.0.0.1/mtgox", instruments: [.btcusd])
            Issue.record("it was opened")
        } catch {
            #expect("\(error)".contains("OUTCRY_PAPER: queue: expected one of back"), "\(error)")
        }
    }
}

private struct Broken: Error {}

extension Quantity {
    /// The units of a currency; 0 where it is finer.
    fileprivate func units(of currency: Currency) -> Int64 {
        rescaled(to: currency.decimals)?.units ?? 0
    }
}
