public import OutcryMarket

/// The answer to a withdrawal or to the making of a code, in version 0.
public struct MtGoxTransfer: Hashable, Sendable {
    /// What happened, in words.
    public let status: String
    /// The transfer's GUID.
    public let reference: String
    /// The code that was made; nil for a withdrawal.
    public let code: String?
    /// What was credited by a code; nil for what goes out.
    public let amount: Money?
}

extension MtGoxReply {
    /// Reads `bitcoin/address`, of any version.
    public static func address(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> String {
        try read(body, status: status) { (text, place) throws(Stop) in
            try text.string("addr", of: place)
        }
    }

    /// Reads `bitcoin/send_simple`: the transaction.
    public static func transaction(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> String {
        try read(body, status: status) { (text, place) throws(Stop) in
            try text.string("trx", of: place)
        }
    }

    /// Reads `idkey`: what the account's channel is subscribed with, for 24 hours. A secret.
    public static func accountKey(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> String {
        try read(body, status: status) { (text, place) throws(Stop) in try text.string(place) }
    }

    /// Reads version 0's `withdraw.php` and `redeemCode.php`.
    public static func transfer(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxTransfer {
        try read(body, status: status) { (text, place) throws(Stop) in
            var amount: Money?
            if let number = try text.find("amount", of: place) {
                let currency = try text.currency(text.need("currency", of: place))
                amount = Money(units: try text.units(number, of: currency), currency: currency)
            }
            return MtGoxTransfer(
                status: try text.string("status", of: place),
                reference: try text.string("reference", of: place),
                code: try text.stringIfAny("code", of: place), amount: amount)
        }
    }
}
