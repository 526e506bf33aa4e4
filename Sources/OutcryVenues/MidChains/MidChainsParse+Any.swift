import OutcryMarket
import OutcryWire

extension MidChainsParser {
    /// Reads any message, or says why it cannot be read.
    @inline(never)
    static func anyMessage(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>
    ) throws(MidChainsFault) -> MidChainsMessage {
        do throws(Stop) {
            return try message(text, markets, lines)
        } catch { throw MidChainsFault(error, in: text) }
    }

    private static func message(
        _ text: Span<UInt8>, _ markets: MidChainsMarkets, _ lines: MidChainsBuffer<MidChainsEntry>
    ) throws(Stop) -> MidChainsMessage {
        let root = try text.root()
        let type = try text.string("type", of: root)
        guard let kind = MidChainsKind(rawValue: type) else { return .unknown(type) }
        guard kind == .book || kind == .trade else { return .account(kind) }
        let security = try text.string("security", of: root)
        guard let market = markets.place(of: MidChainsName(security)) else {
            return .unlisted(kind, security: security)
        }
        let instrument = markets.instruments[market]
        guard kind == .book else {
            return .trade(try trade(text, root, instrument), market: market)
        }
        try self.lines(text, text.need("books", of: root), instrument, into: lines)
        return .book(market: market)
    }

    /// The books that a message which could not be read may have been about: the one that it names, none where
    /// it says that it is something else, all where it says nothing.
    static func suspects(_ text: Span<UInt8>, _ markets: MidChainsMarkets) -> [Int] {
        let all = Array(markets.instruments.indices)
        do throws(Stop) {
            let root = try text.root()
            let type = try text.stringIfAny("type", of: root)
            guard type ?? "book" == "book" else { return [] }
            guard let security = try text.stringIfAny("security", of: root) else { return all }
            return markets.place(of: MidChainsName(security)).map { [$0] } ?? []
        } catch { return all }
    }
}
