public import OutcryKernel

/// The life of one connection that is made again and again: phases, pauses, limits. No kernel, no I/O.
public struct ConnectionMachine {
    /// Where the connection is.
    public enum Phase: Equatable, Sendable {
        /// Not asked for yet.
        case idle
        /// A stream is being made.
        case dialing
        /// The stream is there, the handshake is not through.
        case upgrading
        /// Messages go both ways.
        case up
        /// Between two tries.
        case waiting
        /// Given up, or told to stop.
        case stopped
    }

    /// What has to be done now.
    public enum Action: Equatable, Sendable {
        /// Nothing.
        case none
        /// Make a stream.
        case dial
        /// Send the handshake.
        case upgrade
        /// Tell everybody that it is up; the how many-th time.
        case announceUp(Int)
        /// Tell everybody that it is down, and try again after the pause.
        case announceDown(retryIn: Duration)
    }

    /// Where the connection is.
    public private(set) var phase = Phase.idle
    /// How many times it came up.
    public private(set) var ups = 0
    /// Tries in a row of which none came up for a whole period.
    public private(set) var failures = 0

    private let backoff: Backoff
    private var tries: [KernelTime] = []
    private var upSince: KernelTime?

    /// Makes the machine of a connection that is tried by `backoff`: its floor is the least pause, its
    /// limit the most tries in its period.
    public init(_ backoff: Backoff) {
        precondition(backoff.limit > 0, "a connection is tried at least once in a period")
        self.backoff = backoff
    }

    /// The connection is wanted.
    public mutating func start(at now: KernelTime) -> Action {
        guard phase == .idle || phase == .waiting else { return .none }
        phase = .dialing
        tries.append(now)
        return .dial
    }

    /// The stream is there.
    public mutating func opened() -> Action {
        guard phase == .dialing else { return .none }
        phase = .upgrading
        return .upgrade
    }

    /// The handshake is through.
    public mutating func upgraded(at now: KernelTime) -> Action {
        guard phase == .upgrading else { return .none }
        phase = .up
        ups += 1
        upSince = now
        return .announceUp(ups)
    }

    /// The stream is gone, in whatever phase.
    public mutating func lost(
        at now: KernelTime, using random: inout some RandomNumberGenerator
    ) -> Action {
        guard phase != .stopped, phase != .waiting, phase != .idle else { return .none }
        if let upSince, now - upSince >= backoff.period { failures = 0 }
        upSince = nil
        phase = .waiting
        var pause = max(backoff.floor, backoff.pause(before: failures, using: &random))
        failures += 1
        tries.removeAll { now - $0 >= backoff.period }
        if tries.count >= backoff.limit { pause = max(pause, tries[0] + backoff.period - now) }
        return .announceDown(retryIn: pause)
    }

    /// Whether another connection may be made while this one is up; it counts as a try where it may.
    public mutating func mayRenew(at now: KernelTime) -> Bool {
        tries.removeAll { now - $0 >= backoff.period }
        guard phase == .up, tries.count < backoff.limit,
            tries.last.map({ now - $0 >= backoff.floor }) ?? true
        else { return false }
        tries.append(now)
        return true
    }

    /// The other connection is up, and takes the place of this one, or of the one that was lost meanwhile.
    public mutating func renewed(at now: KernelTime) -> Action {
        guard phase == .up || phase == .waiting else { return .none }
        phase = .up
        ups += 1
        upSince = now
        return .announceUp(ups)
    }

    /// No more tries.
    public mutating func stop() { phase = .stopped }
}
