import OutcryComponents
public import OutcryMarket

// Money in and out by the scripts of version 0, and what all its calls are made of.

extension MtGoxOldCall {
    /// Where money goes by `withdraw.php`.
    public enum Way: Hashable, Sendable {
        /// To a bitcoin address.
        case bitcoin(address: String)
        /// Into a code, which is worth it to whoever redeems it: bitcoin, or another currency.
        case code
        /// To Dwolla, in dollars.
        case dwolla
        /// To a bank, in dollars.
        case bank
        /// To Paxum, in dollars.
        case paxum
    }

    /// Takes money out of the account. `withdraw.php`.
    ///
    /// - Throws: ``MtGoxCallError`` for an amount that is not above zero, and for another currency than
    ///   bitcoin to an address of bitcoin. That Dwolla, bank and Paxum take dollars is left to the venue.
    public static func withdraw(
        _ amount: Money, _ way: Way
    ) throws(MtGoxCallError) -> MtGoxCall<MtGoxTransfer> {
        guard amount > .zero(amount.currency) else {
            throw .notAboveZero(field: "amount", found: "\(amount)")
        }
        let isBitcoin = amount.currency == .btc
        var parameters: [MtGoxParameter] = []
        switch way {
        case .bitcoin(let address):
            guard isBitcoin else { throw .notBitcoin(found: amount.currency) }
            parameters = [MtGoxParameter("group1", "BTC"), MtGoxParameter("btca", address)]
        case .code:
            parameters = [MtGoxParameter("group1", isBitcoin ? "BTC2CODE" : "USD2CODE")]
            if !isBitcoin { parameters.append(MtGoxParameter("Currency", amount.currency.code)) }
        case .dwolla: parameters = [MtGoxParameter("group1", "DWUSD")]
        case .bank: parameters = [MtGoxParameter("group1", "USD")]
        case .paxum: parameters = [MtGoxParameter("group1", "PAXUMUSD")]
        }
        parameters.append(MtGoxParameter("amount", amount.amountText))
        return transfer("withdraw.php", parameters)
    }

    /// Puts the money of a code into the account. `redeemCode.php`.
    public static func redeemCode(_ code: String) -> MtGoxCall<MtGoxTransfer> {
        transfer("redeemCode.php", [MtGoxParameter("code", code)])
    }

    /// Where to send bitcoin to. `btcAddress.php`.
    public static var bitcoinAddress: MtGoxCall<String> {
        .query("btcAddress.php", version: .v0) { (reply) throws(MtGoxError) in
            try MtGoxReply.address(reply.body.span, status: reply.status)
        }
    }

    private static func transfer(
        _ script: String, _ parameters: [MtGoxParameter]
    ) -> MtGoxCall<MtGoxTransfer> {
        MtGoxCall(MtGoxRawCall(version: .v0, endpoint: script, parameters: parameters)) {
            (reply) throws(MtGoxError) in
            try MtGoxReply.transfer(reply.body.span, status: reply.status)
        }
    }

    // MARK: What calls are made of

    /// A public call about the market of bitcoin in a currency.
    static func market<Reply: Sendable>(
        _ script: String, _ instrument: Instrument, _ parameters: [MtGoxParameter] = [],
        _ read: @escaping @Sendable (MtGoxRawReply) throws(MtGoxError) -> Reply
    ) throws(MtGoxCallError) -> MtGoxCall<Reply> {
        try check(instrument)
        let currency = MtGoxParameter("Currency", instrument.quote.code)
        return .query(script, [currency] + parameters, isPrivate: false, version: .v0, read)
    }

    /// A call that is answered with balances, orders or both.
    static func account(
        _ script: String, _ currency: Currency, _ parameters: [MtGoxParameter]? = nil,
        kind: RequestKind = .query, isRepeatable: Bool = true
    ) -> MtGoxCall<MtGoxOldAccount> {
        let raw = MtGoxRawCall(
            version: .v0, endpoint: script,
            parameters: parameters ?? [MtGoxParameter("Currency", currency.code)], kind: kind,
            isRepeatable: isRepeatable)
        return MtGoxCall(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.oldAccount(reply.body.span, currency: currency, status: reply.status)
        }
    }

    static func check(_ instrument: Instrument) throws(MtGoxCallError) {
        guard instrument.base == .btc else { throw .notBitcoin(found: instrument.base) }
    }
}
