import COutcrySystem
import Glibc
import OutcryKernel

// Taking connections, also when the process has no descriptors left.

extension Reactor {
    /// Takes a batch of the connections that wait at a listener.
    func accept(_ listener: Socket, _ kernel: Kernel) {
        // Descriptors may be free since somebody looked: the reserve comes before a connection.
        if reserve == nil { reserve = try? Self.openReserve() }
        for _ in 0..<options.acceptBatch {
            var peer = RawAddress()
            let number = listener.descriptor.number
            let result = unsafe peer.fill { unsafe outcry_accept(number, $0, $1) }
            do {
                let descriptor = try Descriptor(result, from: "accept")
                let socket = try register(descriptor, .stream)
                kernel.receive(
                    .accepted(by: listener.id, socket.id, peer: peer.address.description))
            } catch {
                guard goOn(after: error, listener, kernel) else { return }
            }
            guard socket(listener.id) === listener, listener.reads else { return }
        }
    }

    /// - Returns: Whether to take the next connection.
    private func goOn(after error: SystemError, _ listener: Socket, _ kernel: Kernel) -> Bool {
        switch error.code {
        case EAGAIN: return false
        case EMFILE, ENFILE: return turnAway(listener, error)
        case ENOBUFS, ENOMEM, ENOSPC:
            starve(listener)
            return false
        // Errors of the connection, not of the listener (accept(2)).
        case EINTR, ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
            EOPNOTSUPP, ENETUNREACH, EPERM, ETIMEDOUT:
            return true
        default:
            fail(listener, error, kernel)
            return false
        }
    }

    /// There is no descriptor left: uses the reserve to close one connection, so that the other side knows
    /// and the listener does not stay readable forever.
    private func turnAway(_ listener: Socket, _ error: SystemError) -> Bool {
        if !hasToldLimit {
            hasToldLimit = true
            emit("outcry: no descriptors left, closing new connections: \(error)")
        }
        guard reserve != nil else {
            starve(listener)
            return false
        }
        reserve = nil
        let number = listener.descriptor.number
        var peer = RawAddress()
        let extra = unsafe peer.fill { unsafe outcry_accept(number, $0, $1) }
        let hasTaken = extra >= 0
        if hasTaken { _ = Glibc.close(extra) }
        reserve = try? Self.openReserve()
        return hasTaken
    }

    /// Looks away from a listener until a transport is closed or some time has passed.
    private func starve(_ listener: Socket) {
        listener.isMuted = true
        watch(listener)
        starving.append(listener.id)
    }

    /// A descriptor may be free again.
    func acceptAgain() {
        for id in starving {
            guard let listener = socket(id) else { continue }
            listener.isMuted = false
            watch(listener)
        }
        starving.removeAll()
    }
}
