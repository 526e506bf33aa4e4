import OutcryComponents
import OutcryKernel
import OutcryServing

/// One client of the stream: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session.
final class NetClient {
    /// 1, 2, 3 … in the order of arrival.
    let number: UInt64
    /// What it gets of everybody's messages.
    let fan: FanOutClient
    /// What its words mean.
    var wishes = ChannelWishes()
    /// Its own connection upstream.
    var line: OwnLine?
    /// When it may be given a whole book again.
    var nextSnapshot = KernelTime.zero

    /// What its messages go over.
    var carrier: FanOutClient.Carrier { fan.carrier }
    /// Channels by ``PublicChannel/index``, in that order.
    var channels: [Int] { fan.channels }
    /// It has left; nothing is put to it any more.
    var isGone: Bool { fan.isGone }

    init(_ number: UInt64, _ carrier: FanOutClient.Carrier) {
        self.number = number
        fan = FanOutClient(carrier)
    }
}
