/// An owned I/O state machine that turns news of a transport into events for one session.
///
/// It is an object, not a session: a listener session owns thousands of streams.
@safe public class AnyWheel {
    unowned let kernel: Kernel
    /// The session that gets this wheel's events.
    @safe @exclusivity(unchecked) public internal(set) var owner: SessionID
    /// The kernel's number of the wheel: never given out twice.
    public let number: UInt64
    var isRegistered = false
    /// The wheel is no reason to go on: neither the kernel nor its owner lives for it.
    ///
    /// For what only waits to be of use again, such as a connection kept for the next call. Giving the wheel
    /// away makes it count again.
    public var isBackground = false {
        didSet { if isBackground != oldValue { weigh(isBackground ? -1 : 1) } }
    }
    /// The event whose handler made the wheel causes what the wheel's handlers post.
    let cause: UInt64

    /// The calendar's time, by its kernel.
    public var wallNow: WallTime { kernel.wallNow }

    init(_ kernel: Kernel, owner: SessionID) {
        self.kernel = kernel
        self.owner = owner
        number = kernel.nextWheel
        kernel.nextWheel += 1
        cause = kernel.currentCause
        take(owner)
    }

    /// The session had ended when it asked for the wheel: nobody would ever hear of it.
    var isOrphan: Bool { !isRegistered }

    /// Begins to count for the life of `owner`.
    private func take(_ owner: SessionID) {
        guard kernel.core.isAlive(owner) else { return }
        self.owner = owner
        isRegistered = true
        kernel.active += 1
        kernel.extras(of: owner).wheels[number] = self
        kernel.core.interest(owner, 1)
    }

    private func weigh(_ change: Int) {
        guard isRegistered else { return }
        kernel.active += change
        if kernel.core.isAlive(owner) { kernel.core.interest(owner, change) }
    }

    /// Stops counting for the life of its owner.
    func leave() {
        guard isRegistered else { return }
        isBackground = false
        isRegistered = false
        kernel.active -= 1
        guard kernel.core.isAlive(owner) else { return }
        kernel.extras(of: owner).wheels[number] = nil
        kernel.core.interest(owner, -1)
    }

    /// Hands the wheel to another session, which gets its events from now on.
    public func give(to session: SessionID) {
        leave()
        take(session)
        if isRegistered { moved() } else { ownerEnded() }
    }

    var summary: String { "wheel \(number)" }
    func ownerEnded() {}
    func moved() {}
    func connected(_ id: TransportID) {}
    func accepted(_ id: TransportID, peer: String) {}
    func lendSpace(_ kernel: Kernel, _ body: (inout OutputSpan<UInt8>) -> Int) -> Int? { nil }
    func received(_ count: Int, _ kernel: Kernel) {}
    func ended() {}
    func failed(_ id: TransportID, _ error: SystemError) {}
    func secured(_ facts: TLSFacts) {}
    func insecure(_ failure: TLSFailure) {}
    func writable() {}
    func wrote(_ count: Int) {}
}
