import OutcryBytes
import OutcryKernel

// Connections: how they come to be, how packets travel, how they end.

extension SimulatedWorld {
    /// Sockets that there are: listeners, and both ends of connections.
    package var socketCount: Int { sockets.count }

    func open(
        owner: Simulation?, link: SocketAddress, name: String, _ phase: SimulatedSocket.Phase
    ) -> SimulatedSocket {
        let socket = SimulatedSocket(
            newTransport(), owner: owner, link: link, name: name, phase: phase)
        sockets[socket.id] = socket
        return socket
    }

    func listen(
        owner: Simulation?, on address: SocketAddress
    ) throws(SystemError) -> (SimulatedSocket, SocketAddress) {
        var bound = address
        if !address.isUnix, address.port == 0 {
            repeat { bound = address.with(port: newPort()) } while listeners[bound] != nil
        }
        guard listeners[bound] == nil else { throw .inUse }
        let socket = open(owner: owner, link: bound, name: "\(bound)", .listening)
        listeners[bound] = socket.id
        return (socket, bound)
    }

    func connect(owner: Simulation?, to address: SocketAddress) -> SimulatedSocket {
        let name = address.isUnix ? "unix:" : "\(SocketAddress.loopback(port: newPort()))"
        let socket = open(owner: owner, link: address, name: name, .connecting)
        let id = socket.id
        plan(after: latency(address)) { $0.knock(id) }
        return socket
    }

    /// A try to connect has come to its address.
    func knock(_ id: TransportID) {
        guard let socket = sockets[id], socket.phase == .connecting else { return }
        let faults = faults(for: socket.link)
        if faults.isStalled { return held.append(id) }
        if faults.isHalfOpen { return }
        if happens(oneIn: faults.dropsOneIn) {
            return plan(after: (faults.resendsAfter * 5).nanoseconds) { $0.knock(id) }
        }
        guard
            let listener = (listeners[socket.link] ?? listeners[socket.link.wildcard])
                .flatMap({ sockets[$0] }),
            !happens(oneIn: faults.refusesOneIn)
        else {
            let error: SystemError = socket.link.isUnix ? .noSuchPath : .refused
            plan(after: latency(socket.link)) { world in
                guard let socket = world.sockets[id] else { return }
                socket.error = error
                world.tell(socket)
            }
            return
        }
        let server = open(owner: listener.owner, link: socket.link, name: "\(socket.link)", .open)
        server.other = id
        server.isPeers = listener.isPeers
        socket.other = server.id
        listener.backlog.append(server.id)
        tell(listener)
        plan(after: latency(socket.link)) { world in
            guard let socket = world.sockets[id], socket.phase == .connecting else { return }
            socket.phase = .open
            if let owner = socket.owner { owner.add(.connected(id)) }
            socket.peer?.isConnected = true
            socket.peer?.flush()
            world.tell(socket)
        }
    }

    // MARK: Packets

    /// The bytes that a link still holds.
    func room(_ socket: SimulatedSocket) -> Int {
        max(0, faults(for: socket.link).window - socket.outstanding)
    }

    /// Takes as many of `total` bytes as there is room for, and sends them on their way; `bytes` are the
    /// first of them, as many as there is room for at least.
    func write(
        _ socket: SimulatedSocket, _ bytes: [UInt8], of total: Int
    ) throws(SystemError) -> Int {
        if let error = socket.error { throw error }
        guard socket.phase == .open, !socket.hasSentEnd else { throw .brokenPipe }
        let faults = faults(for: socket.link)
        let room = room(socket)
        var count = min(bytes.count, room)
        if let most = faults.largestWrite, count > 0 {
            count = min(count, Int.random(in: 1...max(1, most), using: &random))
        }
        if count < total {
            socket.isBlocked = true
            if count < room {
                let id = socket.id
                plan(after: latency(socket.link)) { $0.unblock(id) }
            }
        }
        socket.outstanding += count
        var at = 0
        while at < count {
            let most = faults.largestPiece.map { Int.random(in: 1...max(1, $0), using: &random) }
            let end = min(count, at + (most ?? count))
            send(socket, .bytes(Array(bytes[at..<end])), size: end - at)
            at = end
        }
        return count
    }

    func send(_ socket: SimulatedSocket, _ packet: SimulatedSocket.Packet, size: Int = 0) {
        var due = max(socket.lastDue, now.nanoseconds + latency(socket.link))
        if let rate = faults(for: socket.link).bandwidth {
            due += Int64(size) * 1_000_000_000 / Int64(max(1, rate))
        }
        socket.lastDue = due
        socket.flight.append((due, packet))
        fly(socket)
    }

    func fly(_ socket: SimulatedSocket) {
        guard !socket.isFlying, let due = socket.nextDue else { return }
        socket.isFlying = true
        let id = socket.id
        agenda.add(max(due, now.nanoseconds)) { world in
            guard let socket = world.sockets[id] else { return }
            socket.isFlying = false
            world.land(socket)
        }
    }

    /// The first packet of `socket` has come to the other end.
    func land(_ socket: SimulatedSocket) {
        let faults = faults(for: socket.link)
        // The connection may have failed meanwhile, and its packets with it.
        guard socket.nextDue != nil else { return }
        if faults.isStalled { return held.append(socket.id) }
        if happens(oneIn: faults.dropsOneIn) { return sendAgain(socket, faults) }
        let packet = socket.popPacket()
        defer {
            fly(socket)
            bury(socket)
        }
        let other = socket.other.flatMap { sockets[$0] }
        if faults.isHalfOpen {
            socket.isSevered = true
            other?.isSevered = true
        }
        if socket.isSevered { return }
        if happens(oneIn: faults.resetsOneIn) { return breakDown(socket) }
        switch packet {
        case .bytes(let bytes):
            guard let other, other.phase == .open || other.phase == .connecting else {
                // Nobody is there: the sender is told so.
                if socket.phase == .open { fail(socket, .reset) }
                return
            }
            do { try other.received.append(bytes) } catch { return breakDown(socket) }
            tell(other)
        case .hello(let hello):
            guard let other else { return }
            greeted(other, hello)
            tell(other)
        case .end:
            other?.hasEnd = true
            if let other { tell(other) }
        case .reset:
            if let other { fail(other, .reset) }
        }
    }

    /// The first packet of `socket` was dropped on its way.
    private func sendAgain(_ socket: SimulatedSocket, _ faults: NetworkFaults) {
        let pause = faults.resendsAfter * (1 << min(socket.drops, 6))
        socket.drops += 1
        socket.flight[socket.flightHead].due = (now + pause).nanoseconds
        socket.lastDue = max(socket.lastDue, (now + pause).nanoseconds)
        fly(socket)
    }

    /// The reader of `socket` took `count` bytes: the writer has that much more room.
    func consumed(_ socket: SimulatedSocket, _ count: Int) {
        guard let other = socket.other.flatMap({ sockets[$0] }) else { return }
        other.outstanding -= count
        let faults = faults(for: socket.link)
        guard other.isBlocked, !faults.isHalfOpen,
            faults.window - other.outstanding >= max(1, faults.window / 4)
        else { return }
        let id = other.id
        plan(after: latency(socket.link)) { $0.unblock(id) }
    }

    func unblock(_ id: TransportID) {
        guard let socket = sockets[id], socket.isBlocked, socket.phase == .open else { return }
        socket.isBlocked = false
        socket.owner?.add(.writable(id))
        socket.peer?.flush()
    }

    // MARK: Ends

    func endWriting(_ socket: SimulatedSocket) {
        guard socket.phase == .open, !socket.hasSentEnd else { return }
        socket.hasSentEnd = true
        send(socket, .end)
    }

    func close(_ socket: SimulatedSocket) {
        switch socket.phase {
        case .closed: return
        case .listening:
            if listeners[socket.link] == socket.id { listeners[socket.link] = nil }
            for waiting in socket.backlog.compactMap({ sockets[$0] }) { abandon(waiting) }
        case .connecting: break
        case .open:
            if socket.error == nil, !socket.received.isEmpty {
                send(socket, .reset)  // as TCP does when unread bytes are thrown away
            } else if socket.error == nil, !socket.hasSentEnd {
                send(socket, .end)
            }
        }
        socket.phase = .closed
        bury(socket)
    }

    /// Ends a connection the hard way, from one end: the other is told by a reset.
    func abandon(_ socket: SimulatedSocket) {
        guard socket.phase == .open else { return close(socket) }
        send(socket, .reset)
        socket.phase = .closed
    }

    /// Resets both ends at once: a cable that breaks, a router that forgets.
    func breakDown(_ socket: SimulatedSocket) {
        fail(socket, .reset)
        if let other = socket.other.flatMap({ sockets[$0] }) { fail(other, .reset) }
    }

    func fail(_ socket: SimulatedSocket, _ error: SystemError) {
        guard socket.phase != .closed, socket.error == nil else { return }
        socket.error = error
        socket.flight.removeAll()
        socket.flightHead = 0
        socket.drops = 0
        tell(socket)
    }

    /// Forgets a closed socket whose packets have all landed.
    private func bury(_ socket: SimulatedSocket) {
        if socket.phase == .closed, socket.nextDue == nil { sockets[socket.id] = nil }
    }

    /// Lets whoever has `socket` look at it.
    func tell(_ socket: SimulatedSocket) {
        socket.owner?.queue(socket)
        socket.peer?.look(socket)
    }

    /// The faults have changed: what was held may go on.
    func resume() {
        let waiting = held
        held.removeAll()
        for id in waiting {
            guard let socket = sockets[id] else { continue }
            if socket.phase == .connecting, socket.other == nil { knock(id) } else { fly(socket) }
        }
    }
}
