import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcrySimulation
import OutcryVenues
import Testing

@testable import OutcrySandbox

/// Typed calls of a link, from handlers and workflows.
@Suite struct LinkCallTests {
    @Test func aLinkWithAnAccountMakesAllCalls() throws {
        let house = try DeskHouse(seed: 11)
        let asker = LinkAsker(house.link)
        house.kernel.start(asker, alias: "asker")
        house.run(.seconds(10))
        #expect(asker.heard == ["account bot", "wait: 5.00000 USD", "wait: no such order"])
        #expect(asker.last != nil)
    }

    @Test func aLinkWithoutOneMakesPublicCalls() throws {
        let world = SimulatedWorld(seed: 12)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        var configuration = SandboxConfiguration()
        configuration.speed = 600
        kernel.start(try SandboxExchange(configuration), alias: "exchange")
        let link = try MtGox.open(
            on: kernel, url: "ws://127.0.0.1:8080/mtgox", instruments: [.btcusd])
        let asker = LinkAsker(link)
        kernel.start(asker, alias: "asker")
        world.advance(by: .seconds(10))
        let words = "not sent: the link has no API key: it makes public calls only"
        #expect(asker.heard == ["no account: \(words)", "wait: \(words)"])
        #expect(asker.last != nil)
    }

    /// A venue that takes so many requests and no more has its wait: what changes nothing goes again behind it.
    @Test func aQuestionWaitsAsItIsTold() throws {
        let house = try DeskHouse(
            seed: 14,
            { $0.requestRate = RequestRateLimit(requests: 8, span: .seconds(6)) },
            gateway: { $0.carrier = .http })
        house.run(.seconds(20))
        let asker = LinkCounter(house.link, questions: 12)
        house.kernel.start(asker, alias: "asker")
        house.run(.seconds(2))
        #expect(asker.answers < 12, "the venue has refused some")
        house.run(.seconds(30))
        #expect(asker.answers == 12)
        #expect(asker.failures == [])
    }

    /// A recording answers no calls.
    @Test func aLinkWithoutAGatewaySaysSo() throws {
        let kernel = Kernel(driver: Simulation(seed: 13))
        kernel.logLevel = .error
        let link = Link(venue: .mtgox, name: "nobody", instruments: [.btcusd])
        let asker = LinkAsker(link)
        kernel.start(asker, alias: "asker")
        try kernel.run()
        let words = "not sent: the link makes no calls"
        #expect(asker.heard == ["no account: \(words)", "wait: \(words)"])
    }
}

/// Asks the same question some times at once.
private final class LinkCounter: Session {
    let link: Link
    let questions: Int
    var answers = 0
    var failures: [String] = []

    init(_ link: Link, questions: Int) {
        self.link = link
        self.questions = questions
    }

    static func handlers(_ on: inout Handlers<LinkCounter>) {
        on(.started) { me, _, my in
            for _ in 0..<me.questions { me.link.call(.info, my, then: .callAccount) }
        }
        on(.callAccount) { me, answer, _ in
            switch copy answer {
            case .success: me.answers += 1
            case .failure(let failure): me.failures.append("\(failure)")
            }
        }
    }
}

private final class LinkAsker: Session {
    let link: Link
    var heard: [String] = []
    var last: Price?

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<LinkAsker>) {
        on(.started) { me, _, my in
            me.link.call(.info, my, then: .callAccount)
            me.link.call(.ticker(.btcusd), my, then: .callTicker)
        }
        on(.callTicker) { me, answer, _ in
            if case .success(let ticker) = copy answer { me.last = ticker.summary.last }
        }
        on(.callAccount) { me, answer, my in
            switch copy answer {
            case .success(let account): me.heard.append("account \(account.login)")
            case .failure(let failure): me.heard.append("no account: \(failure)")
            }
            my.task { my in try await me.workflow(my) }
        }
    }

    private func workflow(_ my: Context) async throws {
        do {
            let quote = try await link.call(
                .raw(MtGoxRawCall(endpoint: "info", isRepeatable: true)))
            #expect(!quote.isEmpty)
            let order = try await link.call(
                .addOrder(.limit(.buy, quantity: "1", price: "5").on(.btcusd)))
            try await my.sleep(.milliseconds(200))
            let orders = try await link.call(.orders)
            heard.append(
                "wait: \(orders.first { $0.id == order }?.price.map { "\($0)" } ?? "-") USD")
            _ = try await link.call(.cancelOrder("none"))
        } catch MtGoxCallFailure.refused(.orderNotFound, _) {
            heard.append("wait: no such order")
        } catch let failure as MtGoxCallFailure { heard.append("wait: \(failure)") }
    }
}

extension Event where Payload == MtGoxAnswer<MtGoxAccount> {
    fileprivate static let callAccount = Self("call.test.account")
}
extension Event where Payload == MtGoxAnswer<MtGoxTicker> {
    fileprivate static let callTicker = Self("call.test.ticker")
}
