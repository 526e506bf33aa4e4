import OutcryBytes
import OutcryComponents
import OutcryKernel
import OutcryReactor
import OutcryWire
import Testing

/// Client and server on real sockets.
@Suite(.serialized) struct HTTPSocketTests {
    /// Makes calls to a server in the same kernel, so many at a time; the kernel ends when all are answered.
    private func play(
        _ calls: Int, atOnce: Int, _ rules: ServerRules = .standard,
        _ make: (VenueURL, Int) -> HTTPCall
    ) throws -> (replies: [String], connections: Int) {
        let kernel = Kernel(driver: try Reactor())
        kernel.onLog = { _ in }
        let host = EchoHost(rules, port: 0)
        kernel.start(host, alias: "host")
        var options = HTTPClientOptions()
        options.connectionsPerHost = atOnce
        kernel.start(HTTPClient(options), alias: "http")
        guard let listener = host.listener else { return ([], 0) }
        let url = try VenueURL("http://\(listener.address)/")
        let many = Many((0..<calls).map { make(url, $0) })
        kernel.start(many)
        try kernel.run()
        return (many.replies, host.accepted)
    }

    @Test func callsShareAConnection() throws {
        let (replies, connections) = try play(50, atOnce: 1) { url, number in
            HTTPCall(get: "/\(number)", at: url)
        }
        #expect(replies == (0..<50).map { "200 GET /\($0) " })
        #expect(connections == 1)
    }

    @Test func manyAtOnceWithBodies() throws {
        let body = [UInt8](repeating: 0x78, count: 60_000)
        let (replies, connections) = try play(40, atOnce: 4) { url, number in
            HTTPCall(
                url: url, request: HTTPRequestHead(method: "POST", target: "/\(number)"),
                body: body)
        }
        let text = String(decoding: body, as: UTF8.self)
        #expect(replies.sorted() == (0..<40).map { "200 POST /\($0) \(text)" }.sorted())
        #expect((1...4).contains(connections))
    }

    /// 32 questions for half a megabyte each come at once: the answers that wait stay bounded, and all arrive.
    @Test func pipelinedAnswersAreBounded() throws {
        let kernel = Kernel(driver: try Reactor())
        kernel.onLog = { _ in }
        let host = EchoHost(port: 0)
        kernel.start(host, alias: "host")
        let address = try #require(host.listener?.address)
        let reader = Reader(of: address, until: 32 * EchoHost.big.count)
        kernel.start(reader)
        try kernel.run()
        #expect(reader.received > 32 * EchoHost.big.count)
        #expect(host.seen.count == 32)
        #expect(host.mostUnwritten < 2 << 20)
    }

    @Test func aRefusalCanBeReadThoughMoreIsOnTheWay() throws {
        let body = [UInt8](repeating: 0x78, count: 4 << 20)
        let (replies, _) = try play(3, atOnce: 1) { url, _ in
            HTTPCall(url: url, request: HTTPRequestHead(method: "POST"), body: body)
        }
        #expect(replies.allSatisfy { $0.hasPrefix("413 tooLarge") })
        #expect(replies.count == 3)
    }
}

/// Makes calls, all at once, and stops the kernel when they are answered.
private final class Many: Session {
    let calls: [HTTPCall]
    var replies: [String] = []

    init(_ calls: [HTTPCall]) { self.calls = calls }

    static func handlers(_ on: inout Handlers<Many>) {
        on(.started) { me, _, my in
            for call in me.calls {
                my.task { my in
                    switch try await my.ask(.httpCall, to: "http", call, timeout: .seconds(60)) {
                    case .success(let reply):
                        let text = String(decoding: reply.body, as: UTF8.self)
                        me.replies.append("\(reply.head.status) \(text)")
                    case .failure(let failure): me.replies.append("\(failure)")
                    }
                    if me.replies.count == me.calls.count { my.kernel.stop() }
                }
            }
        }
    }
}

/// Asks 32 times for what is big in one go, and reads until so many bytes have come.
private final class Reader: Session {
    private let address: SocketAddress
    private let most: Int
    private(set) var received = 0

    init(of address: SocketAddress, until most: Int) { (self.address, self.most) = (address, most) }

    static func handlers(_ on: inout Handlers<Reader>) {
        on(.started) { me, _, my in _ = my.connect(to: .address(me.address)) }
        on(.streamOpened) { _, stream, _ in
            let ask = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
            _ = stream.put(String(repeating: ask, count: 32).utf8.span)
        }
        on(.streamReceived) { me, stream, my in
            me.received += stream.inbound.count
            stream.inbound.removeAll()
            if me.received > me.most { my.kernel.stop() }
        }
        on(.streamClosed) { _, _, my in my.kernel.stop() }
    }
}
