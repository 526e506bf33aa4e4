public import OutcryKernel

extension Simulation {
    private func socket(_ id: TransportID) -> SimulatedSocket? {
        guard let socket = world.sockets[id], socket.owner === self else { return nil }
        return socket
    }

    /// Begins to connect; the listener may be in any kernel of the world, or in the test.
    public func connect(to address: SocketAddress) throws(SystemError) -> TransportID {
        world.connect(owner: self, to: address).id
    }

    /// Begins to listen. Port 0 gets one from 49,152.
    ///
    /// - Throws: `bind: Address already in use (98)`.
    public func listen(
        on address: SocketAddress
    ) throws(SystemError) -> (TransportID, SocketAddress) {
        let (socket, bound) = try world.listen(owner: self, on: address)
        return (socket.id, bound)
    }

    /// Turns reading, or accepting, on or off.
    public func setReading(_ transport: TransportID, _ on: Bool) {
        guard let socket = socket(transport) else { return }
        socket.isReading = on
        if on { queue(socket) }
    }

    /// Takes as many bytes as the link's window (and its faults) let pass.
    ///
    /// - Throws: `recv: Connection reset by peer (104)`, `send: Broken pipe (32)`.
    public func write(
        _ transport: TransportID, _ bytes: Span<UInt8>
    ) throws(SystemError) -> Int {
        guard let socket = socket(transport) else { throw .brokenPipe }
        var copy: [UInt8] = []
        let count = min(bytes.count, world.room(socket))
        copy.reserveCapacity(count)
        for i in 0..<count { copy.append(bytes[i]) }
        return try world.write(socket, copy, of: bytes.count)
    }

    /// Lets the other side read to the end.
    @discardableResult public func endWriting(_ transport: TransportID) -> Bool {
        if let socket = socket(transport) { world.endWriting(socket) }
        return true
    }

    /// Forgets the transport. The other side reads to the end, or gets a reset when bytes were unread.
    public func close(_ transport: TransportID) {
        if let socket = socket(transport) { world.close(socket) }
    }

    /// Looks `host` up in the world's table; numeric addresses mean themselves.
    public func resolve(_ host: String, port: UInt16, _ request: RequestID) {
        let answer: RequestResult =
            world.addresses(of: host, port: port).map { .addresses($0) } ?? .failed(.unknownName)
        world.plan(after: world.latency(.loopback(port: port))) { [weak self] _ in
            self?.add(.completed(request, answer))
        }
    }
}
