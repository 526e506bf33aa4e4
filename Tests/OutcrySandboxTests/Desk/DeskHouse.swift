import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryVenues
import OutcryWire

@testable import OutcrySandbox

/// An exchange whose market trades, an account, and a link with it, all in virtual time; on one kernel, where the link's
/// machine has no calendar of its own.
final class DeskHouse {
    let kernel: Kernel
    /// The link's.
    private let client: Kernel
    /// The link's machine, where it has a calendar of its own.
    let machine: Simulation?
    let world: SimulatedWorld
    let exchange: SandboxExchange
    let bot: DeskBot
    let link: Link
    /// What carries the link's messages, and whose protocol it speaks by that.
    let carrier: DeskCarrier
    private var dialect: SandboxDialect { carrier.dialect }
    private let venue: any Venue
    private let doorman = DeskDoorman()
    private(set) var owner = OwnerNumber(0)

    init(
        seed: UInt64, faults: [(String, String)] = [], speed: Int = 600, isLimited: Bool = false,
        account options: AccountOptions = AccountOptions(), carrier: DeskCarrier = .webSocket,
        clockAhead: Duration? = nil,
        _ change: (inout SandboxConfiguration) -> Void = { _ in },
        gateway: (inout MtGoxGatewayOptions) -> Void = { _ in },
        midChains: (inout MidChainsGatewayOptions) -> Void = { _ in }
    ) throws {
        self.carrier = carrier
        let dialect = carrier.dialect
        world = SimulatedWorld(seed: seed)
        kernel = Kernel(driver: Simulation(in: world))
        if let clockAhead {
            let own = Simulation(in: world)
            own.wallOffset = clockAhead
            (machine, client) = (own, Kernel(driver: own))
        } else {
            (machine, client) = (nil, kernel)
        }
        kernel.logLevel = .error
        client.logLevel = .error
        var configuration = SandboxConfiguration()
        configuration.speed = speed
        configuration.fullDepthPerHour = nil
        if dialect == .midChains {
            configuration.doors.append(SandboxDoor(.loopback(port: 8081), dialect: .midChains))
            configuration.midChains.users = [SandboxMidChainsUser("bot", password: "secret")]
        }
        change(&configuration)
        exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: "exchange")
        kernel.start(doorman, alias: "doorman")
        kernel.post(
            .deskWish, to: "doorman",
            SandboxAccountWish(
                "bot", money: [Money("100000", .usd), Money("5000", .btc)].compactMap(\.self)))
        world.advance(by: .milliseconds(10))
        guard let account = doorman.account else { throw Missing(what: "an account") }
        owner = account.owner
        switch dialect {
        case .mtGox:
            let credentials = try MtGoxCredentials(key: account.key, secret: account.secret)
            var access = MtGoxAccess(credentials)
            access.gateway.isLimited = isLimited
            gateway(&access.gateway)
            var venue = MtGoxVenue([.btcusd], account: access)
            venue.rules.snapshots = 10_000
            if !isLimited { venue.rules.budgets = [] }
            self.venue = venue
        case .midChains:
            guard let user = MidChainsCredentials(user: "bot", password: "secret") else {
                throw Missing(what: "a user")
            }
            var access = MidChainsAccess(user)
            access.gateway.isLimited = isLimited
            midChains(&access.gateway)
            var venue = MidChainsVenue([.btcusd], account: access)
            if !isLimited { venue.rules.budgets = [] }
            self.venue = venue
        }
        link = try Link.open(
            venue, on: client, url: carrier.url, instruments: [.btcusd], account: options)
        bot = DeskBot(link)
        client.start(bot, alias: "bot")
        for (name, text) in faults { try set(name, text) }
    }

    /// Sets a fault while the exchange runs.
    func set(_ name: String, _ text: String) throws {
        kernel.post(.deskFault, to: "doorman", SandboxFaultSetting(name, text))
        world.advance(by: .milliseconds(1))
        guard doorman.isSet else { throw Missing(what: "the fault \(name) \(text)") }
    }

    /// Opens another link to the same account, and starts a bot on it.
    func secondLink(_ options: AccountOptions) throws -> DeskBot {
        let link = try Link.open(
            venue, on: client, url: carrier.url, instruments: [.btcusd], name: "second",
            account: options)
        let bot = DeskBot(link)
        client.start(bot, alias: "second bot")
        return bot
    }

    /// Ends the first link, as the end of its program would.
    func stopLink() throws {
        guard let supervisor = client.find(Alias(link.name + ".link")) else {
            throw Missing(what: "a link")
        }
        client.stop(supervisor)
        run(.milliseconds(1))
    }

    var now: KernelTime { world.now }

    func run(_ duration: Duration) { world.advance(by: duration) }

    /// What the exchange has of the account's open orders: `name remaining`, sorted.
    var theirOpenOrders: [String] {
        (exchange.state.account(owner)?.open ?? []).compactMap { exchange.state.order($0) }
            .map { "\(name(of: $0)) \($0.remaining)" }.sorted()
    }

    /// What the venue calls an order.
    private func name(of order: ClientOrder) -> String {
        switch dialect {
        case .mtGox: "\(exchange.state.guid(order.ticket))"
        case .midChains: exchange.reference(ofTicket: order.ticket)
        }
    }

    /// The order that the venue calls so.
    func theirs(_ venueID: OrderID) -> ClientOrder? {
        switch dialect {
        case .mtGox: MtGoxGUID(venueID.text).flatMap { exchange.state.order($0, of: owner) }
        case .midChains: exchange.state.orders.first { name(of: $0) == venueID.text }
        }
    }

    /// What the desk has of them.
    var ourOpenOrders: [String] {
        bot.orders.values.filter { !$0.state.isFinal }
            .map { "\($0.venueID?.text ?? "unknown") \($0.remaining.units)" }.sorted()
    }

    var theirWallet: [String] {
        let ledger = exchange.state.engine.ledger
        return ledger.currencies.compactMap { currency in
            // MidChains tells nothing of what there is nothing of.
            guard let units = ledger.balance(owner, currency), units > 0 || dialect == .mtGox else {
                return nil
            }
            return "\(Money(units: units, currency: currency))"
        }.sorted()
    }

    var ourWallet: [String] {
        (bot.wallet?.balances ?? []).filter { !$0.total.isZero || dialect == .mtGox }
            .map { "\($0.total)" }.sorted()
    }
}

private final class DeskDoorman: Session {
    var account: SandboxAccount?
    var isSet = false

    static func handlers(_ on: inout Handlers<DeskDoorman>) {
        on(.deskWish) { _, wish, my in
            my.ask(.sandboxAccount, to: "exchange", wish, timeout: .seconds(1), then: .deskAccount)
        }
        on(.deskFault) { me, setting, my in
            me.isSet = false
            my.ask(
                .sandboxFaults, to: "exchange", [copy setting], timeout: .seconds(1),
                then: .deskFaultSet)
        }
        on(.deskFaultSet) { me, answer, _ in
            if case .reply(.success) = copy answer { me.isSet = true }
        }
        on(.deskAccount) { me, answer, _ in
            if case .reply(.success(let account)) = copy answer { me.account = account }
        }
    }
}

/// Places and cancels what a test says, and keeps all that it is told.
final class DeskBot: Session {
    let link: Link
    var orders: [OrderID: Order] = [:]
    var history: [Order] = []
    var fills: [Fill] = []
    var wallet: Wallet?
    var reconciliations: [Reconciliation] = []
    var channel: [Bool] = []
    var waiting: [RequestsWaiting] = []
    var best: (bid: Price, ask: Price)?

    init(_ link: Link) { self.link = link }

    static func handlers(_ on: inout Handlers<DeskBot>) {
        on(.started) { me, _, my in
            let link = me.link
            my.register(
                link.order, link.fill, link.wallet, link.reconciled, link.accountChannel,
                link.bookChanged, link.requestsWaiting)
        }
        on(.order) { me, order, _ in
            me.orders[order.id] = copy order
            me.history.append(copy order)
        }
        on(.fill) { me, fill, _ in me.fills.append(copy fill) }
        on(.wallet) { me, wallet, _ in me.wallet = copy wallet }
        on(.reconciled) { me, news, _ in me.reconciliations.append(copy news) }
        on(.accountChannel) { me, isUp, _ in me.channel.append(copy isUp) }
        on(.requestsWaiting) { me, waiting, _ in me.waiting.append(copy waiting) }
        on(.bookChanged) { me, change, _ in
            guard let bid = change.book.bestBid, let ask = change.book.bestAsk else { return }
            me.best = (bid.price, ask.price)
        }
        on(.deskDo) { me, act, my in act.body(me, my) }
    }
}

/// What a bot is to do.
struct DeskAct {
    let body: (DeskBot, Context) -> Void
}

extension DeskHouse {
    /// Has the bot do something.
    func act(_ body: @escaping (DeskBot, Context) -> Void) {
        client.post(.deskDo, to: "bot", DeskAct(body: body))
        run(.milliseconds(1))
    }
}

extension Event where Payload == SandboxAccountWish {
    static let deskWish = Self("desk.test.wish")
}
extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    static let deskAccount = Self("desk.test.account")
}
extension Event where Payload == SandboxFaultSetting {
    static let deskFault = Self("desk.test.fault")
}
extension Event where Payload == Answer<Result<[SandboxFaultSetting], SandboxRefusal>> {
    static let deskFaultSet = Self("desk.test.faultSet")
}
extension Event where Payload == DeskAct {
    static let deskDo = Self("desk.test.do")
}
