import OutcrySandbox
import Testing

@testable import Outcry

/// The client of MidChains that waits, on an exchange in virtual time.
@Suite struct MidChainsClientTests {
    private func house(
        _ instruments: [Instrument] = [], login: Bool = false
    ) throws -> (client: MidChainsClient, exchange: SandboxExchange) {
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.logLevel = .error
        let money = [Money("1000", .usd), Money("10", .btc)].compactMap(\.self)
        let sandbox = try EmbeddedSandbox(on: kernel) {
            $0.speed = 60
            $0.openMidChains(to: "bot", money: money)
            $0.midChains.listings = [("BCHUSD", .btcusd)]
        }
        let credentials = MidChainsCredentials(user: "bot", password: "bot's password")
        let client = try MidChainsClient(
            on: kernel, url: try #require(sandbox.midChainsURL), instruments: instruments,
            login ? credentials : nil)
        return (client, sandbox.exchange)
    }

    /// The blocking client of the venue's first page: connect, ask, print what comes.
    @Test func whatComes() throws {
        let (mid, _) = try house()
        try mid.send(
            #"{"type":"subscribe","request":[{"msg":"book","security":"BCHUSD","dest":"CROX"}]}"#)
        let first = try mid.receive()
        #expect(first.hasPrefix(#"{"security":"BCHUSD","books":[{"side":"B","act":"U","#))
        #expect(try mid.receive().hasSuffix(#""type":"book"}"#))
    }

    @Test func prices() throws {
        let (mid, exchange) = try house([.btcusd])
        let first = try mid.bestPrices(of: .btcusd)
        #expect(first.bid < first.ask)
        let second = try mid.bestPrices(of: .btcusd)
        #expect(second != first)
        #expect(exchange.counters.open == 1)
    }

    @Test func anOrderIsPlacedAndCancelled() throws {
        let (mid, exchange) = try house([.btcusd], login: true)
        #expect(try mid.wallet()[.btc]?.total == Money("10", .btc))
        let order = try mid.place(.limit(.buy, quantity: "1.5", price: "14.43").named("mine"))
        let name = try #require(order.venueID)
        #expect(try mid.orders().map(\.id) == ["mine"])
        #expect(try mid.cancel(name).state == .cancelled)
        #expect(try mid.orders().isEmpty)
        let sold = try mid.place(.market(.sell, quantity: "1"))
        mid.sleep(.milliseconds(100))
        #expect(sold.state != .rejected)
        #expect(try mid.wallet()[.btc]?.total == Money("9", .btc))
        #expect(exchange.counters.refused == 0)
    }

    @Test func whatIsRefused() throws {
        let (mid, _) = try house([.btcusd], login: true)
        let failure = #expect(throws: MidChainsClientError.self) {
            try mid.place(.limit(.buy, quantity: "100", price: "14.43"))
        }
        #expect(failure == .refused("not enough fund"))
        #expect(failure?.isOutcomeUnknown == false)
        #expect(throws: MidChainsClientError.refused("order not found")) {
            try mid.cancel("none")
        }
    }

    @Test func anExchangeThatGoes() throws {
        let (mid, _) = try house()
        try mid.send(#"{"type":"logout"}"#)
        #expect(try mid.receive() == #"{"result":"OK","type":"logout"}"#)
        let failure = #expect(throws: MidChainsClientError.self) { try mid.receive() }
        guard case .disconnected? = failure else {
            Issue.record("\(failure as Any)")
            return
        }
        mid.close()
        #expect(throws: MidChainsClientError.closed) { try mid.receive() }
    }
}
