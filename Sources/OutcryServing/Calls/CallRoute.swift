package import OutcryMarket
package import OutcryVenues
package import OutcryWire

/// Where a request leads: the dialect, the endpoint and the market, before anybody is let in and
/// before its parameters are read.
///
/// ```swift
/// let route = try CallRoute(head, markets: markets)      // 404, 405, unknown pair
/// if case .key(let rights) = route.endpoint.access {     // the table of keys lets in, or not
///     try keys.verify(head.target, head.fields, body: body, now: now).require(anyOf: rights)
/// }
/// let call = try route.call(head, body: body)            // parameters
/// ```
package struct CallRoute: Hashable, Sendable {
    package let version: APIVersion
    package let endpoint: Endpoint
    /// The market that the path or the `op:call` names; nil for `generic` and for none.
    package let instrument: Instrument?
    /// Whether the answer goes without its envelope (`?raw`).
    package var isRaw = false

    /// Finds the way of an HTTP request.
    ///
    /// - Parameter markets: the markets that there are; the first one is where version 0 trades when
    ///   it is not told.
    package init(_ head: HTTPRequestHead, markets: [Instrument]) throws(CallRefusal) {
        let path = String(head.path)
        let query = head.query ?? ""
        if let rest = path.remainder(after: "/api/1/") {
            try self.init(.v1, path, pairAndName: rest, markets)
        } else if let rest = path.remainder(after: "/api/2/") {
            try self.init(.v2, path, pairAndName: rest, markets)
        } else if let rest = path.remainder(after: "/api/0/") ?? path.remainder(after: "/code/") {
            guard let endpoint = Endpoint(script: rest) else { throw .unknown(path) }
            self.init(version: .v0, endpoint: endpoint, instrument: nil)
        } else {
            throw .unknown(path)
        }
        isRaw = query.utf8.split(separator: UInt8(ascii: "&")).contains {
            $0.prefix { $0 != UInt8(ascii: "=") }.elementsEqual("raw".utf8)
        }
        let isPublic = endpoint.isPublic
        guard head.method == "POST" || (isPublic && head.method == "GET") else {
            throw .method(head.method, allowed: isPublic ? "GET, POST" : "POST")
        }
    }

    /// Finds the way of a call over the stream: a leading `/`, a pair and `private/` or `public/` may
    /// stand before the name.
    ///
    /// - Source: the protocol reference, section 9.
    package init(_ body: MtGoxCallBody, markets: [Instrument]) throws(CallRefusal) {
        var parts = body.call.parts
        if parts.first == "" { parts.removeFirst() }
        var pairText: String?
        if let first = parts.first, first == "generic" || Instrument(mtgoxPair: first) != nil {
            parts.removeFirst()
            pairText = first == "generic" ? nil : first
        }
        if pairText == nil, let currency = body.currency {
            pairText = (body.item ?? "BTC") + currency
        }
        guard let endpoint = Self.endpoint(parts) else { throw .methodNotFound }
        let pair = pairText.flatMap { Instrument(mtgoxPair: $0) }
        if endpoint.needsPair {
            guard let pairText else { throw .currencyMandatory }
            guard let pair, markets.contains(pair) else { throw .unknownPair(pairText) }
        }
        self.init(version: .stream, endpoint: endpoint, instrument: pair)
    }

    private init(
        _ version: APIVersion, _ path: String, pairAndName: String, _ markets: [Instrument]
    ) throws(CallRefusal) {
        var parts = pairAndName.parts
        if version == .v2, let endpoint = Self.outsideOfMoney[pairAndName] {
            self.init(version: version, endpoint: endpoint, instrument: nil)
            return
        }
        // Version 2 may leave the pair out.
        var pairText: String?
        if version == .v1 || parts.first != "money" {
            guard parts.count >= 2 else { throw .unknown(path) }
            pairText = parts.removeFirst()
        }
        if version == .v2 {
            guard parts.first == "money" else { throw .unknown(path) }
            parts.removeFirst()
        }
        guard let endpoint = Self.endpoint(parts) else { throw .unknown(path) }
        var pair: Instrument?
        if let text = pairText, text != "generic" {
            pair = Instrument(mtgoxPair: text)
            // Where the pair does not matter any pair does.
            guard pair != nil, !endpoint.needsPair || markets.contains(where: { $0 == pair }) else {
                throw .unknownPair(text)
            }
        }
        guard pair != nil || !endpoint.needsPair else { throw .currencyMandatory }
        self.init(version: version, endpoint: endpoint, instrument: pair)
    }

    /// What version 2 has beside `money/`.
    private static let outsideOfMoney: [String: Endpoint] = [
        "stream/list_public": .publicChannels, "security/hotp/gen": .oneTimeKey,
    ]

    private init(version: APIVersion, endpoint: Endpoint, instrument: Instrument?) {
        self.version = version
        self.endpoint = endpoint
        self.instrument = instrument
    }

    /// The endpoint of a path's parts, the first of which may be a prefix.
    private static func endpoint(_ parts: [String]) -> Endpoint? {
        let prefix = parts.first.flatMap { ["public", "private"].contains($0) ? $0 : nil }
        let name = parts.dropFirst(prefix == nil ? 0 : 1).joined(separator: "/")
        return Endpoint(name, prefix: prefix)
    }
}

extension Instrument {
    /// Reads six letters such as `BTCUSD`; nil where one half is no currency of the venue's.
    package init?(mtgoxPair text: String) {
        guard text.utf8.count == 6 else { return nil }
        let bytes = Array(text.utf8)
        guard let base = Currency(mtgox: Array(bytes[..<3]).span),
            let quote = Currency(mtgox: Array(bytes[3...]).span)
        else { return nil }
        self.init(base: base, quote: quote)
    }
}

extension String {
    /// What is behind a prefix; nil where something else begins. By bytes: a Character may be the last
    /// of the prefix with something combined to it.
    fileprivate func remainder(after prefix: String) -> String? {
        guard utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// What stands between slashes.
    fileprivate var parts: [String] {
        utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
