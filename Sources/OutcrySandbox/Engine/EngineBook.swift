import OutcryMarket

/// One instrument's book in the engine: what rests, and the market orders that wait.
final class EngineBook {
    let number: BookNumber
    let instrument: Instrument
    /// The place of the quote among the ledger's currencies; the base's is 0.
    let quote: Int
    let bids = PriceLadder()
    let asks = PriceLadder()
    /// Market orders that wait for somebody to trade with.
    @safe @exclusivity(unchecked) var waitingBuys = OrderQueue()
    @safe @exclusivity(unchecked) var waitingSells = OrderQueue()
    /// What remains of all limit orders of a side, those without money too: no level holds more.
    @safe @exclusivity(unchecked) var buying: Int64 = 0
    @safe @exclusivity(unchecked) var selling: Int64 = 0

    init(_ number: BookNumber, _ instrument: Instrument, quote: Int) {
        self.number = number
        self.instrument = instrument
        self.quote = quote
    }

    func ladder(_ side: Side) -> PriceLadder { side == .bid ? bids : asks }

    func waiting(_ side: OrderSide) -> OrderQueue { side == .buy ? waitingBuys : waitingSells }

    /// What remains of all limit orders of a side.
    func sum(_ side: OrderSide) -> Int64 { side == .buy ? buying : selling }

    func add(_ amount: Int64, _ side: OrderSide) {
        if side == .buy { buying += amount } else { selling += amount }
    }
}
