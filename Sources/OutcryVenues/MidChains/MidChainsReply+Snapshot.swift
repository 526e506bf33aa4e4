import OutcryComponents
import OutcryMarket
import OutcryWire

extension MidChainsReply {
    /// Reads a whole book, told order by order.
    static func snapshot(
        _ text: Span<UInt8>, of instrument: Instrument
    ) throws(MidChainsFault) -> BookSnapshot {
        let lines = MidChainsBuffer<MidChainsEntry>()
        do throws(Stop) {
            try MidChainsParser.lines(text, text.root(), instrument, into: lines)
        } catch { throw MidChainsFault(error, in: text) }
        let book = MidChainsEntryBook(instrument)
        var levels: [Side: [BookLevel]] = [.bid: [], .ask: []]
        let trouble = book.apply(lines) { change in
            levels[change.side]?.append(
                BookLevel(
                    instrument, priceUnits: change.priceUnits,
                    quantityUnits: change.quantityUnits, stamp: change.stamp))
        }
        if trouble != nil {
            throw MidChainsFault(.value("orders that can be summed", at: 0), in: text)
        }
        return BookSnapshot(
            instrument: instrument, bids: levels[.bid] ?? [], asks: levels[.ask] ?? [],
            newestStamp: (0..<lines.count).map { lines[$0].stamp }.max() ?? 0)
    }
}
