import OutcryBytes
public import OutcryKernel

/// The other end of a connection, in the hands of a test: it has no kernel, and does what it is told.
///
/// What comes is there in ``received`` as soon as it has arrived; what is sent goes out as the window lets
/// it, the rest waits. Hold the world as long as the peer is used.
public final class SimulatedPeer {
    /// Bytes that have arrived and were not taken.
    public private(set) var received: [UInt8] = []
    /// The connection is there.
    public internal(set) var isConnected = false
    /// The other side has ended its half, or more.
    public private(set) var hasEnded = false
    /// The connection broke, or never came to be.
    public private(set) var error: SystemError?
    /// Read nothing from now on (the other side's writes pile up), or read again.
    public var isReading = true { didSet { if isReading, let socket { look(socket) } } }

    private weak var world: SimulatedWorld?
    private let id: TransportID
    private var waiting: [UInt8] = []
    private var endsWriting = false

    init(_ world: SimulatedWorld, _ socket: SimulatedSocket) {
        self.world = world
        id = socket.id
        socket.peer = self
        socket.isPeers = true
    }

    private var socket: SimulatedSocket? { world?.sockets[id] }

    /// Takes everything that has arrived.
    public func take() -> [UInt8] {
        defer { received = [] }
        return received
    }

    /// Takes at most `count` of the bytes that have arrived, from the front.
    public func take(_ count: Int) -> [UInt8] {
        let taken = Array(received.prefix(count))
        received.removeFirst(taken.count)
        return taken
    }

    /// What has arrived, as text.
    public var text: String { String(decoding: received, as: UTF8.self) }

    /// Sends bytes, also before the connection is there.
    public func send(_ bytes: [UInt8]) {
        waiting += bytes
        flush()
    }

    /// Sends the UTF-8 bytes of a text.
    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Ends this side's half once everything is sent.
    public func end() {
        endsWriting = true
        flush()
    }

    /// Closes both halves; what is not sent is lost.
    public func close() { if let socket { world?.close(socket) } }

    /// Resets the connection: the other side gets an error.
    public func reset() { if let socket { world?.abandon(socket) } }

    // MARK: The world's side

    func look(_ socket: SimulatedSocket) {
        guard isReading, let world else { return }
        if !socket.received.isEmpty {
            let count = socket.received.count
            socket.received.withUnread { bytes in
                for i in bytes.indices { received.append(bytes[i]) }
            }
            socket.received.removeAll()
            world.consumed(socket, count)
        }
        if let error = socket.error {
            self.error = error
            hasEnded = true
        } else if socket.hasEnd {
            hasEnded = true
        }
    }

    func flush() {
        guard let world, let socket, socket.phase == .open, !socket.isBlocked else { return }
        while !waiting.isEmpty {
            guard let count = try? world.write(socket, waiting, of: waiting.count) else {
                return waiting = []
            }
            let isAll = count == waiting.count
            waiting.removeFirst(count)
            if !isAll { return }
        }
        if endsWriting { world.endWriting(socket) }
    }
}

/// A listening address in the hands of a test.
public final class SimulatedDoor {
    /// Where it listens, with the port that it got.
    public let address: SocketAddress
    private weak var world: SimulatedWorld?
    private let id: TransportID

    init(_ world: SimulatedWorld, _ socket: SimulatedSocket, _ address: SocketAddress) {
        self.world = world
        self.address = address
        id = socket.id
        socket.isPeers = true
    }

    /// Takes the next connection, if there is one.
    public func accept() -> SimulatedPeer? {
        guard let world, let socket = world.sockets[id] else { return nil }
        while !socket.backlog.isEmpty {
            guard let new = world.sockets[socket.backlog.removeFirst()] else { continue }
            let peer = SimulatedPeer(world, new)
            peer.isConnected = true
            peer.look(new)
            return peer
        }
        return nil
    }

    /// Stops listening.
    public func close() { if let world, let socket = world.sockets[id] { world.close(socket) } }
}

extension SimulatedWorld {
    /// Connects a test's own peer to where a program listens.
    public func connect(to address: SocketAddress) -> SimulatedPeer {
        SimulatedPeer(self, connect(owner: nil, to: address))
    }

    /// Listens with a test's own door, for programs to connect to.
    ///
    /// - Throws: `bind: Address already in use (98)`.
    public func listen(on address: SocketAddress) throws(SystemError) -> SimulatedDoor {
        let (socket, bound) = try listen(owner: nil, on: address)
        return SimulatedDoor(self, socket, bound)
    }

    /// Resets every connection to a listening address, at both ends.
    public func resetConnections(to address: SocketAddress) {
        let hit = sockets.values.filter { $0.link == address && $0.phase == .open }
        for socket in hit.sorted(by: { $0.id.number < $1.id.number }) { fail(socket, .reset) }
    }
}
