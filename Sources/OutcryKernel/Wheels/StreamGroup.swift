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
    @safe @exclusivity(unchecked) private var members: [StreamWheel] = []
    /// Bytes that were put and given since the group was made: the position of the first pending byte.
    @safe @exclusivity(unchecked) private(set) var given = 0
    @safe @exclusivity(unchecked) private var isDirty = false
    /// Whose owners have to be told something, behind the writes.
    @safe @exclusivity(unchecked) private var wounded: [(stream: StreamWheel, wound: Wound)] = []

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
        stream.groupSeen = given + pending.count
        members.append(stream)
    }

    /// Lets a stream go; what was put before goes to it still.
    ///
    /// The last one to come takes its place.
    /// - Complexity: O(1).
    public func remove(_ stream: StreamWheel) {
        if stream.group === self { stream.leaveGroup() }
    }

    /// Fills the place of a stream that has left.
    func forget(_ place: Int) {
        let last = members.removeLast()
        guard place < members.count else { return }
        members[place] = last
        last.groupPlace = UInt32(place)
    }

    // MARK: Output

    /// Puts bytes behind what is to be written to every member.
    public func put(_ bytes: Span<UInt8>) {
        write { (queue) in
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

    /// Calls `body` with what is pending behind the position `seen`, if anything is.
    func withPending(from seen: Int, _ body: (Span<UInt8>) -> Void) {
        let start = max(0, seen - given)
        guard start < pending.count else { return }
        pending.withUnread { body($0.extracting(start..<$0.count)) }
    }

    /// How much of what is pending lies behind the position `seen`.
    func pendingCount(from seen: Int) -> Int { pending.count - max(0, seen - given) }

    /// Everything put so far has been seen.
    var seenAll: Int { given + pending.count }

    /// Writes what is pending to all members. No handler runs meanwhile.
    private func give() {
        let driver = kernel.driver
        // Whoever records inputs, or measures them, sees each stream's.
        let isWatched = kernel.onInput != nil || kernel.stall != nil
        let (given, count) = (given, pending.count)
        pending.withUnread { bytes in
            for stream in members {
                guard stream.groupSeen <= given, !isWatched, stream.takesAtOnce else {
                    let start = max(0, stream.groupSeen - given)
                    guard start < count else { continue }
                    wound(stream, stream.keep(bytes.extracting(start..<count)))
                    continue
                }
                wound(stream, stream.take(bytes, driver))
            }
        }
        self.given += count
        pending.removeAll()
        pending.releaseIfEmpty(above: 1 << 16)
    }

    @inline(__always) private func wound(_ stream: StreamWheel, _ wound: Wound?) {
        if let wound { wounded.append((stream, wound)) }
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
