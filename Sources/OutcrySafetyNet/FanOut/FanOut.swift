import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

/// Messages to many: framed once, compressed once, written to each in one go at the end of the turn.
///
/// Clients that listen to the same channels in the same framing are one group of streams
/// (``OutcryKernel/StreamGroup``), so a message costs one put a group and the system's write a client. Who
/// polls, or keeps a window of compression, gets messages of his own. Who is slow gets what is left of them
/// when he reads again (``FanOutBacklog``), and is cut off with a reason when that gets too much.
///
/// An object of one session, which owns the streams: it gives their pressure to ``feel(_:of:_:)``, their ends
/// to ``remove(_:_:)``, and calls ``tick(_:)`` about once a second.
final class FanOut {
    let limits: FanOutLimits
    private let socketIO: SocketIOServer
    private let endpoint: String
    /// A message for those on WebSockets.
    private let frames: SharedMessage
    /// The same as a packet of Socket.IO's.
    private let packets: SharedMessage
    /// Only looked up.
    private var groups: [FanOutGroup.Key: FanOutGroup] = [:]
    /// In the order in which they were made, by channel.
    private var groupsByChannel: [[FanOutGroup]] = PublicChannel.all.map { _ in [] }
    private var alone: [FanOutClient] = []
    private var slow: [FanOutClient] = []
    /// What was told since the first of them fell behind.
    private var log = FanOutLog()
    private var listeners: [Int] = PublicChannel.all.map { _ in 0 }
    /// The texts of the depth that slow clients get, by channel. Only looked up.
    private var texts: [Int: MessageText] = [:]
    /// What it has done so far.
    private(set) var counters = FanOutCounters()
    /// Makes the message that tells the whole book of a channel, as of what was told on it.
    var snapshotText: ((_ channel: Int) -> [UInt8])?
    /// Clients that have been polled, and may be told more.
    private var polled: [FanOutClient] = []
    /// Is told of each client that is cut off.
    var onCut: ((FanOutClient, FanOutEnd) -> Void)?

    init(
        _ limits: FanOutLimits, _ rules: ServerRules, _ socketIO: SocketIOServer, endpoint: String
    ) {
        precondition(PublicChannel.all.count <= 64, "each channel has a bit of a word")
        self.limits = limits
        self.socketIO = socketIO
        self.endpoint = endpoint
        frames = SharedMessage(rules)
        packets = SharedMessage(rules)
    }

    /// Clients that are behind now.
    var slowClients: Int { slow.count }
    /// Groups that there are.
    var groupCount: Int { groups.count }

    /// Whether anybody listens to a channel.
    func hasListeners(_ channel: Int) -> Bool { listeners[channel] > 0 }

    // MARK: Clients

    /// A client has come: it listens to nothing yet.
    func add(_ client: FanOutClient) {
        watch(client)
        guard case .socketIO(let session) = client.carrier else { return }
        session.carrierChanged = { [weak self, weak client] in
            if let client { self?.moved(client) }
        }
        session.wasPolled = { [weak self, weak client] in
            if let client, case .slow = client.seat { self?.polled.append(client) }
        }
    }

    /// A client listens to a channel from now on.
    func subscribe(_ client: FanOutClient, to channel: Int, _ my: Context) {
        takeIn(client, my)
        guard !client.isGone, client.listen(to: channel) else { return }
        listeners[channel] += 1
        reseat(client, my)
    }

    /// A client does not listen to a channel any more.
    func unsubscribe(_ client: FanOutClient, from channel: Int, _ my: Context) {
        takeIn(client, my)
        guard client.unlisten(to: channel) else { return }
        listeners[channel] -= 1
        reseat(client, my)
    }

    /// A client has left.
    func remove(_ client: FanOutClient) {
        guard !client.isGone else { return }
        client.isGone = true
        unseat(client)
        if case .socketIO(let session) = client.carrier {
            client.watched?.bearer = nil
            session.carrierChanged = nil
            session.wasPolled = nil
        }
        for channel in client.channels { listeners[channel] -= 1 }
        client.unlistenAll()
        client.behind = nil
    }

    private func watch(_ client: FanOutClient) {
        client.watched?.bearer = nil
        client.watched = client.connection
        client.watched?.bearer = client
    }

    /// Another connection carries a client's session, or none: it is looked at by the next tick.
    private func moved(_ client: FanOutClient) {
        guard !client.isGone else { return }
        watch(client)
        if case .slow = client.seat { return }
        unseat(client)
        if client.mask != 0 { seat(alone: client) }
    }

    // MARK: Seats

    private func reseat(_ client: FanOutClient, _ my: Context) {
        if case .slow = client.seat { return }
        unseat(client)
        seat(client, my)
    }

    private func seat(_ client: FanOutClient, _ my: Context) {
        guard !client.isGone, client.mask != 0 else { return }
        guard let (framing, agreement) = client.framing, let stream = client.stream else {
            return seat(alone: client)
        }
        let key = FanOutGroup.Key(mask: client.mask, framing: framing)
        let group = groups[key] ?? FanOutGroup(key, agreement, my.makeGroup())
        if groups[key] == nil {
            groups[key] = group
            for channel in client.channels { groupsByChannel[channel].append(group) }
        }
        group.streams.add(stream)
        client.seat = .group(group, stream)
    }

    private func seat(alone client: FanOutClient) {
        client.seat = .alone(place: alone.count)
        alone.append(client)
    }

    private func unseat(_ client: FanOutClient) {
        switch client.seat {
        case .none: break
        case .group(let group, let stream):
            // Not the client's stream: that may be another one by now.
            stream.leaveGroup()
            if group.streams.isEmpty { forget(group) }
        case .alone(let place):
            alone.swapAt(place, alone.count - 1)
            alone[place].seat = .alone(place: place)
            alone.removeLast()
        case .slow(let place):
            slow.swapAt(place, slow.count - 1)
            slow[place].seat = .slow(place: place)
            slow.removeLast()
        }
        client.seat = .none
    }

    private func forget(_ group: FanOutGroup) {
        groups[group.key] = nil
        for channel in groupsByChannel.indices
        where group.key.mask & 1 << UInt64(channel) != 0 {
            groupsByChannel[channel].removeAll { $0 === group }
        }
    }

    // MARK: Messages

    /// Puts a message to everybody who listens to a channel.
    ///
    /// - Parameter news: What it says, for those who are behind.
    func tell(_ channel: Int, _ text: [UInt8], _ news: FanOutNews, _ my: Context) {
        guard hasListeners(channel) else { return }
        counters.messages += 1
        var isFramed = false
        var packet: [UInt8]?
        for group in groupsByChannel[channel] {
            counters.deliveries += group.streams.count
            if group.key.framing == .socketIO {
                if packet == nil {
                    let made = pack(text)
                    packet = made
                    guard set(packets, made) else { return }
                }
                packets.put(to: group.streams, packed: nil)
            } else {
                if !isFramed {
                    isFramed = true
                    guard set(frames, text) else { return }
                }
                frames.put(to: group.streams, packed: group.agreement)
            }
        }
        // Before those who may become slow by it.
        if !slow.isEmpty { keep(text, news, on: channel, my) }
        for client in alone where client.listens(to: channel) { send(text, client, my) }
    }

    /// Puts a message that is the client's alone, behind what it was told before.
    func put(_ text: [UInt8], to client: FanOutClient, _ my: Context) {
        guard !client.isGone else { return }
        guard case .slow = client.seat else { return send(text, client, my) }
        takeIn(client, my)
        if let end = client.behind?.backlog.take(answer: text) { cut(client, end, my) }
    }

    /// Puts the whole book of a channel, as of this place among the channel's messages. A client that is
    /// behind is told it when it reads again, once, however often it has asked.
    func putSnapshot(of channel: Int, to client: FanOutClient, _ my: Context) {
        guard !client.isGone, let text = snapshotText else { return }
        if case .slow = client.seat {
            takeIn(client, my)
            client.behind?.backlog.take(snapshotOf: channel)
        } else {
            send(text(channel), client, my)
        }
    }

    /// Whether a client will be told the whole book of a channel when it reads again.
    func awaitsSnapshot(of channel: Int, _ client: FanOutClient) -> Bool {
        client.behind?.backlog.hasSnapshot(of: channel) ?? false
    }

    private func pack(_ text: [UInt8]) -> [UInt8] {
        SocketIOPacket.encoded(.json, endpoint: endpoint, data: text)
    }

    /// A message of a megabyte is nothing that the venue says.
    private func set(_ message: SharedMessage, _ text: [UInt8]) -> Bool {
        do throws(CodecError) { try message.set(text.span) } catch { return false }
        return true
    }

    private func send(_ text: [UInt8], _ client: FanOutClient, _ my: Context) {
        counters.deliveries += 1
        switch client.carrier {
        case .webSocket(let connection): connection.send(text.span)
        case .socketIO(let session): socketIO.send(pack(text), to: session, my)
        }
        // The news of a stream's pressure comes with the next turn, that of a poll's never.
        if client.isFull(limits) { slowDown(client, my) }
    }

    // MARK: Slow clients

    private func keep(_ text: [UInt8], _ news: FanOutNews, on channel: Int, _ my: Context) {
        if case .depth(let market, _) = news, texts[channel] == nil {
            texts[channel] = MessageText(market)
        }
        if log.isFull {
            let middle = log.end - FanOutLog.most / 2
            for client in slow where client.behind.map({ $0.place < middle }) ?? false {
                takeIn(client, my)
            }
            trimLog()
        }
        log.append(FanOutLog.Entry(channel: channel, text: text, news: news))
        guard case .trade = news else { return }
        for client in slow where hasTooManyTrades(client) { takeIn(client, my) }
    }

    private func hasTooManyTrades(_ client: FanOutClient) -> Bool {
        client.behind.map { log.trades - $0.tradesBefore > limits.trades } ?? false
    }

    /// Puts what was told since a client fell behind, or was looked at last, into its backlog; or cuts it off.
    private func takeIn(_ client: FanOutClient, _ my: Context) {
        guard let behind = client.behind, behind.place < log.end else { return }
        let entries = log.entries(from: behind.place)
        behind.place = log.end
        for entry in entries where client.listens(to: entry.channel) {
            if let end = behind.backlog.take(entry.text, entry.news, on: entry.channel) {
                return cut(client, end, my)
            }
        }
        behind.tradesBefore = log.trades - behind.backlog.trades
    }

    private func trimLog() {
        log.drop(before: slow.compactMap { $0.behind?.place }.min() ?? log.end)
    }

    /// The stream of a connection crossed a mark.
    ///
    /// - Returns: False where it is nobody's here.
    func feel(_ pressure: StreamPressure, of connection: ServerConnection, _ my: Context) -> Bool {
        guard let client = connection.bearer as? FanOutClient, !client.isGone else { return false }
        if pressure.isHigh { slowDown(client, my) } else { catchUp(client, my) }
        return true
    }

    private func slowDown(_ client: FanOutClient, _ my: Context) {
        guard !client.isGone else { return }
        if case .slow = client.seat { return }
        unseat(client)
        counters.slowed += 1
        client.behind = FanOutClient.Behind(limits, since: my.now, log)
        client.seat = .slow(place: slow.count)
        slow.append(client)
    }

    private func catchUp(_ client: FanOutClient, _ my: Context) {
        guard case .slow = client.seat else { return }
        takeIn(client, my)
        while !client.isGone, !client.isFull(limits) {
            guard let message = client.behind?.backlog.next() else { return caughtUp(client, my) }
            switch message {
            case .text(let text): send(text, client, my)
            case .depth(let channel, let change):
                texts[channel]?.setDepth(change)
                if let text = texts[channel] { send(text.bytes, client, my) }
            case .snapshot(let channel):
                if let text = snapshotText { send(text(channel), client, my) }
            }
            guard !client.isGone else { return }
        }
    }

    /// Tells those more who were behind and have been polled; after whatever is done with Socket.IO.
    func tellPolled(_ my: Context) {
        while let client = polled.popLast() { if !client.isGone { catchUp(client, my) } }
    }

    private func caughtUp(_ client: FanOutClient, _ my: Context) {
        counters.caughtUp += 1
        counters.conflated += client.behind?.backlog.conflated ?? 0
        client.behind = nil
        unseat(client)
        seat(client, my)
    }

    private func cut(_ client: FanOutClient, _ end: FanOutEnd, _ my: Context) {
        guard !client.isGone else { return }
        counters.count(end)
        counters.conflated += client.behind?.backlog.conflated ?? 0
        my.log.warning("cut off", client.peer, end)
        remove(client)
        switch client.carrier {
        case .webSocket(let connection): connection.close(.policyViolation, "\(end)")
        case .socketIO(let session): socketIO.dismiss(session, my)
        }
        onCut?(client, end)
    }

    private func isLate(_ client: FanOutClient, _ now: KernelTime) -> Bool {
        client.behind.map { now - $0.since > limits.patience } ?? false
    }

    /// Cuts off who is slow for too long, and finds seats for those whose connections have changed.
    func tick(_ my: Context) {
        for client in slow where isLate(client, my.now) {
            cut(client, .time(limits.patience), my)
        }
        trimLog()
        // Another connection carries it, whose pressure nobody has told.
        for client in slow where !client.isFull(limits) { catchUp(client, my) }
        for client in alone where client.framing != nil { reseat(client, my) }
    }
}
