import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

// Clients come, speak and go.

extension SandboxExchange {
    /// Things that one client may ask before others get their turn.
    private static let requestsAtOnce = 32

    func open(on address: SocketAddress, _ my: Context) throws(SystemError) {
        var options = StreamOptions()
        options.highWater = configuration.slowClientLimit
        options.lowWater = configuration.slowClientLimit / 4
        options.inboundLimit = 1 << 20
        options.outboundKept = 0
        let listener = try my.listen(on: address, tls: configuration.tls, options: options)
        self.listener = listener
        my.log.info("listens on", listener.address)
        my.publish(.sandboxOpened, listener.address)
    }

    func accept(_ stream: StreamWheel) {
        counters.accepted += 1
        counters.open += 1
        connections[stream.number] = ServerConnection(stream, rules: configuration.connections)
    }

    func forget(_ end: StreamClosed, _ my: Context) {
        let stream = end.stream
        guard let connection = connections.removeValue(forKey: stream.number) else { return }
        counters.open -= 1
        if let ending = connection.ending { my.log.info("WebSocket", stream.peer, ending) }
        if let client = clients.removeValue(forKey: stream.number) {
            counters.webSockets -= 1
            forget(client)
        }
        socketIO.closed(end, my)
        hearNews(my)
    }

    func forget(_ client: SandboxClient) {
        for channel in client.channels { subscribers[channel].removeAll { $0 === client } }
    }

    /// Everybody who is connected, in the order of arrival.
    var connectionsInOrder: [ServerConnection] {
        connections.sorted { $0.key < $1.key }.map(\.value)
    }

    /// A client of the stream that lets too much pile up is cut off; one of HTTP has to read first.
    func feel(_ pressure: StreamPressure, _ my: Context) {
        guard let connection = connections[pressure.stream.number] else { return }
        if connection.isStream, pressure.isHigh {
            counters.cutOff += 1
            my.log.warning("cut off, too slow", pressure.stream.peer)
            connection.end()
            pressure.stream.abort()
        } else {
            connection.feel(pressure)
        }
    }

    func receive(_ stream: StreamWheel, _ my: Context) {
        guard let connection = connections[stream.number] else { return }
        var left = Self.requestsAtOnce
        while let incoming = connection.next() {
            switch incoming {
            case .request(let head, let body):
                if !socketIO.serve(head, body: body, on: connection, my) {
                    serve(head, connection, my)
                }
            case .text(let bytes): hear(bytes, connection, my)
            case .ping(let bytes): connection.pong(bytes)
            case .pong: break
            case .close(let goodbye): connection.close(goodbye.answer)
            case .broken(let error): refuse(error, connection)
            }
            hearNews(my)
            left -= 1
            if left == 0 { return stream.continueReading() }
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

    // MARK: Restart

    /// The exchange is stopped for good: 1001 to those on a WebSocket of their own.
    func sayGoodbye() {
        for connection in connectionsInOrder where clients[connection.number] != nil {
            connection.close(.goingAway, "the sandbox ends")
        }
    }

    func restart(_ pause: Duration, _ my: Context) {
        counters.restarts += 1
        let address = listener?.address ?? configuration.address
        my.log.info("restarts", address)
        reopenAddress = address
        listener?.close()
        listener = nil
        socketIO.reset()
        sessionClients.removeAll()
        counters.socketIO = 0
        for index in subscribers.indices {
            subscribers[index].removeAll { if case .socketIO = $0.carrier { true } else { false } }
        }
        for connection in connectionsInOrder {
            connection.end()
            connection.stream.abort()
        }
        my.after(pause, .sandboxReopen, named: "reopen")
    }

    func reopen(_ my: Context) {
        guard listener == nil else { return }
        do {
            try open(on: reopenAddress ?? configuration.address, my)
        } catch {
            my.log.warning("cannot listen yet", error)
            my.after(.milliseconds(100), .sandboxReopen, named: "reopen")
        }
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
        guard connections.values.allSatisfy({ $0.stream.unwritten == 0 }), socketIO.isIdle else {
            my.after(.milliseconds(1), .sandboxDrainLook, named: "drain")
            return
        }
        for ask in drains {
            my.answer(ask, SandboxDrained(stamp: engine.lastStamp, counters: counters))
        }
        drains.removeAll()
    }
}
