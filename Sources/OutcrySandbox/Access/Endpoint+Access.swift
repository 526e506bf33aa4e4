import OutcryServing

extension Endpoint {
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
}
