import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct RecordingTests {
    private static let head = RecordingHead(
        venue: "fake", url: "ws://127.0.0.1:80/stream", instruments: ["BTCUSD"])
    private static let time = WallTime(microseconds: 1_307_350_320_123_456)

    private func text(_ lines: RecordingLine...) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines { line.write(to: &text) }
        return text
    }

    // MARK: Lines

    @Test(arguments: [
        RecordingLine.head(head),
        .frame(Frame(.received, .text, Array(#"{"a":"é\n"}"#.utf8)), at: time),
        .frame(Frame(.sent, .packet, Array("4::/mtgox:{}".utf8)), at: time),
        .frame(Frame(.received, .binary, [0xFF, 0x00, 0xC0]), at: time),
        .frame(Frame(.received, .ping, []), at: time),
        .frame(Frame(.sent, .close, Array("1000".utf8)), at: time),
        .http(HTTPExchange(target: "/a?b=\"c\"", status: 503, body: [1, 0x80]), at: time),
        .up(3, at: time), .down("closed\nby \"them\"", at: time),
    ])
    func whatIsWrittenIsRead(_ line: RecordingLine) throws {
        let bytes = text(line)
        #expect(bytes.last == 0x0A)
        #expect(bytes.count { $0 == 0x0A } == 1)
        #expect(try RecordingLine(bytes.span.extracting(0..<bytes.count - 1)) == line)
    }

    @Test(arguments: [
        ("{}", "expected a time \"at\", found none"),
        (#"{"at":1}"#, "expected \"in\" or \"out\" with the kind of a frame, found neither"),
        (
            #"{"at":1,"in":"smoke","data":""}"#,
            "expected \"in\" or \"out\" with the kind of a frame, found smoke"
        ),
        (#"{"at":1,"in":"text"}"#, "expected \"data\" or \"base64\", found neither"),
        (#"{"at":1,"http":"/","data":""}"#, "expected a status from 100 to 599, found none"),
        (
            #"{"outcry":"frames","version":2}"#,
            "expected frames of version 1, found frames of version 2"
        ),
    ])
    func whatIsNoneIsNamed(_ line: String, _ problem: String) {
        let bytes = Array(line.utf8)
        #expect(throws: RecordingLineError.self) { try RecordingLine(bytes.span) }
        do { _ = try RecordingLine(bytes.span) } catch { #expect(error.description == problem) }
    }

    @Test func aCutOffLineIsLeftOut() throws {
        let whole = text(.head(Self.head), .up(1, at: Self.time), .down("x", at: Self.time))
        for end in 0..<whole.count {
            let lines = whole[..<end].count { $0 == 0x0A }
            guard lines > 0 else {
                #expect(throws: RecordingError.self) { try Recording(Array(whole[..<end])) }
                continue
            }
            let recording = try Recording(Array(whole[..<end]))
            #expect(recording.lines.count == lines - 1)
            #expect(recording.isCutOff == (whole[end - 1] != 0x0A))
        }
    }

    @Test func theLineOfAMistakeIsNamed() {
        let bytes = text(.head(Self.head), .up(1, at: Self.time)) + Array("{\"at\":\n".utf8)
        do {
            _ = try Recording(bytes)
            Issue.record("it is no recording")
        } catch { #expect("\(error)".hasPrefix("line 3: ")) }
        do {
            _ = try Recording(text(.up(1, at: Self.time)))
            Issue.record("it has no head")
        } catch { #expect(error.line == 1) }
    }

    // MARK: A link

    /// The events of a link are those of its recording played, over a connection that is lost in between.
    @Test(arguments: 1...8) func whatIsRecordedIsPlayed(_ seed: UInt64) throws {
        let floor = try Floor(seed: seed)
        let path = "/fake.jsonl"
        let recorder = FrameRecorder(
            floor.link, url: try VenueURL("ws://fake:80/stream"), path: path)
        floor.kernel.start(recorder, alias: "recorder")
        for i in 0..<5 { floor.exchange.change(.bid, 100 + Int64(i), 1) }
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.change(.ask, 112, 7)
        floor.restartExchange(after: .seconds(3))
        floor.run(within: 60) { floor.isTrue }
        for i in 0..<40 {
            floor.exchange.change(.bid, 90 + Int64(i % 7), Int64(i % 3))
            floor.advance(7)
        }
        floor.run(within: 5) { floor.isTrue }
        let live = floor.witness.events
        let book = floor.witness.book.map { OutcryComponentsTests.text($0) }
        floor.kernel.post(.endRecording, to: "recorder", ())
        floor.advance(1000)
        let bytes = try #require(floor.world.storage[path])
        let recording = try Recording(bytes)
        #expect(!recording.isCutOff)
        #expect(recording.head.instruments == ["BTCUSD"])
        #expect(recording.lines.contains { if case .http = $0 { true } else { false } })
        #expect(
            recording.lines.contains {
                if case .frame(let frame, _) = $0 { frame.direction == .sent } else { false }
            })

        let begin = try #require(recording.begin)
        let world = SimulatedWorld(seed: 99, wall: begin)
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.onLog = { _ in }
        let link = try Link.open(
            floor.venue, on: kernel,
            from: .recording(
                recording, http: try VenueURL("http://recording.invalid/"), speed: 1),
            instruments: [.btcusd])
        let witness = Witness(link, floor.market)
        kernel.start(witness, alias: "witness")
        _ = kernel.run { witness.events.contains("disconnected: the recording ends") }
        // What waits for a confirmation or a next try says so at its own time; the end is a disconnect.
        func market(_ events: [String]) -> [String] {
            events.filter { !$0.hasPrefix("stale") && !$0.hasPrefix("disconnected") }
        }
        #expect(market(witness.events) == market(live) + ["book bad"])
        #expect(witness.book.map { OutcryComponentsTests.text($0) } == book)
        #expect(witness.wrong == [])
        #expect(witness.loads == 2)
    }

    /// Twice as fast takes half of the time.
    @Test func theSpeedIsTheClocks() throws {
        var bytes = text(.head(Self.head), .up(1, at: Self.time))
        RecordingLine.down("x", at: Self.time + .seconds(60)).write(to: &bytes)
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.onLog = { _ in }
        let begin = kernel.now
        let link = try Link.open(
            FakeVenue(), on: kernel,
            from: .recording(
                try Recording(bytes), http: try VenueURL("http://recording.invalid/"), speed: 2),
            instruments: [.btcusd])
        let witness = Witness(link, FakeMarket())
        kernel.start(witness)
        _ = kernel.run { witness.count("disconnected: the recording ends") == 1 }
        let took = kernel.now - begin
        #expect(took >= .seconds(30) && took < .seconds(31))
    }

    /// A disk that takes nothing ends the recording, not the link.
    @Test func anErrorOfTheFileEndsTheRecording() throws {
        let floor = try Floor()
        let recorder = FrameRecorder(
            floor.link, url: try VenueURL("ws://fake:80/stream"), path: "/x.jsonl")
        floor.world.storage.isFull = true
        let listener = EndListener()
        floor.kernel.start(listener)
        floor.kernel.start(recorder, alias: "recorder")
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue && listener.end != nil }
        #expect(listener.end?.failure?.contains("No space left on device") == true)
        #expect(floor.witness.events.last == "book good")
    }
}

private final class EndListener: Session {
    var end: RecordingEnd?
    static func handlers(_ on: inout Handlers<EndListener>) {
        on(.started) { _, _, my in my.register(Topic(.recordingEnded, from: "recorder")) }
        on(.recordingEnded) { me, end, _ in me.end = copy end }
    }
}
