import OutcryComponents
import OutcryKernel
import OutcryServing

/// One client of the stream: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session.
final class NetClient: FanOutClient {
    /// 1, 2, 3 … in the order of arrival.
    let number: UInt64
    /// What its words mean.
    var wishes = ChannelWishes()
    /// Its own connection upstream.
    var line: OwnLine?
    /// When it may be given a whole book again.
    var nextSnapshot = KernelTime.zero

    init(_ number: UInt64, _ carrier: FanOutClient.Carrier) {
        self.number = number
        super.init(carrier)
    }
}
