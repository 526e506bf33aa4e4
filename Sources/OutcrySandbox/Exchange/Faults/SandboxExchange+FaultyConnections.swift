import OutcryComponents
import OutcryKernel

// Connections that are slow, silent, cut, or not let in.

extension SandboxExchange {
    /// How often a slow connection may be written.
    private static let trickle = Duration.milliseconds(100)

    /// Whether a connection that comes is closed at once.
    func turnsAway(_ stream: StreamWheel, _ my: Context) -> Bool {
        guard my.now < faults.refusesUntil else { return false }
        counters.faults[.refuse] += 1
        stream.abort()
        return true
    }

    /// Does to a new connection what is set.
    func begin(_ stream: StreamWheel) {
        if faults.settings[.slowSockets] > 0 { limit(stream) }
        if hits(.halfOpen) { silence(stream) }
    }

    /// Does to all connections what is set now.
    func setConnections(_ before: SandboxFaults, _ my: Context) {
        let (rate, share) = (faults.settings[.slowSockets], faults.settings[.halfOpen])
        guard rate != before[.slowSockets] || share != before[.halfOpen] else { return }
        for connection in connectionsInOrder {
            let stream = connection.stream
            if share != before[.halfOpen], faults.silent.remove(stream.number) != nil {
                stream.resumeReading()
                stream.continueReading()
                stream.limitWriting(to: nil)
            }
            guard !faults.silent.contains(stream.number) else { continue }
            if rate > 0 { limit(stream) } else { stream.limitWriting(to: nil) }
            if share != before[.halfOpen], hits(.halfOpen) { silence(stream) }
        }
        if rate > 0 { my.after(Self.trickle, .sandboxTrickle, named: "trickle") }
    }

    /// Lets slow connections be written a little more.
    func trickle(_ my: Context) {
        guard faults.settings[.slowSockets] > 0 else { return }
        for connection in connectionsInOrder where !faults.silent.contains(connection.number) {
            if connection.stream.unwritten > 0 { counters.faults[.slowSockets] += 1 }
            limit(connection.stream)
        }
        my.after(Self.trickle, .sandboxTrickle, named: "trickle")
    }

    private func limit(_ stream: StreamWheel) {
        stream.limitWriting(to: max(1, Int(faults.settings[.slowSockets] / 10)))
    }

    /// Nothing goes to a client any more, and nothing of it is read; its connection stays.
    private func silence(_ stream: StreamWheel) {
        faults.silent.insert(stream.number)
        stream.limitWriting(to: 0)
        stream.pauseReading()
    }

    /// The deadline of a connection has passed; one that is silent lets it pass.
    func feelOverdue(_ stream: StreamWheel) {
        if faults.silent.contains(stream.number) { return stream.setDeadline(after: .seconds(60)) }
        connections[stream.number]?.overdue()
    }

    // MARK: Once

    /// Cuts so many of a thousand connections.
    func disconnect(_ share: Int64, _ my: Context) {
        for connection in connectionsInOrder where draws(share) {
            counters.faults[.disconnect] += 1
            connection.end()
            connection.stream.abort()
        }
    }

    /// So many of a thousand Socket.IO sessions at the endpoint are over.
    func expireSessions(_ share: Int64, _ my: Context) {
        for (_, client) in sessionClients.sorted(by: { $0.key < $1.key }) where draws(share) {
            guard case .socketIO(let session) = client.carrier else { continue }
            counters.faults[.expireSessions] += 1
            socketIO.expire(session, my)
        }
        hearNews(my)
    }

    private func draws(_ share: Int64) -> Bool { Int64(faults.pick(1_000)) < share }
}
