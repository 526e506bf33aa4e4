import OutcryComponents
import OutcryKernel
import OutcryServing

/// One client of a sandbox's stream: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session.
final class SandboxClient {
    /// What its messages go over.
    enum Carrier {
        case webSocket(ServerConnection)
        case socketIO(SocketIOSession)
    }

    let carrier: Carrier
    /// What its words mean.
    var wishes = ChannelWishes()
    /// Channels by ``PublicChannel/index``, in the order of subscription.
    var channels: [Int] = []

    /// It has left; nothing is put to it any more.
    var isGone = false

    /// How many outputs had ever been held when it subscribed to a channel, where there were any: it gets
    /// only what was held later.
    var heldBefore: [Int: Int] = [:]
    /// Accounts whose channels it is in.
    var accounts: [OwnerNumber] = []

    /// Where it comes from.
    var peer: String {
        switch carrier {
        case .webSocket(let connection): connection.stream.peer
        case .socketIO(let session): session.peer
        }
    }

    init(_ carrier: Carrier) { self.carrier = carrier }
}
