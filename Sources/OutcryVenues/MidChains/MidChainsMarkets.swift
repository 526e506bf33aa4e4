import OutcryMarket
import OutcryWire

/// The markets that a feed knows, each with the decimals that its numbers are counted in.
struct MidChainsMarkets {
    let instruments: [Instrument]
    private struct Market: BitwiseCopyable {
        let name: MidChainsName
        let priceScale: Int
        let scale: Int
    }
    private let table = MidChainsBuffer<Market>()

    init(_ instruments: [Instrument]) {
        self.instruments = instruments
        for instrument in instruments {
            table.append(
                Market(
                    name: MidChainsName(instrument.name), priceScale: instrument.quote.decimals,
                    scale: instrument.base.decimals))
        }
    }

    /// The decimals of a market's prices and amounts.
    @inline(__always)
    func scales(of place: Int) -> (price: Int, quantity: Int) {
        (table[place].priceScale, table[place].scale)
    }

    /// The place of the market whose security comes next; nil for one that is not in the table, or written in
    /// another way.
    @inline(__always)
    func next(_ json: inout JSONReader, _ text: Span<UInt8>) throws(JSONError) -> Int? {
        let quote = json.offset
        try json.skip()
        let end = json.offset &- 1
        // White space before it, or no string: read with care.
        guard end > quote, text[quote] == UInt8(ascii: "\"") else { return nil }
        // With an escape in it, it is equal to none.
        return place(of: MidChainsName(text.extracting(quote &+ 1..<end)))
    }

    /// The place of the market with this security.
    @inline(__always)
    func place(of name: MidChainsName) -> Int? {
        for place in 0..<table.count where table[place].name == name { return place }
        return nil
    }
}
