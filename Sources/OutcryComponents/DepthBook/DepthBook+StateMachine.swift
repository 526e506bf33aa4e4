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

/// A copy of a book, as of one moment.
public struct BookReading: Sendable {
    /// The book.
    public let book: BookSnapshot
    /// How much it can be relied upon. A stale one was good until that time, and stopped there.
    public let evidence: Evidence
}

/// The answer to a question for a copy of a book.
public struct BookCopy: Sendable {
    /// Of what.
    public let instrument: Instrument
    /// The book; nil: nothing is known of it, or it is distrusted.
    public let reading: BookReading?
}

/// One book from snapshot and stream: what is buffered, what is loaded, what is trusted. No kernel, no
/// I/O.
///
/// A snapshot joins the stream without a gap when it is younger than the first change that was buffered:
/// either it says so itself (its newest stamp is younger than that change, or it holds that very change),
/// or it was asked for so long after the subscription that the venue cannot have served an older one.
///
/// A snapshot can also be ahead of the stream. Then the changes that it has seen already are passed over
/// when they come, and the book stays as it was at the snapshot until the stream has caught up.
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

    /// The stale book is as it was when it was last good: the stream ended, and nothing said that it was wrong.
    private var stoppedWhileGood = false

    private let snapshotAge: Duration
    private let bufferLimit: Int
    private var buffer: [DepthChange] = []
    private var began = KernelTime.zero
    private var askedAt = KernelTime.zero
    private var loadedAt = KernelTime.zero
    /// The number of the last snapshot that was asked for; an answer to an older question is unwanted.
    private var ticket = 0

    /// Makes the machine of an empty book.
    ///
    /// - Parameter snapshotAge: A snapshot may be so old when the venue serves it.
    public init(_ instrument: Instrument, snapshotAge: Duration, bufferLimit: Int = 200_000) {
        self.instrument = instrument
        precondition(bufferLimit > 0, "a buffer holds at least one change")
        self.snapshotAge = snapshotAge
        self.bufferLimit = bufferLimit
        book = Book(instrument, capacity: 4096)
    }

    /// How much the book can be relied upon at `now`.
    @inline(__always) public func evidence(at now: KernelTime) -> Evidence {
        if let staleSince { return .stale(since: staleSince) }
        if let crossedSince { return .stale(since: crossedSince) }
        return checkpoint > 0 && now - loadedAt < .seconds(60)
            ? .checkpointed(checkpoint) : .unproven
    }

    /// A copy of the book where it is good, or was good when the stream ended; else nil.
    public func reading(at now: KernelTime) -> BookReading? {
        let evidence = evidence(at: now)
        guard evidence.isTrusted || (staleSince != nil && stoppedWhileGood) else { return nil }
        return BookReading(
            book: BookSnapshot(
                instrument: instrument, bids: Array(book.levels(.bid)),
                asks: Array(book.levels(.ask)), newestStamp: checkpoint), evidence: evidence)
    }

    /// Changes that wait for a snapshot.
    public var buffered: Int { buffer.count }

    /// The channel is confirmed: from now on no change is missed.
    public mutating func subscribed(at now: KernelTime) {
        guard phase == .down else { return }
        beginBuffering(at: now)
    }

    private mutating func beginBuffering(at now: KernelTime) {
        phase = .buffering
        began = now
        crossedSince = nil
        buffer.removeAll(keepingCapacity: true)
        staleSince = staleSince ?? now
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
        let wasCrossed = crossedSince
        crossedSince = nil
        buffer.removeAll()
        guard staleSince == nil else { return false }
        staleSince = now
        stoppedWhileGood = wasCrossed == nil
        return true
    }

    /// Changes are missing, or the book cannot be right: buffers for a new snapshot, from now on.
    ///
    /// - Returns: Whether the book was good until now.
    public mutating func distrust(at now: KernelTime) -> Bool {
        guard phase != .down else { return false }
        let wasGood = staleSince == nil
        if wasGood { stoppedWhileGood = false }
        beginBuffering(at: now)
        return wasGood
    }

    /// Keeps a change for later. Only while the book is not live.
    ///
    /// When the buffer is full, its older half is given up: a snapshot has to be younger than the rest.
    public mutating func keep(_ change: DepthChange, at now: KernelTime) {
        guard phase == .buffering || phase == .fetching else { return }
        if buffer.count >= bufferLimit {
            buffer.removeFirst(max(1, bufferLimit / 2))
            began = now
        }
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
    ///
    /// - Returns: The number of the question, to be given back with what becomes of it.
    public mutating func fetching(at now: KernelTime) -> Int {
        phase = .fetching
        askedAt = now
        ticket += 1
        return ticket
    }

    /// The snapshot of this number did not come.
    ///
    /// - Returns: Whether anybody waited for it.
    public mutating func failed(_ number: Int) -> Bool {
        guard phase == .fetching, number == ticket else { return false }
        phase = .buffering
        return true
    }

    /// The snapshot of this number has come: loads it, replays what is newer, and goes live, if there is
    /// no gap.
    public mutating func load(
        _ snapshot: BookSnapshot, number: Int, at now: KernelTime
    ) -> Verdict {
        guard failed(number) else { return .unwanted }
        guard snapshot.instrument == instrument else {
            return .refused("expected a book of \(instrument), found \(snapshot.instrument)")
        }
        let isYoung = askedAt - began >= snapshotAge
        guard isYoung || meetsStream(snapshot) else {
            return .gap(retryAt: max(now, wantsSnapshotBy))
        }
        do { try book.load(bids: snapshot.bids, asks: snapshot.asks) } catch {
            return .refused("\(error)")
        }
        checkpoint = snapshot.newestStamp
        for change in buffer where !isOutrun(change) { _ = book.set(change) }
        buffer.removeAll()
        loadedAt = now
        staleSince = nil
        crossedSince = book.isCrossed ? now : nil
        phase = .live
        return .loaded
    }

    /// Whether the snapshot has seen the first change that is buffered. An equal stamp alone does not say
    /// so: others may share its microsecond.
    private func meetsStream(_ snapshot: BookSnapshot) -> Bool {
        guard let first = buffer.first, first.stamp > 0 else { return false }
        guard snapshot.newestStamp == first.stamp else { return snapshot.newestStamp > first.stamp }
        return (first.side == .bid ? snapshot.bids : snapshot.asks).contains {
            $0.stamp == first.stamp && $0.price == first.price && $0.quantity == first.quantity
        }
    }

    /// Whether the snapshot, or a newer change, has been past this change.
    ///
    /// A level that is not there has no stamp: a change of it is news, unless the snapshot as a whole is
    /// younger and has seen the level go. Of two changes in one microsecond either both have been seen or,
    /// if it is the snapshot's last one, both count.
    @inline(never) private func isOutrun(_ change: DepthChange) -> Bool {
        guard change.stamp > 0 else { return false }
        let level = book.level(change.side, priceUnits: change.priceUnits)
        guard let stamp = level?.stamp, stamp > 0 else { return change.stamp < checkpoint }
        return change.stamp < stamp || (change.stamp == stamp && stamp < checkpoint)
    }

    /// Puts a change into the live book.
    ///
    /// - Returns: Nil when the book, ahead of the stream by its snapshot, has been past this change.
    @inline(__always) mutating func apply(_ change: DepthChange, at now: KernelTime) -> BookEdit? {
        if change.stamp < checkpoint, isOutrun(change) { return nil }
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
