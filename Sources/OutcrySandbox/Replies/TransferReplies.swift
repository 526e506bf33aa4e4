import OutcryMarket
import OutcryServing
import OutcryVenues

// Money in and out: bitcoin's addresses and transactions, and version 0's withdrawals and codes
// (sections 4.2 and 5.2 of the protocol reference).

extension MessageText {
    /// Appends where to send bitcoin to; all dialects say it alike.
    mutating func addAddress(_ address: String) {
        add("{\"addr\":")
        addString(address)
        add("}")
    }

    /// Appends the answer to `send_simple`: the transaction, in hexadecimal digits or as a GUID.
    mutating func addTransaction(_ transaction: String) {
        add("{\"trx\":")
        addString(transaction)
        add("}")
    }

    /// Appends the answer to `withdraw.php` to a bitcoin address.
    mutating func addOldWithdrawal(transaction: String, reference: MtGoxGUID) {
        add("{\"status\":")
        addString("Funds are on their way (bitcoin transaction: \(transaction))")
        addReference(reference)
        add("}")
    }

    /// Appends the answer to `withdraw.php` as a code.
    mutating func addOldCode(_ code: String, reference: MtGoxGUID) {
        add("{\"status\":")
        addString("Generated new code: \(code)")
        add(",\"code\":")
        addString(code)
        addReference(reference)
        add("}")
    }

    /// Appends the answer to `redeemCode.php`.
    mutating func addRedeemed(_ units: Int64, _ currency: Currency, reference: MtGoxGUID) {
        add("{\"amount\":")
        addTrimmed(units, currency.decimals)
        add(",\"currency\":\"")
        addCode(currency)
        add("\"")
        addReference(reference)
        add(",\"status\":\"Your account has been credited by ")
        addFixed(units, currency.decimals)
        add(" ")
        addCode(currency)
        add("\"}")
    }

    private mutating func addReference(_ reference: MtGoxGUID) {
        add(",\"reference\":\"")
        add(reference)
        add("\"")
    }
}
