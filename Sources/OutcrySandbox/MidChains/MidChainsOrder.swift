import OutcryMarket

/// What a MidChains client said of an order, beside what the exchange knows of it.
struct MidChainsOrder {
    /// How an order is to be matched.
    enum Kind: String {
        case limit = "LMT"
        case market = "MKT"
    }

    /// How long it stands.
    enum Force: String {
        case tillCancelled = "GTC"
        case immediate = "IOC"
        case allOrNothing = "FOK"
        case tillTime = "GTT"
        case post = "POST"
    }

    /// The venue's name.
    let reference: String
    let owner: OwnerNumber
    let book: BookNumber
    let side: OrderSide
    var kind = Kind.limit
    var force = Force.tillCancelled
    /// Units of the base.
    var amount: Int64 = 0
    /// Units of the quote; nil for a market order.
    var price: Int64?
    /// A price that has to be traded at first, in units of the quote.
    var stop: Int64?
    /// When it ends, µs since 1970.
    var expires: Int64?
    /// The client's own name.
    var clientID: String?
    /// The exchange's number, once it has come to it: not before its stop.
    var ticket: Int64?
    /// When it changed last, µs since 1970, where it has no ticket.
    var updated: Int64 = 0
    /// It was given up before it had a ticket.
    var isGone = false
}

/// References: fourteen letters and digits, as at the venue. Those of orders that have come to the exchange are
/// made of their tickets, so that an order of any door has one; those of stops, of a number of their own.
enum MidChainsReference {
    /// Of an order.
    static func make(_ ticket: Int64) -> String { "5G" + digits(ticket, 10) + "A0" }
    /// Of a stop.
    static func make(stop number: Int64) -> String { "5S" + digits(number, 10) + "A0" }

    /// The ticket that a reference is made of.
    static func ticket(_ reference: String) -> Int64? {
        guard reference.utf8.count == 14, reference.hasPrefix("5G"), reference.hasSuffix("A0"),
            let ticket = Int64(reference.dropFirst(2).dropLast(2), radix: 36), ticket > 0,
            make(ticket) == reference
        else { return nil }
        return ticket
    }

    /// Of an order's part of a trade.
    static func make(_ reference: String, trade: Int64) -> String {
        "\(reference)2_\(match(trade))"
    }

    /// Of a trade.
    static func match(_ trade: Int64) -> String { String(trade, radix: 36, uppercase: true) }

    private static func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number, radix: 36, uppercase: true)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
