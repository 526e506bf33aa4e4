package import OutcryWire

/// What a client of the stream wants to hear: its currencies, and how its words name channels.
///
/// - Source: names by goxtool; types by the venue's trade page of September 2012, its checkout button
///   and other programs (`?Channel=ticker&Currency=USD`, `?Channel=trades,ticker,depth`).
package struct ChannelWishes: Sendable {
    /// Quote currencies that `mtgox.subscribe` with a type means.
    package var currencies = usual

    /// The same array for all who say nothing.
    private static let usual = ["USD"]

    package init() {}

    /// Reads the query of a connection: its currencies, and what is subscribed without being asked for
    /// (protocol reference, section 7.3), each channel once, in its order.
    ///
    /// `?Channel=` says exactly what is subscribed, with slashes or commas between: channels by name (a
    /// `*` stands for any text; trades and lag cannot be had that way), or types, of the currencies:
    /// `ticker,depth,trades`. Else `/mtgox` or `?Currency=` means the trades, and ticker and depth of the
    /// currencies; a bare `/` nothing. The currency is USD where none is named; one that the venue has
    /// not is passed over.
    package mutating func welcome(_ query: [HTTPQueryItem], isBare: Bool) -> [PublicChannel] {
        let wanted = query.last { $0.name == "Currency" }?.value
        if let wanted, !wanted.isEmpty { currencies = PublicChannel.currencies(in: wanted) }
        var channels: [PublicChannel] = []
        if let named = query.last(where: { $0.name == "Channel" })?.value {
            for word in named.split(whereSeparator: { $0 == "/" || $0 == "," }) {
                channels += self.channels(named: word)
            }
        } else if wanted != nil || !isBare {
            for type in ["trades", "ticker", "depth"] { channels += self.channels(ofType: type) }
        }
        var once: [PublicChannel] = []
        for channel in channels where !once.contains(channel) { once.append(channel) }
        return once
    }

    /// What stands in `?Channel=`.
    private func channels(named word: Substring) -> [PublicChannel] {
        let ofType = channels(ofType: String(word))
        guard ofType.isEmpty else { return ofType }
        return PublicChannel.all.filter {
            $0.isNamedAtTheDoor && $0.name.utf8.matches(word.utf8)
        }
    }

    /// The channels that a request means: one by name or GUID, or those of a type and the
    /// connection's currencies.
    package func channels(of request: StreamRequest) -> [PublicChannel] {
        if let text = request.channel { return PublicChannel.find(text).map { [$0] } ?? [] }
        return channels(ofType: request.type ?? "")
    }

    private func channels(ofType type: String) -> [PublicChannel] {
        switch type {
        case "trades", "trade": [.trades]
        case "lag": [.lag]
        case "ticker", "depth":
            currencies.compactMap { PublicChannel.find("\(type).BTC\($0)") }
        default: []
        }
    }
}

extension PublicChannel {
    /// It may stand in `?Channel=`.
    fileprivate var isNamedAtTheDoor: Bool { !name.hasPrefix("trade.") && name != "test" }

    /// The currencies of a list such as `USD,EUR` that the venue has, each once, in their order.
    fileprivate static func currencies(in list: String) -> [String] {
        var known: [String] = []
        for word in list.split(whereSeparator: { $0 == "," || $0 == " " }) {
            let currency = word.uppercased()
            if !known.contains(currency), find("ticker.BTC\(currency)") != nil {
                known.append(currency)
            }
        }
        return known
    }
}

extension Substring.UTF8View {
    /// The rest behind what it begins with; nil if it does not.
    fileprivate func dropping(_ first: UInt8) -> Substring.UTF8View? {
        self.first == first ? dropFirst() : nil
    }
}

extension String.UTF8View {
    /// Whether this is the pattern, in which a `*` stands for any text.
    ///
    /// - Complexity: O(n m), whatever the pattern: the last `*` alone is tried again.
    fileprivate func matches(_ pattern: Substring.UTF8View) -> Bool {
        var text = self[...]
        var pattern = pattern
        var star: (pattern: Substring.UTF8View, text: Substring.UTF8View)?
        while let byte = text.first {
            if let rest = pattern.dropping(UInt8(ascii: "*")) {
                pattern = rest
                star = (rest, text)
            } else if let rest = pattern.dropping(byte) {
                pattern = rest
                text = text.dropFirst()
            } else if let (behind, from) = star {
                pattern = behind
                text = from.dropFirst()
                star = (behind, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
