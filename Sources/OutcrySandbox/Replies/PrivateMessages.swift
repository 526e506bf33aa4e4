import OutcryMarket
import OutcryServing
import OutcryVenues

// What an account's channel says (section 10 of the protocol reference). No recording of one is known;
// the forms are those of the documents. The channel is the GUID at the head of the idkey.

/// Why an order is no more, in the venue's words.
enum RemovalReason: String, Hashable, CaseIterable, Sendable {
    /// Somebody asked for it.
    case requested
    /// What was left of it was taken; of a market order said before the next one.
    case completedPassive = "completed_passive"
    /// It took what was left for it to take.
    case completedActive = "completed_active"
}

/// A wallet's change as the stream tells it. Amounts are units of its currency.
struct WalletMessageView: Hashable, Sendable {
    /// The venue's word: `in`, `out`, `earned`, `spent`, `fee`, `deposit`, `withdraw`.
    var kind: String
    var currency: Currency
    /// Never below zero; the kind gives the sign.
    var amount: Int64
    /// The balance after it.
    var balance: Int64
    var info: EntryInfo
}

extension MessageText {
    /// An order that is new or has changed: with a price a limit order, without one a market order.
    mutating func setUserOrder(_ order: OrderView, on channel: MtGoxGUID) {
        beginPrivate("user_order", channel)
        addOrderHead(order)
        add("\",\"date\":\"")
        add(order.date)
        add("\"}}")
    }

    /// An order that is no more.
    ///
    /// - Parameter reason: nil for the form of 2012, which said none; clients of that time (PyAlgoTrade)
    ///   know only it.
    mutating func setUserOrder(
        removed oid: MtGoxGUID, _ reason: RemovalReason?, on channel: MtGoxGUID
    ) {
        beginPrivate("user_order", channel)
        add("{\"oid\":\"")
        add(oid)
        if let reason {
            add("\",\"reason\":\"")
            add(Array(reason.rawValue.utf8))
        }
        add("\"}}")
    }

    /// A wallet's change.
    mutating func setWallet(_ change: WalletMessageView, on channel: MtGoxGUID) {
        beginPrivate("wallet", channel)
        add("{\"op\":")
        addString(change.kind)
        add(",\"amount\":")
        addMoney(change.amount, change.currency)
        add(",\"info\":")
        addInfo(change.info)
        add(",\"ref\":null,\"balance\":")
        addMoney(change.balance, change.currency)
        add("}}")
    }

    /// The copy of an own trade: but for the channel the public message.
    mutating func setTrade(_ trade: TradeView, on channel: MtGoxGUID) {
        beginPrivate("trade", channel, name: PublicChannel.trades.name)
        addTradePayload(trade)
        add("}")
    }

    /// The confirmation that an account's channel is joined.
    mutating func setSubscribed(to channel: MtGoxGUID) {
        clear()
        add("{\"op\":\"subscribe\",\"channel\":\"")
        add(channel)
        add("\"}")
    }

    private mutating func beginPrivate(
        _ kind: StaticString, _ channel: MtGoxGUID, name: String? = nil
    ) {
        clear()
        add("{\"channel\":\"")
        add(channel)
        if let name {
            add("\",\"channel_name\":\"")
            add(Array(name.utf8))
        }
        add("\",\"op\":\"private\",\"origin\":\"broadcast\",\"private\":\"")
        add(kind)
        add("\",\"")
        add(kind)
        add("\":")
    }
}
