public import OutcryBytes

/// Where a stream should go.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or a numeric address, and a port.
    case host(String, port: UInt16)
    /// A path in the file system.
    case unix(String)
    /// An address that needs no resolver.
    case address(SocketAddress)

    /// As one writes it.
    public var description: String {
        switch self {
        case .host(let name, let port): "\(name):\(port)"
        case .unix(let path): "unix:\(path)"
        case .address(let address): "\(address)"
        }
    }
}

/// The numbers of a stream.
public struct StreamOptions: Sendable {
    /// The time within which a connection has to be there.
    public var connectTimeout = Duration.seconds(10)
    /// The head start of each address over the next (happy eyeballs, RFC 8305 section 5).
    public var stagger = Duration.milliseconds(250)
    /// Unwritten bytes at which pressure is told, in bytes.
    public var highWater = 1 << 20
    /// Unwritten bytes at which relief is told, in bytes.
    public var lowWater = 1 << 18
    /// Unwritten bytes beyond which the stream is given up, in bytes.
    public var outboundLimit = 64 << 20
    /// Memory that an emptied queue of unwritten bytes keeps for the next ones, in bytes. A server of ten
    /// thousand idle connections says 0: a quarter of what each of them takes is this.
    public var outboundKept = 1 << 16
    /// Unread bytes beyond which reading pauses, in bytes.
    public var inboundLimit = 32 << 20
    /// Bytes that the system keeps unwritten for a stream that a listener brings; nil: as many as it likes,
    /// which may be megabytes for one that does not read.
    public var systemBuffer: Int?
    /// The time a closing stream has to write what was put.
    public var linger = Duration.seconds(5)

    /// The house's numbers.
    public init() {}
}

/// The numbers of all streams that a listener accepts, kept once: ten thousand of them may be idle.
final class SharedOptions {
    let values: StreamOptions
    init(_ values: StreamOptions) { self.values = values }
}

/// A byte stream, in the hands of one session.
///
/// What is read lies in ``inbound`` until a codec has used it; what is put goes out once a turn, in one
/// write. Its events: `streamOpened`, `streamReceived`, `streamEnded`, `streamPressure`, `streamClosed`.
public final class StreamWheel: AnyWheel {
    enum Phase { case dialing, securing, open, closing, closed }

    /// The unread bytes. Consume from the front; what is left is there again with the next bytes.
    public let inbound: ByteQueue
    let outbound: ByteQueue
    /// Where the stream goes, or where it came from.
    public let peer: String
    private let shared: SharedOptions
    var options: StreamOptions { shared.values }
    @safe @exclusivity(unchecked) var phase: Phase
    @safe @exclusivity(unchecked) var transport: TransportID?
    var dial: Dial?
    /// Of a secret stream, from the beginning of its handshake on.
    var secrecy: Secrecy?
    @safe @exclusivity(unchecked) var isHigh = false
    @safe @exclusivity(unchecked) private var isDirty = false
    @safe @exclusivity(unchecked) var isBlocked = false
    private(set) var isPaused = false
    /// Bytes that may be written; the largest number where there is no limit.
    @safe @exclusivity(unchecked) var allowance = Int.max
    private var hasEnded = false
    @safe @exclusivity(unchecked) private var endIsWaiting = false
    @safe @exclusivity(unchecked) var endsWriting = false
    @safe @exclusivity(unchecked) private var lastRead = 0
    /// The deadline, of a stream that is being closed the end of its linger time.
    var alarm: AlarmID?

    /// The group whose bytes it gets, too.
    @safe @exclusivity(unchecked) var group: StreamGroup?
    /// Its place there.
    @safe @exclusivity(unchecked) var groupPlace: UInt32 = 0
    /// Up to which of the group's bytes it has them, or does not get them; of one that is ready: since when.
    @safe @exclusivity(unchecked) var groupSeen = 0

    /// Bytes read and written since the stream was opened.
    @safe @exclusivity(unchecked) public private(set) var bytesIn = 0
    /// Bytes written since the stream was opened.
    public var bytesOut: Int { writtenAlone + (group?.writtenAtOnce(self) ?? 0) }
    /// Without what its group wrote to it.
    @safe @exclusivity(unchecked) var writtenAlone = 0

    init(_ kernel: Kernel, owner: SessionID, peer: String, options: SharedOptions, phase: Phase) {
        inbound = ByteQueue(limit: options.values.inboundLimit)
        outbound = ByteQueue(limit: options.values.outboundLimit)
        self.peer = peer
        shared = options
        self.phase = phase
        super.init(kernel, owner: owner)
    }

    /// The stream carries bytes now.
    public var isOpen: Bool { phase == .open }

    /// It is above its high mark, or was and is not yet down at its low one: better wait.
    public var isUnderPressure: Bool { isHigh }

    /// Bytes that were put and not yet written.
    public var unwritten: Int {
        outbound.count + (group?.pendingCount(self) ?? 0)
    }

    override var summary: String { "stream \(number) \(phase) \(peer)" }

    // MARK: Output

    /// Puts bytes behind what is to be written; also before the stream is open.
    ///
    /// - Returns: False when the stream is above its high mark or over: better wait.
    @discardableResult public func put(_ bytes: Span<UInt8>) -> Bool {
        do {
            return try write { (queue) throws(ByteQueueFull) in try queue.append(bytes) }
        } catch {
            finish(.overflowed(limit: options.outboundLimit))
            return false
        }
    }

    /// Puts what `body` appends to the output queue. For encoders: nothing is copied twice.
    ///
    /// - Returns: False when the stream is above its high mark or over: better wait.
    /// - Throws: What `body` throws; what it had appended stays.
    @discardableResult public func write<E: Error>(
        _ body: (ByteQueue) throws(E) -> Void
    ) throws(E) -> Bool {
        if let group { settle(group) }
        guard takesBytes else { return false }
        try body(outbound)
        if phase == .open { flushLater() }
        if !isHigh, outbound.count >= options.highWater { pressure(true) }
        return !isHigh
    }

    /// At the end of the turn.
    func flushLater() {
        guard !isDirty else { return }
        isDirty = true
        kernel.dirtyStreams.append(self)
    }

    /// Lets so many more bytes be written, and none beyond until more are let; nil: as many as there are.
    /// For tests of what lives with slow and silent connections.
    public func limitWriting(to bytes: Int?) {
        precondition(bytes.map { $0 >= 0 } ?? true, "a stream is let write some bytes, or none")
        if let group { settle(group) }
        allowance = bytes ?? .max
        if allowance > 0, phase == .open || phase == .closing, !outbound.isEmpty { flushLater() }
    }

    func pressure(_ high: Bool) {
        isHigh = high
        kernel.core.notify(.streamPressure, owner, StreamPressure(stream: self, isHigh: high))
    }

    // The kernel calls these with itself: reaching it from here costs a count of references.
    func flush(_ kernel: Kernel) {
        isDirty = false
        guard let transport, phase == .open || phase == .closing, !isBlocked else { return }
        while !outbound.isEmpty, allowance > 0, phase != .closed {
            let wanted = min(outbound.count, allowance)
            do {
                let count = try outbound.withUnread { (bytes) throws(SystemError) in
                    try kernel.driver.write(transport, bytes.extracting(first: wanted))
                }
                if allowance != .max { allowance -= count }
                kernel.receive(.wrote(transport, count: count))
                if count < wanted {
                    isBlocked = true
                    break
                }
            } catch {
                kernel.receive(.failed(transport, error))
                return
            }
        }
        if outbound.isEmpty, phase != .closed {
            outbound.releaseIfEmpty(above: options.outboundKept)
            guard phase == .closing || endsWriting else { return }
            // The good-bye of a secret stream has to go, too.
            if phase == .open || secrecy != nil, !kernel.driver.endWriting(transport) {
                isBlocked = true
            } else if phase == .closing {
                finish(.closed)
            }
        }
    }

    override func wrote(_ count: Int) {
        writtenAlone += count
        outbound.drop(count)
        if isHigh, outbound.count <= options.lowWater { pressure(false) }
    }

    override func writable() {
        isBlocked = false
        flush(kernel)
    }

    // MARK: Input

    /// Stops reading: the other side will feel it.
    public func pauseReading() { setPaused(true) }

    /// Reads on.
    public func resumeReading() { setPaused(false) }

    private func setPaused(_ paused: Bool) {
        guard paused != isPaused else { return }
        isPaused = paused
        if let transport { kernel.driver.setReading(transport, !paused) }
    }

    /// Asks for `streamReceived` once more although no new bytes came: for handlers that take a bounded
    /// number of messages a time, so that others get their turn.
    public func continueReading() {
        guard phase == .open else { return }
        kernel.backlogged[number] = self
        kernel.core.postAnyway(.resumeReading, to: owner, number)
    }

    override func lendSpace(
        _ kernel: Kernel, _ body: (inout OutputSpan<UInt8>) -> Int
    ) -> Int? {
        guard phase == .open, !kernel.backlogged.contains(number) else { return nil }
        // Its owner is behind: the other side will feel it.
        guard !kernel.isCrowded(owner) else { return nil }
        let wanted = min(1 << 16, inbound.room)
        guard wanted > 0 else { return nil }
        inbound.adopt(from: kernel.spare, atLeast: wanted)
        let result = try? inbound.withSpace(atLeast: wanted, body)
        if inbound.isEmpty { inbound.settle(into: kernel.spare, lastRead: 0) }
        return result
    }

    override func received(_ count: Int, _ kernel: Kernel) {
        bytesIn += count
        lastRead = count
        deliver(kernel)
    }

    func deliver(_ kernel: Kernel) {
        guard phase == .open else { return }
        kernel.core.notify(.streamReceived, owner, self)
        guard phase == .open || phase == .securing, !kernel.backlogged.contains(number) else {
            return
        }
        inbound.settle(into: kernel.spare, lastRead: lastRead)
        if endIsWaiting { ended() }
    }

    override func moved() {
        if kernel.backlogged.contains(number) {
            kernel.core.postAnyway(.resumeReading, to: owner, number)
        }
    }

    override func ended() {
        guard !hasEnded, phase == .open else { return }
        // The owner has bytes left from before the end, which come to it first.
        guard !kernel.backlogged.contains(number) else { return endIsWaiting = true }
        hasEnded = true
        if kernel.core.handles(Event<StreamWheel>.streamEnded.id, owner) {
            kernel.core.notify(.streamEnded, owner, self)
        } else {
            finish(.ended)
        }
    }

    // MARK: End

    /// Ends this side's half once everything put is written; the other side can still send.
    public func endWriting() {
        guard takesBytes else { return }
        leaveGroup()
        endsWriting = true
        if phase == .open, outbound.isEmpty { flush(kernel) }
    }

    /// Closes the stream once everything put is written, or the linger time has passed.
    public func close() {
        switch phase {
        case .dialing, .securing: finish(.closed)
        case .open:
            leaveGroup()
            guard phase == .open else { return }
            phase = .closing
            isBackground = false
            flush(kernel)
            guard phase == .closing else { return }
            setAlarm(after: options.linger, .linger)
        case .closing, .closed: return
        }
    }

    /// Closes the stream now; what is not written is lost.
    public func abort() { finish(.closed) }

    override func ownerEnded() {
        guard phase != .closed else { return }
        if phase == .open {
            leaveGroup()
            flush(kernel)
        }
        finish(.closed)
    }

    override func failed(_ id: TransportID, _ error: SystemError) {
        if let dial { dial.failed(id, error) } else { finish(.failed(error)) }
    }

    override func secured(_ facts: TLSFacts) { nowSecret(facts) }

    override func insecure(_ failure: TLSFailure) { finish(.insecure(failure)) }

    override func connected(_ id: TransportID) { dial?.connected(id) }

    /// The dial has a connection.
    func connected(_ id: TransportID, _ role: TLSRole?) {
        transport = id
        dial = nil
        if let role { return beginSecuring(Secrecy(role)) }
        opened { kernel.core.notify(.streamOpened, owner, self) }
    }

    /// Carries bytes from here on, and `tell`s the owner so.
    func opened(_ tell: () -> Void) {
        phase = .open
        if isPaused, let transport { kernel.driver.setReading(transport, false) }
        tell()
        if phase == .open, !outbound.isEmpty || endsWriting { flushLater() }
    }

    /// The one way out of every phase: tells the owner, once.
    func finish(_ reason: StreamEnd) {
        guard phase != .closed else { return }
        phase = .closed
        leaveGroup()
        clearDeadline()
        dial?.cancel()
        dial = nil
        if let transport {
            kernel.wheels[transport] = nil
            // Everything is written: the other side may know that there is no more.
            if secrecy != nil, outbound.isEmpty { kernel.driver.endWriting(transport) }
            kernel.driver.close(transport)
            self.transport = nil
        }
        kernel.backlogged[number] = nil
        let owner = owner
        if !endSecrecy(reason) {
            kernel.core.notify(.streamClosed, owner, StreamClosed(stream: self, reason: reason))
        }
        leave()
    }
}
