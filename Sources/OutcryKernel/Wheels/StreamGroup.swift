public import OutcryBytes

/// Streams that get the same bytes: what is put to a group is kept once, however many are in it.
///
/// At the end of the turn each member gets all of it in one write, straight from the group's memory. Only
/// what a slow one does not take is copied to its own queue; from there on its pressure, its limit and its
/// end are told as if it had been put to it alone. Bytes that are put to a member itself stay in order with
/// the group's. A turn costs one append a message and one write a member, and allocates nothing.
///
/// A stream is in one group at most; it leaves when it is closed, or ends its half.
public final class StreamGroup {
    unowned let kernel: Kernel
    /// Put, and not yet given to the members.
    private let pending = ByteQueue(limit: 1 << 31)
    /// Those that take bytes at once, and behind them the others.
    @safe @exclusivity(unchecked) private var members: [StreamWheel] = []
    /// The transports of those in front: a message to all touches nothing else.
    @safe @exclusivity(unchecked) private var ready: [TransportID] = []
    /// Bytes that were put and given since the group was made: the position of the first pending byte.
    @safe @exclusivity(unchecked) private(set) var given = 0
    @safe @exclusivity(unchecked) private var isDirty = false
    /// Who took less than all, by place.
    @safe @exclusivity(unchecked) private var short: [Short] = []
    /// Whose owners have to be told something, behind the writes.
    @safe @exclusivity(unchecked) private var wounded: [(stream: StreamWheel, wound: Wound)] = []

    private struct Short {
        let place: Int
        let outcome: ShortWrite
    }

    /// What a member did not take well.
    enum Wound {
        case failed(TransportID, SystemError)
        case overflowed
        /// Above its high mark.
        case high
    }

    /// Pending bytes that are given before the turn ends, so that the group's memory stays small.
    static let spill = 1 << 20

    init(_ kernel: Kernel) { self.kernel = kernel }

    /// The number of streams in the group.
    public var count: Int { members.count }

    /// Whether no stream is in the group: what is put to it goes nowhere.
    public var isEmpty: Bool { members.isEmpty }

    /// Bytes that were put, and go to the members at the end of the turn.
    public var unwritten: Int { pending.count }

    // MARK: Members

    /// Takes a stream in: it gets what is put from now on. It leaves the group that it was in.
    ///
    /// - Complexity: O(1).
    public func add(_ stream: StreamWheel) {
        guard stream.group !== self else { return }
        stream.leaveGroup()
        guard stream.takesBytes else { return }
        stream.group = self
        stream.groupPlace = UInt32(members.count)
        stream.groupSeen = seen
        members.append(stream)
    }

    /// Lets a stream go; what was put before goes to it still.
    ///
    /// Another takes its place.
    /// - Complexity: O(1).
    public func remove(_ stream: StreamWheel) {
        if stream.group === self { stream.leaveGroup() }
    }

    /// Empties the place of one that is not ready.
    func forget(_ stream: StreamWheel) {
        exchange(Int(stream.groupPlace), members.count - 1)
        members.removeLast()
    }

    /// It takes bytes at once from here on.
    private func setReady(_ stream: StreamWheel, _ transport: TransportID) {
        exchange(Int(stream.groupPlace), ready.count)
        ready.append(transport)
        stream.groupSeen = given
    }

    /// It has bytes of its own to write first, or may not write.
    func setUnready(_ stream: StreamWheel) {
        let place = Int(stream.groupPlace)
        guard place < ready.count else { return }
        stream.writtenAlone += given - stream.groupSeen
        stream.groupSeen = given
        let last = ready.removeLast()
        exchange(place, ready.count)
        if place < ready.count { ready[place] = last }
    }

    private func exchange(_ a: Int, _ b: Int) {
        guard a != b else { return }
        members.swapAt(a, b)
        members[a].groupPlace = UInt32(a)
        members[b].groupPlace = UInt32(b)
    }

    /// How much a member was given without a detour.
    func writtenAtOnce(_ stream: StreamWheel) -> Int {
        Int(stream.groupPlace) < ready.count ? given - stream.groupSeen : 0
    }

    // MARK: Output

    /// Puts bytes behind what is to be written to every member.
    public func put(_ bytes: Span<UInt8>) {
        write { queue in
            do { try queue.append(bytes) } catch {
                preconditionFailure("a group is given less than 2 GiB at once")
            }
        }
    }

    /// Puts what `body` appends to the group's queue, for every member; does not call it where there is
    /// none.
    ///
    /// - Throws: What `body` throws; what it had appended stays.
    public func write<E: Error>(_ body: (ByteQueue) throws(E) -> Void) throws(E) {
        guard !members.isEmpty else { return }
        if pending.count >= Self.spill { give() }
        if !isDirty {
            isDirty = true
            kernel.dirtyGroups.append(self)
        }
        try body(pending)
    }

    /// Everything that was put ends here.
    var seen: Int { given + pending.count }

    /// How much of what is pending goes to `stream`.
    func pendingCount(_ stream: StreamWheel) -> Int { seen - max(given, stream.groupSeen) }

    /// Takes `stream` out of the front and gives it what is pending to keep.
    func settle(_ stream: StreamWheel) -> Wound? {
        setUnready(stream)
        let start = max(0, stream.groupSeen - given)
        stream.groupSeen = seen
        guard start < pending.count else { return nil }
        return pending.withUnread { stream.keep($0.extracting(start..<$0.count)) }
    }

    /// Writes what is pending to all members. No handler runs meanwhile.
    private func give() {
        // Whoever records inputs, or measures them, sees each stream's.
        let isWatched = kernel.onInput != nil || kernel.stall != nil
        if isWatched { while !ready.isEmpty { setUnready(members[ready.count - 1]) } }
        var place = ready.count
        while place < members.count {
            let stream = members[place]
            // One that gets ready changes places with the first that is not, which was asked before.
            if !isWatched, stream.groupSeen <= given, let transport = stream.readyTransport {
                setReady(stream, transport)
            } else if let wound = settle(stream) {
                wounded.append((stream, wound))
            }
            place += 1
        }
        pending.withUnread { bytes in
            guard bytes.count > 0 else { return }
            let ready = ready
            kernel.driver.write(bytes, to: ready.span) {
                short.append(Short(place: $0, outcome: $1))
            }
        }
        given += pending.count
        if !short.isEmpty { keepRests() }
        pending.removeAll()
        pending.releaseIfEmpty(above: 1 << 16)
    }

    /// Keeps what was not taken. From the last to the first, as each changes places with one behind it.
    private func keepRests() {
        while let short = short.popLast() {
            let stream = members[short.place]
            let transport = ready[short.place]
            setUnready(stream)
            switch short.outcome {
            case .failed(let error):
                stream.writtenAlone -= pending.count
                wounded.append((stream, .failed(transport, error)))
            case .took(let count):
                stream.writtenAlone -= pending.count - count
                stream.isBlocked = true
                let wound = pending.withUnread { stream.keep($0.extracting(count..<$0.count)) }
                if let wound { wounded.append((stream, wound)) }
            }
        }
    }

    /// At the end of the turn: writes, then tells.
    func flush() {
        isDirty = false
        give()
        guard !wounded.isEmpty else { return }
        let all = wounded
        wounded = []
        for (stream, wound) in all { stream.tell(wound) }
    }
}

extension Context {
    /// Makes a group of streams that will get the same bytes.
    public func makeGroup() -> StreamGroup { StreamGroup(core.kernel) }
}
