public import OutcryMarket
import OutcryServing

/// The money of an engine: every account's wallet in every currency, in whole units.
///
/// Only the engine changes it. An owner without an account, such as the market's own makers, has no
/// wallets: what all of them paid and got stands in ``market(_:)``, which may be below zero. So in
/// each currency, at any time, all wallets, the market and the house together hold what was deposited
/// and not withdrawn.
public final class Ledger {
    /// The most that may be deposited of a currency and not withdrawn, and the most that the market's
    /// own may have paid more than they got, in units: so no sum here leaves 64 bits.
    public static var most: Int64 { 1 << 61 }

    /// The currencies: what is traded first, then what is paid, in the order of the books.
    public let currencies: [Currency]

    let fees: FeeSchedule
    /// Places in `accounts` by owner number; none without an account.
    @safe @exclusivity(unchecked) var places: [Slot] = []
    @safe @exclusivity(unchecked) var accounts = Slab<Account>()
    /// Every account's wallets, in the order of the currencies.
    @safe @exclusivity(unchecked) var wallets = Slab<LedgerWallet>()
    /// What each account traded, a ring of days each.
    @safe @exclusivity(unchecked) var days = Slab<Int64>()
    @safe @exclusivity(unchecked) var today: Int64 = 0
    @safe @exclusivity(unchecked) var tomorrow: Int64 = .min
    // By currency.
    @safe @exclusivity(unchecked) var deposited = Slab<Int64>()
    @safe @exclusivity(unchecked) var market = Slab<Int64>()
    @safe @exclusivity(unchecked) var house = Slab<Int64>()

    init(_ currencies: [Currency], _ fees: FeeSchedule) {
        self.currencies = currencies
        self.fees = fees
        for _ in currencies {
            deposited.append(0)
            market.append(0)
            house.append(0)
        }
    }

    // MARK: Questions

    /// How many accounts there are.
    public var accountCount: Int { accounts.count }

    /// Whether an owner has an account.
    public func hasAccount(_ owner: OwnerNumber) -> Bool { place(of: owner) != .none }

    /// What an owner's wallet holds, in units; nil without an account or for an unknown currency.
    public func balance(_ owner: OwnerNumber, _ currency: Currency) -> Int64? {
        let account = place(of: owner)
        guard account != .none, let index = index(currency) else { return nil }
        return wallets[Int(wallet(account, index))].balance
    }

    /// What an owner traded today and in the 29 days before, in units of the base, in all books.
    public func volume(_ owner: OwnerNumber) -> Int64 {
        let account = place(of: owner)
        return account == .none ? 0 : accounts[Int(account)].volume
    }

    /// What the house takes from an owner now, in hundredths of a percent.
    public func feeRate(_ owner: OwnerNumber) -> Int32 {
        let account = place(of: owner)
        return account == .none ? 0 : accounts[Int(account)].rate
    }

    /// The fees that were taken in a currency, in units; 0 for an unknown one.
    public func house(_ currency: Currency) -> Int64 {
        index(currency).map { house[$0] } ?? 0
    }

    /// What the owners without an account got more than they paid, in units; below zero where they
    /// paid more.
    public func market(_ currency: Currency) -> Int64 {
        index(currency).map { market[$0] } ?? 0
    }

    /// What was deposited more than withdrawn, in units.
    public func deposited(_ currency: Currency) -> Int64 {
        index(currency).map { deposited[$0] } ?? 0
    }

    /// What all wallets of a currency hold, in units, summed anew.
    ///
    /// - Complexity: O(accounts).
    public func total(_ currency: Currency) -> Int64 {
        guard let index = index(currency) else { return 0 }
        return stride(from: index, to: wallets.count, by: currencies.count)
            .reduce(0) { $0 + wallets[$1].balance }
    }

    /// A currency's place; nil where no book trades it.
    func index(_ currency: Currency) -> Int? { currencies.firstIndex(of: currency) }

    // MARK: For the engine

    /// An owner's place; none without an account.
    func place(of owner: OwnerNumber) -> Slot {
        guard owner.value >= 0, owner.value < Int64(places.count) else { return .none }
        return places[Int(owner.value)]
    }

    func wallet(_ account: Slot, _ currency: Int) -> Slot {
        Slot(truncatingIfNeeded: Int(account) * currencies.count + currency)
    }

    func open(_ owner: OwnerNumber) {
        precondition(
            (0..<1 << 24).contains(owner.value), "owners with an account have numbers below 2^24")
        while owner.value >= Int64(places.count) { places.append(.none) }
        places[Int(owner.value)] = accounts.append(Account(owner: owner, fees))
        for _ in currencies { wallets.append(LedgerWallet()) }
        for _ in 0..<Self.window { days.append(0) }
    }
}

/// One account: what its trades cost.
struct Account {
    let owner: OwnerNumber
    /// What was traded in the window.
    var volume: Int64 = 0
    /// From here on the fee is lower.
    var nextVolume: Int64
    var rate: Int32

    init(owner: OwnerNumber, _ fees: FeeSchedule) {
        self.owner = owner
        rate = fees.tiers[0].rate
        nextVolume = fees.tiers.count > 1 ? fees.tiers[1].volume : .max
    }
}

/// One wallet: what it holds, and the open orders that spend it.
struct LedgerWallet {
    var balance: Int64 = 0
    /// With at least so much, less money leaves every effective part of the orders as it is.
    var need: Int64 = 0
    // The orders, by number.
    var first = Slot.none
    var last = Slot.none
    /// How many of them are not fully funded.
    var short: Int32 = 0
    /// Whether it is on the list of those that money came into.
    var isListed = false
}
