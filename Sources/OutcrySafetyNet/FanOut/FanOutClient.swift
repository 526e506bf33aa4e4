import OutcryComponents
import OutcryKernel
import OutcryServing

/// One client of a fan-out: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session. It is the bearer
/// of the connection that carries it; the owner of one on a WebSocket of its own ends that with the connection.
class FanOutClient {
    /// What its messages go over.
    enum Carrier {
        case webSocket(ServerConnection)
        case socketIO(SocketIOSession)
    }

    /// What is kept for a client that is behind.
    final class Behind {
        var backlog: FanOutBacklog
        let since: KernelTime
        /// What was told from this place of the log on is not in ``backlog`` yet.
        var place: Int
        /// So many trades had been told when none waited for it.
        var tradesBefore: Int

        init(_ limits: FanOutLimits, since: KernelTime, _ log: FanOutLog) {
            backlog = FanOutBacklog(limits)
            self.since = since
            place = log.end
            tradesBefore = log.trades
        }
    }

    /// How it gets what everybody gets.
    enum Seat {
        /// Not at all: it listens to nothing, or has left.
        case none
        /// With others who listen to the same, in the same framing, by this stream.
        case group(FanOutGroup, StreamWheel)
        /// By a message of its own: it polls, or compresses for itself.
        case alone(place: Int)
        /// It is behind.
        case slow(place: Int)
    }

    final let carrier: Carrier
    /// Its channels by ``PublicChannel/index``, a bit each.
    private(set) final var mask: UInt64 = 0
    final var seat = Seat.none
    /// What is kept for it while it is behind: elsewhere, for most never are.
    final var behind: Behind?
    /// The connection whose bearer it is.
    final var watched: ServerConnection?
    /// It has left, or was cut off; nothing is put to it any more.
    final var isGone = false

    init(_ carrier: Carrier) { self.carrier = carrier }

    /// What its messages are written to; nil while it polls.
    final var stream: StreamWheel? { connection?.stream }
    /// The connection of that stream.
    final var connection: ServerConnection? {
        switch carrier {
        case .webSocket(let connection): connection
        case .socketIO(let session): session.webSocket ?? session.page
        }
    }

    /// More than so many bytes wait for it: unwritten where a stream carries it, else for its next poll.
    final func isFull(_ limits: FanOutLimits) -> Bool {
        if let stream { return stream.isUnderPressure }
        guard case .socketIO(let session) = carrier else { return false }
        return session.waitingBytes >= limits.highWater
    }

    /// Where it comes from.
    final var peer: String {
        switch carrier {
        case .webSocket(let connection): connection.stream.peer
        case .socketIO(let session): session.peer
        }
    }

    /// Its channels by ``PublicChannel/index``, in that order.
    final var channels: [Int] { (0..<64).filter { listens(to: $0) } }

    final func listens(to channel: Int) -> Bool { mask & 1 << UInt64(channel) != 0 }

    /// - Returns: False where it did already.
    final func listen(to channel: Int) -> Bool {
        guard !listens(to: channel) else { return false }
        mask |= 1 << UInt64(channel)
        return true
    }

    /// - Returns: False where it did not.
    final func unlisten(to channel: Int) -> Bool {
        guard listens(to: channel) else { return false }
        mask &= ~(1 << UInt64(channel))
        return true
    }

    final func unlistenAll() {
        mask = 0
    }
}
