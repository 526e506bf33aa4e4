import OutcryComponents
public import OutcryKernel
import OutcryServing
import OutcryWire

/// A door of a SafetyNet that was not opened; then none of them is.
public struct SafetyNetDoorError: Error, CustomStringConvertible {
    /// The door.
    public let door: SafetyNetDoor
    /// What the system said, or why certificate or key cannot be used; nil: the door is not allowed.
    public let reason: SystemError?

    /// The address and the reason.
    public var description: String {
        let why =
            reason.map { "\($0)" }
            ?? "a door for others than this machine needs TLS and tokens, or the word that it is open"
        return "cannot listen on \(door.address): \(why)"
    }
}

// Clients come, speak and go.

extension SafetyNet {
    /// Things that one client may ask before others get their turn.
    private static let requestsAtOnce = 32

    /// Opens all doors, or none.
    func open(_ my: Context) throws(SafetyNetDoorError) {
        var options = StreamOptions()
        configuration.fanOut.apply(to: &options)
        options.inboundLimit = 1 << 20
        options.outboundKept = 0
        for door in doors {
            guard isAllowed(door) else {
                closeDoors()
                throw SafetyNetDoorError(door: door, reason: nil)
            }
            do {
                listeners.append(
                    try my.listen(on: door.address, tls: door.tls, options: options))
            } catch {
                closeDoors()
                throw SafetyNetDoorError(door: door, reason: error)
            }
        }
        for (index, address) in addresses.enumerated() {
            doors[index].address = address
            my.log.info("listens on", address)
            my.publish(.safetyNetOpened, address)
        }
    }

    private func isAllowed(_ door: SafetyNetDoor) -> Bool {
        let access = admission.access
        return door.address.isLoopback || access.isOpenToAll
            || (door.tls != nil && !access.tokens.isEmpty)
    }

    func closeDoors() {
        for listener in listeners { listener.close() }
        listeners.removeAll()
    }

    /// Other doors, or the same with other certificates; the old ones where these cannot be opened.
    func reopen(_ doors: [SafetyNetDoor], _ my: Context) {
        guard !isDraining, !doors.isEmpty else { return }
        let old = self.doors
        closeDoors()
        self.doors = doors
        do throws(SafetyNetDoorError) { try open(my) } catch {
            my.log.error("the old doors stay", error)
            self.doors = old
            do throws(SafetyNetDoorError) { try open(my) } catch {
                my.log.error("and cannot be opened", error)
            }
        }
    }

    func accept(_ stream: StreamWheel, _ my: Context) {
        counters.accepted += 1
        guard !isDraining, admission.open(from: stream.peer, all: connections.count) else {
            counters.turnedAway += 1
            return stream.abort()
        }
        connections[stream.number] = ServerConnection(stream, rules: configuration.connections)
    }

    func forget(_ end: StreamClosed, _ my: Context) {
        let stream = end.stream
        guard connections.removeValue(forKey: stream.number) != nil else { return }
        admission.close(from: stream.peer)
        if let client = clients.removeValue(forKey: stream.number) { forget(client, my) }
        socketIO.closed(end, my)
        hearNews(my)
    }

    /// A client of the stream is behind, or has caught up; one of HTTP has to read first.
    func feel(_ pressure: StreamPressure, _ my: Context) {
        guard let connection = connections[pressure.stream.number],
            !fanOut.feel(pressure, my)
        else { return }
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
            case .request(let head, let body): route(head, body: body, connection, my)
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
}
