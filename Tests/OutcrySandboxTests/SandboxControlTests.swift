import OutcryKernel
import OutcryMarket
import OutcrySimulation
import Testing

@testable import OutcrySandbox

extension Event where Payload == Answer<SandboxLevels> {
    static let testLevels = Self("sandboxTest.levels")
}
extension Event where Payload == Answer<SandboxDrained> {
    static let testDrained = Self("sandboxTest.drained")
}
extension Event where Payload == Answer<SandboxCounters> {
    static let testCounters = Self("sandboxTest.counters")
}
extension Event where Payload == Void {
    static let testAsk = Self("sandboxTest.ask")
}

/// What a demo does with a sandbox in its own process.
private final class Asker: Session {
    var levels: SandboxLevels?
    var drained: SandboxDrained?
    var counters: SandboxCounters?
    var opened: [SocketAddress] = []
    var ended = 0

    static func handlers(_ on: inout Handlers<Asker>) {
        on(.started) { _, _, my in
            my.register(
                Topic(.sandboxOpened, from: "sandbox"), Topic(.sandboxEnded, from: "sandbox"))
        }
        on(.sandboxOpened) { me, address, _ in me.opened.append(address) }
        on(.sandboxEnded) { me, _, _ in me.ended += 1 }
        on(.testAsk) { _, _, my in
            my.post(.sandboxStop, to: "sandbox")
            my.ask(
                .sandboxDrain, to: "sandbox", (), timeout: .seconds(5), then: .testDrained)
            my.ask(.sandboxCounters, to: "sandbox", (), timeout: .seconds(5), then: .testCounters)
        }
        on(.testDrained) { me, answer, my in
            guard case .reply(let drained) = answer else { return }
            me.drained = drained
            my.ask(.sandboxLevels, to: "sandbox", (), timeout: .seconds(5), then: .testLevels)
        }
        on(.testLevels) { me, answer, _ in
            if case .reply(let levels) = answer { me.levels = levels }
        }
        on(.testCounters) { me, answer, _ in
            if case .reply(let counters) = answer { me.counters = counters }
        }
    }
}

@Suite struct SandboxControlTests {
    @Test func stopsDrainsAndTellsItsLevels() throws {
        let house = try SandboxHouse { $0.speed = 600 }
        let asker = Asker()
        house.kernel.start(asker, alias: "asker")
        let peer = try house.stream()
        house.world.setFaults(
            .init(latency: .milliseconds(20) ... .milliseconds(30)),
            for: .loopback(port: 8080))
        house.run(.seconds(30))
        house.kernel.post(.testAsk, to: "asker", ())
        house.run(.milliseconds(200))
        let drained = try #require(asker.drained)
        let levels = try #require(asker.levels)
        #expect(levels.stamp == drained.stamp)
        #expect(levels.bids.count == house.exchange.engine.levelCount(.bid))
        #expect(levels.asks.map(\.price) == levels.asks.map(\.price).sorted())
        let messages = try peer.messages()
        let last = messages.last { $0["private"].text == "depth" }
        #expect(last?["depth"]["now"].integer == drained.stamp)
        #expect(drained.counters.depths == messages.count { $0["private"].text == "depth" })
        #expect(asker.counters?.webSockets == 1)
        // Nothing happens any more until it goes on.
        house.run(.seconds(30))
        #expect(try peer.messages().isEmpty)
        house.kernel.post(.sandboxGo, to: "sandbox", ())
        house.run(.seconds(30))
        #expect(try peer.messages().count > 10)
    }

    @Test func theLastDepthMessageIsDroppedForGood() throws {
        let house = try SandboxHouse { $0.faults.dropsLastDepth = true }
        let peer = try house.stream()
        house.run(.seconds(60))
        let depths = try peer.messages().count { $0["private"].text == "depth" }
        #expect(depths == house.exchange.counters.depths, "nothing is lost while it plays")
        let best = try #require(house.exchange.engine.best(.bid))
        let total = house.exchange.engine.total(.bid, at: best)
        house.kernel.post(.sandboxStop, to: "sandbox", ())
        house.run(.seconds(60))
        #expect(house.exchange.engine.total(.bid, at: best) == total + 100_000_000)
        #expect(house.exchange.counters.dropped == 1)
        #expect(house.exchange.counters.depths == depths + 1)
        #expect(try peer.messages().isEmpty, "nobody is told")
    }

    @Test func restartsWithoutAGoodbyeOnTheSamePort() throws {
        let house = try SandboxHouse { $0.address = .loopback(port: 0) }
        let asker = Asker()
        house.kernel.start(asker, alias: "asker")
        let port = try #require(house.exchange.address?.port)
        #expect(port != 0)
        let peer = try house.stream()
        _ = try peer.messages()
        house.kernel.post(.sandboxRestart, to: "sandbox", .seconds(3))
        house.run(.seconds(1))
        #expect(peer.peer.hasEnded)
        #expect(try peer.messages().isEmpty)
        #expect(peer.closed == nil, "no goodbye")
        #expect(house.exchange.address == nil)
        #expect(house.exchange.counters.open == 0)
        let trades = house.exchange.engine.tradeCount
        house.run(.seconds(60))
        #expect(house.exchange.address?.port == port)
        #expect(asker.opened == [.loopback(port: port)])
        #expect(house.exchange.engine.tradeCount > trades, "the market went on")
        #expect(try house.stream().messages().count == 4)
    }

    @Test func saysWhenTheRecordingIsOver() throws {
        let house = try SandboxHouse { $0.speed = 100_000 }
        let asker = Asker()
        house.kernel.start(asker, alias: "asker")
        house.run(.seconds(10))
        #expect(asker.ended == 1)
        #expect(house.exchange.counters.isMarketOver)
        #expect(house.exchange.counters.trades == 11_214)
    }

    @Test func replayedTradesLeaveAsRecorded() throws {
        let house = try SandboxHouse { $0.speed = 50_000 }
        let peer = try house.stream("/")
        _ = try peer.ask(#"{"op":"mtgox.subscribe","type":"trades"}"#)
        var trades: [[Int64]] = []
        for _ in 0..<60 {
            house.run(.milliseconds(100))
            for message in try peer.messages() where message["private"].text == "trade" {
                let trade = message["trade"]
                trades.append([trade["price_int"].integer, trade["amount_int"].integer])
                #expect(Price(trade["price"].text)?.rescaled(to: 5)?.units == trades.last?[0])
                #expect(Quantity(trade["amount"].text)?.rescaled(to: 8)?.units == trades.last?[1])
            }
        }
        #expect(trades == (try RecordedTrade.june2011()).map { [$0.price, $0.amount] })
    }

    /// The same seeds give the same bytes.
    @Test func twoRunsAreEqual() throws {
        func run(_ seed: UInt64) throws -> [[UInt8]] {
            let house = try SandboxHouse(seed: seed) {
                $0.market = .february2012
                $0.speed = 2
            }
            let peer = try house.stream()
            _ = try peer.ask(#"{"op":"mtgox.subscribe","type":"lag"}"#)
            house.run(.seconds(5))
            return try peer.raw()
        }
        #expect(try run(3) == run(3))
        #expect(try run(3) != run(4), "the lag's queue id is from the world's chance")
    }
}
