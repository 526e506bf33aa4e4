import COutcrySystem
import Glibc
import OutcryBytes
import OutcryKernel

// Secret transports that the kernel has closed and whose descriptors stay a while: see
// `TLSConnection.mustStay`. Of these the kernel hears nothing any more.

extension Reactor {
    /// The longest time that a descriptor stays, in nanoseconds.
    static let departure: Int64 = 5_000_000_000

    /// Keeps the descriptor of a closed transport until the other side has ended, or the time is over.
    func depart(_ socket: Socket) {
        socket.kind = .departing
        socket.wantsWrite = false
        socket.reads = true
        socket.isMuted = false
        socket.isFull = false
        departing.append((socket.id, outcry_monotonic() &+ Self.departure))
        watch(socket)
    }

    /// Takes what comes, for the sake of the tickets in it, and throws it away.
    func departingReady(_ socket: Socket) {
        guard let tls = socket.tls else { return forget(socket.id) }
        let count = pull(socket, tls)
        if count == -Int(EAGAIN) || count == -Int(EINTR) { return }
        guard count > 0 else { return forget(socket.id) }
        var bytes = [UInt8](repeating: 0, count: 1 << 12)
        while true {
            let taken = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe tls.read(into: $0, room: 1 << 12) }
                    ?? .nothing
            }
            if case .bytes = taken { continue }
            guard taken == .nothing else { return forget(socket.id) }
            break
        }
        tls.input.settle(into: tlsBuffers.input, lastRead: 0)
    }

    /// Closes the descriptors whose time is over; all stay as long, so the first is the next.
    func closeDeparted() {
        let now = outcry_monotonic()
        while let first = departing.first, first.end <= now || socket(first.id) == nil {
            departing.removeFirst()
            forget(first.id)
        }
    }
}
