import Glibc
import Outcry

/// `outcry wallet`, `orders`, `buy`, `sell` and `cancel` with `--venue midchains`.
struct MidChainsCommand {
    private static let names = ["wallet", "orders", "buy", "sell", "cancel"]

    private let name: String
    private let pair: Instrument
    private let wantsJSON: Bool
    private let url: String
    private let authority: String?
    private let timeout: Int

    /// The command of a word, where the venue is said to be MidChains; nil where it is not.
    init?(_ name: String, _ arguments: inout Arguments) throws {
        guard CallCommand.names.contains(name), let venue = try arguments.option("--venue"),
            venue != "mtgox"
        else { return nil }
        guard venue == "midchains" else {
            throw UsageError("--venue: expected mtgox or midchains, found \"\(venue)\"")
        }
        guard Self.names.contains(name) else {
            throw UsageError("--venue midchains: expected \(Self.names), found \(name)")
        }
        self.name = name
        wantsJSON = arguments.flag("--json")
        url = try arguments.option("--url") ?? "ws://127.0.0.1:8081"
        authority = try arguments.option("--ca")
        timeout = try arguments.integer("--timeout", in: 1...3_600) ?? 30
        let security = try arguments.option("--pair") ?? "BTCUSD"
        guard let pair = MidChains.instrument(security.uppercased()) else {
            throw UsageError("--pair: expected a security such as BTCUSD, found \"\(security)\"")
        }
        self.pair = pair
    }

    /// Does it, and tells the answer.
    func run(_ arguments: inout Arguments) throws -> Int32 {
        do {
            switch name {
            case "wallet": try wallet(&arguments).tell(asJSON: wantsJSON)
            case "orders": try orders(&arguments).tell(asJSON: wantsJSON)
            case "buy": return try place(.buy, &arguments)
            case "sell": return try place(.sell, &arguments)
            default: return try cancel(&arguments)
            }
            return CallCommand.End.done
        } catch let error as MidChainsClientError {
            Terminal.error("outcry: \(error)")
            return Self.code(of: error)
        }
    }

    private static func code(of error: MidChainsClientError) -> Int32 {
        if case .refused = error { CallCommand.End.refused } else { CallCommand.End.unknown }
    }

    // MARK: What there is

    private func wallet(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let balances = try client().wallet().balances.map(\.total)
        var table = Table(["currency", "#balance"])
        for money in balances {
            let amount = Quantity(units: money.units, of: money.currency)
            table.add([money.currency.code, Show.quantity(amount)])
        }
        return CallReport(table.lines) { list in
            for money in balances {
                list.object { json in
                    json.field("currency", money.currency.code)
                    json.amount("balance", money)
                }
            }
        }
    }

    private func orders(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let orders = try client().orders()
        var table = Table(["order", "pair", "side", "#amount", "#price", "status"])
        for order in orders {
            table.add([
                name(of: order), order.instrument.name, "\(order.side)",
                Show.quantity(order.remaining), order.price.map(Show.price) ?? "market",
                "\(order.state)",
            ])
        }
        return CallReport(table.isEmpty ? ["no orders"] : table.lines) { list in
            for order in orders {
                list.object { json in
                    json.field("order", name(of: order))
                    json.field("pair", order.instrument.name)
                    json.field("side", "\(order.side)")
                    json.decimal("amount", order.remaining)
                    json.decimal("price", order.price)
                    json.field("status", "\(order.state)")
                }
            }
        }
    }

    // MARK: What moves money

    private func place(_ side: OrderSide, _ arguments: inout Arguments) throws -> Int32 {
        let words = try PlaceWords(&arguments, pair)
        let (amount, price) = (words.amount, words.price)
        let request = OrderRequest(side: side, quantity: amount, price: price, instrument: pair)
        let credentials = try credentials()
        if !words.isConfirmed {
            let worth = price.map {
                Show.money($0.times(amount, in: pair.quote, rounding: .up))
            }
            let plan = OrderPlan(
                request, worth: worth ?? "what the book gives", key: credentials.user, url: url)
            guard Confirmation.onTerminal(plan.lines).isGiven() else {
                return CallCommand.End.notConfirmed
            }
        }
        let order = try client().place(request)
        let name = name(of: order)
        CallReport(["\(side) \(Show.quantity(amount)) \(pair.base.code): order \(name)"]) { json in
            json.field("order", name)
            json.field("pair", pair.name)
            json.field("side", "\(side)")
            json.decimal("amount", order.quantity)
            json.decimal("price", price)
        }.tell(asJSON: wantsJSON)
        return CallCommand.End.done
    }

    private func cancel(_ arguments: inout Arguments) throws -> Int32 {
        let words = try CancelWords(&arguments)
        let client = try client()
        let orders = try words.orders ?? client.orders().map(\.id)
        var ended: [Order] = []
        let code = CancelWords.each(of: orders, code: Self.code) {
            (order) throws(MidChainsClientError) in ended.append(try client.cancel(order))
        }
        let lines = ended.map { "\(name(of: $0)): \($0.state)" }
        CallReport(orders.isEmpty ? ["no orders"] : lines) { list in
            for order in ended { list.append(name(of: order)) }
        }.tell(asJSON: wantsJSON)
        return code
    }

    private func name(of order: Order) -> String { (order.venueID ?? order.id).text }

    // MARK: Who asks

    private func credentials() throws(UsageError) -> MidChainsCredentials {
        guard let credentials = MidChainsCredentials.fromEnvironment() else {
            throw UsageError(
                "expected OUTCRY_MIDCHAINS_USER and OUTCRY_MIDCHAINS_PASSWORD in the environment")
        }
        return credentials
    }

    private func client() throws -> MidChainsClient {
        var trust = TLSTrust.system
        if let authority {
            guard unsafe access(authority, R_OK) == 0 else {
                throw UsageError("--ca: expected a file that can be read, found \"\(authority)\"")
            }
            trust = .authorities(.file(authority))
        }
        do {
            return try MidChainsClient(
                url: url, instruments: [pair], credentials: try credentials(), trust: trust,
                timeout: .seconds(Int64(timeout)))
        } catch let error as UsageError { throw error } catch {
            throw UsageError("--url: \(error)")
        }
    }
}
