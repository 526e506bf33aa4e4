import OutcryCrypto
public import OutcryKernel
public import OutcryWire

/// The Socket.IO part of a server: answers requests under `/socket.io`, keeps the sessions, carries their
/// packets. An object of one session, which owns the streams.
///
/// The owner gives it every request (``serve(_:body:on:_:)``), every WebSocket message of the connections
/// that it took (``hear(_:on:_:)``) and the ends of streams (``ended(_:_:)``, ``closed(_:_:)``), calls
/// ``tick(_:)`` and ``flush(_:)`` on their events, and after each of these takes the news.
public final class SocketIOServer {
    /// What happened, for the application.
    public enum News {
        /// A client joined an endpoint.
        case joined(SocketIOSession, endpoint: String, query: String)
        /// A client left an endpoint.
        case left(SocketIOSession, endpoint: String)
        /// A message, JSON value or event came.
        case received(SocketIOSession, SocketIOReceived)
        /// Something that was sent with an id was acknowledged.
        case acknowledged(SocketIOSession, endpoint: String, id: Int, arguments: [UInt8]?)
        /// A session is over.
        case over(SocketIOSession, SocketIOEnd)
    }

    /// A connection that carries, or carried last, a session.
    struct Carrier {
        let connection: ServerConnection
        var session: SocketIOSession
        var wrapping: Wrapping
        /// The fields that a browser of another origin wants to see.
        var origin: HTTPFields
    }

    /// How packets go over a connection.
    enum Wrapping {
        case frames
        case page
        case body
        case script(index: String?)
    }

    /// The numbers.
    public let rules: SocketIORules
    /// Decides on each handshake; nil: all are granted.
    public var authorize: ((HTTPRequestHead) -> SocketIOAdmission)?
    var sessions: [String: SocketIOSession] = [:]
    var carriers: [UInt64: Carrier] = [:]
    private var news = Line<News>()
    /// The sessions by their numbers, for what is due: one that is over is not kept until then.
    private var numbered: [UInt64: SocketIOSession] = [:]
    /// Bytes that are kept for all sessions together.
    package private(set) var heldBytes = 0
    /// The most that is kept for one of them.
    package var mostHeldBytes: Int { sessions.values.map(\.held).max() ?? 0 }
    private var made: UInt64 = 0
    /// From which the names of the sessions are made.
    private var secret: [UInt8] = []
    private var dirty: [SocketIOSession] = []
    private var isFlushDue = false
    private var deadlines = DeadlineHeap()
    private var armed: KernelTime?
    /// Connections that ended and are kept a moment for the news that their last answer was lost.
    private var ending = Line<(until: KernelTime, stream: UInt64)>()
    private var endingStreams: [UInt64: StreamWheel] = [:]

    /// Makes a server without sessions.
    public init(_ rules: SocketIORules) {
        precondition(rules.isSensible, "every time and limit of a Socket.IO server is positive")
        self.rules = rules
    }

    /// The sessions that there are.
    public var count: Int { sessions.count }

    /// Nothing waits to be written, but for those who do not poll.
    public var isIdle: Bool { dirty.isEmpty }

    /// The next thing that happened; nil when the application knows everything.
    public func nextNews() -> News? { news.next() }

    // MARK: For the application

    /// Sends a packet to a session.
    public func send(_ packet: [UInt8], to session: SocketIOSession, _ my: Context) {
        session.machine.send(packet)
        settle(session, my)
    }

    /// Sends a packet that is encoded once for many sessions.
    ///
    /// - Parameter frame: The packet as a server's WebSocket frame.
    public func send(
        _ packet: Span<UInt8>, frame: Span<UInt8>, to session: SocketIOSession, _ my: Context
    ) {
        if let carrier = session.webSocket {
            _ = carrier.stream.put(frame)
            leaveIfSlow(session, my)
        } else {
            send(packet.copy(0..<packet.count), to: session, my)
        }
    }

    /// Answers a packet that wanted it.
    ///
    /// - Parameter arguments: A JSON array, or nil.
    public func acknowledge(
        _ received: SocketIOReceived, with arguments: [UInt8]?, to session: SocketIOSession,
        _ my: Context
    ) {
        guard let id = received.wantedAck else { return }
        let data = SocketIOAck.data(id.utf8, arguments: arguments)
        send(SocketIOPacket.encoded(.ack, endpoint: received.endpoint, data: data), to: session, my)
    }

    /// Ends a session from this side.
    public func dismiss(_ session: SocketIOSession, _ my: Context) {
        session.machine.dismiss()
        settle(session, my)
    }

    /// Ends a session from this side without a word: a client that polls learns it by its next request.
    public func expire(_ session: SocketIOSession, _ my: Context) {
        session.machine.expire()
        settle(session, my)
    }

    /// Forgets everything at once, without a word: the streams are about to be cut off.
    public func reset() {
        sessions.removeAll()
        numbered.removeAll()
        heldBytes = 0
        carriers.removeAll()
        news.removeAll()
        dirty.removeAll()
        ending.removeAll()
        endingStreams.removeAll()
        deadlines = DeadlineHeap()
    }

    // MARK: Sessions

    func makeSession(_ head: HTTPRequestHead, _ peer: String, _ my: Context) -> SocketIOSession? {
        guard sessions.count < rules.sessions else { return nil }
        made += 1
        let query = (head.query.flatMap { try? PercentEncoding.items($0) }) ?? []
        let session = SocketIOSession(
            id: name(made, my), number: made, query: query, peer: peer,
            machine: SocketIOSessionMachine(rules, at: my.now))
        sessions[session.id] = session
        numbered[session.number] = session
        settle(session, my)
        return session
    }

    /// 20 characters, 120 bits: who knows one name, or any of the kernel's random numbers, knows no other.
    private func name(_ number: UInt64, _ my: Context) -> String {
        if secret.isEmpty { for _ in 0..<4 { secret += Self.bytes(my.entropy()) } }
        let hash = SHA256.hash(secret + Self.bytes(number))
        let text = Base64.encode(Array(hash[..<15]))
        return String(text.map { $0 == "/" ? "_" : $0 == "+" ? "-" : $0 })
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }

    /// Does what a session's machine asks for, and sees to its next deadline.
    func settle(_ session: SocketIOSession, _ my: Context) {
        for output in session.machine.takeOutputs() { act(output, session) }
        count(session)
        guard !session.machine.isOver else { return }
        if session.machine.isStream { leaveIfSlow(session, my) }
        // Too much for all: who has more than a fair share goes.
        if heldBytes > rules.allWaitingBytes, session.held * sessions.count >= heldBytes {
            session.machine.leaveBehind()
            return settle(session, my)
        }
        if session.machine.wantsFlush, !session.isDirty {
            session.isDirty = true
            dirty.append(session)
            if !isFlushDue {
                isFlushDue = true
                my.yield(.socketIOFlush)
            }
        }
        if let deadline = session.machine.deadline, deadline < session.scheduled {
            session.scheduled = deadline
            deadlines.push(deadline, session.number)
            arm(my)
        }
    }

    private func count(_ session: SocketIOSession) {
        let held = session.machine.heldBytes
        heldBytes += held - session.held
        session.held = held
    }

    /// Cuts a stream off that has more to write than may wait for a session.
    private func leaveIfSlow(_ session: SocketIOSession, _ my: Context) {
        guard let number = session.machine.carrier, let carrier = carriers[number],
            carrier.connection.stream.unwritten > rules.waitingBytes
        else { return }
        session.machine.leaveBehind()
        settle(session, my)
        carrier.connection.stream.abort()
    }

    private func act(_ output: SocketIOSessionMachine.Output, _ session: SocketIOSession) {
        switch output {
        case .send(let carrier, let packet): put(packet, carrier)
        case .answer(let carrier, let packets):
            answer(packets, carrier)
            if session.machine.waitingBytes == 0 { session.wasPolled?() }
        case .close(let carrier):
            if let old = carriers[carrier] {
                leave(old.connection, session)
                old.connection.finish()
            }
        case .joined(let endpoint, let query):
            news.append(.joined(session, endpoint: endpoint, query: query))
        case .left(let endpoint): news.append(.left(session, endpoint: endpoint))
        case .received(let received): news.append(.received(session, received))
        case .acknowledged(let endpoint, let id, let arguments):
            news.append(
                .acknowledged(session, endpoint: endpoint, id: id, arguments: arguments))
        case .over(let end):
            session.webSocket = nil
            session.page = nil
            if sessions[session.id] === session { sessions[session.id] = nil }
            numbered[session.number] = nil
            news.append(.over(session, end))
        }
    }

    /// A connection carries a session no more.
    private func leave(_ connection: ServerConnection, _ session: SocketIOSession) {
        if session.webSocket === connection { session.webSocket = nil }
        if session.page === connection { session.page = nil }
    }

    // MARK: Time

    /// Answers the open polls for which something was sent; on ``OutcryKernel/Event/socketIOFlush``.
    public func flush(_ my: Context) {
        isFlushDue = false
        let sessions = dirty
        dirty.removeAll(keepingCapacity: true)
        for session in sessions {
            session.isDirty = false
            session.machine.flush(at: my.now)
            for output in session.machine.takeOutputs() { act(output, session) }
            settle(session, my)
        }
    }

    /// Does what is due; on ``OutcryKernel/Event/socketIOTick``.
    public func tick(_ my: Context) {
        armed = nil
        while let number = deadlines.pop(until: my.now) {
            guard let session = numbered[number] else { continue }
            session.scheduled = .distant
            if let deadline = session.machine.deadline, deadline <= my.now {
                session.machine.tick(at: my.now)
            }
            settle(session, my)
        }
        while let first = ending.first, first.until <= my.now {
            _ = ending.next()
            endingStreams.removeValue(forKey: first.stream)?.close()
        }
        arm(my)
    }

    private func arm(_ my: Context) {
        var next = deadlines.first
        if let until = ending.first?.until { next = min(next ?? until, until) }
        guard let next, armed.map({ next < $0 }) ?? true else { return }
        armed = next
        my.at(next, .socketIOTick, named: "socketio")
    }

    // MARK: Ends

    /// A client ended its half of a stream.
    ///
    /// - Returns: It is dealt with: closed, or open for a moment, to hear whether the last answer was lost.
    ///   Else the owner closes it, when it has answered.
    public func ended(_ stream: StreamWheel, _ my: Context) -> Bool {
        guard let carrier = carriers[stream.number] else { return false }
        let session = carrier.session
        guard session.machine.halfEnded(stream.number, at: my.now) else {
            // What is said into a poll that is left would be lost.
            guard session.machine.carrier == stream.number else { return false }
            stream.close()
            return true
        }
        ending.append((my.now + rules.lossNotice, stream.number))
        endingStreams[stream.number] = stream
        arm(my)
        return true
    }

    /// A stream is over.
    public func closed(_ end: StreamClosed, _ my: Context) {
        guard let carrier = carriers.removeValue(forKey: end.stream.number) else { return }
        endingStreams[end.stream.number] = nil
        let session = carrier.session
        leave(carrier.connection, session)
        var isLost = end.stream.unwritten > 0
        if case .failed = end.reason { isLost = true }
        session.machine.ended(end.stream.number, isLost: isLost, at: my.now)
        settle(session, my)
    }
}

/// One client's session at a ``SocketIOServer``.
public final class SocketIOSession {
    /// Its name in URLs.
    public let id: String
    /// Its number, in the order of handshakes.
    public let number: UInt64
    /// The query of the handshake.
    public let query: [HTTPQueryItem]
    /// Where the handshake came from.
    public let peer: String
    var machine: SocketIOSessionMachine
    /// The connection that carries it, where that is a WebSocket.
    public internal(set) var webSocket: ServerConnection? {
        didSet { if webSocket !== oldValue { carrierChanged?() } }
    }
    /// The connection that carries it, where that is an endless page (htmlfile).
    public internal(set) var page: ServerConnection? {
        didSet { if page !== oldValue { carrierChanged?() } }
    }
    /// Is called when ``webSocket`` or ``page`` has become another, or none; it must not touch the session.
    public var carrierChanged: (() -> Void)?
    /// Is called when a poll has taken all that waited; it must not touch the session.
    public var wasPolled: (() -> Void)?
    /// Bytes that wait for the next poll, and what they take in memory.
    public var waitingBytes: Int { machine.waitingBytes }
    var isDirty = false
    /// The bytes that the server has counted for it.
    var held = 0
    var scheduled = KernelTime.distant

    init(
        id: String, number: UInt64, query: [HTTPQueryItem], peer: String,
        machine: SocketIOSessionMachine
    ) {
        self.id = id
        self.number = number
        self.query = query
        self.peer = peer
        self.machine = machine
    }

    /// The client has joined this endpoint.
    public func isJoined(_ endpoint: String) -> Bool { machine.isJoined(endpoint) }
}

extension KernelTime {
    /// Later than any time there is.
    static let distant = KernelTime(nanoseconds: .max)
}

extension Event where Payload == Void {
    /// Something is due at a ``SocketIOServer`` of this session.
    public static let socketIOTick = Self("socketio.tick")
    /// A ``SocketIOServer`` of this session has polls to answer.
    public static let socketIOFlush = Self("socketio.flush")
}

/// The numbers of sessions by the time at which they want to be looked at, the earliest first.
struct DeadlineHeap {
    private var entries: [(time: KernelTime, session: UInt64)] = []

    var first: KernelTime? { entries.first?.time }

    mutating func push(_ time: KernelTime, _ session: UInt64) {
        entries.append((time, session))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first whose time has come.
    mutating func pop(until now: KernelTime) -> UInt64? {
        guard let first = entries.first, first.time <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < entries.count && isBefore(child, least) { least = child }
                if least == parent { break }
                entries.swapAt(parent, least)
                parent = least
            }
        }
        return first.session
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        (entries[a].time, entries[a].session) < (entries[b].time, entries[b].session)
    }
}
