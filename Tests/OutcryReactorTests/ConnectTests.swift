import Glibc
import OutcryKernel
import OutcryReactor
import Testing

extension ReactorTests {
    /// Connects and says how that ended.
    private func outcome(
        of endpoint: Endpoint, _ options: StreamOptions = StreamOptions(),
        listening: SocketAddress? = nil, rigged: [SocketAddress] = []
    ) throws -> String {
        let reactor = try Reactor()
        let driver: any Driver = rigged.isEmpty ? reactor : RiggedDriver(reactor, names: rigged)
        let kernel = Kernel(driver: driver)
        kernel.onLog = { _ in }
        let client = Probe()
        var outcome = "none"
        client.started = { my in _ = my.connect(to: endpoint, options: options) }
        client.opened = { stream, my in
            outcome = "opened"
            my.kernel.stop()
        }
        client.closed = { news, my in
            if outcome == "none" { outcome = "\(news.reason)" }
            my.kernel.stop()
        }
        kernel.start(Guard())
        kernel.start(client)
        try kernel.run()
        return outcome
    }

    /// A port of 127.0.0.1 and of ::1 on which nobody listens.
    private func freePort() throws -> UInt16 {
        let listener = try RawPeer(listening: ())
        defer { listener.close() }
        return listener.port
    }

    @Test func refused() throws {
        let port = try freePort()
        let text = try outcome(of: .address(.loopback(port: port)))
        #expect(text == "cannot connect: 127.0.0.1:\(port) connect: Connection refused (111)")
    }

    @Test func refusedPath() throws {
        let folder = try Folder()
        let text = try outcome(of: .unix(folder.path + "/nobody"))
        #expect(text.hasSuffix("connect: No such file or directory (2)"))
    }

    @Test func tooLongPath() throws {
        let text = try outcome(of: .unix("/" + String(repeating: "x", count: 200)))
        #expect(text.hasSuffix("socket path: File name too long (36)"))
    }

    @Test func timeout() throws {
        // A listener that never accepts and whose queue is full does not answer any more.
        let listener = try RawPeer(listening: ())
        let port = listener.port
        let crowd = try (0..<4).map { _ in try RawPeer(connectedTo: port, waits: false) }
        var options = StreamOptions()
        options.connectTimeout = .milliseconds(100)
        let text = try outcome(of: .address(.loopback(port: port)), options)
        #expect(text == "no connection within 0.1 seconds")
        #expect(crowd.count == 4)
    }

    @Test func localhost() throws {
        let listener = try RawPeer(listening: ())
        #expect(try outcome(of: .host("localhost", port: listener.port)) == "opened")
    }

    @Test func numericHosts() throws {
        let listener = try RawPeer(listening: ())
        #expect(try outcome(of: .host("127.0.0.1", port: listener.port)) == "opened")
        let text = try outcome(of: .host("::1", port: listener.port))
        #expect(text.hasPrefix("cannot connect: [0:0:0:0:0:0:0:1]:\(listener.port) connect: "))
    }

    @Test(arguments: ["no-such-host.invalid", ""])
    func unknownName(_ name: String) throws {
        let text = try outcome(of: .host(name, port: 80))
        #expect(text.hasPrefix("getaddrinfo: "), "\(text)")
    }

    @Test func aNameWithAZeroByteIsNotCut() throws {
        let text = try outcome(of: .host("127.0.0.1\0.example", port: 80))
        #expect(text.hasPrefix("getaddrinfo: a name is not empty and has no zero bytes"), "\(text)")
    }

    @Test func happyEyeballsFallBack() throws {
        let listener = try RawPeer(listening: ())
        let port = listener.port
        let addresses: [SocketAddress] = [
            .ipv6(0, 1, scope: 0, port: port), .ipv4(0x7f00_0001, port: port),
        ]
        var options = StreamOptions()
        options.stagger = .seconds(15)  // the refusal, not the head start, brings the next address
        #expect(
            try outcome(of: .host("rigged", port: port), options, rigged: addresses) == "opened")
        // The first is silent: the head start brings the next.
        let silent = try RawPeer(listening: ())
        let crowd = try (0..<4).map { _ in try RawPeer(connectedTo: silent.port, waits: false) }
        options.stagger = .milliseconds(20)
        let other = try RawPeer(listening: ())
        let both: [SocketAddress] = [.loopback(port: silent.port), .loopback(port: other.port)]
        #expect(try outcome(of: .host("rigged", port: port), options, rigged: both) == "opened")
        #expect(crowd.count == 4)
    }
}

/// A reactor whose resolver answers what the test wants.
final class RiggedDriver: Driver {
    let reactor: Reactor
    let names: [SocketAddress]
    unowned var kernel: Kernel?
    var asked: [RequestID] = []

    init(_ reactor: Reactor, names: [SocketAddress]) {
        self.reactor = reactor
        self.names = names
    }

    func resolve(_ host: String, port: UInt16, _ request: RequestID) { asked.append(request) }

    func poll(until deadline: KernelTime?) {
        guard let kernel else { return }
        reactor.poll(until: asked.isEmpty ? deadline : kernel.now)
        let now = asked
        asked.removeAll()
        for request in now { kernel.receive(.completed(request, .addresses(names))) }
    }

    func attach(to kernel: Kernel) {
        self.kernel = kernel
        reactor.attach(to: kernel)
    }
    var waker: @Sendable () -> Void { reactor.waker }
    func time() -> TurnTime { reactor.time() }
    func emit(_ line: String) { reactor.emit(line) }
    func connect(to address: SocketAddress) throws(SystemError) -> TransportID {
        try reactor.connect(to: address)
    }
    func listen(on address: SocketAddress) throws(SystemError) -> (TransportID, SocketAddress) {
        try reactor.listen(on: address)
    }
    func setReading(_ transport: TransportID, _ on: Bool) { reactor.setReading(transport, on) }
    func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int {
        try reactor.write(transport, bytes)
    }
    func endWriting(_ transport: TransportID) -> Bool { reactor.endWriting(transport) }
    func prepare(_ options: TLSServerOptions) throws(TLSFailure) { try reactor.prepare(options) }
    func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure) {
        try reactor.secure(transport, role)
    }
    func close(_ transport: TransportID) { reactor.close(transport) }
    func read(_ path: String, _ request: RequestID) { reactor.read(path, request) }
    func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        reactor.append(path, bytes, request)
    }
    func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        reactor.replace(path, bytes, request)
    }
    func advance(_ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID) {
        reactor.advance(path, past: floor, by: count, request)
    }
    func lock(_ path: String, waits: Bool, _ request: RequestID) {
        reactor.lock(path, waits: waits, request)
    }
    func unlock(_ path: String, of request: RequestID) { reactor.unlock(path, of: request) }
    func offload(_ work: @escaping @Sendable () -> Void) { reactor.offload(work) }
    func entropy() -> UInt64 { reactor.entropy() }
}
