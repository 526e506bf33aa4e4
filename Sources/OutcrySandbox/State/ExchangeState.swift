import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

/// All of an exchange that outlives it: the market, the engine with its money, accounts, keys, orders.
///
/// It is changed by ``apply(_:at:into:)`` only, and knows no clock, no client and no file: the same
/// commands with the same times make the same exchange, which is how a journal restores one. Of one
/// command the doing comes first: to verify a signed call is to use its nonce or tonce, which is then
/// written as ``ExchangeCommand/stamp(key:name:value:)`` (`SandboxExchange.note`).
final class ExchangeState {
    /// The first owner that is not the market's own.
    static let firstOwner: Int64 = 16

    let engine: MatchingEngine
    let source: any MarketSource
    private let setup: ExchangeSetup

    /// What names orders and channels; there from ``ExchangeCommand/open(setup:secrets:)`` on.
    private(set) var cipher: GUIDCipher
    private(set) var identities: IdentityKeys
    private var addresses: BitcoinAddresses
    /// Whose each address is that was given out. Only looked up.
    private var addressOwners: [String: OwnerNumber] = [:]
    var access: AccessTable
    /// Every account; the owner is ``firstOwner`` and the place.
    private(set) var accounts: [AccountRecord] = []
    /// Every order of an account; the ticket is the place and 1.
    var orders: [ClientOrder] = []
    /// Tickets of orders that are in the engine. Only looked up.
    var tickets: [OrderNumber: Int64] = [:]
    /// What was acknowledged and has not reached the engine.
    var queue: [QueueEntry] = []
    /// Codes that may be redeemed, by number.
    var codes: [Int64: (currency: Currency, amount: Int64)] = [:]
    /// Numbers that were given to transfers and codes.
    private(set) var transfers: Int64 = 0
    /// The time of the last order, so that no two have the same.
    private var lastOrder: Int64 = 0
    /// When the market wants to go on, after its last step.
    private(set) var pause: MarketPause = .after(microseconds: 0)
    /// Whether ``ExchangeCommand/open(setup:secrets:)`` was applied.
    private(set) var isOpen = false
    private var events: [EngineEvent] = []
    /// Whether ``ExchangeEffect/entry(_:)`` is told.
    var tellsEntries = false

    /// What was traded in each book: for tickers and for those who ask.
    var windows: [TradeWindow]
    var histories: [TradeHistory]

    /// An exchange before its first command.
    init(_ setup: ExchangeSetup, _ source: any MarketSource, tradeHistory: Int) {
        engine = MatchingEngine(setup.instruments, rules: setup.rules)
        self.source = source
        self.setup = setup
        windows = engine.instruments.map { _ in TradeWindow() }
        histories = engine.instruments.map { _ in TradeHistory(limit: tradeHistory) }
        var none = SeededGenerator(seed: 0)
        let secrets = ExchangeSecrets(using: &none)
        cipher = secrets.cipher
        identities = IdentityKeys(secret: secrets.signature, cipher: secrets.cipher)
        access = AccessTable(using: &none)
        addresses = BitcoinAddresses(key: secrets.signature)
    }

    // MARK: Questions

    /// An account; nil where there is none.
    func account(_ owner: OwnerNumber) -> AccountRecord? {
        let place = owner.value - Self.firstOwner
        return accounts.indices.contains(Int(place)) ? accounts[Int(place)] : nil
    }

    /// The account with a name.
    func account(named name: String) -> AccountRecord? { accounts.first { $0.name == name } }

    /// An order; nil for a ticket that was never given out.
    func order(_ ticket: Int64) -> ClientOrder? {
        orders.indices.contains(Int(ticket) - 1) ? orders[Int(ticket) - 1] : nil
    }

    /// The address for deposits that an account was given last.
    func address(of owner: OwnerNumber) -> String {
        let place = UInt64(account(owner)?.addresses ?? 0)
        return addresses.address(UInt64(owner.value) << 32 | place)
    }

    /// The name of a transaction: 64 hexadecimal digits.
    func transaction(_ number: Int64) -> String {
        Hex.encode(SHA256.hash(cipher.guid(.transaction, number).bytes))
    }

    /// A number that two exchanges share when they stand alike: the engine's, and every account, order, key
    /// and code with what is known of it.
    var hash: UInt64 {
        var hash = StateHash()
        hash.mix(Int64(bitPattern: engine.stateHash))
        hash.mix([transfers, lastOrder, Int64(accounts.count), Int64(orders.count)])
        for account in accounts {
            hash.mix(account.name)
            hash.mix([account.created, account.lastLogin, Int64(account.addresses)])
            hash.mix([Int64(account.entries.count), Int64(account.trades.count)])
            hash.mix(account.open)
            for line in account.entries {
                hash.mix([line.entry.amount, line.entry.balance, line.ticket, line.transfer])
                hash.mix(line.info)
            }
        }
        for order in orders {
            hash.mix([order.ticket, order.created, order.remaining, order.effective])
            hash.mix([order.number?.value ?? 0, Int64(order.trades.count)])
            hash.mix("\(order.status)")
        }
        for entry in queue { hash.mix([entry.ticket, entry.isCancel ? 1 : 0, entry.time]) }
        for (number, code) in codes.sorted(by: { $0.key < $1.key }) {
            hash.mix([number, code.amount])
        }
        for guid in access.guids {
            hash.mix("\(guid) \(access[guid]?.rights ?? [])")
            hash.mix([Int64(bitPattern: access[guid]?.stamps.lastNonce ?? 0)])
        }
        hash.mix("\(cipher.guid(.order, 1))")
        return hash.value
    }

    /// The book of a market that there is.
    func book(of instrument: Instrument) -> BookNumber {
        guard let place = engine.instruments.firstIndex(of: instrument) else {
            preconditionFailure("calls are for markets that there are")
        }
        return BookNumber(UInt8(place))
    }

    // MARK: Commands

    /// An account's key has signed something.
    func noteLogin(_ owner: OwnerNumber, at now: Int64) {
        try? change(owner) { $0.lastLogin = now }
    }

    /// Does what it is told.
    ///
    /// - Parameters:
    ///   - now: Microseconds since 1970.
    ///   - effects: What clients are told of it is put behind what is there.
    /// - Returns: The number that the command made: a ticket, an owner, a transfer; else 0.
    @discardableResult func apply(
        _ command: ExchangeCommand, at now: Int64, into effects: inout [ExchangeEffect]
    ) throws(ExchangeRefusal) -> Int64 {
        switch command {
        case .open(let setup, let secrets):
            try open(setup, secrets, at: now)
            return 0
        case .step:
            try with(&effects) { (events) throws(EngineError) in
                pause = try source.step(engine, at: now, into: &events)
            }
            return 0
        case .rest(let amount, let price):
            try with(&effects) { (events) throws(EngineError) in
                try engine.limit(
                    .buy, amount: amount, price: price, owner: .makers, at: now, into: &events)
            }
            return 0
        case .work(let count):
            work(count, at: now, into: &effects)
            return 0
        case .account(let name): return try addAccount(name, at: now)
        case .key(let key):
            guard account(key.owner) != nil else { throw .noAccount(key.owner) }
            access.add(key)
            return 0
        case .revoke(let text):
            guard let guid = MtGoxGUID(text), access.revoke(guid) else { throw .noKey(text) }
            return 0
        case .stamp(let key, let name, let value):
            guard let guid = MtGoxGUID(key) else { throw .noKey(key) }
            let stamp = name == "nonce" ? MtGoxCallStamp.nonce(value) : .tonce(value)
            do throws(AccessRefusal) { _ = try access.accept(guid, stamp, now: now) } catch {
                throw .access(error)
            }
            if let owner = access[guid]?.owner { noteLogin(owner, at: now) }
            return 0
        case .deposit(let owner, let currency, let amount, let info):
            try move(info, into: &effects) { (events) throws(EngineError) in
                try engine.deposit(amount, currency, to: owner, at: now, into: &events)
            }
            return transfers
        case .withdraw(let owner, let currency, let amount, let info):
            try move(info, into: &effects) { (events) throws(EngineError) in
                try engine.withdraw(amount, currency, from: owner, at: now, into: &events)
            }
            return transfers
        case .send(let owner, let amount, let fee, let address):
            return try send(amount, fee, to: address, from: owner, at: now, into: &effects)
        case .makeCode(let owner, let currency, let amount):
            try move("Code", into: &effects) { (events) throws(EngineError) in
                try engine.withdraw(amount, currency, from: owner, at: now, into: &events)
            }
            codes[transfers] = (currency, amount)
            return transfers
        case .redeem(let owner, let number):
            guard let code = codes[number] else { throw .noCode }
            try move("Code", into: &effects) { (events) throws(EngineError) in
                try engine.deposit(code.amount, code.currency, to: owner, at: now, into: &events)
            }
            codes[number] = nil
            return transfers
        case .address(let owner, _):
            try change(owner) { $0.addresses += 1 }
            addressOwners[address(of: owner)] = owner
            return Int64(account(owner)?.addresses ?? 0)
        case .submit(let wish, let atOnce):
            return try submit(wish, atOnce: atOnce, at: now, into: &effects)
        case .cancel(let owner, let ticket, let atOnce):
            try cancel(owner, ticket, atOnce: atOnce, at: now, into: &effects)
            return ticket
        }
    }

    private func open(
        _ setup: String, _ secrets: ExchangeSecrets, at now: Int64
    ) throws(ExchangeRefusal) {
        guard setup == self.setup.text else {
            throw .otherSetup(expected: self.setup.text, found: setup)
        }
        cipher = secrets.cipher
        identities = IdentityKeys(secret: secrets.signature, cipher: secrets.cipher)
        addresses = BitcoinAddresses(key: secrets.signature)
        do throws(EngineError) { try source.open(engine, at: now) } catch { throw .engine(error) }
        isOpen = true
    }

    /// All of it leaves before any of it arrives: what comes could bring orders back that take the rest.
    private func send(
        _ amount: Int64, _ fee: Int64, to address: String, from owner: OwnerNumber,
        at now: Int64, into effects: inout [ExchangeEffect]
    ) throws(ExchangeRefusal) -> Int64 {
        let coin = engine.instrument.base
        guard let balance = engine.ledger.balance(owner, coin) else { throw .noAccount(owner) }
        guard amount > 0, fee >= 0, amount <= balance, fee <= balance - amount else {
            throw .engine(.balanceTooLow(balance, amount: amount))
        }
        try move(address, into: &effects) { (events) throws(EngineError) in
            try engine.withdraw(amount, coin, from: owner, at: now, into: &events)
        }
        let number = transfers
        if fee > 0 {
            try move("Fees for Bitcoin withdraw to \(address)", into: &effects) {
                (events) throws(EngineError) in
                try engine.withdraw(fee, coin, from: owner, at: now, into: &events)
            }
        }
        guard let other = addressOwners[address] else { return number }
        try move(address, into: &effects) { (events) throws(EngineError) in
            try engine.deposit(amount, coin, to: other, at: now, into: &events)
        }
        // An address is good until it was used.
        if self.address(of: other) == address {
            try change(other) { $0.addresses += 1 }
            addressOwners[self.address(of: other)] = other
        }
        return number
    }

    private func addAccount(_ name: String, at now: Int64) throws(ExchangeRefusal) -> Int64 {
        guard account(named: name) == nil else { throw .nameTaken(name) }
        let owner = OwnerNumber(Self.firstOwner + Int64(accounts.count))
        do throws(EngineError) { try engine.openAccount(owner) } catch { throw .engine(error) }
        accounts.append(AccountRecord(owner, name: name, at: now))
        addressOwners[address(of: owner)] = owner
        return owner.value
    }

    // MARK: Within

    /// Changes an account's record.
    func change(
        _ owner: OwnerNumber, _ body: (inout AccountRecord) -> Void
    ) throws(ExchangeRefusal) {
        guard account(owner) != nil else { throw .noAccount(owner) }
        body(&accounts[Int(owner.value - Self.firstOwner)])
    }

    /// The next time of an order: the caller's, or one more than the last.
    func nextOrderTime(_ now: Int64) -> Int64 {
        lastOrder = max(now, lastOrder + 1)
        return lastOrder
    }

    /// Moves money in or out under the next transfer's number.
    private func move(
        _ info: String, into effects: inout [ExchangeEffect],
        _ body: (inout [EngineEvent]) throws(EngineError) -> Void
    ) throws(ExchangeRefusal) {
        try with(&effects, info: info, transfer: transfers + 1, body)
        transfers += 1
    }

    /// Lets the engine do something, and takes what comes of it.
    func with(
        _ effects: inout [ExchangeEffect], info: String = "", transfer: Int64 = 0,
        _ body: (inout [EngineEvent]) throws(EngineError) -> Void
    ) throws(ExchangeRefusal) {
        events.removeAll(keepingCapacity: true)
        do throws(EngineError) { try body(&events) } catch { throw .engine(error) }
        for event in events { take(event, info, transfer, into: &effects) }
    }
}
