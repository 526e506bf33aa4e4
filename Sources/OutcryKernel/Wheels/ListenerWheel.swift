import OutcryBytes

/// A door for streams, in the hands of one session. Its event is `streamAccepted`.
public final class ListenerWheel: AnyWheel {
    /// Where it listens, with the port that it got.
    public let address: SocketAddress
    private let options: SharedOptions
    private let tls: TLSServerOptions?
    private var transport: TransportID?

    init(
        _ kernel: Kernel, owner: SessionID, _ transport: TransportID, _ address: SocketAddress,
        _ options: StreamOptions, _ tls: TLSServerOptions?
    ) {
        self.address = address
        self.tls = tls
        self.options = SharedOptions(options)
        self.transport = transport
        super.init(kernel, owner: owner)
        kernel.wheels[transport] = self
    }

    override var summary: String { "listener \(number) \(address)" }

    /// Leaves new connections waiting, or takes them again.
    public func setAccepting(_ on: Bool) {
        if let transport { kernel.driver.setReading(transport, on) }
    }

    /// It listens still.
    public var isOpen: Bool { transport != nil }

    /// Stops listening. The streams that it brought live on.
    public func close() {
        guard let transport else { return }
        self.transport = nil
        kernel.wheels[transport] = nil
        kernel.driver.close(transport)
        leave()
    }

    override func ownerEnded() { close() }

    override func failed(_ id: TransportID, _ error: SystemError) {
        kernel.log(.error, owner, "listener failed", ["\(address)", "\(error)"])
        let owner = owner
        close()
        kernel.core.notify(
            .listenerFailed, owner, ListenerFailed(listener: self, error: error))
    }

    override func accepted(_ id: TransportID, peer: String) {
        let stream = StreamWheel(kernel, owner: owner, peer: peer, options: options, phase: .open)
        stream.transport = id
        kernel.wheels[id] = stream
        if let tls { return stream.beginSecuring(Secrecy(.server(tls), listener: self)) }
        kernel.core.notify(
            .streamAccepted, owner, StreamAccepted(listener: self, stream: stream))
    }
}

extension Context {
    /// Begins to connect; the outcome comes to this session as `streamOpened` or `streamClosed`.
    ///
    /// - Parameter tls: Makes the stream secret before it is opened; nil: it is not.
    public func connect(
        to endpoint: Endpoint, tls: TLSClientOptions? = nil,
        options: StreamOptions = StreamOptions()
    ) -> StreamWheel {
        let stream = StreamWheel(
            core.kernel, owner: id, peer: "\(endpoint)", options: SharedOptions(options),
            phase: .dialing)
        if stream.isOrphan {
            stream.abort()
            return stream
        }
        let role = tls.map { TLSRole.client($0, serverName: $0.serverName ?? endpoint.serverName) }
        let dial = Dial(core.kernel, stream, role)
        stream.dial = dial
        dial.start(endpoint)
        return stream
    }

    /// Begins to listen; connections come to this session as `streamAccepted`.
    ///
    /// - Parameter tls: Makes the streams secret before they are accepted; nil: they are not.
    /// - Throws: What the system said, for instance that the port is taken; or why the certificate or the
    ///   key cannot be used.
    public func listen(
        on address: SocketAddress, tls: TLSServerOptions? = nil,
        options: StreamOptions = StreamOptions()
    ) throws(SystemError) -> ListenerWheel {
        if let tls { try prepare(tls) }
        let (transport, bound) = try core.kernel.driver.listen(on: address)
        if let bytes = options.systemBuffer {
            core.kernel.driver.limitSystemBuffer(transport, to: bytes)
        }
        let listener = ListenerWheel(core.kernel, owner: id, transport, bound, options, tls)
        if listener.isOrphan { listener.close() }
        return listener
    }
}

extension Context {
    /// Reads the files of certificate and key anew. What is accepted from now on by listeners with these
    /// options is shown the new ones; who is connected stays. Where it throws everything is as before.
    ///
    /// - Throws: Why certificate or key cannot be used.
    public func prepare(_ tls: TLSServerOptions) throws(SystemError) {
        do { try core.kernel.driver.prepare(tls) } catch {
            throw SystemError(call: "listen", code: 22, message: "\(error)")
        }
    }
}

extension Kernel {
    /// A stream asked to be read on.
    func resumeReading(_ number: UInt64) {
        backlogged.removeValue(forKey: number)?.deliver(self)
    }

    /// Lends the bytes that an `Input.received` speaks of, for whoever records inputs: from within
    /// ``onInput``, before anybody has read them.
    ///
    /// - Returns: Nil when there is no such stream, or it does not hold so many bytes.
    public func withReceived<R>(
        _ id: TransportID, count: Int, _ body: (borrowing Span<UInt8>) -> R
    ) -> R? {
        guard let stream = wheels[id] as? StreamWheel, count <= stream.inbound.count else {
            return nil
        }
        return stream.inbound.withUnread { body($0.extracting(last: count)) }
    }

    /// Lends the free memory behind a stream's unread bytes to the driver, which says how much of it it
    /// filled; then gives the kernel `Input.received`. No transport may come or go meanwhile.
    ///
    /// - Returns: Nil when the stream does not take bytes now: it is not open, has bytes left to deliver, or
    ///   holds its ``StreamOptions/inboundLimit``, or its owner's mailbox is above its high mark; else what
    ///   `body` returned.
    public func withSpace(
        for id: TransportID, _ body: (inout OutputSpan<UInt8>) -> Int
    ) -> Int? {
        wheels.lend(id) { $0.lendSpace(self, body) }
    }
}
