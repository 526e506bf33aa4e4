/// What is at the end of a path, without pair, prefix and dialect.
package enum Endpoint: Hashable, Sendable {
    case ticker, fastTicker, depth, fullDepth, trades, cancelledTrades
    case currency, lag, quote, publicChannels
    case info, identityKey, orders, ownTrades, addOrder, cancelOrder, orderResult, walletHistory
    case bitcoinAddress, sendBitcoin, oneTimeKey
    case funds, withdraw, redeemCode
    /// Version 0's, whose script says the side.
    case buy, sell
    /// Version 0's, whose script says the currency by its code.
    case historyFile(String)

    /// Whether anybody may ask, without a key.
    package var isPublic: Bool {
        switch self {
        case .ticker, .fastTicker, .depth, .fullDepth, .trades, .cancelledTrades, .currency, .lag,
            .quote, .publicChannels:
            true
        default: false
        }
    }

    /// Whether it means one market.
    package var needsPair: Bool {
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
    package init?(_ name: String, prefix: String?) {
        if prefix == "private", name == "trades" {
            self = .ownTrades
            return
        }
        guard let endpoint = Self.table[name] else { return nil }
        let isPublic = endpoint.isPublic
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
    package init?(script name: String) {
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
