public import OutcryKernel
import OutcryWire

/// One client's session at a Socket.IO server: what waits for it, who carries it, when it ends. No kernel,
/// no I/O: inputs return nothing, outputs are taken by ``takeOutputs()``.
///
/// A carrier is a connection, named by a number.
public struct SocketIOSessionMachine {
    /// What has to be done, in this order.
    public enum Output: Equatable, Sendable {
        /// Send one packet on a stream: a WebSocket or an htmlfile page.
        case send(carrier: UInt64, packet: [UInt8])
        /// Answer a poll with these packets.
        case answer(carrier: UInt64, packets: [[UInt8]])
        /// End a stream, when what was sent has left.
        case close(carrier: UInt64)
        /// The client joined an endpoint, with what followed it.
        case joined(endpoint: String, query: String)
        /// The client left an endpoint.
        case left(endpoint: String)
        /// A message, a JSON value or an event came.
        case received(SocketIOReceived)
        /// An ack of something that was sent with an id.
        case acknowledged(endpoint: String, id: Int, arguments: [UInt8]?)
        /// The session is over; nothing comes after this.
        case over(SocketIOEnd)
    }

    private enum Carriage: Equatable {
        /// Never used.
        case none
        case stream(UInt64)
        /// Polled; the carrier of the open poll.
        case polling(UInt64?)
        case over
    }

    private let rules: SocketIORules
    private var carriage = Carriage.none
    private var outputs: [Output] = []
    /// What waits for a poll.
    private var waiting: [[UInt8]] = []
    private(set) var waitingBytes = 0
    /// The packets of the last answer, while it may turn out to be lost.
    private var unconfirmed: (carrier: UInt64, packets: [[UInt8]], bytes: Int)?
    /// The client ended its half of that connection: until then nothing newer is said, so that what turns out
    /// to be lost is said again in its order.
    private var doubt: KernelTime?
    private var joined: [String] = []
    /// A heartbeat is out since then.
    private var isHeartbeatOut = false
    /// The one thing that happens by time.
    private var due: KernelTime

    /// Makes the session of a client that was just handshaken.
    public init(_ rules: SocketIORules, at now: KernelTime) {
        self.rules = rules
        due = now + rules.unusedExpiry
    }

    /// When ``tick(at:)`` has to be called; nil when it is over.
    public var deadline: KernelTime? { carriage == .over ? nil : due }
    /// Nothing more comes of it.
    public var isOver: Bool { carriage == .over }
    /// It was used at least once.
    public var isUsed: Bool { carriage != .none }
    /// It is carried by a stream, not by polls.
    public var isStream: Bool { if case .stream = carriage { true } else { false } }
    /// The carrier of the stream or of the open poll.
    public var carrier: UInt64? {
        switch carriage {
        case .stream(let carrier): carrier
        case .polling(let carrier): carrier
        case .none, .over: nil
        }
    }

    /// The endpoints that the client has joined, in the order of joining.
    public var endpoints: [String] { joined }

    /// Whether the client has joined an endpoint.
    public func isJoined(_ endpoint: String) -> Bool { joined.contains(endpoint) }

    /// Bytes that it keeps: what waits for a poll, and what was answered and may yet be lost.
    public var heldBytes: Int { waitingBytes + (unconfirmed?.bytes ?? 0) }

    /// What a packet counts: its bytes, and those of its place in memory.
    static func weight(_ packet: [UInt8]) -> Int { packet.count + 32 }

    /// Takes what has to be done.
    public mutating func takeOutputs() -> [Output] {
        guard !outputs.isEmpty else { return [] }
        defer { outputs.removeAll(keepingCapacity: true) }
        return outputs
    }

    // MARK: Carriers

    /// A stream is there to carry it; one that did so before is closed.
    public mutating func attach(_ carrier: UInt64, at now: KernelTime) {
        switch carriage {
        case .over: return outputs.append(.close(carrier: carrier))
        case .stream(let old): outputs.append(.close(carrier: old))
        case .polling(let poll?): outputs.append(.answer(carrier: poll, packets: [Self.noop]))
        case .polling(nil), .none: break
        }
        carriage = .stream(carrier)
        outputs.append(.send(carrier: carrier, packet: Self.connect))
        confirm()
        for packet in waiting { outputs.append(.send(carrier: carrier, packet: packet)) }
        dropWaiting()
        isHeartbeatOut = false
        due = now + rules.heartbeatInterval
    }

    /// The client polls. An older open poll ends with a noop, one of a stream's session with the stream.
    public mutating func poll(_ carrier: UInt64, at now: KernelTime) {
        switch carriage {
        case .over: return
        case .none: enqueueFirst(Self.connect)
        case .stream(let old): outputs.append(.close(carrier: old))
        case .polling(let old?):
            outputs.append(.answer(carrier: old, packets: [Self.noop]))
        case .polling(nil): break
        }
        carriage = .polling(carrier)
        due = now + rules.pollingDuration
        if let doubt, doubt > now {
            due = doubt
        } else {
            // A client that asks for more has what was answered before.
            confirm()
        }
        flush(at: now)
    }

    /// Whatever came on a connection shows that what was answered on it before has arrived.
    public mutating func heard(on carrier: UInt64) {
        if unconfirmed?.carrier == carrier { confirm() }
    }

    /// The client ended its half of a connection: it has read what was answered there, or went before.
    ///
    /// - Returns: True when that may yet turn out to be lost, so that it is to be waited for.
    public mutating func halfEnded(_ carrier: UInt64, at now: KernelTime) -> Bool {
        guard unconfirmed?.carrier == carrier else { return false }
        doubt = now + rules.doubt
        return true
    }

    /// A connection is over.
    ///
    /// - Parameter isLost: What was written last may not have arrived.
    public mutating func ended(_ carrier: UInt64, isLost: Bool, at now: KernelTime) {
        if let answer = unconfirmed, answer.carrier == carrier {
            confirm()
            if isLost, carriage != .over {
                waiting = answer.packets + waiting
                waitingBytes += answer.bytes
            }
            if case .polling(.some) = carriage { due = now + rules.pollingDuration }
            flush(at: now)
        }
        switch carriage {
        case .stream(carrier): finish(.connectionLost)
        case .polling(carrier):
            carriage = .polling(nil)
            due = now + rules.closeTimeout
        default: break
        }
    }

    // MARK: Packets out

    /// Sends a packet, or keeps it for the next poll. Polls are answered by ``flush(at:)``.
    public mutating func send(_ packet: [UInt8]) {
        switch carriage {
        case .over: return
        case .stream(let carrier): outputs.append(.send(carrier: carrier, packet: packet))
        case .none, .polling:
            waiting.append(packet)
            waitingBytes += Self.weight(packet)
            if waitingBytes > rules.waitingBytes { finish(.tooSlow) }
        }
    }

    /// A poll is open, and there is something to say.
    public var wantsFlush: Bool {
        if case .polling(.some) = carriage { !waiting.isEmpty && doubt == nil } else { false }
    }

    /// Answers the open poll if there is something to say.
    public mutating func flush(at now: KernelTime) {
        guard wantsFlush, case .polling(let carrier?) = carriage else { return }
        outputs.append(.answer(carrier: carrier, packets: waiting))
        unconfirmed = (carrier, waiting, waitingBytes)
        dropWaiting()
        carriage = .polling(nil)
        due = now + rules.closeTimeout
    }

    /// Ends the session from this side.
    public mutating func dismiss() {
        sayGoodbye()
        finish(.dismissed)
    }

    /// Ends the session from this side without a goodbye.
    public mutating func expire() {
        if case .polling(.some) = carriage { return finishWithWaiting(.dismissed) }
        finish(.dismissed)
    }

    /// The client ends the session by a request of its own.
    public mutating func leave() {
        sayGoodbye()
        finish(.left)
    }

    /// The client sent what cannot be read.
    public mutating func giveUp() {
        send(SocketIOPacket.encoded(.error, data: "+0".utf8))
        finishWithWaiting(.malformed)
    }

    /// More waits for the client than may.
    public mutating func leaveBehind() {
        if case .polling(.some) = carriage { return finishWithWaiting(.tooSlow) }
        finish(.tooSlow)
    }

    // MARK: Time

    /// Does what is due.
    public mutating func tick(at now: KernelTime) {
        guard carriage != .over, now >= due else { return }
        switch carriage {
        case .over: return
        case .none: finish(.unused)
        case .stream(let carrier):
            // The end is a plain one, as the original's: no packet, no close frame.
            if isHeartbeatOut { return finish(.silent) }
            isHeartbeatOut = true
            outputs.append(.send(carrier: carrier, packet: Self.heartbeat))
            due = now + rules.heartbeatTimeout
        case .polling(.some) where doubt != nil:
            confirm()
            due = now + rules.pollingDuration
            flush(at: now)
        case .polling(let carrier?):
            outputs.append(.answer(carrier: carrier, packets: [Self.noop]))
            carriage = .polling(nil)
            due = now + rules.closeTimeout
        case .polling(nil): finish(.notPolled)
        }
    }

    // MARK: Packets in

    /// Takes a packet of the client; what is none is ignored, as it was by the original.
    public mutating func receive(_ bytes: Span<UInt8>, in range: Range<Int>, at now: KernelTime) {
        guard carriage != .over else { return }
        // Any packet answers a heartbeat. One that comes before does not put the next one off: a client
        // that beats by itself would never hear one, and take the server for dead.
        if case .stream = carriage, isHeartbeatOut {
            isHeartbeatOut = false
            due = now + rules.heartbeatInterval
        }
        guard let packet = SocketIOPacket(bytes, in: range) else { return }
        let endpoint = bytes.string(packet.endpoint)
        switch packet.kind {
        case .heartbeat, .noop, .error: return
        case .connect: join(endpoint, packet.data.map { bytes.string($0) } ?? "")
        case .disconnect:
            guard endpoint.isEmpty else { return leave(endpoint) }
            sayGoodbye()
            finish(.left)
        case .ack:
            guard let data = packet.data, let ack = SocketIOAck(bytes, in: data),
                let id = Int(bytes.string(ack.id))
            else { return }
            outputs.append(
                .acknowledged(
                    endpoint: endpoint, id: id, arguments: ack.arguments.map { bytes.copy($0) }))
        case .message, .json, .event: take(packet, endpoint, bytes)
        }
    }

    private mutating func take(
        _ packet: SocketIOPacket, _ endpoint: String, _ bytes: Span<UInt8>
    ) {
        guard endpoint.isEmpty || rules.endpoints.contains(endpoint) else { return }
        let content: SocketIOReceived.Content
        switch (packet.kind, packet.data) {
        case (.message, let data): content = .text(data.map { bytes.copy($0) } ?? [])
        case (.json, let data?):
            guard SocketIOJSON.isValue(bytes.extracting(data)) else { return }
            content = .json(bytes.copy(data))
        case (.event, let data?):
            guard let event = SocketIOEvent(bytes, in: data) else { return }
            content = .event(event.name, arguments: event.arguments.map { bytes.copy($0) })
        default: return
        }
        var wanted: String?
        if let id = packet.id {
            if packet.wantsData {
                wanted = bytes.string(id)
            } else {
                // The library's own ack goes before the application hears of it.
                let data = SocketIOAck.data(bytes.copy(id), arguments: nil as [UInt8]?)
                send(SocketIOPacket.encoded(.ack, endpoint: endpoint, data: data))
            }
        }
        outputs.append(
            .received(SocketIOReceived(endpoint: endpoint, content: content, wantedAck: wanted)))
    }

    private mutating func join(_ endpoint: String, _ query: String) {
        if let refused = rules.refusals.first(where: { $0.endpoint == endpoint }) {
            let data = refused.refusal.data
            return send(SocketIOPacket.encoded(.error, endpoint: endpoint, data: data))
        }
        guard !endpoint.isEmpty else { return send(Self.connect) }
        // Nobody answers for an endpoint that is not there.
        guard rules.endpoints.contains(endpoint) else { return }
        if !joined.contains(endpoint) { joined.append(endpoint) }
        send(SocketIOPacket.encoded(.connect, endpoint: endpoint))
        outputs.append(.joined(endpoint: endpoint, query: query))
    }

    private mutating func leave(_ endpoint: String) {
        guard let index = joined.firstIndex(of: endpoint) else { return }
        joined.remove(at: index)
        outputs.append(.left(endpoint: endpoint))
    }

    // MARK: End

    private mutating func sayGoodbye() {
        switch carriage {
        case .stream(let carrier): outputs.append(.send(carrier: carrier, packet: Self.goodbye))
        case .polling(let carrier?):
            outputs.append(.answer(carrier: carrier, packets: waiting + [Self.goodbye]))
            dropWaiting()
            carriage = .polling(nil)
        case .polling(nil), .none, .over: return
        }
    }

    private mutating func finishWithWaiting(_ end: SocketIOEnd) {
        if case .polling(let carrier?) = carriage {
            outputs.append(.answer(carrier: carrier, packets: waiting))
            carriage = .polling(nil)
        }
        finish(end)
    }

    private mutating func finish(_ end: SocketIOEnd) {
        switch carriage {
        case .over: return
        case .stream(let carrier): outputs.append(.close(carrier: carrier))
        case .polling(let carrier?):
            outputs.append(.answer(carrier: carrier, packets: [Self.noop]))
        case .polling(nil), .none: break
        }
        carriage = .over
        dropWaiting()
        confirm()
        outputs.append(.over(end))
    }

    private mutating func confirm() {
        unconfirmed = nil
        doubt = nil
    }

    private mutating func enqueueFirst(_ packet: [UInt8]) {
        waiting.insert(packet, at: 0)
        waitingBytes += Self.weight(packet)
    }

    private mutating func dropWaiting() {
        waiting.removeAll()
        waitingBytes = 0
    }

    private static let connect = SocketIOPacket.encoded(.connect)
    private static let heartbeat = SocketIOPacket.encoded(.heartbeat)
    private static let noop = SocketIOPacket.encoded(.noop)
    private static let goodbye = SocketIOPacket.encoded(.disconnect)
}

/// What a client sent to an endpoint.
public struct SocketIOReceived: Equatable, Sendable {
    /// What it carries.
    public enum Content: Equatable, Sendable {
        /// Text.
        case text([UInt8])
        /// One JSON value.
        case json([UInt8])
        /// A name, and a JSON array of arguments perhaps.
        case event(String, arguments: [UInt8]?)
    }

    /// The endpoint; empty for the session itself.
    public let endpoint: String
    /// What it carries.
    public let content: Content
    /// The digits of the id that the application has to answer; nil where it has not.
    public let wantedAck: String?
}
