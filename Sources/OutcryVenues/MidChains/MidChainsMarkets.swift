import OutcryMarket
import OutcryWire

/// The markets that a feed knows, each with the decimals that its numbers are counted in.
struct MidChainsMarkets {
    let instruments: [Instrument]
    private struct Market: BitwiseCopyable {
        let name: MidChainsName
        /// The eight bytes that a short name and what follows it in a book begin with; 0 for a longer name.
        let head: UInt64
        let length: Int
        let priceScale: Int
        let scale: Int
    }
    private let table = MidChainsBuffer<Market>()

    init(_ instruments: [Instrument]) {
        self.instruments = instruments
        for instrument in instruments {
            table.append(
                Market(
                    name: MidChainsName(instrument.name), head: Self.head(instrument.name),
                    length: instrument.name.utf8.count, priceScale: instrument.quote.decimals,
                    scale: instrument.base.decimals))
        }
    }

    private static func head(_ name: String) -> UInt64 {
        let text = Array((name + "\",\"books").utf8)
        guard name.utf8.count < 8 else { return 0 }
        return text[0..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The place of the market whose name and what follows it begin with these eight bytes, and its name's length; nil
    /// where more has to be looked at.
    @inline(__always)
    func place(atHead head: UInt64) -> (place: Int, length: Int)? {
        // The head of a longer name is 0.
        guard head != 0 else { return nil }
        for place in 0..<table.count where table[place].head == head {
            return (place, table[place].length)
        }
        return nil
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
