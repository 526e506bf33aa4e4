import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// The same machinery, awaited in workflows.
@Suite struct AwaitTests {
    @Test func anOrderIsAwaitedToItsEnd() throws {
        let house = try DeskHouse(seed: 6)
        house.run(.seconds(5))
        var placed: Order?
        var ended: Order?
        var open: [Order] = []
        var wallet: Wallet?
        house.act { bot, my in
            let link = bot.link
            let low = (bot.best?.bid ?? "1") - .usd("5")
            my.task { my in
                let order = try await link.place(.limit(.buy, quantity: "2", price: low))
                placed = order
                open = try await link.openOrders()
                wallet = try await link.balances()
                link.cancel(order.id, my)
                ended = try await link.end(of: order.id)
            }
        }
        house.run(.seconds(2))
        #expect(placed?.venueID != nil)
        #expect(open.map(\.id) == [placed?.id])
        #expect(wallet?[.btc]?.total == Money("5000", .btc))
        #expect(ended?.state == .cancelled)
    }

    @Test func aRejectedOrderIsThrown() throws {
        let house = try DeskHouse(seed: 7)
        house.run(.seconds(5))
        var reason: String?
        house.act { bot, my in
            let link = bot.link
            my.task { my in
                do {
                    try await link.place(.limit(.buy, quantity: "0.001", price: "10"))
                } catch let rejected as OrderRejected {
                    reason = rejected.order.reason
                }
            }
        }
        house.run(.seconds(2))
        #expect(reason == "Order amount is too low")
    }

    @Test func aLoopReadsATopicAndEndsItWithItself() throws {
        let house = try DeskHouse(seed: 8)
        var prices: [Price] = []
        var missed: [Int] = []
        let reader = Reader()
        house.kernel.start(reader, alias: "reader")
        reader.body = { my in
            let link = house.link
            my.task { my in
                for try await trade in link.trades {
                    prices.append(trade.price)
                    if prices.count == 3 { break }
                }
                missed.append(my.kernel.snapshot().sessions.filter { $0.alias == "reader" }.count)
            }
        }
        house.kernel.post(.readerBegin, to: "reader", ())
        house.run(.seconds(60))
        #expect(prices.count == 3)
        #expect(missed == [1])
    }

    /// The task ends with its session; the order stays with the desk.
    @Test func whoStopsWaitingLosesNoOrder() throws {
        let house = try DeskHouse(seed: 9, gateway: { $0.carrier = .http })
        house.run(.seconds(5))
        let low = try #require(house.bot.best).bid - .usd("5")
        try house.set("slow-reply", "3s")
        let reader = Reader()
        let id = house.kernel.start(reader, alias: "reader")
        var wasCancelled = false
        reader.body = { my in
            let link = house.link
            my.task { my in
                do {
                    try await link.place(.limit(.buy, quantity: "2", price: low).named("kept"))
                } catch is CancellationError {
                    wasCancelled = true
                    throw CancellationError()
                }
            }
        }
        house.kernel.post(.readerBegin, to: "reader", ())
        house.run(.seconds(1))
        house.kernel.stop(id)
        house.run(.seconds(10))
        #expect(wasCancelled)
        #expect(house.bot.orders["kept"]?.state == .open)
        #expect(house.ourOpenOrders == house.theirOpenOrders)
    }
}

private final class Reader: Session {
    var body: (Context) -> Void = { _ in }

    static func handlers(_ on: inout Handlers<Reader>) {
        on(.readerBegin) { me, _, my in me.body(my) }
    }
}

extension Event where Payload == Void {
    fileprivate static let readerBegin = Self("await.test.begin")
}
