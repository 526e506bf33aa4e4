/// What is at the end of a path, without pair, prefix and dialect.
enum Endpoint: Hashable, Sendable {
    case ticker, fastTicker, depth, fullDepth, trades, cancelledTrades
    case currency, lag, quote, publicChannels
    case info, identityKey, orders, ownTrades, addOrder, cancelOrder, orderResult, walletHistory
    case bitcoinAddress, sendBitcoin, oneTimeKey
    case funds, withdraw, redeemCode
    /// Version 0's, whose script says the side.
    case buy, sell
    /// Version 0's, whose script says the currency by its code.
    case historyFile(String)

    /// Who may ask.
    enum Access: Hashable, Sendable {
        case anyone
        /// A key with this right, or with one of these.
        case key(AccessRights)
    }

    /// Who may ask; rights as in the protocol reference, section 3.1, where it says them.
    var access: Access {
        switch self {
        case .ticker, .fastTicker, .depth, .fullDepth, .trades, .cancelledTrades, .currency, .lag,
            .quote, .publicChannels:
            .anyone
        case .info, .identityKey, .orders, .ownTrades, .walletHistory, .funds, .historyFile:
            .key(.getInfo)
        case .addOrder, .cancelOrder, .buy, .sell: .key(.trade)
        case .orderResult: .key([.getInfo, .trade])
        case .bitcoinAddress, .redeemCode: .key(.deposit)
        case .sendBitcoin, .withdraw: .key(.withdraw)
        // Which right it takes is not known.
        case .oneTimeKey: .key([])
        }
    }

    /// Whether it means one market.
    var needsPair: Bool {
        switch self {
        case .ticker, .fastTicker, .depth, .fullDepth, .trades, .cancelledTrades, .quote, .addOrder,
            .buy, .sell:
            true
        default: false
        }
    }

    /// The endpoint of a name as versions 1 and 2 and `op:call` have it.
    ///
    /// - Parameters:
    ///   - name: what is behind the pair, the `money/` of version 2 and the prefix.
    ///   - prefix: `public` or `private`, as the old names begin; nil for the short names. It has to
    ///     fit, but for those under `order/`, which clients called either way.
    init?(_ name: String, prefix: String?) {
        if prefix == "private", name == "trades" {
            self = .ownTrades
            return
        }
        guard let endpoint = Self.table[name] else { return nil }
        let isPublic = endpoint.access == .anyone
        guard prefix == nil || name.hasPrefix("order/") || isPublic == (prefix == "public") else {
            return nil
        }
        self = endpoint
    }

    private static let table: [String: Endpoint] = [
        "ticker": .ticker, "ticker_fast": .fastTicker,
        "depth": .depth, "depth/fetch": .depth,
        "fulldepth": .fullDepth, "depth/full": .fullDepth,
        "trades": .trades, "trades/fetch": .trades,
        "cancelledtrades": .cancelledTrades, "trades/cancelled": .cancelledTrades,
        "currency": .currency, "order/lag": .lag, "order/quote": .quote, "quote": .quote,
        "info": .info, "idkey": .identityKey, "orders": .orders,
        "order/add": .addOrder, "order/cancel": .cancelOrder, "order/result": .orderResult,
        "wallet/history": .walletHistory,
        "bitcoin/address": .bitcoinAddress, "bitcoin/send_simple": .sendBitcoin,
        "hotp_gen": .oneTimeKey,
    ]

    /// The endpoint of a script of version 0, without the folder of the version.
    init?(script name: String) {
        if name.hasPrefix("history_"), name.hasSuffix(".csv") {
            self = .historyFile(String(name.dropFirst(8).dropLast(4)))
            return
        }
        guard let endpoint = Self.scripts[name] else { return nil }
        self = endpoint
    }

    private static let scripts: [String: Endpoint] = [
        "ticker.php": .ticker, "data/ticker.php": .ticker,
        "getDepth.php": .depth, "data/getDepth.php": .depth,
        "getTrades.php": .trades, "data/getTrades.php": .trades,
        "getFunds.php": .funds, "buyBTC.php": .buy, "sellBTC.php": .sell,
        "getOrders.php": .orders, "cancelOrder.php": .cancelOrder,
        "withdraw.php": .withdraw, "redeemCode.php": .redeemCode,
        "btcAddress.php": .bitcoinAddress, "info.php": .info,
    ]
}
