import OutcryKernel
import OutcryMarket
import OutcryWire

/// What an order desk writes down before it acts, so that its successor knows which orders are its own: the lines
/// of a text file. No I/O.
///
/// ```text
/// place t3v0c5k7q1a2b buy 100000000 1443000 BTC.8 USD.5 1364767201381791
/// named t3v0c5k7q1a2b fda8917a-63d3-4415-b827-758408013690
/// ended t3v0c5k7q1a2b
/// past fda8917a-63d3-4415-b827-758408013690
/// ```
///
/// Amounts and prices are in units (`-` is no price), the last number is the time in µs since 1970. A line without
/// an end, as a crash leaves it, is passed over: what it was about has not been sent. So is the line before `torn`,
/// which is what an append left that failed, as on a full disk.
struct IntentLedger {
    /// One order that has not ended, as far as the file tells.
    struct Intent: Equatable {
        var request: OrderRequest
        var sent: Int64
        var venueID: OrderID?
    }

    /// A line that is none of these.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        /// Its number, from 1.
        let line: Int
        let text: String

        var description: String {
            "expected a line of an intent ledger (place, named, ended, past), found \"\(text)\" in line \(line)"
        }
    }

    /// The line for an order that is about to be placed.
    static func line(placing request: OrderRequest, at time: Int64) -> [UInt8] {
        guard let id = request.id, let instrument = request.instrument else { return [] }
        let price = request.price.map { "\($0.units)" } ?? "-"
        let (base, quote) = (instrument.base, instrument.quote)
        return Array(
            "place \(name(id)) \(request.side) \(request.quantity.units) \(price) \(base.code).\(base.decimals) \(quote.code).\(quote.decimals) \(time)\n"
                .utf8)
    }

    /// The line for an order that the venue has named.
    static func line(naming id: OrderID, _ venueID: OrderID) -> [UInt8] {
        Array("named \(name(id)) \(name(venueID))\n".utf8)
    }

    /// The line for an order that has ended.
    static func line(ending id: OrderID) -> [UInt8] { Array("ended \(name(id))\n".utf8) }

    /// The line behind what an append left that failed.
    private static let torn = Array("torn".utf8)

    /// What the next append begins with then: the end of that line, and that it is one.
    static let mark = Array("\ntorn\n".utf8)

    private static func name(_ id: OrderID) -> String { PercentEncoding.encode(id.text) }

    /// What has not ended, in the order of the file, and what the venue called those that have: trades of theirs are
    /// not those of an order of which nobody knows whether it exists.
    static func read(
        _ content: [UInt8]
    ) throws(Malformed) -> (intents: [Intent], past: [OrderID]) {
        var intents: [Intent] = []
        var past: [OrderID] = []
        var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What stands behind the last line end was not written to its end.
        if let rest = lines.popLast(), let last = lines.last, torn.starts(with: rest),
            !rest.isEmpty || isPart(last)
        {
            // The mark behind an append that failed was cut off, too.
            lines.removeLast()
        }
        for (index, bytes) in lines.enumerated() {
            let isTorn = index + 1 < lines.count && Array(lines[index + 1]) == torn
            if isTorn || Array(bytes) == torn { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let words = text.split(separator: " ", omittingEmptySubsequences: false).map(
                String.init)
            guard words.count >= 2, let name = try? PercentEncoding.decode(words[1]) else {
                throw Malformed(line: index + 1, text: text)
            }
            let id = OrderID(name)
            switch (words[0], words.count) {
            case ("place", 8):
                guard let intent = intent(id, words) else {
                    throw Malformed(line: index + 1, text: text)
                }
                intents.append(intent)
            case ("named", 3):
                guard let venueID = try? PercentEncoding.decode(words[2]) else {
                    throw Malformed(line: index + 1, text: text)
                }
                if let place = intents.lastIndex(where: { $0.request.id == id }) {
                    intents[place].venueID = OrderID(venueID)
                }
            case ("ended", 2):
                past += intents.compactMap { $0.request.id == id ? $0.venueID : nil }
                intents.removeAll { $0.request.id == id }
            case ("past", 2): past.append(id)
            default: throw Malformed(line: index + 1, text: text)
            }
        }
        return (intents, past)
    }

    /// Whether a line is the first part of one, and not a whole one.
    private static func isPart(_ line: ArraySlice<UInt8>) -> Bool {
        let words = String(decoding: line, as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        let whole = ["place": 8, "named": 3, "ended": 2, "past": 2]
        guard words.count > 1 else { return whole.keys.contains { $0.hasPrefix(words[0]) } }
        return whole[String(words[0])].map { words.count < $0 || words.last == "" } ?? false
    }

    private static func intent(_ id: OrderID, _ words: [String]) -> Intent? {
        guard let side = ["buy": OrderSide.buy, "sell": .sell][words[2]],
            let units = Int64(words[3]),
            let base = currency(words[5]), let quote = currency(words[6]),
            let sent = Int64(words[7])
        else { return nil }
        var price: Price?
        if words[4] != "-" {
            guard let units = Int64(words[4]) else { return nil }
            price = Price(units: units, of: quote)
        }
        return Intent(
            request: OrderRequest(
                side: side, quantity: Quantity(units: units, of: base), price: price,
                instrument: Instrument(base: base, quote: quote), id: id), sent: sent)
    }

    private static func currency(_ word: String) -> Currency? {
        let parts = word.split(separator: ".")
        guard parts.count == 2, let decimals = Int(parts[1]) else { return nil }
        return Currency(validating: parts[0], decimals: decimals)
    }

    /// The lines of a file that tells no more than these, and the last ones that have ended.
    static func lines(of intents: [Intent], past: [OrderID]) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in past.suffix(500) { bytes += Array("past \(self.name(name))\n".utf8) }
        for intent in intents {
            bytes += line(placing: intent.request, at: intent.sent)
            if let id = intent.request.id, let venueID = intent.venueID {
                bytes += line(naming: id, venueID)
            }
        }
        return bytes
    }
}

/// The writing of a ledger: one append at a time, with all that has come meanwhile in the next.
///
/// What an append that fails was to tell of orders that have gone out is told by the next one: a name is worth
/// keeping until the disk has room. Orders that were to be placed are not, so that what waits here is bounded by
/// the orders that are out.
struct LedgerWriter {
    let path: String
    /// Placements that wait until they are written down, and their lines.
    private(set) var waiting: [OrderPlacement] = []
    private var placing: [UInt8] = []
    /// Lines about orders that have gone out, and those of them that are being written.
    private var facts: [UInt8] = []
    private var goingFacts: [UInt8] = []
    private var going: [OrderPlacement] = []
    /// The orders that the file tells to be out.
    private var out = Set<OrderID>()
    private(set) var isWriting = false
    /// There is something to be written that has not been tried, or it is time to try again.
    private var isDue = false
    /// What was written last is there; else it may have left a part of a line.
    private(set) var isWhole = true
    /// The file has been read.
    var isOpen = false
    /// What gives the file back.
    var lock: FileLock?
    /// Why nothing can be written down; nil: it can.
    var refusal: String?

    init(path: String) { self.path = path }

    /// The names of the orders that have not gone to the gateway.
    var unsent: Set<OrderID> { Set((waiting + going).map(\.id)) }

    mutating func add(_ placement: OrderPlacement, at time: Int64) {
        waiting.append(placement)
        placing += IntentLedger.line(placing: placement.request, at: time)
        isDue = true
    }

    /// Nothing can be written down for now.
    ///
    /// - Returns: The placements that waited for that.
    mutating func refuse(_ reason: String) -> [OrderPlacement] {
        refusal = reason
        placing = []
        defer { waiting = [] }
        return waiting
    }

    /// The file has these orders from a predecessor.
    mutating func adopt(_ names: [OrderID]) { out.formUnion(names) }

    mutating func add(naming id: OrderID, _ venueID: OrderID) {
        guard out.contains(id) else { return }
        facts += IntentLedger.line(naming: id, venueID)
        isDue = true
    }

    mutating func add(ending id: OrderID) {
        guard out.remove(id) != nil else { return }
        facts += IntentLedger.line(ending: id)
        isDue = true
    }

    /// What could not be written is tried again.
    mutating func retry() { isDue = true }

    /// What is to be appended now; nil while something is being written, or there is nothing.
    mutating func next() -> [UInt8]? {
        guard isOpen, !isWriting, isDue, !(facts.isEmpty && placing.isEmpty) else { return nil }
        isDue = false
        isWriting = true
        going = waiting
        goingFacts = facts
        defer {
            waiting = []
            placing = []
            facts = []
        }
        return (isWhole ? [] : IntentLedger.mark) + facts + placing
    }

    /// The file is being written anew.
    mutating func beginReplacing() { isWriting = true }

    /// What was being written is in the file, or not.
    ///
    /// - Returns: The placements that it was about.
    mutating func written(isWhole: Bool) -> [OrderPlacement] {
        isWriting = false
        self.isWhole = isWhole
        if isWhole { out.formUnion(going.map(\.id)) } else { facts = goingFacts + facts }
        goingFacts = []
        defer { going = [] }
        return going
    }
}

extension OrderDeskMachine {
    /// Takes up an order that a predecessor has placed, or was about to place.
    func adopt(_ intent: IntentLedger.Intent, settled: KernelTime) {
        guard let id = intent.request.id, let instrument = intent.request.instrument,
            order(id) == nil
        else { return }
        var order = Order(
            id: id, instrument: instrument, side: intent.request.side, price: intent.request.price,
            remaining: intent.request.quantity, filled: Quantity(units: 0, of: instrument.base),
            state: .unknown, reason: "placed by a predecessor")
        order.venueID = intent.venueID
        track(order, sent: intent.sent, settled: intent.venueID == nil ? settled : nil)
        if let slot = byID[id] { slots[slot]?.isInherited = true }
    }
}
