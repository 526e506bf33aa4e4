import OutcryMarket
import OutcryWire

/// The markets that a feed knows, each with the decimals that its numbers are counted in.
struct MidChainsMarkets: Sendable {
    let instruments: [Instrument]
    private let names: [MidChainsName]

    init(_ instruments: [Instrument]) {
        self.instruments = instruments
        names = instruments.map { MidChainsName($0.name) }
    }

    /// The place of the market whose security comes next; nil for one that is not in the table, or written in
    /// another way.
    @inline(__always)
    func next(_ json: inout JSONReader) throws(JSONError) -> Int? {
        let text = try json.string()
        return text.isPlain ? place(of: MidChainsName(text.bytes)) : nil
    }

    /// The place of the market with this security.
    @inline(__always)
    func place(of name: MidChainsName) -> Int? {
        for place in names.indices where names[place] == name { return place }
        return nil
    }
}
