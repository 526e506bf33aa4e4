import OutcryMarket
import OutcryWire

/// Reads the messages of the stream.
///
/// Numbers stand as strings or as such, and are read from their digits: never through a binary fraction.
///
/// - Source: the protocol reference, sections 2 and 5.
enum MidChainsParser {
    /// Reads market data that looks as usual; nil for everything else, be it right or wrong.
    @inline(never)
    static func predictAny(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>
    ) -> MidChainsMessage? {
        do { return try predicted(text, markets, lines) } catch { return nil }
    }

    @inline(__always)
    private static func predicted(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>
    ) throws(JSONError) -> MidChainsMessage? {
        var json = JSONReader(text)
        try json.beginObject()
        // The kind stands at the end: which fields come first tells it too.
        guard json.key(is: "security"), let market = try markets.next(&json, text) else {
            return nil
        }
        let instrument = markets.instruments[market]
        guard json.key(is: "books") else { return try trade(&json, text, market, instrument) }
        guard try book(&json, text, instrument, lines) else { return nil }
        var isBook = false
        repeat {
            // Before the last key: behind it a look costs more.
            if json.key(is: "books") { return nil }
            if json.key(is: "security") { return nil }
            if json.key(is: "type") {
                // At the end of a message there is less to read than the fast way reads.
                isBook = json.string(is: "book")
                if !isBook { isBook = try json.string().is("book") }
                if !isBook { return nil }
            }
        } while try json.anotherKey()
        try json.finish()
        return isBook ? .book(market: market) : nil
    }
}
