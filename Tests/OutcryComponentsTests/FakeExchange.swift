import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryWire

/// A venue that behaves as the test says: HTTP and WebSocket on one port, by the codecs of OutcryWire.
final class FakeExchange: Session {
    enum Welcome {
        case accept
        case refuse(Int, String, untilClose: Bool)
        case raw(String)
        case silent
    }
    enum Calls {
        case serve
        case status(Int, String)
        case raw(String)
        case silent
    }
    final class Peer {
        let stream: StreamWheel
        var parser = HTTPRequestParser()
        var decoder: WebSocketFrameDecoder?
        var channels: [String] = []
        init(_ stream: StreamWheel) { self.stream = stream }
    }

    var welcome = Welcome.accept
    var calls = Calls.serve
    var confirms = true
    var answersPings = true
    var snapshotDelay = Duration.zero
    let market: FakeMarket
    /// In the order of their coming.
    var peers: [Peer] = []
    /// What clients said, by time.
    var said: [String] = []
    var connects: [KernelTime] = []
    var books: [KernelTime] = []
    var pongs = 0
    var closes: [String] = []

    /// Makes its streams secret.
    let tls: TLSServerOptions?

    init(_ market: FakeMarket, _ tls: TLSServerOptions? = nil) {
        self.market = market
        self.tls = tls
    }

    static func handlers(_ on: inout Handlers<FakeExchange>) {
        on(.started) { me, _, my in
            _ = try my.listen(on: .loopback(port: 80), tls: me.tls)
        }
        on(.streamAccepted) { me, accepted, my in
            me.connects.append(my.now)
            me.peers.append(Peer(accepted.stream))
        }
        on(.streamReceived) { me, stream, my in me.read(stream, my) }
        on(.streamClosed) { me, end, _ in me.peers.removeAll { $0.stream === end.stream } }
        on(.lateBook) { me, stream, _ in me.serveBook(stream) }
    }

    /// The peers that speak WebSocket.
    var sockets: [Peer] { peers.filter { $0.decoder != nil } }

    func send(_ text: String, to peer: Peer) {
        _ = try? peer.stream.write { (queue) throws(CodecError) in
            try WebSocketFrameEncoder(role: .server).write(text: text, to: queue)
        }
    }

    func broadcast(_ text: String) { for peer in sockets { send(text, to: peer) } }

    /// Changes the market, and tells those who listen.
    func change(_ side: Side, _ price: Int64, _ quantity: Int64) {
        let line = market.change(side, price, quantity)
        for peer in sockets where peer.channels.contains("depth.BTCUSD") { send(line, to: peer) }
    }

    func close(_ code: WebSocketCloseCode, _ reason: String = "") {
        for peer in sockets {
            _ = try? peer.stream.write { (queue) throws(CodecError) in
                try WebSocketFrameEncoder(role: .server).writeClose(
                    code, reason: reason, to: queue)
            }
        }
    }

    func ping() {
        for peer in sockets {
            _ = try? peer.stream.write { (queue) throws(CodecError) in
                try WebSocketFrameEncoder(role: .server).write(.ping, [7, 8, 9], to: queue)
            }
        }
    }

    private func read(_ stream: StreamWheel, _ my: Context) {
        guard let peer = peers.first(where: { $0.stream === stream }) else { return }
        do {
            if peer.decoder == nil {
                let head = try stream.inbound.consume { (bytes, position) throws(CodecError) in
                    try peer.parser.next(bytes.span, at: &position)
                }
                guard let head else { return }
                if WebSocketServerHandshake.isAsked(in: head) {
                    try greet(peer, head)
                } else {
                    try serve(stream, head, my)
                }
            }
            try listen(peer, my)
        } catch {
            said.append("error \(error)")
            stream.abort()
        }
    }

    private func greet(_ peer: Peer, _ head: HTTPRequestHead) throws {
        let stream = peer.stream
        switch welcome {
        case .accept:
            let handshake = try WebSocketServerHandshake(head)
            try stream.write { (queue) throws(CodecError) in
                try handshake.response().write(to: queue)
            }
            peer.decoder = WebSocketFrameDecoder(role: .server)
        case .refuse(let status, let body, let untilClose):
            let length = untilClose ? "" : "Content-Length: \(body.utf8.count)\r\n"
            put("HTTP/1.1 \(status) Forbidden\r\n\(length)\r\n\(body)", stream)
            stream.close()
        case .raw(let text): put(text, stream)
        case .silent: return
        }
    }

    private func serve(_ stream: StreamWheel, _ head: HTTPRequestHead, _ my: Context) throws {
        books.append(my.now)
        switch calls {
        case .serve:
            if snapshotDelay > .zero {
                my.after(snapshotDelay, .lateBook, stream)
            } else {
                serveBook(stream)
            }
        case .status(let status, let body):
            put("HTTP/1.1 \(status) Sorry\r\nContent-Length: \(body.utf8.count)\r\n\r\n", stream)
            put(body, stream)
        case .raw(let text):
            put(text, stream)
            stream.close()
        case .silent: return
        }
    }

    private func serveBook(_ stream: StreamWheel) {
        let body = market.served
        put("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", stream)
    }

    private func put(_ text: String, _ stream: StreamWheel) { stream.put(Array(text.utf8).span) }

    private func listen(_ peer: Peer, _ my: Context) throws {
        guard peer.decoder != nil else { return }
        var texts: [String] = []
        var pings: [[UInt8]] = []
        try peer.stream.inbound.consume { (bytes, position) throws(CodecError) in
            while let found = try peer.decoder?.next(&bytes, at: &position) {
                switch found {
                case .text(let range):
                    texts.append(String(decoding: copy(bytes.span, range), as: UTF8.self))
                case .ping(let range): pings.append(copy(bytes.span, range))
                case .pong(let range): if copy(bytes.span, range) == [7, 8, 9] { pongs += 1 }
                case .close(let code, _):
                    closes.append("\(code)")
                    return
                case .needMore: return
                default: continue
                }
            }
        }
        for ping in pings where answersPings {
            _ = try peer.stream.write { (queue) throws(CodecError) in
                try WebSocketFrameEncoder(role: .server).write(.pong, ping, to: queue)
            }
        }
        for text in texts { hear(text, peer, my) }
    }

    private func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        range.map { bytes[$0] }
    }

    private func hear(_ text: String, _ peer: Peer, _ my: Context) {
        said.append(text)
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 2 else { return }
        if words[0] == "sub", confirms {
            peer.channels.append(words[1])
            send("ok \(words[1])", to: peer)
        } else if words[0] == "unsub" {
            peer.channels.removeAll { $0 == words[1] }
            send("end \(words[1])", to: peer)
        }
    }
}

extension Event where Payload == StreamWheel {
    static let lateBook = Self("fake.lateBook")
}

/// The truth: it outlives the exchange that serves it.
final class FakeMarket {
    private(set) var truth = NaiveBook(.btcusd)
    private var stamp: Int64 = 1000
    /// Every state that there ever was.
    private(set) var history: Set<String> = [" | "]
    /// Serves this old state instead of the present one.
    var cached: String?

    func change(_ side: Side, _ price: Int64, _ quantity: Int64) -> String {
        stamp += 1
        truth.set(side: side, priceUnits: price, quantityUnits: quantity, stamp: stamp)
        history.insert(text(truth))
        return "d \(side == .bid ? "b" : "a") \(price) \(quantity) \(stamp)"
    }

    var present: String {
        let rows = [("b", truth.bids), ("a", truth.asks)].flatMap { name, levels in
            levels.map { "\(name) \($0.price.units) \($0.quantity.units) \($0.stamp)" }
        }
        return (["\(stamp)"] + rows + ["."]).joined(separator: "\n")
    }

    var served: String { cached ?? present }

    /// A random change; bids below 112, asks from there.
    func randomChange(_ random: inout SeededGenerator) -> (Side, Int64, Int64) {
        let side: Side = Bool.random(using: &random) ? .bid : .ask
        let price = Int64.random(in: 0..<12, using: &random) + (side == .bid ? 100 : 112)
        return (side, price, max(0, Int64.random(in: -3...6, using: &random)))
    }
}
