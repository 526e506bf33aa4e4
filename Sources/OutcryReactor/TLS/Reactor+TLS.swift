import COutcrySystem
import Glibc
import OutcryBytes
public import OutcryKernel

// Secret transports: the way of their ciphertext through the sockets.

extension Reactor {
    /// Loads certificate and key, and what clients are trusted by; connections from now on use these.
    public func prepare(_ options: TLSServerOptions) throws(TLSFailure) {
        let context = try TLSContext(.server(options))
        contexts.removeAll { $0.kind == context.kind }
        contexts.append(context)
    }

    /// Makes a transport secret, with libssl.
    public func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure) {
        guard let socket = socket(transport), socket.kind == .stream, socket.tls == nil else {
            throw TLSFailure(
                .options, name: "\(transport)", expected: "a connected transport", found: "none")
        }
        defer { setPlain(socket) }
        let peer = socket.peer
        switch role {
        case .client(let options, let name):
            let context = try context(.client(options.trust, options.identity))
            let tls = try TLSConnection.client(
                context, tlsBuffers, options, serverName: name, port: peer.port)
            socket.tls = tls
            // Says hello. Nothing can fail before the other side has answered.
            _ = tls.shakeHands()
            _ = try? push(socket, tls)
        case .server(let options):
            socket.tls = try TLSConnection(
                try context(.server(options)), tlsBuffers, name: "\(peer)", server: "")
        }
    }

    /// The context of `kind`, made when it is first asked for.
    private func context(_ kind: TLSContext.Kind) throws(TLSFailure) -> TLSContext {
        if let context = contexts.first(where: { $0.kind == kind }) { return context }
        let context = try TLSContext(kind)
        contexts.append(context)
        // A program that makes up options all the time: those that connections use live on with them.
        if contexts.count > 64 { contexts.removeFirst() }
        return context
    }

    // MARK: Readiness

    /// Something can be done for a handshake.
    func shakeHands(_ socket: Socket, _ tls: TLSConnection, _ kernel: Kernel) {
        let count = pull(socket, tls)
        guard count >= 0 else {
            if count == -Int(EAGAIN) || count == -Int(EINTR) {
                _ = try? push(socket, tls)
                return watch(socket)
            }
            return fail(socket, SystemError(call: "recv", errno: Int32(-count)), kernel)
        }
        let outcome = tls.shakeHands()
        tls.input.settle(into: tlsBuffers.input, lastRead: 0)
        _ = try? push(socket, tls)
        switch outcome {
        case .failed(let failure): tell(socket, failure, kernel)
        case .bytes:
            // What came behind it is looked at in its turn.
            if !tls.input.isEmpty || tls.hasEnded {
                tls.hasMore = true
                list(socket, tls)
            }
            watch(socket)
            kernel.receive(.secured(socket.id, tls.facts))
        case .nothing, .ended: watch(socket)
        }
    }

    /// Reads ciphertext once, and decrypts what is whole of it, straight into the kernel's memory.
    ///
    /// - Returns: As ``take(_:_:)``; `-EPROTO` where the connection has a failure to tell.
    func takeSecret(_ socket: Socket, _ tls: TLSConnection, _ kernel: Kernel) -> Int? {
        let result = kernel.withSpace(for: socket.id) { (space: inout OutputSpan<UInt8>) -> Int in
            unsafe space.withUnsafeMutableBufferPointer { buffer, count in
                guard let base = buffer.baseAddress else { return -Int(EAGAIN) }
                let room = buffer.count - count
                var taken = TLSConnection.Taken.nothing
                if tls.hasMore { taken = unsafe tls.read(into: base + count, room: room) }
                if taken == .nothing, !tls.hasMore {
                    let result = pull(socket, tls)
                    if result < 0 { return result }
                    taken = unsafe tls.read(into: base + count, room: room)
                }
                switch taken {
                case .bytes(let bytes):
                    count += bytes
                    return bytes
                case .nothing: return -Int(EAGAIN)
                case .ended: return 0
                case .failed: return -Int(EPROTO)
                }
            }
        }
        tls.input.settle(into: tlsBuffers.input, lastRead: result ?? 0)
        if !tls.output.isEmpty { _ = try? push(socket, tls) }
        if tls.hasMore { list(socket, tls) }
        return result
    }

    /// Tells that a transport is not secret, and never hears of it again.
    func tell(_ socket: Socket, _ failure: TLSFailure, _ kernel: Kernel) {
        if socket.watched != nil { epoll.remove(socket.descriptor.number) }
        socket.watched = nil
        kernel.receive(.insecure(socket.id, failure))
    }

    // MARK: More without readiness

    /// Remembers a transport of which more can be read although nothing comes.
    func list(_ socket: Socket, _ tls: TLSConnection) {
        guard !tls.isListed else { return }
        tls.isListed = true
        leftovers.append(socket.id)
    }

    /// Reads on where more is left. A stream that does not read is dropped from the list, so that nothing
    /// spins; it comes back when it reads.
    func readLeftovers(_ kernel: Kernel) {
        let now = leftovers
        leftovers.removeAll()
        for id in now {
            guard let socket = socket(id), let tls = socket.tls else { continue }
            tls.isListed = false
            guard tls.hasMore, socket.isReading else { continue }
            if kernel.isCongested {
                list(socket, tls)
            } else {
                receive(socket, kernel)
            }
        }
    }

    /// A transport reads again.
    func listAgain(_ socket: Socket) {
        if let tls = socket.tls, tls.hasMore, socket.isReading { list(socket, tls) }
    }

    // MARK: Ciphertext

    /// Reads ciphertext once.
    ///
    /// - Returns: How many bytes, 0 at the end, an error's number negated.
    func pull(_ socket: Socket, _ tls: TLSConnection) -> Int {
        let number = socket.descriptor.number
        let wanted = min(1 << 16, tls.input.room)
        // Never full: a record is smaller than the room, and whole records are used at once.
        guard wanted > 0 else { return -Int(EAGAIN) }
        tls.input.adopt(from: tlsBuffers.input, atLeast: wanted)
        let result = try? tls.input.withSpace(atLeast: wanted) {
            (space: inout OutputSpan<UInt8>) -> Int in
            unsafe space.withUnsafeMutableBufferPointer { buffer, count in
                guard let base = buffer.baseAddress else { return -Int(EAGAIN) }
                let taken = unsafe recv(number, base + count, buffer.count - count, 0)
                if taken < 0 { return -Int(errno) }
                count += taken
                return taken
            }
        }
        if result == 0 { tls.hasEnded = true }
        return result ?? -Int(EAGAIN)
    }

    /// Writes what is encrypted, as far as the system takes it.
    ///
    /// - Returns: Whether all of it has gone.
    func push(_ socket: Socket, _ tls: TLSConnection) throws(SystemError) -> Bool {
        let number = socket.descriptor.number
        while !tls.output.isEmpty {
            let taken = tls.output.withUnread { bytes in
                unsafe bytes.withUnsafeBufferPointer {
                    unsafe send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            }
            if taken >= 0 {
                tls.output.drop(taken)
                continue
            }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw SystemError(last: "send") }
            socket.wantsWrite = true
            watch(socket)
            return false
        }
        tls.output.settle(into: tlsBuffers.output, lastRead: 0)
        return true
    }

    /// Encrypts and writes; bytes count as taken when all of their ciphertext has gone.
    func writeSecret(
        _ socket: Socket, _ tls: TLSConnection, _ bytes: Span<UInt8>
    ) throws(SystemError) -> Int {
        var taken = 0
        while try push(socket, tls) {
            taken += tls.owed
            tls.owed = 0
            guard taken < bytes.count else { break }
            do {
                tls.owed = try tls.encrypt(bytes.extracting(taken...))
            } catch {
                throw SystemError(call: "SSL_write", code: EPROTO, message: "\(error)")
            }
            guard tls.owed > 0 else { throw SystemError(call: "SSL_write", errno: EPIPE) }
        }
        return taken
    }

    /// Says good-bye, and ends this side's half of the connection when that has gone.
    func endSecret(_ socket: Socket, _ tls: TLSConnection) -> Bool {
        guard !tls.hasLeft else { return true }
        tls.sayGoodbye()
        do {
            guard try push(socket, tls) else { return false }
        } catch { return true }
        _ = shutdown(socket.descriptor.number, Int32(SHUT_WR))
        tls.hasLeft = true
        return true
    }
}
