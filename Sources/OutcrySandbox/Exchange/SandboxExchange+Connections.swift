import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

// Clients come, speak and go.

extension SandboxExchange {
    /// Things that one client may ask before others get their turn.
    private static let requestsAtOnce = 32

    func accept(_ new: StreamAccepted, _ my: Context) {
        let stream = new.stream
        counters.accepted += 1
        guard !turnsAway(stream, my) else { return }
        counters.open += 1
        connections[stream.number] = ServerConnection(stream, rules: configuration.connections)
        if let door = listeners.firstIndex(where: { $0 === new.listener }),
            doors[door].dialect == .midChains
        {
            midChains.streams.insert(stream.number)
        }
        if faults.inConnections { begin(stream) }
    }

    func forget(_ end: StreamClosed, _ my: Context) {
        let stream = end.stream
        guard let connection = connections.removeValue(forKey: stream.number) else { return }
        counters.open -= 1
        faults.silent.remove(stream.number)
        forgetMidChains(stream.number)
        if let ending = connection.ending { my.log.info("WebSocket", stream.peer, ending) }
        if let client = clients.removeValue(forKey: stream.number) {
            counters.webSockets -= 1
            forget(client)
        }
        socketIO.closed(end, my)
        hearNews(my)
    }

    func forget(_ client: SandboxClient) {
        client.isGone = true
        gone += 1
        // Not one by one: when thousands leave at once, each would be looked for among thousands.
        if gone >= 256 { sweepSubscribers() }
        for owner in client.accounts {
            accountClients[owner]?.removeAll { $0 === client }
            if accountClients[owner]?.isEmpty == true { accountClients[owner] = nil }
        }
    }

    /// Takes those who have left out of the channels; before anything is put to these.
    func sweepSubscribers() {
        guard gone > 0 else { return }
        gone = 0
        for channel in subscribers.indices { subscribers[channel].removeAll { $0.isGone } }
    }

    /// Everybody who is connected, in the order of arrival.
    var connectionsInOrder: [ServerConnection] {
        connections.sorted { $0.key < $1.key }.map(\.value)
    }

    /// A client of the stream that lets too much pile up is cut off; one of HTTP has to read first.
    func feel(_ pressure: StreamPressure, _ my: Context) {
        guard let connection = connections[pressure.stream.number] else { return }
        if connection.isStream, pressure.isHigh {
            cutOff(connection, my)
        } else {
            connection.feel(pressure)
        }
    }

    private func cutOff(_ slow: ServerConnection, _ my: Context) {
        counters.cutOff += 1
        my.log.warning("cut off, too slow", slow.stream.peer)
        slow.end()
        slow.stream.abort()
    }

    /// Cuts off those for whom most waits where too much waits for all clients of the stream together, down to the
    /// half: thousands whose machines are gone are each within their limit until they are found dead.
    func weigh(_ my: Context) {
        var waiting = connections.values.reduce(0) { $0 + ($1.isStream ? $1.stream.unwritten : 0) }
        guard waiting > configuration.slowClientsLimit else { return }
        let slowest = connections.values.filter(\.isStream)
            .map { (bytes: $0.stream.unwritten, number: $0.stream.number) }
            .sorted { ($1.bytes, $0.number) < ($0.bytes, $1.number) }
        for (bytes, number) in slowest where waiting > configuration.slowClientsLimit / 2 {
            guard let connection = connections[number] else { continue }
            waiting -= bytes
            cutOff(connection, my)
        }
    }

    func receive(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        guard !isOverfull else { return unheard.append(stream.number) }
        var left = Self.requestsAtOnce
        guard !mustPause(my) else { return stream.continueReading() }
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body):
                route(head, body: body, connection, my)
            case .text(let bytes): hear(bytes, connection, my)
            case .ping(let bytes): connection.pong(bytes)
            case .pong: break
            case .close(let goodbye): connection.close(goodbye.answer)
            case .broken(let error): refuse(error, connection)
            }
            hearNews(my)
            left -= 1
            if left == 0 || mustPause(my) { return stream.continueReading() }
        }
    }

    /// Answers what is no request and no frame, and closes.
    private func refuse(_ error: CodecError, _ connection: ServerConnection) {
        counters.refused += 1
        guard !connection.isWebSocket else { return connection.refuse(error) }
        text.setRefusal(.v1, CallRefusal(status: error.httpStatus, message: "\(error)"))
        let body = text.bytes
        connection.reply(error.httpStatus, Self.json, body.span, keepsAlive: false)
    }

    // MARK: Questions of the same process

    var levels: SandboxLevels {
        SandboxLevels(
            bids: engine.summedLevels(.bid), asks: engine.summedLevels(.ask),
            stamp: engine.lastStamp)
    }

    func drain(_ ask: Ask<Void, SandboxDrained>, _ my: Context) {
        drains.append(ask)
        my.yield(.sandboxDrainLook)
    }

    /// Answers when nothing waits to be written; looks again in a millisecond else.
    func lookAtDrains(_ my: Context) {
        guard !drains.isEmpty else { return }
        guard connections.values.allSatisfy({ $0.stream.unwritten == 0 }), socketIO.isIdle,
            held.isEmpty
        else {
            my.after(.milliseconds(1), .sandboxDrainLook, named: "drain")
            return
        }
        for ask in drains {
            my.answer(ask, SandboxDrained(stamp: engine.lastStamp, counters: counters))
        }
        drains.removeAll()
    }
}
