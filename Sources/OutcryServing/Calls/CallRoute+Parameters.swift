package import OutcryMarket
package import OutcryVenues
package import OutcryWire

extension CallRoute {
    /// Reads the parameters of an HTTP request that led here.
    ///
    /// - Parameter body: the form of a POST.
    package func call(
        _ head: HTTPRequestHead, body: [UInt8], markets: [Instrument]
    ) throws(CallRefusal) -> ServedCall {
        let isPrivate = !endpoint.isPublic
        let parameters = try CallParameters(head, body: body, isPrivate: isPrivate)
        return try call(parameters, try market(parameters, markets))
    }

    /// Reads the parameters of a call over the stream that led here.
    package func call(_ body: MtGoxCallBody) throws(CallRefusal) -> ServedCall {
        try call(CallParameters(body.parameters), instrument)
    }

    /// The market of a call: that of the path; in version 0 that of bitcoin in `Currency`, else the
    /// first one.
    package func market(
        _ parameters: CallParameters, _ markets: [Instrument]
    ) throws(CallRefusal) -> Instrument? {
        guard version == .v0 else { return instrument }
        guard let code = parameters["Currency"] else { return markets.first }
        guard let market = Instrument(mtgoxPair: "BTC" + code), markets.contains(market) else {
            throw .unknownCurrency(code)
        }
        return market
    }

    private func call(
        _ parameters: CallParameters, _ market: Instrument?
    ) throws(CallRefusal) -> ServedCall {
        if let market, endpoint.needsPair { return try marketCall(parameters, market) }
        switch endpoint {
        case .currency:
            guard let currency = try parameters.currency("currency") ?? market?.quote else {
                throw .currencyMandatory
            }
            return .currency(currency)
        case .lag: return .lag
        case .publicChannels: return .publicChannels
        case .info: return .info
        case .identityKey: return .identityKey
        case .orders: return .orders(balancesIn: version == .v0 ? market?.quote : nil)
        case .ownTrades: return .ownTrades
        case .funds: return .funds(market?.quote ?? .usd)
        case .oneTimeKey: return .oneTimeKey
        case .cancelOrder:
            if version == .v0 { _ = try parameters.integer("type", 1...2) }
            return .cancelOrder(
                try parameters.order("oid", "order"),
                balancesIn: version == .v0 ? market?.quote : nil)
        case .orderResult:
            return .orderResult(try parameters.side(), try parameters.order("order", "oid"))
        case .walletHistory: return .walletHistory(try history(parameters, market))
        case .bitcoinAddress:
            return .bitcoinAddress(
                description: parameters["description"], notify: parameters["ipn"])
        case .sendBitcoin: return .sendBitcoin(try bitcoin(parameters))
        case .withdraw: return .withdraw(try withdrawal(parameters, market))
        case .redeemCode: return .redeemCode(try parameters.text("code", "a code"))
        case .historyFile(let code):
            guard let currency = Currency(mtgox: code.utf8.span) else {
                throw .unknownCurrency(code)
            }
            return .historyFile(currency)
        default: throw .currencyMandatory
        }
    }

    private func marketCall(
        _ parameters: CallParameters, _ market: Instrument
    ) throws(CallRefusal) -> ServedCall {
        switch endpoint {
        case .ticker: return .ticker(market)
        case .fastTicker: return .fastTicker(market)
        case .depth: return .depth(market)
        case .fullDepth: return .fullDepth(market)
        case .trades:
            return .trades(market, since: try parameters.integer("since", 0...Int64.max))
        case .cancelledTrades: return .cancelledTrades(market)
        case .quote:
            let side = try parameters.side()
            guard let units = try parameters.integer("amount", 1...Int64.max) else {
                throw .missing(
                    "amount", should: "a whole number of units of \(market.base) above 0")
            }
            return .quote(market, side, units: units)
        case .addOrder: return try order(parameters, market, try parameters.side())
        case .buy: return try order(parameters, market, .buy)
        case .sell: return try order(parameters, market, .sell)
        default: throw .methodNotFound
        }
    }

    private func order(
        _ parameters: CallParameters, _ market: Instrument, _ side: OrderSide
    ) throws(CallRefusal) -> ServedCall {
        .addOrder(
            OrderDemand(
                instrument: market, side: side,
                amount: try parameters.requiredAmount("amount", of: market.base),
                price: try parameters.amount("price", of: market.quote),
                prefersFiatFee: try parameters.flag("prefer_fiat_fee")))
    }

    private func history(
        _ parameters: CallParameters, _ market: Instrument?
    ) throws(CallRefusal) -> HistoryDemand {
        // The pair of the path is no word about the wallet; that of an `op:call` is its currency.
        let named = try parameters.currency("currency")
        guard let currency = named ?? (version == .stream ? market?.quote : nil) else {
            throw .currencyMandatory
        }
        return HistoryDemand(
            currency: currency, page: Int(try parameters.integer("page", 1...1_000_000_000) ?? 1),
            trade: try parameters.integer("trade_id", 0...Int64.max))
    }

    private func bitcoin(_ parameters: CallParameters) throws(CallRefusal) -> BitcoinDemand {
        BitcoinDemand(
            address: try address(parameters, "address"),
            amount: try parameters.requiredAmount("amount", of: .btc),
            fee: try parameters.integer("fee_int", 0...1_000_000) ?? 0,
            isInstantForbidden: try parameters.flag("no_instant"),
            isGreen: try parameters.flag("green"), otp: parameters["otp"])
    }

    /// An address that one may send to: what is none would take the coins for good.
    private func address(
        _ parameters: CallParameters, _ name: String
    ) throws(CallRefusal) -> String {
        let text = try parameters.text(name, "a bitcoin address")
        guard BitcoinAddresses.isAddress(text) else {
            throw .parameter(name, should: "a bitcoin address", found: text)
        }
        return text
    }

    private func withdrawal(
        _ parameters: CallParameters, _ market: Instrument?
    ) throws(CallRefusal) -> WithdrawalDemand {
        let names = WithdrawalDemand.Way.allCases.map(\.rawValue).joined(separator: ", ")
        let text = try parameters.text("group1", "one of \(names)")
        guard let way = WithdrawalDemand.Way(rawValue: text) else {
            throw .parameter("group1", should: "one of \(names)", found: text)
        }
        let isBitcoin = way == .bitcoin || way == .bitcoinCode
        let currency = isBitcoin ? .btc : way == .moneyCode ? market?.quote ?? .usd : .usd
        return WithdrawalDemand(
            way: way, currency: currency,
            amount: try parameters.requiredAmount("amount", of: currency),
            address: way == .bitcoin ? try address(parameters, "btca") : nil)
    }
}
