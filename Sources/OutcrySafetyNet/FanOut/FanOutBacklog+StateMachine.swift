import OutcryMarket
import OutcryServing

/// What a message says, as far as it matters to somebody who is behind.
enum FanOutNews {
    /// A level of a market: only what it holds last matters.
    case depth(Instrument, DepthChangeView)
    /// Only the last one of the channel matters.
    case latest
    /// Every one matters.
    case trade
}

/// What is kept for one client that is behind: no kernel, no clock, no bytes on a wire.
///
/// Kept is, in the order in which it happened last: each changed level, with what it held when the client
/// was told last and what it holds now; the last ticker of each channel; every trade; every answer of the
/// client's own. An answer may hold a whole book, so nothing from before it is merged with what comes
/// behind it. A level that holds again what it held is told, too: the client may have fetched a book meanwhile.
struct FanOutBacklog {
    /// What the client gets next.
    enum Message: Equatable {
        case text([UInt8])
        case depth(channel: Int, DepthChangeView)
        /// The whole book of a channel as it is now.
        case snapshot(channel: Int)
    }

    private struct Level: Hashable {
        let channel: Int
        let side: OrderSide
        let price: Int64
    }

    private enum Entry {
        /// Something later says it all.
        case gone
        case trade([UInt8])
        case answer([UInt8])
        case latest(channel: Int, [UInt8])
        case depth(Level, before: Int64, total: Int64, stamp: Int64)
        case snapshot(channel: Int)
    }

    private let limits: FanOutLimits
    private var entries: [Entry] = []
    /// The first entry that was not taken.
    private var first = 0
    /// Where the entries are into which the next message may be merged. Only looked up.
    private var places: [Level: Int] = [:]
    private var latest: [Int: Int] = [:]
    /// The channels whose whole book will be told, a bit each.
    private var snapshots: UInt64 = 0
    /// Entries that are not gone.
    private(set) var count = 0
    /// Trades that wait.
    private(set) var trades = 0
    private var levels = 0
    private var answers = 0
    /// Messages that will not be sent because a later one says it all.
    private(set) var conflated = 0

    init(_ limits: FanOutLimits) { self.limits = limits }

    /// The places of its table, of those that are gone too.
    var placeCount: Int { entries.count }

    /// Everything has been taken.
    var isEmpty: Bool { count == 0 }

    /// Takes a message to everybody who listens to a channel.
    ///
    /// - Returns: Why the client has to be cut off, if it has.
    mutating func take(_ text: [UInt8], _ news: FanOutNews, on channel: Int) -> FanOutEnd? {
        switch news {
        case .trade:
            trades += 1
            append(.trade(text))
            return trades > limits.trades ? .trades(trades) : nil
        case .latest:
            if let place = latest[channel] { drop(place) }
            latest[channel] = entries.count
            append(.latest(channel: channel, text))
            return nil
        case .depth(_, let change): return take(change, channel)
        }
    }

    private mutating func take(_ change: DepthChangeView, _ channel: Int) -> FanOutEnd? {
        guard !hasSnapshot(of: channel) else {
            conflated += 1
            return nil
        }
        let level = Level(channel: channel, side: change.side, price: change.price)
        var before = change.total - change.delta
        if let place = places[level], case .depth(_, let told, _, _) = entries[place] {
            before = told
            drop(place)
            levels -= 1
        }
        places[level] = entries.count
        levels += 1
        append(.depth(level, before: before, total: change.total, stamp: change.stamp))
        return levels > limits.levels ? .levels(levels) : nil
    }

    /// Takes a message that is the client's alone.
    ///
    /// - Returns: Why the client has to be cut off, if it has.
    mutating func take(answer text: [UInt8]) -> FanOutEnd? {
        answers += text.count
        places.removeAll(keepingCapacity: true)
        latest.removeAll(keepingCapacity: true)
        append(.answer(text))
        return answers > limits.answers ? .answers(answers) : nil
    }

    /// Whether the whole book of a channel will be told.
    func hasSnapshot(of channel: Int) -> Bool { snapshots & 1 << UInt64(channel) != 0 }

    /// Takes the wish for the whole book of a channel. Changes of that channel that wait are in it.
    mutating func take(snapshotOf channel: Int) {
        guard !hasSnapshot(of: channel) else { return }
        snapshots |= 1 << UInt64(channel)
        for place in first..<entries.count {
            guard case .depth(let level, _, _, _) = entries[place], level.channel == channel
            else {
                continue
            }
            if places[level] == place { places[level] = nil }
            drop(place)
            levels -= 1
        }
        append(.snapshot(channel: channel))
    }

    /// What the client gets next; nil when it is not behind any more.
    mutating func next() -> Message? {
        while first < entries.count {
            let entry = entries[first]
            entries[first] = .gone
            first += 1
            if case .gone = entry { continue }
            count -= 1
            return message(entry)
        }
        entries.removeAll()
        first = 0
        return nil
    }

    private mutating func message(_ entry: Entry) -> Message? {
        switch entry {
        case .gone: return nil
        case .trade(let text):
            trades -= 1
            return .text(text)
        case .answer(let text):
            answers -= text.count
            return .text(text)
        case .latest(let channel, let text):
            if latest[channel] == first - 1 { latest[channel] = nil }
            return .text(text)
        case .snapshot(let channel):
            snapshots &= ~(1 << UInt64(channel))
            return .snapshot(channel: channel)
        case .depth(let level, let before, let total, let stamp):
            levels -= 1
            if places[level] == first - 1 { places[level] = nil }
            return .depth(
                channel: level.channel,
                DepthChangeView(
                    side: level.side, price: level.price, delta: total - before, total: total,
                    stamp: stamp))
        }
    }

    // MARK: Entries

    private mutating func append(_ entry: Entry) {
        entries.append(entry)
        count += 1
        compact()
    }

    private mutating func drop(_ place: Int) {
        entries[place] = .gone
        count -= 1
        conflated += 1
    }

    /// Takes out what is gone, when that is more than half: each entry moves a bounded number of times.
    private mutating func compact() {
        guard entries.count > 64, entries.count > 2 * count else { return }
        var kept: [Entry] = []
        kept.reserveCapacity(2 * count + 1)
        for (old, entry) in entries.enumerated() {
            switch entry {
            case .gone: continue
            case .depth(let level, _, _, _):
                if places[level] == old { places[level] = kept.count }
            case .latest(let channel, _):
                if latest[channel] == old { latest[channel] = kept.count }
            case .trade, .answer, .snapshot: break
            }
            kept.append(entry)
        }
        entries = kept
        first = 0
    }
}
