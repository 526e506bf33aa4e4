package import OutcryMarket

/// How the venue shows a currency to people.
///
/// - Source: the protocol reference, section 2.2: `$` before, `BTC` and `€` behind a no-break space; `£`
///   before by a recorded `ticker_fast`. The place of `¥` and the names but `Dollar` are the sandbox's
///   own.
package struct CurrencyStyle: Sendable {
    /// As it stands in JSON: nothing but ASCII; nil for the code.
    package let symbol: StaticString?
    /// Whether the symbol stands before the number; else behind a no-break space.
    package let isBefore: Bool
    /// What `currency` calls it; nil for the code.
    package let name: StaticString?

    package init(_ currency: Currency) {
        switch currency {
        case .usd: (symbol, isBefore, name) = ("$", true, "Dollar")
        case .eur: (symbol, isBefore, name) = ("\\u20ac", false, "Euro")
        case .jpy: (symbol, isBefore, name) = ("\\u00a5", true, "Yen")
        case .gbp: (symbol, isBefore, name) = ("\\u00a3", true, "Pound")
        case .btc: (symbol, isBefore, name) = (nil, false, "Bitcoin")
        default: (symbol, isBefore, name) = (nil, false, nil)
        }
    }
}

extension MessageText {
    /// Appends what people read, without quotes: `$1,234.50`, `1,234.50\u00a0BTC`.
    package mutating func addDisplay(_ units: Int64, _ currency: Currency, shown: Int) {
        let style = CurrencyStyle(currency)
        if style.isBefore { addSymbol(style, currency) }
        addGrouped(units, currency.decimals, shown: shown)
        if !style.isBefore {
            add("\\u00a0")
            addSymbol(style, currency)
        }
    }

    /// Appends the symbol of a currency, or its code.
    package mutating func addSymbol(_ style: CurrencyStyle, _ currency: Currency) {
        if let symbol = style.symbol { add(symbol) } else { addCode(currency) }
    }

    /// Appends a money object (section 2.2 of the protocol reference).
    ///
    /// - Parameter isShort: Whether `display` has two decimals only, as the tickers and depths of HTTP
    ///   had in 2013.
    package mutating func addMoney(_ units: Int64, _ currency: Currency, isShort: Bool = false) {
        add("{\"value\":\"")
        addFixed(units, currency.decimals)
        add("\",\"value_int\":\"")
        add(units)
        add("\",\"display\":\"")
        addDisplay(units, currency, shown: isShort ? 2 : currency.decimals)
        add("\",\"display_short\":\"")
        addDisplay(units, currency, shown: 2)
        add("\",\"currency\":\"")
        addCode(currency)
        add("\"}")
    }

    /// Appends a money object of the quote.
    package mutating func addPrice(_ units: Int64, isShort: Bool) {
        addMoney(units, instrument.quote, isShort: isShort)
    }

    /// Appends a money object of the base.
    package mutating func addAmount(_ units: Int64, isShort: Bool) {
        addMoney(units, instrument.base, isShort: isShort)
    }
}
