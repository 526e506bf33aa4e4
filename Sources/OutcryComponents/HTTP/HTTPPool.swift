import OutcryKernel
import OutcryWire

/// What a connection leads to: calls of the same one may share it.
struct HTTPOrigin: Hashable {
    let isSecure: Bool
    let host: String
    let port: Int
    let proxy: HTTPProxy?

    init(_ url: VenueURL, _ proxy: HTTPProxy?) {
        isSecure = url.isSecure
        host = url.host
        port = url.port
        self.proxy = proxy
    }
}

/// The connections of a client: so many a host, the free ones kept for the next call, calls that find none
/// waiting in their order. A pure state machine.
///
/// A connection counts from when it is asked for until it is lost, whatever it does.
struct HTTPPool {
    /// What a call gets.
    enum Place: Equatable {
        /// A free connection, by its number.
        case connection(UInt64)
        /// A new one is to be opened.
        case new
        /// None yet.
        case queue
    }

    private struct Host {
        /// Connections that carry a call, or are being opened for one.
        var busy = 0
        /// The free ones; the last was used last.
        var free: [UInt64] = []
        var queue: [UInt64] = []

        var isEmpty: Bool { busy == 0 && free.isEmpty && queue.isEmpty }
    }

    private var hosts: [HTTPOrigin: Host] = [:]
    private let limit: Int

    /// - Parameter limit: The most connections a host.
    init(limit: Int) {
        precondition(limit > 0, "a host has a connection at least")
        self.limit = limit
    }

    /// Connections and waiting calls of a host.
    func counts(_ origin: HTTPOrigin) -> (busy: Int, free: Int, queue: Int) {
        let host = hosts[origin] ?? Host()
        return (host.busy, host.free.count, host.queue.count)
    }

    /// Hosts of which anything is known.
    var count: Int { hosts.count }

    /// A place for a call. The connection used last goes first: the others get old and are closed.
    mutating func place(_ call: UInt64, _ origin: HTTPOrigin) -> Place {
        var host = hosts[origin] ?? Host()
        defer { hosts[origin] = host }
        if let free = host.free.popLast() {
            host.busy += 1
            return .connection(free)
        }
        guard host.busy < limit else {
            host.queue.append(call)
            return .queue
        }
        host.busy += 1
        return .new
    }

    /// A call gives its place back.
    ///
    /// - Parameter connection: The connection, where that can be used again; nil: it is lost.
    /// - Returns: The call that has waited longest and what it gets, if any waits.
    mutating func release(
        _ connection: UInt64?, _ origin: HTTPOrigin
    ) -> (call: UInt64, place: Place)? {
        guard var host = hosts[origin] else { return nil }
        defer { hosts[origin] = host.isEmpty ? nil : host }
        if !host.queue.isEmpty {
            return (host.queue.removeFirst(), connection.map { .connection($0) } ?? .new)
        }
        host.busy -= 1
        if let connection { host.free.append(connection) }
        return nil
    }

    /// A free connection is lost.
    mutating func lose(_ connection: UInt64, _ origin: HTTPOrigin) {
        hosts[origin]?.free.removeAll { $0 == connection }
        if hosts[origin]?.isEmpty == true { hosts[origin] = nil }
    }

    /// A call waits no more.
    mutating func withdraw(_ call: UInt64, _ origin: HTTPOrigin) {
        hosts[origin]?.queue.removeAll { $0 == call }
        if hosts[origin]?.isEmpty == true { hosts[origin] = nil }
    }
}
