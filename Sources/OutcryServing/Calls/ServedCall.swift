package import OutcryMarket
package import OutcryVenues

/// One call, read and checked, whichever dialect brought it: what is asked, in units.
///
/// How it is answered depends on the dialect too (``CallRoute/version``): version 0 answers
/// ``addOrder(_:)`` with all orders of the account, the others with the new order's name.
///
/// - Source: the protocol reference, sections 4 to 6 and 9.
package enum ServedCall: Hashable, Sendable {
    // MARK: Public

    /// The summary of a market.
    case ticker(Instrument)
    /// The summary's last prices and best levels.
    case fastTicker(Instrument)
    /// The levels within 10 % of the last price; in version 0 all there is of a depth.
    case depth(Instrument)
    /// All levels.
    case fullDepth(Instrument)
    /// The trades after the one numbered `since`; without, those of the last 24 hours.
    case trades(Instrument, since: Int64?)
    /// The trades that were taken back: always none.
    case cancelledTrades(Instrument)
    /// What is known of a currency.
    case currency(Currency)
    /// How far the engine is behind.
    case lag
    /// What an amount of the base, in its units, would cost or bring now.
    case quote(Instrument, OrderSide, units: Int64)
    /// The names and GUIDs of the public channels.
    case publicChannels

    // MARK: Private

    /// The account.
    case info
    /// A key to the account's channel.
    case identityKey
    /// The account's orders; in version 0 its balances too, in bitcoin and this currency.
    case orders(balancesIn: Currency? = nil)
    /// The account's trades.
    case ownTrades
    /// A new order.
    case addOrder(OrderDemand)
    /// The end of an order; in version 0 answered with what ``orders(balancesIn:)`` is.
    case cancelOrder(MtGoxGUID, balancesIn: Currency? = nil)
    /// What an order has traded.
    case orderResult(OrderSide, MtGoxGUID)
    /// What moved a wallet.
    case walletHistory(HistoryDemand)
    /// Where to send bitcoin to.
    case bitcoinAddress(description: String?, notify: String?)
    /// Bitcoin to an address.
    case sendBitcoin(BitcoinDemand)
    /// A key for one-time passwords.
    case oneTimeKey

    // MARK: Version 0 only

    /// The account's balances in bitcoin and this currency.
    case funds(Currency)
    /// Money out of the account, by `withdraw.php`.
    case withdraw(WithdrawalDemand)
    /// A code's money into the account.
    case redeemCode(String)
    /// The history of a currency as a table of text.
    case historyFile(Currency)
}

/// A new order, in units.
package struct OrderDemand: Hashable, Sendable {
    package var instrument: Instrument
    package var side: OrderSide
    /// Units of the base, above 0.
    package var amount: Int64
    /// Units of the quote, above 0; nil for a market order.
    package var price: Int64?
    /// Whether the buyer's fee is paid in the quote.
    package var prefersFiatFee = false

    package init(
        instrument: Instrument, side: OrderSide, amount: Int64, price: Int64? = nil,
        prefersFiatFee: Bool = false
    ) {
        self.instrument = instrument
        self.side = side
        self.amount = amount
        self.price = price
        self.prefersFiatFee = prefersFiatFee
    }
}

/// A page of a wallet's history.
package struct HistoryDemand: Hashable, Sendable {
    package var currency: Currency
    /// From 1.
    package var page = 1
    /// Only the entries of one trade.
    package var trade: Int64?

    package init(
        currency: Currency, page: Int = 1, trade: Int64? = nil
    ) {
        self.currency = currency
        self.page = page
        self.trade = trade
    }
}

/// Bitcoin that is sent away, in units.
package struct BitcoinDemand: Hashable, Sendable {
    package var address: String
    /// Above 0.
    package var amount: Int64
    /// 0 to 0.01 BTC.
    package var fee: Int64 = 0
    package var isInstantForbidden = false
    package var isGreen = false
    /// The one-time password of an account that has a device for them.
    package var otp: String?

    package init(
        address: String, amount: Int64, fee: Int64 = 0, isInstantForbidden: Bool = false,
        isGreen: Bool = false, otp: String? = nil
    ) {
        self.address = address
        self.amount = amount
        self.fee = fee
        self.isInstantForbidden = isInstantForbidden
        self.isGreen = isGreen
        self.otp = otp
    }
}

/// What `withdraw.php` is told.
package struct WithdrawalDemand: Hashable, Sendable {
    /// `group1`: where the money goes.
    package enum Way: String, Hashable, CaseIterable, Sendable {
        /// To a bitcoin address.
        case bitcoin = "BTC"
        /// A code worth bitcoin.
        case bitcoinCode = "BTC2CODE"
        /// A code worth money.
        case moneyCode = "USD2CODE"
        /// Dwolla.
        case dwolla = "DWUSD"
        /// A bank.
        case bank = "USD"
        /// Paxum.
        case paxum = "PAXUMUSD"
    }

    package var way: Way
    /// What is withdrawn.
    package var currency: Currency
    /// Units of it, above 0.
    package var amount: Int64
    /// A bitcoin address, for that way.
    package var address: String?

    package init(
        way: Way, currency: Currency, amount: Int64, address: String? = nil
    ) {
        self.way = way
        self.currency = currency
        self.amount = amount
        self.address = address
    }
}
