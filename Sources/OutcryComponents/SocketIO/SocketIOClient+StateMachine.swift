public import OutcryKernel
public import OutcryWire

/// Why a client's session is over.
public enum SocketIOClientEnd: Equatable, Sendable, CustomStringConvertible {
    /// The server refused the handshake, by this status and body.
    case refused(status: Int, body: String)
    /// The handshake's answer cannot be read.
    case malformed(String)
    /// None of the transports that are wanted is offered.
    case noTransport(offered: [SocketIOTransport])
    /// The transport could not be opened: the next try takes the next one.
    case transportFailed(SocketIOTransport, String)
    /// The server refused the endpoint.
    case joinRefused(SocketIORefusal)
    /// Not done in time: the handshake, the transport or the joining.
    case late(String, Duration)
    /// Nothing came for so long.
    case silent(Duration)
    /// The server ended the session, or let the client leave the endpoint.
    case dismissed
    /// The server does not know the session any more.
    case unknown(SocketIORefusal)
    /// The connection was lost.
    case lost(String)
    /// This end left.
    case left

    /// In words.
    public var description: String {
        switch self {
        case .refused(let status, let body): "handshake refused: \(status) \(body)"
        case .malformed(let what): "handshake: \(what)"
        case .noTransport(let offered):
            "no common transport, offered: \(offered.map(\.rawValue).joined(separator: ", "))"
        case .transportFailed(let transport, let why): "\(transport.rawValue) failed: \(why)"
        case .joinRefused(let refusal): "endpoint refused: \(refusal)"
        case .late(let what, let time): "no \(what) within \(time)"
        case .silent(let time): "silent for \(time)"
        case .dismissed: "ended by the server"
        case .unknown(let refusal): "session refused: \(refusal)"
        case .lost(let why): why
        case .left: "left"
        }
    }
}

/// A client's end of one Socket.IO session: handshake, transport, joining, heartbeats, what waits while a
/// POST is out. No kernel, no I/O: inputs return nothing, outputs are taken by ``takeOutputs()``.
public struct SocketIOClientMachine {
    /// What has to be done, in this order.
    public enum Output: Equatable, Sendable {
        /// Ask for a session.
        case handshake
        /// Open a transport for a session.
        case open(SocketIOTransport, session: String)
        /// Send one packet over the WebSocket.
        case send([UInt8])
        /// Send packets in one POST; ``SocketIOClientMachine/posted(at:)`` says that it was answered.
        case post([[UInt8]])
        /// Ask for what there is; each packet of the answer goes to
        /// ``SocketIOClientMachine/receive(_:_:at:)``, then ``SocketIOClientMachine/polled()``.
        case poll
        /// The endpoint is joined: messages go both ways.
        case up
        /// The session is over; nothing comes after this.
        case over(SocketIOClientEnd)
    }

    /// Where the session is.
    public enum Phase: Equatable, Sendable {
        /// Not begun.
        case idle
        /// The handshake is out.
        case handshaking
        /// A transport is being opened.
        case opening(SocketIOTransport)
        /// The endpoint is being joined.
        case joining(SocketIOTransport)
        /// Messages go both ways.
        case up(SocketIOTransport)
        /// Over.
        case over
    }

    /// How long each step may take.
    public struct Patience: Sendable {
        /// The handshake, the connection included.
        public var handshake = Duration.seconds(10)
        /// The transport, until its first packet.
        public var transport = Duration.seconds(10)
        /// The endpoint, until the server's echo: it never comes for one that is not there.
        public var joining = Duration.seconds(10)
        /// The answer to a POST.
        public var post = Duration.seconds(30)
        /// Bytes that may wait while a POST is out; each packet counts 32 more than it has.
        public var waitingBytes = 4 << 20
        /// The usual times.
        public init() {}
    }

    /// Where it is.
    public private(set) var phase = Phase.idle
    private let endpoint: String
    private let transports: [SocketIOTransport]
    private let patience: Patience
    private var outputs: [Output] = []
    private var waiting: [[UInt8]] = []
    private var waitingBytes = 0
    /// A POST is out since then.
    private var posting: KernelTime?
    private var silence: Duration?
    private var since = KernelTime.zero

    /// Makes a session that is not begun.
    ///
    /// - Parameters:
    ///   - endpoint: What is joined, such as `/mtgox`; empty: the session itself.
    ///   - transports: Those that are tried, the most wanted first; `websocket` and `xhr-polling` are
    ///     spoken.
    public init(
        endpoint: String, transports: [SocketIOTransport], patience: Patience = Patience()
    ) {
        self.endpoint = endpoint
        self.transports = transports
        self.patience = patience
    }

    /// Takes what has to be done.
    public mutating func takeOutputs() -> [Output] {
        guard !outputs.isEmpty else { return [] }
        defer { outputs.removeAll() }
        return outputs
    }

    /// Something has to be done: see ``takeOutputs()``.
    public var hasOutputs: Bool { !outputs.isEmpty }

    /// The transport that carries it, once that is chosen.
    public var transport: SocketIOTransport? {
        switch phase {
        case .opening(let transport), .joining(let transport), .up(let transport): transport
        case .idle, .handshaking, .over: nil
        }
    }

    /// When ``tick(at:)`` has to be called; nil when nothing is due. What is heard moves it without notice:
    /// ask again at the tick.
    public var deadline: KernelTime? {
        switch phase {
        case .idle, .over: nil
        case .handshaking: since + patience.handshake
        case .opening: since + patience.transport
        case .joining: since + patience.joining
        case .up:
            silence == nil && posting == nil
                ? nil : min(silence.map { since + $0 } ?? .distant, postDeadline)
        }
    }

    private var postDeadline: KernelTime { posting.map { $0 + patience.post } ?? .distant }

    /// Does what is due: gives up what takes too long, or who is silent.
    public mutating func tick(at now: KernelTime) {
        guard let deadline, now >= deadline else { return }
        switch phase {
        case .idle, .over: return
        case .handshaking: finish(.late("handshake", patience.handshake))
        case .opening(let transport):
            finish(.transportFailed(transport, "nothing within \(patience.transport)"))
        case .joining: finish(.late("answer from \(endpoint)", patience.joining))
        case .up where now >= postDeadline: finish(.late("answer to a POST", patience.post))
        case .up: finish(.silent(silence ?? .zero))
        }
    }

    // MARK: Steps

    /// Begins.
    public mutating func start(at now: KernelTime) {
        guard phase == .idle else { return }
        phase = .handshaking
        since = now
        outputs.append(.handshake)
    }

    /// The server has granted a session. The first wanted transport that it offers is opened.
    public mutating func handshaken(_ handshake: SocketIOHandshake, at now: KernelTime) {
        guard phase == .handshaking else { return }
        guard let transport = transports.first(where: { handshake.transports.contains($0) }) else {
            return finish(.noTransport(offered: handshake.transports))
        }
        silence = handshake.heartbeatTimeout.map { .seconds($0) }
        phase = .opening(transport)
        since = now
        outputs.append(.open(transport, session: handshake.session))
        if transport.isPolling { outputs.append(.poll) }
    }

    /// The server has granted no session, or nobody can know.
    public mutating func failed(_ end: SocketIOClientEnd) {
        if case .opening(let transport) = phase, case .lost(let why) = end {
            return finish(.transportFailed(transport, why))
        }
        finish(end)
    }

    // MARK: Packets

    /// Something came: the other end is there.
    @inline(__always)
    public mutating func heard(at now: KernelTime) { if case .up = phase { since = now } }

    /// Takes a packet.
    ///
    /// - Returns: True when it is the application's: a message, JSON value, event or ack of the endpoint,
    ///   or an error told to it.
    public mutating func receive(
        _ packet: SocketIOPacket, _ bytes: Span<UInt8>, at now: KernelTime
    ) -> Bool {
        heard(at: now)
        let isOurs = bytes.isEqual(packet.endpoint, endpoint)
        switch packet.kind {
        case .heartbeat:
            put(SocketIOPacket.encoded(.heartbeat), at: now)
            return false
        case .noop: return false
        case .connect:
            connected(isOurs: isOurs, isRoot: packet.endpoint.isEmpty, at: now)
            return false
        case .disconnect:
            if packet.endpoint.isEmpty || isOurs { finish(.dismissed) }
            return false
        case .error:
            let refusal = SocketIORefusal(bytes, in: packet.data)
            if case .joining = phase, isOurs, !endpoint.isEmpty {
                finish(.joinRefused(refusal))
            } else if packet.endpoint.isEmpty, refusal.isReconnectAdvised || !isUp {
                finish(.unknown(refusal))
            } else {
                return isOurs
            }
            return false
        case .message, .json, .event:
            guard isOurs else { return false }
            if let id = packet.id, !packet.wantsData {
                let data = SocketIOAck.data(bytes.copy(id), arguments: nil as [UInt8]?)
                put(SocketIOPacket.encoded(.ack, endpoint: endpoint, data: data), at: now)
            }
            return true
        case .ack: return isOurs
        }
    }

    private mutating func connected(isOurs: Bool, isRoot: Bool, at now: KernelTime) {
        switch phase {
        case .opening(let transport) where isRoot:
            since = now
            guard !endpoint.isEmpty else { return rise(transport, at: now) }
            phase = .joining(transport)
            put(SocketIOPacket.encoded(.connect, endpoint: endpoint), at: now)
        case .joining(let transport) where isOurs: rise(transport, at: now)
        default: return
        }
    }

    private mutating func rise(_ transport: SocketIOTransport, at now: KernelTime) {
        phase = .up(transport)
        since = now
        outputs.append(.up)
    }

    /// The endpoint is joined.
    public var isUp: Bool { if case .up = phase { true } else { false } }

    /// Sends a packet; false when the endpoint is not joined: it is not sent then, nor kept.
    public mutating func send(_ packet: [UInt8], at now: KernelTime) -> Bool {
        guard isUp else { return false }
        put(packet, at: now)
        return isUp
    }

    private mutating func put(_ packet: [UInt8], at now: KernelTime) {
        guard let transport, phase != .over else { return }
        if transport.isPolling {
            waiting.append(packet)
            waitingBytes += packet.count + 32
            post(at: now)
            if waitingBytes > patience.waitingBytes { finish(.lost("too much waits for a POST")) }
        } else {
            outputs.append(.send(packet))
        }
    }

    /// One POST at a time; what comes meanwhile goes together in the next.
    private mutating func post(at now: KernelTime) {
        guard posting == nil, !waiting.isEmpty, phase != .over else { return }
        posting = now
        outputs.append(.post(waiting))
        waiting.removeAll()
        waitingBytes = 0
    }

    /// The POST was answered.
    public mutating func posted(at now: KernelTime) {
        posting = nil
        post(at: now)
    }

    /// The poll was answered, and what it brought was received.
    public mutating func polled() {
        guard let transport, transport.isPolling else { return }
        outputs.append(.poll)
    }

    // MARK: End

    /// Leaves: says so where that is possible.
    public mutating func leave(at now: KernelTime) {
        if transport != nil { put(SocketIOPacket.encoded(.disconnect), at: now) }
        finish(.left)
    }

    private mutating func finish(_ end: SocketIOClientEnd) {
        guard phase != .over else { return }
        phase = .over
        waiting.removeAll()
        outputs.append(.over(end))
    }
}

extension Span<UInt8> {
    /// Whether the bytes at a place are those of a text.
    fileprivate func isEqual(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }
}
