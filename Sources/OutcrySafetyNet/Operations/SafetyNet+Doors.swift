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
        do throws(SafetyNetDoorError) {
            for door in doors { listeners.append(try listen(door, my)) }
        } catch {
            closeDoors()
            throw error
        }
        tellDoors(my)
    }

    private func listen(
        _ door: SafetyNetDoor, _ my: Context
    ) throws(SafetyNetDoorError) -> ListenerWheel {
        guard isAllowed(door) else { throw SafetyNetDoorError(door: door, reason: nil) }
        var options = StreamOptions()
        configuration.fanOut.apply(to: &options)
        options.inboundLimit = 1 << 20
        options.outboundKept = 0
        do { return try my.listen(on: door.address, tls: door.tls, options: options) } catch {
            throw SafetyNetDoorError(door: door, reason: error)
        }
    }

    private func tellDoors(_ my: Context) {
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

    /// Other doors, or the same with what is in their files now. Files are looked at before any door is
    /// closed, and a door that stays as it is is not closed at all. Where something is wrong the old doors
    /// stay, and `/ready` tells why.
    func reopen(_ doors: [SafetyNetDoor], _ my: Context) {
        guard !isDraining, !doors.isEmpty else { return }
        do throws(SafetyNetDoorError) {
            for door in doors { try check(door, my) }
            if doors != self.doors || !listeners.allSatisfy(\.isOpen) {
                try replaceDoors(by: doors, my)
            }
            reopenProblem = nil
        } catch {
            my.log.error("the old doors stay", error)
            reopenProblem = "the old doors stay: \(error)"
        }
    }

    private func check(_ door: SafetyNetDoor, _ my: Context) throws(SafetyNetDoorError) {
        guard isAllowed(door) else { throw SafetyNetDoorError(door: door, reason: nil) }
        guard let tls = door.tls else { return }
        do { try my.prepare(tls) } catch { throw SafetyNetDoorError(door: door, reason: error) }
    }

    private func replaceDoors(
        by new: [SafetyNetDoor], _ my: Context
    ) throws(SafetyNetDoorError) {
        let old = doors
        // Doors at new addresses first: they are what may fail.
        var opened: [Int: ListenerWheel] = [:]
        do throws(SafetyNetDoorError) {
            for (place, door) in new.enumerated()
            where !old.contains(where: { $0.address == door.address }) {
                opened[place] = try listen(door, my)
            }
            for (place, door) in new.enumerated() where opened[place] == nil {
                guard let kept = old.firstIndex(where: { $0.address == door.address }) else {
                    continue
                }
                if old[kept] == door, listeners[kept].isOpen {
                    opened[place] = listeners[kept]
                } else {
                    listeners[kept].close()
                    opened[place] = try listen(door, my)
                }
            }
        } catch {
            for place in new.indices {
                guard let listener = opened[place],
                    !listeners.contains(where: { $0 === listener })
                else { continue }
                listener.close()
            }
            restore(old, my)
            throw error
        }
        let listeners = new.indices.compactMap { opened[$0] }
        for listener in self.listeners where !listeners.contains(where: { $0 === listener }) {
            listener.close()
        }
        self.listeners = listeners
        doors = new
        tellDoors(my)
    }

    /// Opens those of the old doors again that had to be closed.
    private func restore(_ old: [SafetyNetDoor], _ my: Context) {
        for (place, door) in old.enumerated() where !listeners[place].isOpen {
            do throws(SafetyNetDoorError) { listeners[place] = try listen(door, my) } catch {
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
        guard let connection = connections.removeValue(forKey: stream.number) else { return }
        admission.close(from: stream.peer)
        if let client = client(of: connection) { forget(client, my) }
        connection.bearer = nil
        socketIO.closed(end, my)
        hearNews(my)
    }

    /// A client of the stream is behind, or has caught up; one of HTTP has to read first.
    func feel(_ pressure: StreamPressure, _ my: Context) {
        guard let connection = connections[pressure.stream.number],
            !fanOut.feel(pressure, of: connection, my)
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
