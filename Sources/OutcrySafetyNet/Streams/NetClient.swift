import OutcryComponents
import OutcryKernel
import OutcryServing

/// One client of the stream: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session.
final class NetClient {
    /// What its messages go over.
    enum Carrier {
        case webSocket(ServerConnection)
        case socketIO(SocketIOSession)
    }

    /// 1, 2, 3 … in the order of arrival.
    let number: UInt64
    let carrier: Carrier
    /// What its words mean.
    var wishes = ChannelWishes()
    /// Channels by ``PublicChannel/index``, in the order of subscription.
    var channels: [Int] = []
    /// It has left; nothing is put to it any more.
    var isGone = false
    /// Its own connection upstream.
    var line: OwnLine?
    /// When it may be given a whole book again.
    var nextSnapshot = KernelTime.zero

    init(_ number: UInt64, _ carrier: Carrier) {
        self.number = number
        self.carrier = carrier
    }
}
