public import OutcryMarket

/// What the venue tells of an account.
public struct MtGoxAccount: Hashable, Sendable {
    /// The name to log in with.
    public let login: String
    /// The account's number.
    public let index: String
    /// The account's GUID; nil before March 2012.
    public let id: String?
    /// A short name for transfers between accounts; later than 2012.
    public let link: String?
    /// What the key that was used may do, such as `get_info` and `trade`.
    public let rights: [String]
    /// The language, such as `en_US`.
    public let language: String
    /// When the account was made, as the server wrote it: `YYYY-MM-DD hh:mm:ss`, UTC.
    public let created: String
    /// When somebody last logged in, in the same form.
    public let lastLogin: String
    /// What the account has, in the order of the reply.
    public let wallets: [MtGoxWallet]
    /// What the fee is computed from; nil before March 2012.
    public let monthlyVolume: Money?
    /// The fee in percent.
    public let feePercent: Quantity

    /// The balances. Nothing is held back for open orders at this venue.
    public var wallet: Wallet { Wallet(wallets.map { Balance($0.balance) }) }
}

/// What an account has of one currency, and its limits; nil is no limit.
public struct MtGoxWallet: Hashable, Sendable {
    /// What is there.
    public let balance: Money
    /// How many entries its history has.
    public let operations: Int
    /// What may be withdrawn a day.
    public let dailyLimit: Money?
    /// What may be withdrawn a month.
    public let monthlyLimit: Money?
    /// What may be withdrawn now.
    public let mostToWithdraw: Money?
    /// What open orders are for; nil before 2013.
    public let openOrders: Money?
}

/// A page of a wallet's history.
public struct MtGoxHistory: Hashable, Sendable {
    /// How many entries there are on all pages.
    public let records: Int
    /// This page's entries, the newest first.
    public let entries: [MtGoxHistoryEntry]
    /// The number of this page, from 1.
    public let page: Int
    /// The number of the last page.
    public let lastPage: Int
    /// The most entries of a page.
    public let pageSize: Int
}

/// One movement of money.
public struct MtGoxHistoryEntry: Hashable, Sendable {
    /// The entry's number.
    public let index: String
    /// When, in seconds since 1970.
    public let date: Int64
    /// `in`, `out`, `earned`, `spent`, `fee`, `deposit` or `withdraw`: it tells the sign.
    public let type: String
    /// How much, never negative.
    public let value: Money
    /// What was there afterwards.
    public let balance: Money
    /// Why, in words.
    public let info: String
    /// What it belongs to: a GUID, a kind such as `Money_Trade`, an id.
    public let link: [String]
    /// The order that caused it, where it was a trade.
    public let orderID: OrderID?
    /// The number of the trade.
    public let tradeID: Int64?

    /// What a trade's words say of its price, in whatever currency: `BTC bought: [tid:1373975198892772] 0.01000000 BTC at
    /// $98.20000`; nil where they say none.
    public var price: Price? {
        guard tradeID != nil, info.utf8.contains(UInt8(ascii: "]")) else { return nil }
        let words = info.split(separator: " ")
        guard let at = words.lastIndex(of: "at"), at + 1 < words.count else { return nil }
        let digits = words[at + 1].filter { $0.isASCII && ($0.isNumber || $0 == ".") }
        return Price(digits)
    }
}

extension MtGoxReply {
    /// Reads `info`.
    public static func account(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxAccount {
        try read(body, status: status) { (text, place) throws(Stop) in
            var wallets: [MtGoxWallet] = []
            for field in try text.fields(text.need("Wallets", of: place)) {
                wallets.append(try wallet(text, field.place))
            }
            return MtGoxAccount(
                login: try text.string("Login", of: place),
                index: try text.string("Index", of: place),
                id: try text.stringIfAny("Id", of: place),
                link: try text.stringIfAny("Link", of: place),
                rights: try text.strings(text.need("Rights", of: place)),
                language: try text.string("Language", of: place),
                created: try text.string("Created", of: place),
                lastLogin: try text.string("Last_Login", of: place), wallets: wallets,
                monthlyVolume: try text.moneyIfAny("Monthly_Volume", of: place),
                feePercent: try text.decimal(text.need("Trade_Fee", of: place)))
        }
    }

    private static func wallet(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> MtGoxWallet {
        MtGoxWallet(
            balance: try text.money("Balance", of: object),
            operations: try text.count(text.need("Operations", of: object)),
            dailyLimit: try text.moneyIfAny("Daily_Withdraw_Limit", of: object),
            monthlyLimit: try text.moneyIfAny("Monthly_Withdraw_Limit", of: object),
            mostToWithdraw: try text.moneyIfAny("Max_Withdraw", of: object),
            openOrders: try text.moneyIfAny("Open_Orders", of: object))
    }

    /// Reads `wallet/history`.
    public static func history(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxHistory {
        try read(body, status: status) { (text, place) throws(Stop) in
            var entries: [MtGoxHistoryEntry] = []
            for element in try text.elements(text.need("result", of: place)) {
                entries.append(try entry(text, element))
            }
            return MtGoxHistory(
                records: try text.count(text.need("records", of: place)), entries: entries,
                page: try text.count(text.need("current_page", of: place)),
                lastPage: try text.count(text.need("max_page", of: place)),
                pageSize: try text.count(text.need("max_results", of: place)))
        }
    }

    private static func entry(
        _ text: Span<UInt8>, _ object: Range<Int>
    ) throws(Stop) -> MtGoxHistoryEntry {
        var (order, number): (OrderID?, Int64?)
        if let trade = try text.find("Trade", of: object) {
            order = try text.stringIfAny("oid", of: trade).map { OrderID($0) }
            if let place = try text.find("tid", of: trade) { number = try text.whole(place) }
        }
        var link: [String] = []
        if let place = try text.find("Link", of: object) { link = try text.strings(place) }
        return MtGoxHistoryEntry(
            index: try text.string("Index", of: object),
            date: try text.whole(text.need("Date", of: object)),
            type: try text.string("Type", of: object),
            value: try text.money("Value", of: object),
            balance: try text.money("Balance", of: object),
            info: try text.string("Info", of: object), link: link, orderID: order,
            tradeID: number)
    }
}
