import OutcryBytes
public import OutcryKernel
import OutcryWire

// Make before break: another connection is brought up while this one still carries messages, and takes its place
// when it is up. What fails on the way costs nothing but the try.

/// A connection in the making, beside the one that is up.
final class Successor {
    /// How it is made.
    enum Carrier {
        case webSocket(StreamWheel, WebSocketClientHandshake?)
        case socketIO(SocketIOClient)
    }

    var carrier: Carrier
    private unowned let connection: Connection

    init(_ carrier: Carrier, of connection: Connection) {
        self.carrier = carrier
        self.connection = connection
    }

    /// Whether a stream is one of its own.
    func owns(_ stream: StreamWheel) -> Bool {
        switch carrier {
        case .webSocket(let own, _): own === stream
        case .socketIO(let client): client.owns(stream)
        }
    }
}

extension Connection {
    /// Begins to make another connection, where that is allowed now.
    func renew(_ my: Context) {
        guard successor == nil, machine.mayRenew(at: my.now) else {
            my.log.info("no other connection is made now", url.shown)
            return
        }
        my.log.info("another connection is made", url.shown)
        if url.scheme.isSocketIO {
            let next = makeClient()
            next.alarm = client?.alarm == "socketio" ? "socketio.next" : "socketio"
            successor = Successor(.socketIO(next), of: self)
            next.start(my)
        } else {
            let stream = my.connect(to: url.endpoint, tls: url.tls(trust))
            successor = Successor(.webSocket(stream, nil), of: self)
        }
        my.after(handshakeTimeout, .successorLate, named: "successor")
    }

    /// It has not come up: the connection that is there stays, or is made again if it was lost meanwhile.
    func giveUpSuccessor(_ why: String, _ my: Context) {
        guard let lost = successor else { return }
        successor = nil
        my.cancel(named: "successor")
        my.log.warning("the other connection did not come up", why)
        switch lost.carrier {
        case .webSocket(let stream, _): stream.abort()
        case .socketIO(let client): client.drop(why, my)
        }
        guard isRetryDue else { return }
        isRetryDue = false
        act(machine.start(at: my.now), my)
    }

    // MARK: Its streams

    func successorOpened(_ stream: StreamWheel, _ my: Context) {
        guard let successor else { return }
        switch successor.carrier {
        case .socketIO(let client): client.opened(stream, my)
        case .webSocket(let own, _):
            let handshake = makeHandshake(my)
            successor.carrier = .webSocket(own, handshake)
            do throws(CodecError) {
                _ = try stream.write { (queue) throws(CodecError) in try handshake.write(to: queue)
                }
            } catch { giveUpSuccessor("handshake: \(error)", my) }
        }
    }

    func successorReceived(_ stream: StreamWheel, _ my: Context) {
        guard let successor else { return }
        switch successor.carrier {
        case .socketIO(let client):
            // Until it is up it has no feed: its packets are few.
            // A part of a packet waits for the rest of it, and is no reason to look again.
            let isDrained = !client.received(stream, my) || client.drain(stream, 1, my)
            if self.successor === successor, !isDrained { stream.continueReading() }
            if self.client === client { read(stream, my) }
        case .webSocket(let own, let handshake):
            guard var handshake else { return }
            do throws(WebSocketHandshakeError) {
                let agreement = try stream.inbound.consume {
                    (bytes, position) throws(WebSocketHandshakeError) in
                    try handshake.next(bytes.span, at: &position)
                }
                successor.carrier = .webSocket(own, handshake)
                guard let agreement else { return }
                promote(own, agreement, my)
            } catch { giveUpSuccessor("handshake: \(error)", my) }
        }
    }

    func successorEnded(_ stream: StreamWheel, _ my: Context) {
        switch successor?.carrier {
        case .socketIO(let client): client.ended(stream, my)
        case .webSocket: giveUpSuccessor("ended by the venue", my)
        case nil: return
        }
    }

    func successorClosed(_ stream: StreamWheel, _ why: String, _ my: Context) {
        switch successor?.carrier {
        case .socketIO(let client): client.closed(stream, why, my)
        case .webSocket: giveUpSuccessor(why, my)
        case nil: return
        }
    }

    // MARK: The change

    /// The WebSocket takes the place of the one that is there.
    private func promote(
        _ next: StreamWheel, _ agreement: WebSocketClientHandshake.Agreement, _ my: Context
    ) {
        successor = nil
        sayGoodbye(WebSocketGoodbye(.normal), my)
        let old = stream
        let before = feed
        stream = next
        take(agreement)
        if let before { feed?.follow(before) }
        old?.close()
        rise(my)
        if !next.inbound.isEmpty { read(next, my) }
    }

    /// The Socket.IO session takes the place of the one that is there.
    func promote(_ next: SocketIOClient, _ my: Context) {
        successor = nil
        let old = client
        client = next
        let before = feed
        feed = venue.makeFeed()
        if let before { feed?.follow(before) }
        old?.leave(my)
        rise(my)
    }

    private func rise(_ my: Context) {
        my.cancel(named: "successor")
        my.cancel(named: "retry")
        isRetryDue = false
        reason = nil
        goodbye = nil
        act(machine.renewed(at: my.now), my)
    }
}

extension Event where Payload == Void {
    /// Asks a connection to have another made before it is given up.
    public static let renewConnection = Self("connection.renew")
    static let successorLate = Self("connection.successorLate")
}
