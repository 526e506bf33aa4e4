/// Tonces of one key: blocks of numbers that nobody else gets, used while they are about now.
///
/// A number `n` from the file of lane `l` stands for the microsecond `4 n + l`: what comes from different
/// lanes is different. The first lane whose numbers are not ahead of the time is used; there is more than
/// one because a machine whose clock was wrong may have used up an hour of the future, which the venue
/// refused, and which nobody can wait for.
struct TonceBlocks {
    static let lanes: UInt64 = 4
    /// The venue takes ten seconds either way; what is left is for the way there, and for not knowing its
    /// clock. Microseconds.
    static let ahead: Int64 = 5_000_000
    static let behind: Int64 = 4_000_000
    /// A block is replaced when it is older than this, whether it was used or not.
    static let fresh: Int64 = 1_500_000
    static let blockSize: UInt64 = 256
    static let largestBlock: UInt64 = 8192

    private struct Block {
        var next: UInt64
        let end: UInt64
        let lane: Int

        var count: UInt64 { end - next }
        /// The next tonce.
        var value: Int64 { TonceBlocks.value(next, lane) }
    }

    private var block: Block?
    private var spare: Block?
    /// What a file was asked for.
    private(set) var asked: (lane: Int, count: UInt64)?
    /// Where each lane was when it was last used, microseconds.
    private var reach = InlineArray<4, Int64>(repeating: 0)

    /// The microsecond of a number; far away for one that has none.
    private static func value(_ number: UInt64, _ lane: Int) -> Int64 {
        let (product, isOver) = number.multipliedReportingOverflow(by: lanes)
        return isOver ? .max : Int64(clamping: product | UInt64(lane))
    }

    /// The next tonce, if there is one that is about now; `now` is the venue's time.
    mutating func take(at now: Int64) -> UInt64? {
        while let current = block {
            if current.count > 0, current.value >= now - Self.behind {
                guard current.value <= now + Self.ahead else { return nil }
                block?.next += 1
                return UInt64(current.value)
            }
            block = spare
            spare = nil
        }
        return nil
    }

    /// Another block should be fetched: half of the last one is gone, or it ages, or it is of no use now.
    func needsBlock(at now: Int64, waiting: Int) -> Bool {
        guard asked == nil else { return false }
        guard let newest = spare ?? block else { return true }
        let isOld = newest.value < now - Self.fresh || newest.value > now + Self.ahead
        return isOld || waiting > 0 || spare == nil && newest.count < Self.blockSize / 2
    }

    /// What to ask for: a lane, the least number and how many; nil while every lane is ahead of the time.
    mutating func ask(
        at now: Int64, waiting: Int
    ) -> (lane: Int, floor: UInt64, count: UInt64)? {
        guard let lane = reach.indices.first(where: { reach[$0] <= now + Self.ahead }) else {
            return nil
        }
        let count = min(Self.largestBlock, max(Self.blockSize, UInt64(waiting)))
        asked = (lane, count)
        return (lane, UInt64(max(0, now)) / Self.lanes + 1, count)
    }

    /// A block was taken from the file that was asked for. One that is ahead of the time is kept where there
    /// is no better one: what would be asked for later is further ahead.
    mutating func taken(first: UInt64, at now: Int64) {
        guard let asked else { return }
        self.asked = nil
        let value = Self.value(first, asked.lane)
        reach[asked.lane] = value
        let (end, isOver) = first.addingReportingOverflow(asked.count)
        guard !isOver else { return }
        let new = Block(next: first, end: end, lane: asked.lane)
        guard let block, block.count > 0, block.value >= now - Self.fresh else {
            (self.block, spare) = (new, nil)
            return
        }
        if block.value > now + Self.ahead {
            if value < block.value { (self.block, spare) = (new, nil) }
        } else if value <= now + Self.ahead {
            spare = new
        }
    }

    /// The file gave nothing.
    mutating func failed() { asked = nil }

    /// How many microseconds until some lane is not ahead of the time any more.
    func wait(at now: Int64) -> Int64 {
        var least = reach[0]
        for lane in reach.indices { least = min(least, reach[lane]) }
        return max(0, least - now - Self.ahead)
    }
}
