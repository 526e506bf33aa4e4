import OutcryComponents
import OutcryKernel
import OutcryMarket

func at(_ milliseconds: Int) -> KernelTime {
    KernelTime(nanoseconds: Int64(milliseconds) * 1_000_000)
}

extension VenueID {
    static let fake = VenueID("fake")
}

func depth(
    _ side: Side, _ price: Int64, _ quantity: Int64, _ stamp: Int64,
    of instrument: Instrument = .btcusd
) -> DepthChange {
    DepthChange(
        venue: .fake, instrument: instrument, side: side, priceUnits: price,
        quantityUnits: quantity, stamp: stamp)
}

/// A level as price, total, stamp.
typealias Row = (price: Int64, quantity: Int64, stamp: Int64)

func snapshot(
    bids: [Row] = [], asks: [Row] = [], newest: Int64? = nil, of instrument: Instrument = .btcusd
) -> BookSnapshot {
    func levels(_ rows: [Row]) -> [BookLevel] {
        rows.map {
            BookLevel(
                instrument, priceUnits: $0.price, quantityUnits: $0.quantity, stamp: $0.stamp)
        }
    }
    return BookSnapshot(
        instrument: instrument, bids: levels(bids), asks: levels(asks),
        newestStamp: newest ?? (bids + asks).map(\.stamp).max() ?? 0)
}

/// The levels of a book as one line: bids from the best, then asks from the best.
func text(_ book: Book) -> String {
    let sides = [Side.bid, .ask].map { side in
        book.levels(side).map { "\($0.price.units)x\($0.quantity.units)" }.joined(separator: " ")
    }
    return sides.joined(separator: " | ")
}

func text(_ book: NaiveBook) -> String {
    let sides = [Side.bid, .ask].map { side in
        book.levels(side).map { "\($0.price.units)x\($0.quantity.units)" }.joined(separator: " ")
    }
    return sides.joined(separator: " | ")
}
