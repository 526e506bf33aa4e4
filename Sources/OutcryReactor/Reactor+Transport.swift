import COutcrySystem
import Glibc
public import OutcryKernel

// What the kernel asks of its transports.

extension Reactor {
    /// Begins to connect, over TCP (without Nagle's delay) or to a path.
    public func connect(to address: SocketAddress) throws(SystemError) -> TransportID {
        let raw = try RawAddress(address)
        let descriptor = try Self.makeSocket(raw)
        let result = unsafe raw.withPointer { unsafe Glibc.connect(descriptor.number, $0, $1) }
        guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
            throw SystemError(last: "connect")
        }
        return try register(descriptor, .connecting).id
    }

    /// Begins to listen.
    ///
    /// A path that a dead process left behind is taken over; one on which somebody listens is not. An IPv6
    /// address takes IPv6 connections only.
    public func listen(
        on address: SocketAddress
    ) throws(SystemError) -> (TransportID, SocketAddress) {
        let raw = try RawAddress(address)
        let descriptor = try Self.makeSocket(raw)
        let number = descriptor.number
        var file: SocketFile?
        if case .unix(let path) = address {
            try Self.bind(number, raw, path)
            file = SocketFile(path)
        } else {
            _ = outcry_set_option(number, SOL_SOCKET, SO_REUSEADDR, 1)
            if raw.family == AF_INET6 {
                _ = outcry_set_option(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            }
            try Self.bind(number, raw)
        }
        guard Glibc.listen(number, options.backlog) == 0 else { throw SystemError(last: "listen") }
        var bound = RawAddress()
        guard unsafe bound.fill({ unsafe getsockname(number, $0, $1) }) == 0 else {
            throw SystemError(last: "getsockname")
        }
        let socket = try register(descriptor, .listener, file: file)
        return (socket.id, file == nil ? bound.address : address)
    }

    /// Sets what the listener's connections inherit. Linux counts its own bookkeeping, too, and doubles the
    /// number for that.
    @discardableResult public func limitSystemBuffer(
        _ listener: TransportID, to bytes: Int
    ) -> Bool {
        guard let socket = socket(listener), socket.kind == .listener, bytes > 0 else {
            return false
        }
        let size = Int32(clamping: bytes)
        return outcry_set_option(socket.descriptor.number, SOL_SOCKET, SO_SNDBUF, size) == 0
    }

    /// Turns reading or accepting on or off.
    public func setReading(_ transport: TransportID, _ on: Bool) {
        guard let socket = socket(transport) else { return }
        socket.reads = on
        watch(socket)
        if on { listAgain(socket) }
    }

    /// Takes as many of the bytes as the system does now; 0 while it takes none.
    public func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int {
        let taken = sendPlain(bytes, transport)
        if taken == bytes.count { return taken }
        return taken > 0 ? try rest(transport, taken) : try ask(transport, bytes)
    }

    /// Asks (once more) for what comes of a write: of a secret stream, of one that takes nothing, or none.
    @inline(never)
    private func ask(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int {
        guard let socket = socket(transport) else {
            throw SystemError(call: "send", errno: EBADF)
        }
        guard bytes.count > 0 else { return 0 }
        if let tls = socket.tls { return try writeSecret(socket, tls, bytes) }
        let number = socket.descriptor.number
        var taken: Int
        repeat {
            taken = unsafe bytes.withUnsafeBufferPointer {
                unsafe send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        } while taken < 0 && errno == EINTR
        return taken == bytes.count ? taken : try rest(transport, taken)
    }

    /// The system did not take all: the socket is watched until it takes more.
    private func rest(_ transport: TransportID, _ taken: Int) throws(SystemError) -> Int {
        guard taken >= 0 || errno == EAGAIN else { throw SystemError(last: "send") }
        guard let socket = socket(transport) else { return taken }
        socket.wantsWrite = true
        watch(socket)
        return max(0, taken)
    }

    /// Offers the same bytes to many: one call of the system each, and nothing else in the way.
    public func write(
        _ bytes: Span<UInt8>, to transports: Span<TransportID>,
        _ short: (Int, ShortWrite) -> Void
    ) {
        for place in transports.indices {
            let taken = sendPlain(bytes, transports[place])
            if taken == bytes.count { continue }
            do throws(SystemError) {
                let count =
                    taken > 0
                    ? try rest(transports[place], taken) : try ask(transports[place], bytes)
                if count < bytes.count { short(place, .took(count)) }
            } catch { short(place, .failed(error)) }
        }
    }

    /// - Returns: What `send` says; -1 where the stream is not plain.
    @inline(__always) private func sendPlain(_ bytes: Span<UInt8>, _ id: TransportID) -> Int {
        guard let place = place(of: id), slots[place].plain >= 0 else { return -1 }
        let number = slots[place].plain
        return unsafe bytes.withUnsafeBufferPointer {
            unsafe send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Ends this side's half; for a secret transport, once the good-bye has gone.
    @discardableResult public func endWriting(_ transport: TransportID) -> Bool {
        guard let socket = socket(transport) else { return true }
        if let tls = socket.tls { return endSecret(socket, tls) }
        _ = shutdown(socket.descriptor.number, Int32(SHUT_WR))
        return true
    }

    /// Closes the transport; its number is never used again.
    public func close(_ transport: TransportID) {
        if let socket = socket(transport), socket.tls?.mustStay == true { return depart(socket) }
        forget(transport)
        if !starving.isEmpty { acceptAgain() }
    }

    // MARK: Making sockets

    static func makeSocket(_ address: RawAddress) throws(SystemError) -> Descriptor {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try Descriptor(Glibc.socket(address.family, kind, 0), from: "socket")
        // Accepted sockets inherit this from their listener.
        if address.family != AF_UNIX {
            _ = outcry_set_option(descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        }
        return descriptor
    }

    private static func bind(_ number: Int32, _ address: RawAddress) throws(SystemError) {
        guard unsafe address.withPointer({ unsafe Glibc.bind(number, $0, $1) }) == 0 else {
            throw SystemError(last: "bind")
        }
    }

    /// Binds to a path; removes a socket on which nobody listens, and nothing else.
    static func bind(
        _ number: Int32, _ address: RawAddress, _ path: String
    ) throws(SystemError) {
        do { return try bind(number, address) } catch {
            guard error.code == EADDRINUSE, isStale(path, address) else { throw error }
        }
        _ = unsafe unlink(path)
        try bind(number, address)
    }

    private static func isStale(_ path: String, _ address: RawAddress) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
            let probe = try? makeSocket(address)
        else { return false }
        return unsafe address.withPointer { unsafe Glibc.connect(probe.number, $0, $1) } < 0
            && errno == ECONNREFUSED
    }
}
