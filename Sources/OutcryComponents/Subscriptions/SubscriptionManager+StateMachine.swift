public import OutcryKernel

/// Wanted and confirmed channels, and what has to be asked for next. No kernel, no I/O.
public struct SubscriptionMachine {
    private struct Want {
        let channel: Channel
        var isConfirmed = false
        /// Times asked for since the link came up, or since the last confirmation.
        var asked = 0
        var askedAt: KernelTime?
        var isRefused = false
    }

    /// What comes of a look at the channels.
    public struct Step: Equatable, Sendable {
        /// The channel to ask for now.
        public var ask: Channel?
        /// Channels that were asked for too often.
        public var refused: [Channel] = []
        /// When to look again.
        public var next: KernelTime?
    }

    private let pace: Duration
    private let timeout: Duration
    private let tries: Int
    private var wants: [Want]
    private var isUp = false
    /// No request goes out before this.
    private var nextRequest = KernelTime.zero

    /// Makes the machine.
    ///
    /// - Parameters:
    ///   - wanted: The channels, in the order in which they are asked for.
    ///   - pace: The pause between two requests.
    ///   - timeout: A request that is not confirmed within this time is made again.
    ///   - tries: Requests for one channel before it counts as refused.
    public init(_ wanted: [Channel], pace: Duration, timeout: Duration, tries: Int = 3) {
        self.pace = pace
        self.timeout = timeout
        self.tries = tries
        wants = []
        for channel in wanted { want(channel) }
    }

    /// The channels that are wanted and confirmed; none while the link is down.
    public var confirmed: [Channel] {
        isUp ? wants.filter(\.isConfirmed).map(\.channel) : []
    }

    /// Wants one more channel; one that was refused is asked for anew.
    public mutating func want(_ channel: Channel) {
        if let i = wants.firstIndex(where: { $0.channel == channel }) {
            if wants[i].isRefused { wants[i] = Want(channel: channel) }
        } else {
            wants.append(Want(channel: channel))
        }
    }

    /// Does not want a channel any more.
    ///
    /// - Returns: Whether the venue has to be told: it was asked for it, or confirmed it, on this link.
    public mutating func drop(_ channel: Channel) -> Bool {
        guard let i = wants.firstIndex(where: { $0.channel == channel }) else { return false }
        let want = wants.remove(at: i)
        return isUp && (want.isConfirmed || want.askedAt != nil)
    }

    /// The link is up: nothing is confirmed. The first request waits for one pace, in which the venue may
    /// confirm by itself what it sends unasked.
    public mutating func up(at now: KernelTime) {
        isUp = true
        nextRequest = now + pace
        for i in wants.indices { wants[i] = Want(channel: wants[i].channel) }
    }

    /// The link is down.
    public mutating func down() { isUp = false }

    /// The venue confirmed a channel.
    public mutating func confirm(_ channel: Channel) {
        guard let i = wants.firstIndex(where: { $0.channel == channel }) else { return }
        wants[i].isConfirmed = true
        wants[i].isRefused = false
        wants[i].asked = 0
    }

    /// The venue ended a channel, or it is silent: a wanted one is asked for again, at once if the last
    /// request is longer ago than the timeout.
    public mutating func lose(_ channel: Channel) {
        guard let i = wants.firstIndex(where: { $0.channel == channel }) else { return }
        wants[i] = Want(channel: channel, askedAt: wants[i].askedAt)
    }

    /// What has to be done at `now`: at most one request a step, and one a pace.
    public mutating func step(at now: KernelTime) -> Step {
        var step = Step()
        guard isUp else { return step }
        for i in wants.indices where !wants[i].isConfirmed && !wants[i].isRefused {
            if let askedAt = wants[i].askedAt, now - askedAt < timeout {
                step.next = min(step.next ?? askedAt + timeout, askedAt + timeout)
                continue
            }
            guard wants[i].asked < tries else {
                wants[i].isRefused = true
                step.refused.append(wants[i].channel)
                continue
            }
            guard step.ask == nil, now >= nextRequest else {
                step.next = min(step.next ?? nextRequest, nextRequest)
                break
            }
            nextRequest = now + pace
            wants[i].asked += 1
            wants[i].askedAt = now
            step.ask = wants[i].channel
            step.next = min(step.next ?? now + timeout, now + timeout)
        }
        return step
    }
}
