import OutcryMarket
import OutcryServing
import OutcryWire

// What the owner is answered: one JSON object each.

extension AdminReply {
    /// An object with status 200.
    init(_ fill: (inout JSONObjectWriter) -> Void) {
        var json = JSONWriter()
        json.object(fill)
        self.init(status: 200, json: json.bytes)
    }

    /// A refusal: `{"error":"…"}`.
    init(_ status: Int, error: String) {
        var json = JSONWriter()
        json.object { $0.field("error", error) }
        self.init(status: status, json: json.bytes)
    }

    init(_ problem: AdminProblem) { self.init(problem.status, error: problem.description) }

    /// Done, and there is no more to say.
    static var done: Self { Self { $0.field("done", true) } }

    /// A new account or a new key: the only place where its secret is.
    init(_ account: SandboxAccount) {
        self.init {
            $0.field("account", account.name)
            $0.field("key", account.key)
            $0.field("secret", account.secret)
        }
    }

    /// What a wallet holds now.
    init(_ account: String, _ balance: Money) {
        self.init {
            $0.field("account", account)
            $0.field("currency", balance.currency.code)
            $0.field("balance", balance.amountText)
        }
    }

    /// The exchange's state as one number, and how many records made it.
    init(hash: UInt64, records: Int) {
        self.init {
            $0.field("hash", Self.text(hash))
            $0.field("records", records)
        }
    }

    /// A hash as it is told: 16 hexadecimal digits.
    static func text(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    init(faults: [AdminPair]) {
        self.init { for fault in faults { $0.field(fault.name, fault.value) } }
    }

    // MARK: What the exchange is, and has

    init(accountsOf exchange: SandboxExchange) {
        let state = exchange.state
        self.init { json in
            json.array("accounts") { list in
                for account in state.accounts {
                    list.object {
                        Self.add(account, state, exchange.keys(of: account.owner), to: &$0)
                    }
                }
            }
        }
    }

    private static func add(
        _ account: AccountRecord, _ state: ExchangeState, _ keys: [APIKey],
        to json: inout JSONObjectWriter
    ) {
        json.field("name", account.name)
        json.object("balances") { balances in
            for currency in state.engine.ledger.currencies {
                let units = state.engine.ledger.balance(account.owner, currency) ?? 0
                balances.field(
                    currency.code, Money(units: units, currency: currency).amountText)
            }
        }
        json.field("orders", account.open.count)
        json.field("trades", account.trades.count)
        json.array("keys") { list in
            for key in keys {
                list.object {
                    $0.field("key", "\(key.guid)")
                    $0.array("rights") { rights in key.rights.names.forEach { rights.append($0) } }
                }
            }
        }
    }

    init(statusOf exchange: SandboxExchange) {
        let configuration = exchange.configuration
        let counters = exchange.counters
        self.init { json in
            json.field("market", configuration.market.rawValue)
            json.field("seed", "\(configuration.seed)")
            json.field("speed", configuration.speed)
            json.field("playing", exchange.isPlaying)
            json.array("addresses") { list in
                for address in exchange.addresses { list.append("\(address)") }
            }
            json.field("journal", exchange.journal?.path ?? "")
            json.field("records", exchange.records)
            json.field("hash", Self.text(exchange.state.hash))
            json.field("accounts", exchange.state.accounts.count)
            json.field("orders", exchange.state.orders.count)
            json.field("queued", exchange.state.queue.count)
            json.object("counters") { json in
                // Every counter that there is, by its name.
                for child in Mirror(reflecting: counters).children {
                    guard let name = child.label else { continue }
                    switch child.value {
                    case let count as Int: json.field(name, count)
                    case let flag as Bool: json.field(name, flag)
                    default: json.field(name, "\(child.value)")
                    }
                }
            }
        }
    }
}
