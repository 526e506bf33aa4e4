import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// Where it listens, and which of the venue's hosts serves what.

extension SandboxExchange {
    /// Opens all doors, or none.
    func open(_ my: Context) throws(SandboxDoorError) {
        var options = StreamOptions()
        options.highWater = configuration.slowClientLimit
        options.lowWater = configuration.slowClientLimit / 4
        options.inboundLimit = 1 << 20
        options.outboundKept = 0
        for door in doors {
            do {
                listeners.append(
                    try my.listen(on: door.address, tls: door.tls, options: options))
            } catch {
                closeDoors()
                throw SandboxDoorError(door: door, reason: error)
            }
        }
        for (index, address) in addresses.enumerated() {
            doors[index].address = address
            my.log.info("listens on", address)
            my.publish(.sandboxOpened, address)
        }
    }

    private func closeDoors() {
        for listener in listeners { listener.close() }
        listeners.removeAll()
    }

    /// Gives a request to the service that its host and path mean.
    func route(
        _ head: HTTPRequestHead, body: [UInt8], _ connection: ServerConnection, _ my: Context
    ) {
        if midChains.streams.contains(connection.number) {
            return greetMidChains(head, connection, my)
        }
        let host = VenueHost(of: head)
        if host.serves(.socketIO), socketIO.serve(head, body: body, on: connection, my) { return }
        serve(head, body: body, from: host, connection, my)
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
        my.log.info("restarts")
        closeDoors()
        dropEverybody()
        my.after(pause, .sandboxReopen, named: "reopen")
    }

    /// Ends all connections without a goodbye.
    func dropEverybody() {
        socketIO.reset()
        for client in sessionClients.values { forget(client) }
        sessionClients.removeAll()
        counters.socketIO = 0
        sweepSubscribers()
        for connection in connectionsInOrder {
            connection.end()
            connection.stream.abort()
        }
    }

    func reopen(_ my: Context) {
        guard listeners.isEmpty else { return }
        do throws(SandboxDoorError) { try open(my) } catch {
            my.log.warning("cannot listen yet", error)
            my.after(.milliseconds(100), .sandboxReopen, named: "reopen")
        }
    }
}
