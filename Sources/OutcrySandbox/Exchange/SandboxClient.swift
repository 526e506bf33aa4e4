import OutcryComponents

/// One client of a sandbox's stream: on a WebSocket of its own, or at `/mtgox` of a Socket.IO session.
final class SandboxClient {
    /// What its messages go over.
    enum Carrier {
        case webSocket(ServerConnection)
        case socketIO(SocketIOSession)
    }

    let carrier: Carrier
    /// Quote currencies that `mtgox.subscribe` with a type means.
    var currencies = ["USD"]
    /// Channels by ``PublicChannel/index``, in the order of subscription.
    var channels: [Int] = []

    init(_ carrier: Carrier) { self.carrier = carrier }
}
