import Glibc
import OutcryBytes
import OutcryKernel

// What epoll says of a transport, as inputs of the kernel. Each of them may close it, and others too: it
// is looked up by its number again after every one.

extension Reactor {
    /// Something can be done with transport `id`, unless it was closed meanwhile.
    func ready(_ id: TransportID, _ flags: UInt32, _ kernel: Kernel) {
        // Mostly it is bytes of a plain stream. From the wake-up to what a handler sends nothing is in their way that
        // need not be: references, too, cost 5 ns for each time they are counted.
        if flags == Flags.readable, let number = readablePlain(id), !kernel.isCongested {
            let taken = take(number, id, kernel)
            if let taken, taken > 0 { return received(taken, id, kernel) }
            guard let socket = socket(id) else { return }
            return tell(socket, taken, kernel)
        }
        guard let socket = socket(id) else { return }
        switch socket.kind {
        case .stream: streamReady(socket, flags, kernel)
        case .listener: if !kernel.isCongested { accept(socket, kernel) }
        case .connecting: connectReady(socket, kernel)
        case .departing: departingReady(socket)
        }
    }

    /// The descriptor of a plain stream that the kernel wants to read; nil for any other transport.
    @inline(__always) private func readablePlain(_ id: TransportID) -> Int32? {
        guard let place = place(of: id), slots[place].plain >= 0,
            slots[place].socket?.isReading == true
        else { return nil }
        return slots[place].plain
    }

    private func streamReady(_ socket: Socket, _ flags: UInt32, _ kernel: Kernel) {
        let id = socket.id
        if flags & Flags.broken != 0 { socket.isBroken = true }
        if let tls = socket.tls, tls.phase == .handshaking {
            if flags & Flags.writable != 0 { socket.wantsWrite = false }
            return shakeHands(socket, tls, kernel)
        }
        if flags & (Flags.readable | Flags.broken) != 0, socket.isReading, !kernel.isCongested {
            receive(socket, kernel)
            guard isOpen(id) else { return }
        }
        if flags & (Flags.writable | Flags.broken) != 0, socket.wantsWrite {
            socket.wantsWrite = false
            if let tls = socket.tls { _ = try? push(socket, tls) }
            kernel.receive(.writable(id))
            guard isOpen(id) else { return }
        }
        if flags & Flags.failed != 0, socket.hasEnded, !socket.wantsWrite {
            let code = socket.takeError()
            if code > 0 { return fail(socket, SystemError(call: "socket", errno: code), kernel) }
        }
        watch(socket)
    }

    func receive(_ socket: Socket, _ kernel: Kernel) {
        tell(socket, take(socket, kernel), kernel)
    }

    /// Reads once, straight into the kernel's memory.
    ///
    /// - Returns: How many bytes, 0 at the end, an error's number negated; nil where the kernel has no room.
    func take(_ socket: Socket, _ kernel: Kernel) -> Int? {
        if let tls = socket.tls { return takeSecret(socket, tls, kernel) }
        return take(socket.descriptor.number, socket.id, kernel)
    }

    @inline(__always)
    private func take(_ number: Int32, _ id: TransportID, _ kernel: Kernel) -> Int? {
        kernel.withSpace(for: id) { (space: inout OutputSpan<UInt8>) -> Int in
            unsafe space.withUnsafeMutableBufferPointer { buffer, count in
                guard let base = buffer.baseAddress else { return -Int(EAGAIN) }
                let taken = unsafe recv(number, base + count, buffer.count - count, 0)
                if taken < 0 { return -Int(errno) }
                count += taken
                return taken
            }
        }
    }

    /// Tells the kernel what a read brought.
    func tell(_ socket: Socket, _ taken: Int?, _ kernel: Kernel) {
        switch taken {
        case nil:
            socket.isFull = true
            muted.append(socket.id)
        case .some(0):
            socket.hasEnded = true
            watch(socket)
            kernel.receive(.ended(socket.id))
        case .some(let count) where count > 0:
            received(count, socket.id, kernel)
        case .some(let code):
            guard code != -Int(EAGAIN), code != -Int(EINTR) else { return }
            if let failure = socket.tls?.failure { return tell(socket, failure, kernel) }
            fail(socket, SystemError(call: "recv", errno: Int32(-code)), kernel)
        }
    }

    private func received(_ count: Int, _ id: TransportID, _ kernel: Kernel) {
        if spins { hottest = id }
        kernel.receive(.received(id, count: count))
    }

    private func connectReady(_ socket: Socket, _ kernel: Kernel) {
        let code = socket.takeError()
        guard code == 0 else {
            return fail(socket, SystemError(call: "connect", errno: code), kernel)
        }
        socket.kind = .stream
        setPlain(socket)
        watch(socket)
        kernel.receive(.connected(socket.id))
    }

    /// Tells that a transport failed, and never hears of it again.
    func fail(_ socket: Socket, _ error: SystemError, _ kernel: Kernel) {
        if socket.watched != nil { epoll.remove(socket.descriptor.number) }
        socket.watched = nil
        kernel.receive(.failed(socket.id, error))
    }
}
