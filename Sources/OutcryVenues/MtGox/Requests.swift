public import OutcryMarket
import OutcryWire

/// What is sent over the stream.
enum MtGoxRequest {
    /// A message with two fields.
    static func text(_ op: String, _ key: String, _ value: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { message in
            message.field("op", op)
            message.field(key, value)
        }
        return writer.bytes
    }
}

/// A public call of HTTP version 1: what is asked, without the host.
///
/// - Source: the protocol reference, section 5.1.
public enum MtGoxPublicCall: Hashable, Sendable {
    /// The summary of a market; cached for 30 s.
    case ticker(Instrument)
    /// The summary with the last prices and the best levels only.
    case fastTicker(Instrument)
    /// The levels within 10 % of the last price.
    case depth(Instrument)
    /// All levels; at most five calls an hour.
    case fullDepth(Instrument)
    /// The trades after the one numbered `since`, oldest first, at most 1,000 or those of 24 hours;
    /// without, those of the last 24 hours.
    case trades(Instrument, since: Int64?)
    /// The trades that were taken back: none are known.
    case cancelledTrades(Instrument)
    /// What is known of a currency.
    case currency(Currency)
    /// How far the engine is behind.
    case lag
    /// What an amount of the base would cost or bring now.
    case quote(Instrument, OrderSide, units: Int64)

    /// The path and the query of the call.
    public var target: String {
        switch self {
        case .ticker(let of): "/api/1/\(of)/ticker"
        case .fastTicker(let of): "/api/1/\(of)/ticker_fast"
        case .depth(let of): "/api/1/\(of)/depth/fetch"
        case .fullDepth(let of): "/api/1/\(of)/depth/full"
        case .trades(let of, let since):
            "/api/1/\(of)/trades/fetch" + (since.map { "?since=\($0)" } ?? "")
        case .cancelledTrades(let of): "/api/1/\(of)/trades/cancelled"
        case .currency(let currency): "/api/1/generic/currency?currency=\(currency)"
        case .lag: "/api/1/generic/order/lag"
        case .quote(let of, let side, let units):
            "/api/1/\(of)/order/quote?type=\(side.rests)&amount=\(units)"
        }
    }
}
