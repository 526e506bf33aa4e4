import Glibc
import Outcry

/// `outcry watch URL`: what a venue sends, for people. `outcry watch FILE`: what it sent, from a recording.
enum WatchCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        let seconds = try arguments.integer("--seconds", in: 1...31_536_000)
        let currency = try arguments.option("--currency")
        let authority = try arguments.option("--ca")
        let record = try arguments.option("--record")
        let speed = try arguments.integer("--speed", in: 1...1_000_000)
        let url = try arguments.option("--url")
        let place = try arguments.word(
            "the URL of a stream, such as ws://127.0.0.1:8080/mtgox, or a recording's file")
        if place == "midchains" {
            guard currency == nil else {
                throw UsageError("--currency: expected a URL to watch, found midchains")
            }
            return try watchMidChains(
                &arguments, at: url ?? "ws://127.0.0.1:8081", authority: authority,
                seconds: seconds, record: record)
        }
        try arguments.finish()
        guard url == nil else {
            throw UsageError("--url: expected midchains and a security, found \"\(place)\"")
        }
        guard place.contains("://") else {
            for (name, value) in [("--ca", authority), ("--record", record)] where value != nil {
                throw UsageError("\(name): expected a URL to watch, found the file \"\(place)\"")
            }
            return try play(place, currency: currency, speed: speed, seconds: seconds)
        }
        guard speed == nil else {
            throw UsageError("--speed: expected a recording's file, found the URL \(place)")
        }
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning  // the watcher tells the rest itself
        let trust = try trust(authority)
        let instrument = try instrument(currency ?? "USD")
        let gox: Link
        var recorder: FrameRecorder?
        do {
            gox = try MtGox.open(
                on: kernel, url: place, instruments: [instrument],
                trust: trust)
            if let record {
                try requireNew(record)
                recorder = FrameRecorder(gox, url: try VenueURL(place), path: record)
            }
        } catch let error as UsageError { throw error } catch { throw UsageError("\(error)") }
        if let recorder { kernel.start(recorder, alias: Watcher.recorder) }
        return try watch(gox, on: kernel, at: place, seconds: seconds, records: record != nil)
    }

    /// `outcry watch midchains SECURITY`.
    private static func watchMidChains(
        _ arguments: inout Arguments, at url: String, authority: String?, seconds: Int?,
        record: String?
    ) throws -> Int32 {
        let name = try arguments.word("a security, such as BCHUSD")
        try arguments.finish()
        guard let instrument = MidChains.instrument(name) else {
            throw UsageError("expected a security such as BCHUSD, found \"\(name)\"")
        }
        let kernel = Kernel(driver: try Reactor())
        kernel.logLevel = .warning
        let mid: Link
        do {
            mid = try MidChains.open(
                on: kernel, url: url, instruments: [instrument], trust: try trust(authority))
            if let record {
                try requireNew(record)
                let recorder = FrameRecorder(mid, url: try VenueURL(url), path: record)
                kernel.start(recorder, alias: Watcher.recorder)
            }
        } catch let error as UsageError { throw error } catch {
            throw UsageError("--url: \(error)")
        }
        return try watch(mid, on: kernel, at: url, seconds: seconds, records: record != nil)
    }

    private static func watch(
        _ link: Link, on kernel: Kernel, at url: String, seconds: Int?, records: Bool = false
    ) throws -> Int32 {
        let watcher = Watcher(link, seconds: seconds, records: records)
        kernel.start(watcher, alias: "watch")
        try kernel.run()
        guard seconds == nil || watcher.wasConnected else {
            Terminal.error("outcry: \(url) was never reached")
            return 1
        }
        return watcher.hasFailed ? 1 : 0
    }

    private static func trust(_ authority: String?) throws(UsageError) -> TLSTrust {
        guard let authority else { return .system }
        if unsafe access(authority, R_OK) != 0 {
            throw UsageError("--ca: expected a file that can be read, found \"\(authority)\"")
        }
        return .authorities(.file(authority))
    }

    private static func instrument(_ code: String) throws -> Instrument {
        guard let quote = MtGox.currency(code) else {
            throw UsageError("--currency: expected a currency of Mt. Gox, found \"\(code)\"")
        }
        return Instrument(base: .btc, quote: quote)
    }

    /// Two recordings in one file could not be told apart.
    private static func requireNew(_ path: String) throws {
        if unsafe access(path, F_OK) == 0 {
            throw UsageError("--record: expected a file that is not there yet, found \"\(path)\"")
        }
    }

    // MARK: Recordings

    /// Plays a recording through the live parser: in virtual time, as fast as it goes, or `speed` times as
    /// fast as it was recorded.
    private static func play(
        _ path: String, currency: String?, speed: Int?, seconds: Int?
    ) throws -> Int32 {
        let recording: Recording
        let bytes = try Files.bytes(path)
        do {
            recording = try Recording(bytes)
        } catch { throw UsageError("\(path): \(error)") }
        guard recording.head.venue == "mtgox" else {
            throw UsageError(
                "\(path): expected a recording of mtgox, found \(recording.head.venue)")
        }
        let code = currency ?? recording.head.instruments.first.map { String($0.suffix(3)) }
        let kernel: Kernel
        if speed == nil {
            let begin = recording.begin ?? WallTime(microseconds: 0)
            kernel = Kernel(driver: Simulation(in: SimulatedWorld(seed: 1, wall: begin)))
        } else {
            kernel = Kernel(driver: try Reactor())
        }
        kernel.logLevel = .warning
        let gox = try MtGox.open(
            on: kernel, playing: recording, speed: Double(speed ?? 1),
            instruments: [try instrument(code ?? "USD")])
        let watcher = Watcher(gox, seconds: seconds, plays: true)
        kernel.start(watcher, alias: "watch")
        Terminal.line(
            "\(recording.head.url), \(Show.count(recording.lines.count)) lines"
                + (recording.isCutOff ? "; the last one is cut off" : ""))
        try kernel.run()
        return 0
    }
}

/// Prints what comes.
final class Watcher: Session {
    private let link: Link
    /// The alias of the recorder, where there is one.
    static let recorder: Alias = "recorder"

    private let seconds: Int?
    private let records: Bool
    private let plays: Bool
    private var lastTouch = ""
    private(set) var wasConnected = false
    /// The recording is not whole.
    private(set) var hasFailed = false

    init(_ link: Link, seconds: Int?, records: Bool = false, plays: Bool = false) {
        self.link = link
        self.seconds = seconds
        self.records = records
        self.plays = plays
    }

    static func handlers(_ on: inout Handlers<Watcher>) {
        on(.started) { me, _, my in
            my.register(
                me.link.bookChanged, me.link.trade, me.link.connected, me.link.disconnected,
                me.link.bookStale, me.link.notice, me.link.malformed)
            if me.records { my.register(Topic(.recordingEnded, from: recorder)) }
            if let seconds = me.seconds { my.after(.seconds(seconds), .watchEnd) }
        }
        on(.watchEnd) { me, _, my in me.end(my) }
        on(.interrupt) { me, _, my in me.end(my) }
        on(.terminate) { me, _, my in me.end(my) }
        on(.recordingEnded) { me, end, my in
            me.hasFailed = end.failure != nil
            Terminal.line("\(Show.count(end.lines)) lines recorded in \(end.path)")
            if let failure = end.failure { Terminal.error("outcry: \(failure)") }
            my.kernel.stop()
        }
        on(.connected) { me, up, my in
            me.wasConnected = true
            me.lastTouch = ""
            Terminal.line("\(my.wallNow)  connected to \(up.venue)")
        }
        on(.disconnected) { me, down, my in
            if me.plays, down.retryIn == nil {
                Terminal.line("\(my.wallNow)  \(down.reason)")
                my.kernel.stop()
                return
            }
            let retry = down.retryIn.map { ", next try in \(Show.seconds($0))" } ?? ""
            Terminal.line("\(my.wallNow)  disconnected: \(down.reason)\(retry)")
        }
        on(.bookStale) { _, stale, my in
            Terminal.line("\(my.wallNow)  book stale: \(stale.reason)")
        }
        on(.notice) { _, notice, my in
            Terminal.line("\(my.wallNow)  the venue says: \(notice.text)")
        }
        on(.malformed) { _, problem, my in
            Terminal.line("\(my.wallNow)  malformed: \(copy problem)")
        }
        on(.trade) { me, trade, my in
            guard me.link.instruments.contains(trade.instrument) else { return }
            Terminal.line(
                "\(my.wallNow)  \(trade.aggressor == .sell ? "sell" : "buy ") "
                    + "\(Show.quantity(trade.quantity).right(14)) at \(Show.price(trade.price))")
        }
        on(.bookChanged) { me, change, my in me.touch(change, my) }
    }

    /// Ends the program: what is recorded goes to its file first.
    private func end(_ my: Context) {
        if records { my.post(.endRecording, to: Self.recorder) } else { my.kernel.stop() }
    }

    private func touch(_ change: borrowing BookChange, _ my: Context) {
        guard change.evidence.isTrusted, let bid = change.book.bestBid,
            let ask = change.book.bestAsk
        else { return }
        let touch =
            "bid \(Show.quantity(bid.quantity)) at \(Show.price(bid.price))  "
            + "ask \(Show.quantity(ask.quantity)) at \(Show.price(ask.price))"
        guard touch != lastTouch else { return }
        lastTouch = touch
        Terminal.line("\(my.wallNow)  \(touch)  (\(Show.count(change.book.count)) levels)")
    }
}

extension Event where Payload == Void {
    static let watchEnd = Self("watch.end")
}
