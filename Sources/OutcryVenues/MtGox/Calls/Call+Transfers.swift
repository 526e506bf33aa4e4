public import OutcryMarket

// Money in and out, and keys.

extension MtGoxCall where Reply == String {
    /// Where to send bitcoin to. `bitcoin/address`.
    ///
    /// - Parameters:
    ///   - description: Asks for a new address, known by this; without it is the same until it is used.
    ///   - notify: Where the venue tells of payments.
    public static func bitcoinAddress(description: String? = nil, notify: String? = nil) -> Self {
        var parameters: [MtGoxParameter] = []
        if let description { parameters.append(MtGoxParameter("description", description)) }
        if let notify { parameters.append(MtGoxParameter("ipn", notify)) }
        let raw = MtGoxRawCall(
            endpoint: "bitcoin/address", parameters: parameters, isRepeatable: description == nil)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.address(reply.body.span, status: reply.status)
        }
    }

    /// Sends bitcoin away; the answer names the transaction. `bitcoin/send_simple`.
    ///
    /// - Parameters:
    ///   - amount: In bitcoin.
    ///   - fee: What the network gets; the venue allows at most 0.01 BTC, and is left to refuse more.
    ///   - forbidsInstant: Whether it has to go through the network, also to another account of the venue.
    ///   - isGreen: Whether it goes by the venue's green address.
    ///   - otp: The one-time password of an account that has a device for them.
    /// - Throws: ``MtGoxCallError`` for an amount or a fee that is finer than a unit, or below zero; the
    ///   amount may not be zero either.
    public static func sendBitcoin(
        _ amount: Quantity, to address: String, fee: Quantity = .zero, forbidsInstant: Bool = false,
        isGreen: Bool = false, otp: String? = nil
    ) throws(MtGoxCallError) -> Self {
        let units = try amount.exactPositiveUnits("amount", of: .btc)
        var parameters = [
            MtGoxParameter("address", address), MtGoxParameter("amount_int", "\(units)"),
        ]
        if !fee.isZero {
            let units = try fee.exactPositiveUnits("fee", of: .btc)
            parameters.append(MtGoxParameter("fee_int", "\(units)"))
        }
        if forbidsInstant { parameters.append(MtGoxParameter("no_instant", "1")) }
        if isGreen { parameters.append(MtGoxParameter("green", "1")) }
        if let otp { parameters.append(MtGoxParameter("otp", otp)) }
        let raw = MtGoxRawCall(endpoint: "bitcoin/send_simple", parameters: parameters)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.transaction(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxTicket {
    /// Asks for a payment, for partners of the venue. `ticket/create`.
    ///
    /// - Throws: ``MtGoxCallError`` for an amount that is not above zero.
    public static func createTicket(
        partner: String, amount: Money, otp: String? = nil
    ) throws(MtGoxCallError) -> Self {
        guard amount > .zero(amount.currency) else {
            throw .notAboveZero(field: "amount", found: "\(amount)")
        }
        var parameters = [
            MtGoxParameter("partner", partner), MtGoxParameter("amount_int", "\(amount.units)"),
            MtGoxParameter("currency", amount.currency.code),
        ]
        if let otp { parameters.append(MtGoxParameter("otp", otp)) }
        let raw = MtGoxRawCall(endpoint: "ticket/create", parameters: parameters)
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.ticket(reply.body.span, status: reply.status)
        }
    }
}

extension MtGoxCall where Reply == MtGoxOneTimeKey {
    /// A new key for one-time passwords. Version 2 only: `security/hotp/gen`.
    public static var oneTimeKey: Self {
        let raw = MtGoxRawCall(version: .v2, endpoint: "security/hotp/gen")
        return Self(raw) { (reply) throws(MtGoxError) in
            try MtGoxReply.oneTimeKey(reply.body.span, status: reply.status)
        }
    }
}
