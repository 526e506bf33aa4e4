import OutcryKernel
import OutcryMarket
import OutcryWire

/// A connection that plays a recording: it stands in the place of a link's ``Connection`` and gives each message to
/// the venue's live parser at its time.
final class Playback: Session {
    private let link: Link
    private let source: Source
    private var recording: Recording?
    private let venue: any Venue
    /// Recorded time that passes in one of the kernel's.
    private let speed: Double
    private var feed: (any Feed)?
    private var index = 0
    private var ups = 0
    private var isUp = false
    private var begin = KernelTime.zero

    /// Where the recording is.
    enum Source {
        case ready(Recording)
        /// A ``MarketFloor`` has it; its times are the calendar's.
        case asked(Alias)
    }

    init(_ link: Link, _ venue: any Venue, _ source: Source, speed: Double) {
        precondition(speed > 0 && speed.isFinite, "a recording is played forwards")
        self.link = link
        self.venue = venue
        self.source = source
        self.speed = speed
    }

    static func handlers(_ on: inout Handlers<Playback>) {
        on(.started) { me, _, my in
            switch me.source {
            case .ready(let recording): me.start(recording, beginning: my.now, my)
            case .asked(let floor):
                let wish = MarketWish(venue: me.venue.id, link: me.link.name)
                // It reads a file first, which may take its time.
                my.ask(.askMarket, to: floor, wish, timeout: .seconds(600), then: .marketTold) {
                    if case .reply(let told) = $0 { return told }
                    return .failure(MarketUnknown(reason: "the recordings were not read"))
                }
            }
        }
        on(.marketTold) { me, told, my in
            switch copy told {
            case .success(let recording):
                let begin = recording.begin ?? my.wallNow
                me.start(recording, beginning: my.now + (begin - my.wallNow), my)
            case .failure(let unknown):
                my.log.error("no market to play", unknown.reason)
                my.publish(
                    .disconnected,
                    LinkDown(venue: me.venue.id, reason: unknown.reason, retryIn: nil))
            }
        }
        on(.closeMarket) { me, _, my in me.end(my) }
        on(.playLine) { me, _, my in me.play(my) }
        on(.pulse) { me, ask, my in my.answer(ask, me.reading) }
        // What the parts of the link would send was sent when this was recorded.
        on(.send) { _, _, _ in }
        on(.ping) { _, _, _ in }
    }

    private var reading: PulseReading {
        PulseReading(
            isUp: isUp, answersPings: false, ups: ups, total: feed?.pulse.total ?? 0,
            channels: feed.map { Array(zip($0.pulse.channels, $0.pulse.counts)) } ?? [])
    }

    private func start(_ recording: Recording, beginning begin: KernelTime, _ my: Context) {
        self.recording = recording
        self.begin = begin
        var targets: Set<String> = []
        for case .http(let exchange, _) in recording.lines { targets.insert(exchange.target) }
        my.post(.playedTargets, to: link.http, targets)
        my.yield(.playLine)
        guard venue.rules.snapshotSource == .http else { return }
        for instrument in link.instruments
        where !targets.contains(venue.snapshotTarget(instrument)) {
            my.log.warning(
                "the recording has no whole book: none will be known", "\(instrument)",
                "expected the reply to \(venue.snapshotTarget(instrument))")
        }
    }

    /// Plays what happened at one moment, which was one turn, and the next at its time: others get their turn
    /// between two reads, as they had it.
    private func play(_ my: Context) {
        guard let recording else { return }
        guard index < recording.lines.count else {
            if case .ready = source { end(my) }
            return
        }
        let line = recording.lines[index]
        let due = begin + offset(of: line)
        guard due <= my.now else {
            my.at(due, .playLine, named: "line")
            return
        }
        while index < recording.lines.count, recording.lines[index].time == line.time {
            act(recording.lines[index], my)
            index += 1
        }
        my.yield(.playLine)
    }

    private func offset(of line: RecordingLine) -> Duration {
        guard let first = recording?.begin, let time = line.time, time > first else { return .zero }
        let nanoseconds = Double((time.microseconds - first.microseconds)) * 1000 / speed
        return .nanoseconds(Int64(nanoseconds))
    }

    private func act(_ line: RecordingLine, _ my: Context) {
        switch line {
        case .head: return
        case .up:
            isUp = true
            ups += 1
            feed = venue.makeFeed()
            my.publish(.connected, LinkUp(venue: venue.id, count: ups))
        case .down(let reason, _):
            isUp = false
            my.publish(
                .disconnected, LinkDown(venue: venue.id, reason: reason, retryIn: .zero))
        case .http(let exchange, _): my.post(.playedExchange, to: link.http, exchange)
        case .frame(let frame, _): if frame.direction == .received { take(frame, my) }
        }
    }

    private func take(_ frame: Frame, _ my: Context) {
        // A recording that begins in the middle of a connection has no `up`.
        let feed = feed ?? venue.makeFeed()
        self.feed = feed
        let bytes = frame.bytes.span
        switch frame.kind {
        case .text: feed.message(bytes, my)
        case .packet:
            guard let packet = SocketIOPacket(bytes, in: 0..<bytes.count),
                packet.kind == .json || packet.kind == .message, let data = packet.data
            else { return feed.pulse.noteOther() }
            feed.message(bytes.extracting(data), my)
        case .binary, .ping, .pong, .close: feed.pulse.noteOther()
        }
    }

    private func end(_ my: Context) {
        isUp = false
        let reason = recording?.isCutOff == true ? "the recording is cut off" : "the recording ends"
        my.publish(.disconnected, LinkDown(venue: venue.id, reason: reason, retryIn: nil))
    }
}

/// Answers HTTP calls with what was recorded: it stands in the place of a link's ``HTTPClient``.
///
/// A call waits until its reply comes up in the recording; a reply that came before its call waits for that. What the
/// recording has no reply to at all fails at once.
final class PlaybackHTTP: Session {
    private var replies: [(target: String, reply: HTTPReply)] = []
    private var calls: [Ask<HTTPCall, Outcome<HTTPReply, HTTPFailure>>] = []
    /// All that the recording has replies to; nil: not known yet.
    private var targets: Set<String>?

    static func handlers(_ on: inout Handlers<PlaybackHTTP>) {
        on(.playedTargets) { me, targets, my in
            me.targets = copy targets
            me.match(my)
        }
        on(.httpCall) { me, ask, my in
            me.calls.append(copy ask)
            me.match(my)
        }
        on(.playedExchange) { me, exchange, my in
            let reply = HTTPReply(
                head: HTTPResponseHead(status: exchange.status, fields: []), body: exchange.body)
            // Nobody asks for what is older than this.
            me.replies.removeAll { $0.target == exchange.target }
            me.replies.append((exchange.target, reply))
            me.match(my)
        }
    }

    private func match(_ my: Context) {
        calls.removeAll { call in
            let target = call.question.request.target
            guard let index = replies.firstIndex(where: { $0.target == target }) else {
                guard let targets, !targets.contains(target) else { return false }
                my.answer(
                    call, .failure(.unreachable("the recording has no reply to \(target)")))
                return true
            }
            my.answer(call, .success(replies.remove(at: index).reply))
            return true
        }
    }
}

extension Event where Payload == Void {
    static let playLine = Self("playback.line")
}

extension Event where Payload == Set<String> {
    static let playedTargets = Self("playback.targets")
}

extension Event where Payload == HTTPExchange {
    static let playedExchange = Self("playback.exchange")
}
