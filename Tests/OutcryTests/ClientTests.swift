import Glibc
import OutcrySandbox
import Testing

@testable import Outcry

/// The client that waits, on an exchange.
@Suite struct ClientTests {
    @Test func everybodyMayAsk() throws {
        let house = try ClientHouse(seed: 1, hasKey: false)
        let ticker = try house.client.ticker().summary
        let depth = try house.client.depth()
        #expect(ticker.bestBid == depth.bids.map(\.price).max())
        #expect(ticker.bestAsk == depth.asks.map(\.price).min())
        #expect(try house.client.fullDepth().bids.count >= depth.bids.count)
        let trades = try house.client.trades()
        let last = try #require(trades.last)
        #expect(try house.client.ticker().summary.last == last.price)
        #expect(try house.client.trades(since: last.id).allSatisfy { $0.id > last.id })
        #expect(try house.client.lag().age == .zero)
        #expect(try house.client.call(.currency(.usd)).currency == .usd)
        #expect(house.exchange.counters.accepted == 1, "one connection for all")
        #expect {
            try house.client.info()
        } throws: { error in
            "\(error)" == "not sent: the link has no API key: it makes public calls only"
        }
    }

    @Test func anOrderIsPlacedAndCancelled() throws {
        let house = try ClientHouse(seed: 2)
        let gox = house.client
        let wallet = try gox.wallet()
        #expect(wallet[.btc]?.total == Money("10", .btc))
        #expect(wallet[.usd]?.total == Money("1000", .usd))
        let order = try gox.place(.limit(.buy, quantity: "1.5", price: "14.43"))
        gox.sleep(.milliseconds(100))
        let orders = try gox.orders()
        #expect(orders.map(\.id) == [order])
        #expect(orders.first?.price == "14.43")
        #expect(orders.first?.amount == "1.5")
        #expect(try gox.cancel(order).orderID == order)
        gox.sleep(.milliseconds(100))
        #expect(try gox.orders().isEmpty)
        _ = try gox.place(.market(.sell, quantity: "1"))
        gox.sleep(.milliseconds(100))
        #expect(try gox.wallet()[.btc]?.total == Money("9", .btc))
    }

    @Test func whatIsRefusedIsToldByItsReason() throws {
        let house = try ClientHouse(seed: 3)
        #expect(throws: MtGoxCallFailure.refused(.orderNotFound, words: "Order not found")) {
            try house.client.cancel("none")
        }
        #expect(
            throws: MtGoxCallFailure.refused(.amountTooLow, words: "Order amount is too low")
        ) {
            _ = try house.client.place(.limit(.buy, quantity: "0.001", price: "1"))
        }
        let tooFine = MtGoxCallFailure.notSent(
            "expected amount in units of 0.00000001 BTC, found 0.000000001")
        #expect(throws: tooFine) {
            _ = try house.client.place(.limit(.buy, quantity: "0.000000001", price: "1"))
        }
    }

    /// The order is there, and only the answer is lost: it is not sent again, and not called refused.
    @Test func aLostAnswerToAnOrderIsNoRefusal() throws {
        let house = try ClientHouse(seed: 4)
        house.set("lost-reply", "1000")
        let failure = try #require(throws: MtGoxCallFailure.self) {
            _ = try house.client.place(.limit(.buy, quantity: "1", price: "14"))
        }
        #expect(failure.isOutcomeUnknown, "\(failure)")
        house.set("lost-reply", "off")
        #expect(try house.client.orders().count == 1)
    }

    /// What changes nothing is asked again.
    @Test func aQuestionSurvivesAnOverloadedVenue() throws {
        let house = try ClientHouse(seed: 5) { $0.gateway.retries = 20 }
        house.set("html-error", "500")
        for _ in 0..<10 { _ = try house.client.info() }
    }

    @Test func aCallThatTakesTooLongIsGivenUp() throws {
        let house = try ClientHouse(seed: 6) { $0.timeout = .seconds(3) }
        house.set("half-open", "1000")
        let before = house.world.now
        let failure = try #require(throws: MtGoxCallFailure.self) {
            _ = try house.client.place(.limit(.buy, quantity: "1", price: "14"))
        }
        #expect(failure.isOutcomeUnknown, "\(failure)")
        #expect(house.world.now - before <= .seconds(3))
    }

    @Test func whoIsNotThereGotNothing() throws {
        let house = try ClientHouse(seed: 7, port: 1)
        let failure = try #require(throws: MtGoxCallFailure.self) {
            _ = try house.client.place(.limit(.buy, quantity: "1", price: "14"))
        }
        guard case .notSent = failure else {
            Issue.record("expected that nothing was sent, found \(failure)")
            return
        }
    }

    /// Five orders in 6 s, as the venue wants it: the others wait for their turn, or are not sent.
    @Test func nobodyIsBanned() throws {
        let order = OrderRequest.limit(.buy, quantity: "0.01", price: "1")
        let patient = try ClientHouse(seed: 11)
        let before = patient.world.now
        for _ in 0..<11 { _ = try patient.client.place(order) }
        #expect(patient.world.now - before >= .seconds(6))
        let hasty = try ClientHouse(seed: 12) { $0.timeout = .seconds(2) }
        for _ in 0..<5 { _ = try hasty.client.place(order) }
        let failure = try #require(throws: MtGoxCallFailure.self) {
            _ = try hasty.client.place(order)
        }
        #expect("\(failure)" == "not sent: its turn did not come within 1.0 seconds")
        #expect(try hasty.client.orders().count == 5)
    }

    /// The venue has closed the connection while nobody looked.
    @Test func aPauseCostsNoOrder() throws {
        let house = try ClientHouse(seed: 8)
        for pause in [1, 29, 31, 74, 76, 600] {
            house.client.sleep(.seconds(Int64(pause)))
            _ = try house.client.place(.limit(.buy, quantity: "0.01", price: "1"))
        }
        #expect(try house.client.orders().count == 6)
    }

    /// The same on sockets, where no kernel runs between two calls: an order that goes out on a connection that
    /// is closed already would be one whose outcome nobody knows.
    @Test func aClosedConnectionIsSeenBeforeAnOrderIsSent() throws {
        let order = #"{"result":"success","return":"abc"}"#
        let server = try HastyServer(Array(repeating: order, count: 5))
        let key = try MtGoxCredentials(
            key: "a8f0c118-f963-430a-9150-02fc673afdda", secret: "c2VjcmV0")
        let client = try MtGoxClient(url: "http://127.0.0.1:\(server.port)", credentials: key)
        for _ in 0..<5 {
            #expect(try client.place(.limit(.buy, quantity: "1", price: "1")) == "abc")
            #expect(server.waitForClose())
        }
    }

    @Test func whatIsYoungIsNotAskedAgain() throws {
        let house = try ClientHouse(seed: 10, hasKey: false)
        let gox = house.client.cached
        let first = try gox.ticker()
        #expect(first.source == .upstream)
        #expect(!first.isStale)
        for second in 1...5 {
            house.client.sleep(.seconds(1))
            let ticker = try gox.ticker()
            #expect(ticker.source == .memory)
            #expect(ticker.value == first.value)
            #expect(ticker.age >= .seconds(second))
        }
        #expect(house.exchange.counters.replies == 1)
        house.client.sleep(.seconds(60))
        #expect(try gox.ticker().source == .upstream)
        #expect(house.exchange.counters.replies == 2)
        #expect(try gox.depth().value.bids == gox.depth().value.bids)
        #expect(house.exchange.counters.replies == 3)
        let trades = try gox.trades().value.trades
        #expect(!trades.isEmpty)
        #expect(try gox.trades(since: trades.last?.id).value.trades.isEmpty)
        // Six at most, as the venue wants it, whoever asks.
        for _ in 0..<10 {
            house.client.sleep(.seconds(11))
            _ = try? gox.fullDepth()
        }
        #expect(house.exchange.counters.replies <= 4 + 5)
    }

    @Test func itEnds() throws {
        let house = try ClientHouse(seed: 9)
        _ = try house.client.lag()
        house.client.close()
        house.client.close()
        #expect(throws: MtGoxCallFailure.notSent("the client is closed")) {
            _ = try house.client.lag()
        }
        #expect(throws: (any Error).self) { try MtGoxClient(url: "ws://127.0.0.1:8080/mtgox") }
        #expect(throws: (any Error).self) { try MtGoxClient(url: "127.0.0.1") }
    }
}

/// Where nobody may wait.
@Suite struct ClientRuleTests {
    /// Asks, where it should not: the client is one that would fail at once.
    fileprivate static func ask() {
        var options = MtGoxClientOptions()
        options.gateway.retries = 0
        guard let client = try? MtGoxClient(url: "http://127.0.0.1:1", options: options) else {
            return
        }
        _ = try? client.lag()
    }

    private final class Impatient: Session {
        private let inWorkflow: Bool
        init(inWorkflow: Bool) { self.inWorkflow = inWorkflow }

        static func handlers(_ on: inout Handlers<Impatient>) {
            on(.started) { me, _, my in
                if me.inWorkflow {
                    my.task { _ in ClientRuleTests.ask() }
                } else {
                    my.yield(.impatient)
                }
            }
            on(.impatient) { _, _, _ in ClientRuleTests.ask() }
        }
    }

    @Test func aHandlerDoesNotWait() async {
        await #expect(processExitsWith: .failure) {
            let kernel = Kernel(driver: try Reactor())
            kernel.start(Impatient(inWorkflow: false), alias: "impatient")
            try kernel.run()
        }
    }

    @Test func aWorkflowDoesNotWait() async {
        await #expect(processExitsWith: .failure) {
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(Impatient(inWorkflow: true), alias: "impatient")
            try kernel.run()
        }
    }

    /// A kernel that does not run is in nobody's way.
    @Test func outsideOneMayWait() async {
        await #expect(processExitsWith: .success) {
            let kernel = Kernel(driver: Simulation(seed: 1))
            kernel.start(Patient(), alias: "patient")
            ClientRuleTests.ask()
            try kernel.run()
            ClientRuleTests.ask()
        }
    }

    /// A script ends by ^C or `kill`, also while no kernel runs.
    @Test func signalsStayTheProgramsOwn() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            // Whatever this process has from its parents.
            var set = sigset_t()
            _ = unsafe sigemptyset(&set)
            _ = unsafe sigaddset(&set, SIGTERM)
            _ = unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
            signal(SIGTERM, SIG_DFL)
            let client = try MtGoxClient(url: "http://127.0.0.1:1")
            raise(SIGTERM)
            client.close()
        }
    }

    private final class Patient: Session {
        static func handlers(_ on: inout Handlers<Patient>) {
            on(.started) { _, _, my in my.after(.seconds(1), .impatient) }
            on(.impatient) { _, _, _ in }
        }
    }
}

extension Event where Payload == Void {
    fileprivate static let impatient = Self("client.test.impatient")
}
