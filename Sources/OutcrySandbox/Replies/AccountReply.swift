import OutcryCrypto
import OutcryMarket
import OutcryServing
import OutcryVenues

/// An account as `info` tells it. Amounts are units, times seconds since 1970.
struct AccountView: Hashable, Sendable {
    var login: String
    /// A number of people's; a string on the wire.
    var index: Int64
    var id: MtGoxGUID
    /// Such as `M78123456X`.
    var link: String
    /// Those of the key that asks.
    var rights: AccessRights
    var language = "en_US"
    var created: Int64
    var lastLogin: Int64
    /// In the order that they are told in.
    var wallets: [WalletView]
    /// Units of bitcoin traded in the last 30 days.
    var monthlyVolume: Int64
    /// Hundredths of a percent.
    var tradeFee: Int64
}

/// One wallet of an account, in units of its currency.
struct WalletView: Hashable, Sendable {
    var currency: Currency
    var balance: Int64
    /// How many changes there were.
    var operations: Int64 = 0
    /// Nil for none.
    var dailyLimit: Int64?
    /// Nil for none.
    var monthlyLimit: Int64?
    var mostToWithdraw: Int64
    /// What open orders would take.
    var openOrders: Int64 = 0
}

extension MessageText {
    /// Appends `info` (section 5.3 of the protocol reference).
    mutating func addAccount(_ account: AccountView) {
        add("{\"Login\":")
        addString(account.login)
        add(",\"Index\":\"")
        add(account.index)
        add("\",\"Id\":\"")
        add(account.id)
        add("\",\"Link\":")
        addString(account.link)
        add(",\"Rights\":[")
        for (place, name) in account.rights.names.enumerated() {
            if place > 0 { add(",") }
            addString(name)
        }
        add("],\"Language\":")
        addString(account.language)
        add(",\"Created\":\"")
        addTime(account.created)
        add("\",\"Last_Login\":\"")
        addTime(account.lastLogin)
        add("\",\"Wallets\":{")
        for (place, wallet) in account.wallets.enumerated() {
            if place > 0 { add(",") }
            add(wallet)
        }
        add("},\"Monthly_Volume\":")
        addMoney(account.monthlyVolume, .btc)
        add(",\"Trade_Fee\":")
        addTrimmed(account.tradeFee, 2)
        add("}")
    }

    private mutating func add(_ wallet: WalletView) {
        add("\"")
        addCode(wallet.currency)
        add("\":{\"Balance\":")
        addMoney(wallet.balance, wallet.currency)
        add(",\"Operations\":")
        add(wallet.operations)
        add(",\"Daily_Withdraw_Limit\":")
        addLimit(wallet.dailyLimit, wallet.currency)
        add(",\"Monthly_Withdraw_Limit\":")
        addLimit(wallet.monthlyLimit, wallet.currency)
        add(",\"Max_Withdraw\":")
        addMoney(wallet.mostToWithdraw, wallet.currency)
        add(",\"Open_Orders\":")
        addMoney(wallet.openOrders, wallet.currency)
        add("}")
    }

    private mutating func addLimit(_ units: Int64?, _ currency: Currency) {
        if let units { addMoney(units, currency) } else { add("null") }
    }

    /// Appends a new key for one-time passwords (`security/hotp/gen` of version 2): in hexadecimal digits
    /// and in base32 (RFC 4648 section 6).
    mutating func addOneTimeKey(serial: Int64, _ key: [UInt8]) {
        add("{\"serial\":\"")
        add(serial)
        add("\",\"name\":\"OTP#")
        add(serial)
        add("\",\"key\":\"")
        add(Array(Hex.encode(key).utf8))
        add("\",\"key_base32\":\"")
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        for bit in stride(from: 0, to: key.count * 8, by: 5) {
            let next = bit / 8 + 1 < key.count ? key[bit / 8 + 1] : 0
            let two = UInt16(key[bit / 8]) << 8 | UInt16(next)
            add([alphabet[Int((two << UInt16(bit % 8)) >> 11)]])
        }
        add("\"}")
    }

    /// Appends an idkey, or any other text that is a reply by itself.
    mutating func addText(_ text: String) { addString(text) }
}
