public import OutcryKernel
public import OutcryMarket

/// Why and since when a book is not to be relied upon.
public struct BookStale: Sendable {
    /// What is traded in it.
    public let instrument: Instrument
    /// Why, in words.
    public let reason: String
    /// When the next snapshot will be asked for, if that is known.
    public let nextTry: KernelTime?
}

/// One book from snapshot and stream: what is buffered, what is loaded, what is trusted. No kernel, no
/// I/O.
///
/// A snapshot joins the stream without a gap when it is younger than the first change that was buffered:
/// either it says so itself (its newest stamp is not older than that change), or it was asked for so
/// long after the subscription that the venue cannot have served an older one.
public struct DepthBookMachine {
    /// Where the book is.
    public enum Phase: Equatable, Sendable {
        /// The link or the channel is down.
        case down
        /// Changes are buffered; a snapshot has not been asked for.
        case buffering
        /// Changes are buffered; a snapshot is on its way.
        case fetching
        /// Changes go into the book.
        case live
    }

    /// What comes of a snapshot.
    public enum Verdict: Equatable, Sendable {
        /// It was loaded, and the buffer replayed.
        case loaded
        /// There may be a gap between it and the stream: ask again then.
        case gap(retryAt: KernelTime)
        /// Nobody waits for it any more.
        case unwanted
        /// It contains something that cannot be in a book.
        case refused(String)
    }

    /// What is traded.
    public let instrument: Instrument
    /// The book.
    public let book: Book
    /// Where the book is.
    public private(set) var phase = Phase.down
    /// Since when the book is not to be relied upon.
    public private(set) var staleSince: KernelTime? = .zero
    /// The newest stamp of the last snapshot.
    public private(set) var checkpoint: Int64 = 0
    /// Since when bid and ask cross.
    public private(set) var crossedSince: KernelTime?

    private let snapshotAge: Duration
    private let bufferLimit: Int
    private var buffer: [DepthChange] = []
    private var began = KernelTime.zero
    private var askedAt = KernelTime.zero
    private var loadedAt = KernelTime.zero

    /// Makes the machine of an empty book.
    ///
    /// - Parameter snapshotAge: A snapshot may be so old when the venue serves it.
    public init(_ instrument: Instrument, snapshotAge: Duration, bufferLimit: Int = 200_000) {
        self.instrument = instrument
        self.snapshotAge = snapshotAge
        self.bufferLimit = bufferLimit
        book = Book(instrument, capacity: 4096)
    }

    /// How much the book can be relied upon at `now`.
    public func evidence(at now: KernelTime) -> Evidence {
        if let staleSince { return .stale(since: staleSince) }
        if let crossedSince { return .stale(since: crossedSince) }
        return checkpoint > 0 && now - loadedAt < .seconds(60)
            ? .checkpointed(checkpoint) : .unproven
    }

    /// Changes that wait for a snapshot.
    public var buffered: Int { buffer.count }

    /// The channel is confirmed: from now on no change is missed.
    public mutating func subscribed(at now: KernelTime) {
        guard phase == .down else { return }
        phase = .buffering
        began = now
        buffer.removeAll(keepingCapacity: true)
        if staleSince == nil { staleSince = now }
    }

    /// The stream begins with the whole book: empties this one and goes live.
    public mutating func begin(at now: KernelTime) {
        book.removeAll()
        buffer.removeAll()
        phase = .live
        staleSince = nil
        crossedSince = nil
        checkpoint = 0
        loadedAt = now
    }

    /// The link or the channel is down.
    ///
    /// - Returns: Whether the book was good until now.
    public mutating func down(at now: KernelTime) -> Bool {
        phase = .down
        buffer.removeAll()
        guard staleSince == nil else { return false }
        staleSince = now
        return true
    }

    /// The book is not trusted any more although the stream goes on: buffers for a new snapshot.
    public mutating func distrust(at now: KernelTime) {
        guard phase == .live else { return }
        phase = .buffering
        began = now
        crossedSince = nil
        buffer.removeAll(keepingCapacity: true)
        staleSince = staleSince ?? now
    }

    /// Keeps a change for later. Only while the book is not live.
    public mutating func keep(_ change: DepthChange) {
        guard phase == .buffering || phase == .fetching else { return }
        if buffer.count == bufferLimit { buffer.removeFirst(bufferLimit / 2) }
        buffer.append(change)
    }

    /// Whether it is time to ask for a snapshot: when a change has come that it can be compared with, or
    /// when no served snapshot can be older than the subscription.
    public func wantsSnapshot(at now: KernelTime) -> Bool {
        phase == .buffering && (!buffer.isEmpty || now - began >= snapshotAge)
    }

    /// When ``wantsSnapshot(at:)`` will hold at the latest.
    public var wantsSnapshotBy: KernelTime { began + snapshotAge }

    /// A snapshot has been asked for.
    public mutating func fetching(at now: KernelTime) {
        phase = .fetching
        askedAt = now
    }

    /// The snapshot did not come.
    public mutating func failed() { if phase == .fetching { phase = .buffering } }

    /// A snapshot has come: loads it, replays what is newer, and goes live, if there is no gap.
    public mutating func load(_ snapshot: BookSnapshot, at now: KernelTime) -> Verdict {
        guard phase == .fetching else { return .unwanted }
        let isYoung = askedAt - began >= snapshotAge
        let meetsStream = buffer.first.map { $0.stamp > 0 && snapshot.newestStamp >= $0.stamp }
        guard isYoung || meetsStream == true else {
            phase = .buffering
            return .gap(retryAt: max(now, wantsSnapshotBy))
        }
        do { try book.load(bids: snapshot.bids, asks: snapshot.asks) } catch {
            phase = .buffering
            return .refused("\(error)")
        }
        for change in buffer {
            let level = book.level(change.side, priceUnits: change.priceUnits)
            // A level that is not there has no stamp: any change is news, unless the snapshot as a whole
            // is younger and has seen it go.
            if change.stamp > (level?.stamp ?? snapshot.newestStamp) || change.stamp == 0 {
                _ = book.set(change)
            }
        }
        buffer.removeAll()
        checkpoint = snapshot.newestStamp
        loadedAt = now
        staleSince = nil
        crossedSince = book.isCrossed ? now : nil
        phase = .live
        return .loaded
    }

    /// Puts a change into the live book.
    @inline(__always) mutating func apply(_ change: DepthChange, at now: KernelTime) -> BookEdit {
        let edit = book.set(change)
        if edit.bestChanged || crossedSince != nil {
            if book.isCrossed {
                if crossedSince == nil { crossedSince = now }
            } else {
                crossedSince = nil
            }
        }
        return edit
    }
}
