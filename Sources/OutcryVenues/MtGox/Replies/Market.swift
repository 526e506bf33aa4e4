public import OutcryMarket

/// The summary of a market in version 0: bare numbers, with the digits that they were written with.
public struct MtGoxOldTicker: Hashable, Sendable {
    /// The highest price of 24 hours.
    public let high: Price
    /// The lowest.
    public let low: Price
    /// The average; nil in June 2011, as all that may be nil here.
    public let average: Price?
    /// The average, weighted by volume.
    public let vwap: Price?
    /// The volume in whole coins.
    public let volume: Quantity
    /// The last price in any currency, converted.
    public let lastAll: Price?
    /// The last price in this currency.
    public let lastLocal: Price?
    /// The last price.
    public let last: Price
    /// The best bid.
    public let bestBid: Price
    /// The best ask.
    public let bestAsk: Price
}

/// What the venue tells of a currency.
public struct MtGoxCurrency: Hashable, Sendable {
    /// The currency with the decimals that are told, which are those of `*_int` fields.
    public let currency: Currency
    /// Its name, such as `Dollar`.
    public let name: String
    /// Its symbol.
    public let symbol: String
    /// Decimals that are shown.
    public let displayDecimals: Int
    /// Whether the symbol stands before the amount.
    public let isSymbolBefore: Bool
    /// Whether it is no state's money.
    public let isVirtual: Bool
    /// The GUID of the channel of its ticker.
    public let tickerChannel: String?
    /// The GUID of the channel of its depth.
    public let depthChannel: String?
}

/// How far the engine is behind, as HTTP tells it.
public struct MtGoxLag: Hashable, Sendable {
    /// The age of the oldest order in the queue; zero when the queue is empty.
    public let age: Duration
    /// The same in seconds, as the server wrote it.
    public let seconds: Quantity?
    /// The same in words.
    public let text: String?
    /// Orders in the queue; nil before late 2013.
    public let length: Int?
}

/// What an amount would cost or bring.
public struct MtGoxQuote: Hashable, Sendable {
    /// The amount in the quote's smallest unit; the server may give a part of a unit.
    public let units: Quantity

    /// The amount in whole units of the quote, rounded as named.
    public func money(_ quote: Currency, rounding: Rounding) -> Money {
        Money(units: units.rescaled(to: 0, rounding: rounding).units, currency: quote)
    }
}

extension MtGoxReply {
    /// Reads `ticker` or `ticker_fast`; what the latter leaves out is nil.
    ///
    /// - Parameter instrument: What it is of where no field says it, as in `ticker_fast`.
    public static func ticker(
        _ body: Span<UInt8>, of instrument: Instrument? = nil, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxTicker {
        try read(body, status: status) { (text, place) throws(Stop) in
            try MtGoxParser.ticker(text, place, default: instrument)
        }
    }

    /// Reads version 0's `ticker.php`.
    public static func oldTicker(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxOldTicker {
        try read(body, status: status) { (text, place) throws(Stop) in
            let object = try text.need("ticker", of: place)
            return MtGoxOldTicker(
                high: try text.decimal(text.need("high", of: object)),
                low: try text.decimal(text.need("low", of: object)),
                average: try text.decimalIfAny("avg", of: object),
                vwap: try text.decimalIfAny("vwap", of: object),
                volume: try text.decimal(text.need("vol", of: object)),
                lastAll: try text.decimalIfAny("last_all", of: object),
                lastLocal: try text.decimalIfAny("last_local", of: object),
                last: try text.decimal(text.need("last", of: object)),
                bestBid: try text.decimal(text.need("buy", of: object)),
                bestAsk: try text.decimal(text.need("sell", of: object)))
        }
    }

    /// Reads `trades`, or version 0's `getTrades.php`: oldest first.
    ///
    /// - Parameter instrument: What was traded where a trade does not say it, as in 2011.
    public static func trades(
        _ body: Span<UInt8>, of instrument: Instrument, status: Int? = nil
    ) throws(MtGoxError) -> [Trade] {
        try read(body, status: status) { (text, place) throws(Stop) in
            var trades: [Trade] = []
            for element in try text.elements(place) {
                if let trade = text.usualTrade(element) {
                    trades.append(trade)
                } else {
                    trades.append(try MtGoxParser.trade(text, element, default: instrument))
                }
            }
            return trades
        }
    }

    /// Reads `cancelledtrades`: the elements as JSON, because none was ever seen.
    public static func cancelledTrades(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> [[UInt8]] {
        try read(body, status: status) { (text, place) throws(Stop) in
            try text.elements(place).map { text.array($0) }
        }
    }

    /// Reads `currency`.
    public static func currency(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxCurrency {
        try read(body, status: status) { (text, place) throws(Stop) in
            let code = try text.need("currency", of: place)
            let decimals = try text.count(text.need("decimals", of: place))
            guard let currency = Currency(validating: try text.string(code), decimals: decimals)
            else { throw .value("a code of 1 to 7 letters", at: code.lowerBound) }
            let position = try text.need("symbol_position", of: place)
            return MtGoxCurrency(
                currency: currency, name: try text.string("name", of: place),
                symbol: try text.string("symbol", of: place),
                displayDecimals: try text.count(text.need("display_decimals", of: place)),
                isSymbolBefore: try text.isString(position, "before"),
                isVirtual: try text.isString(text.need("virtual", of: place), "Y"),
                tickerChannel: try text.stringIfAny("ticker_channel", of: place),
                depthChannel: try text.stringIfAny("depth_channel", of: place))
        }
    }

    /// Reads `order/lag`.
    public static func lag(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxLag {
        try read(body, status: status) { (text, place) throws(Stop) in
            let age = try text.whole(text.need("lag", of: place))
            return MtGoxLag(
                age: .microseconds(age), seconds: try text.decimalIfAny("lag_secs", of: place),
                text: try text.stringIfAny("lag_text", of: place),
                length: try text.countIfAny("length", of: place))
        }
    }

    /// Reads `order/quote`.
    public static func quote(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxQuote {
        try read(body, status: status) { (text, place) throws(Stop) in
            MtGoxQuote(units: try text.decimal(text.need("amount", of: place)))
        }
    }
}
