public import OutcryKernel
public import OutcryMarket

/// The trades of one market from replies and stream: what is kept, what waits, where a hole may be. No
/// kernel, no I/O.
///
/// What is kept has no hole: it is all trades with numbers above ``floor`` up to ``newest``. Trades of the
/// stream go on there while nothing of it can have been missed; else they wait until a reply shows that it
/// meets them: it holds the first of them or a younger one, or was asked for so long after the stream began
/// that the venue cannot have repeated an older one.
public struct TapeMachine {
    /// Where the stream is.
    public enum Phase: Equatable, Sendable {
        /// Nothing comes, or nobody knows.
        case away
        /// What comes waits.
        case waiting
        /// What comes is kept.
        case live
    }

    /// What is traded.
    public let instrument: Instrument
    /// Where the stream is.
    public private(set) var phase = Phase.away
    /// All trades above this number are kept; nil while nothing is known.
    public private(set) var floor: Int64?
    /// The number up to which nothing is missing; nil while nothing is known.
    public private(set) var newest: Int64?
    /// The trades that are kept begin at ``head``.
    private var trades: [Trade] = []
    private var head = 0
    private var buffer: [Trade] = []
    private var began = KernelTime.zero

    private let replyAge: Duration
    private let mostTrades: Int
    private let window: Int64

    /// Makes the machine of a market of which nothing is known.
    ///
    /// - Parameters:
    ///   - replyAge: A reply may be so old when the venue serves it.
    ///   - mostTrades: The most that are kept, and the most that wait.
    ///   - window: How much older than the last trade the first one may be.
    public init(
        _ instrument: Instrument, replyAge: Duration, mostTrades: Int, window: Duration
    ) {
        precondition(mostTrades > 0, "a tape keeps at least one trade")
        precondition(window > .zero, "a tape keeps for some time")
        self.instrument = instrument
        self.replyAge = replyAge
        self.mostTrades = mostTrades
        let parts = window.components
        self.window =
            parts.seconds < 1_000_000_000
            ? parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000 : .max
    }

    /// Trades that are kept.
    public var count: Int { trades.count - head }
    /// Trades that wait for a reply.
    public var waiting: Int { buffer.count }
    /// The memory of it, about.
    public var bytes: Int { (trades.count + buffer.count) * MemoryLayout<Trade>.stride }

    // MARK: The stream

    /// From now on nothing of the stream is missed.
    public mutating func begin(at now: KernelTime) {
        phase = .waiting
        began = now
        buffer = []
    }

    /// Something of the stream may be missing from now on.
    public mutating func lose() {
        phase = .away
        buffer = []
    }

    /// The stream tells a trade. One that comes where nothing was expected shows that the stream is there.
    public mutating func hear(_ trade: Trade, at now: KernelTime) {
        if phase == .away { begin(at: now) }
        if phase == .live { return add(trade) }
        if buffer.count >= mostTrades {
            buffer.removeFirst(max(1, mostTrades / 2))
            began = now
        }
        buffer.append(trade)
    }

    // MARK: Replies

    /// When a reply will surely meet the stream; nil where none is needed, or none would help.
    public var meetsAt: KernelTime? { phase == .waiting ? began + replyAge : nil }

    /// A reply to the call for what is above ``newest`` has come.
    public mutating func take(_ page: TradePage) {
        guard floor != nil else {
            let first = page.trades.first { $0.instrument == instrument }
            floor = page.after ?? first.map { $0.id - 1 }
            newest = floor
            for trade in page.trades where trade.instrument == instrument { add(trade) }
            return reach(page)
        }
        for trade in page.trades where trade.instrument == instrument { add(trade) }
        reach(page)
    }

    private mutating func reach(_ page: TradePage) {
        guard let next = page.next, let reached = newest else { return }
        newest = max(reached, next)
    }

    /// The last of the pages has come.
    ///
    /// - Parameter asked: When it was asked for.
    /// - Returns: Whether the stream goes on from there.
    public mutating func finish(asked: KernelTime) -> Bool {
        guard phase == .waiting else { return phase == .live }
        // Of a quiet market without any trade there is no number to go on from, but nothing is missing either.
        let meets = buffer.first.map { first in newest.map { $0 >= first.id } ?? false } ?? false
        guard asked - began >= replyAge || meets else { return false }
        if floor == nil, let first = buffer.first { floor = first.id - 1 }
        for trade in buffer { add(trade) }
        buffer = []
        phase = .live
        return true
    }

    /// Puts a trade in its place. Each number is kept once; what is below the floor was given up.
    private mutating func add(_ trade: Trade) {
        if let floor, trade.id <= floor { return }
        if floor == nil { floor = trade.id - 1 }
        if let last = trades.last, head < trades.count, trade.id <= last.id {
            let place = firstPlace(after: trade.id - 1)
            if trades[place].id != trade.id { trades.insert(trade, at: place) }
        } else {
            trades.append(trade)
        }
        newest = max(newest ?? trade.id, trade.id)
        trim()
    }

    private mutating func trim() {
        let (oldest, overflow) = (trades.last?.stamp ?? 0).subtractingReportingOverflow(window)
        while count > mostTrades || (!overflow && count > 1 && trades[head].stamp < oldest) {
            floor = trades[head].id
            head += 1
        }
        if head > 1024, head * 2 > trades.count {
            trades.removeFirst(head)
            head = 0
        }
    }

    // MARK: Reading

    /// Whether all trades above a number are kept.
    public func covers(_ since: Int64) -> Bool { floor.map { since >= $0 } ?? false }

    /// The trades above `since`, or all that are kept.
    ///
    /// - Parameter isFresh: Nothing is known to be missing at their end.
    /// - Complexity: O(log n), and the trades' copying.
    public func tape(since: Int64?, isFresh: Bool) -> TradeTape {
        let after = max(since ?? .min, floor ?? .min)
        let place = firstPlace(after: after)
        return TradeTape(
            instrument: instrument, after: since.flatMap { covers($0) ? $0 : nil } ?? floor,
            trades: Array(trades[place...]),
            isComplete: isFresh && since.map { covers($0) } ?? true, floor: floor)
    }

    private func firstPlace(after number: Int64) -> Int {
        var low = head
        var high = trades.count
        while low < high {
            let middle = (low + high) / 2
            if trades[middle].id <= number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
