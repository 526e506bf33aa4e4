import OutcryComponents
import OutcryJournal
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// What of a link's events a replay compares: a feed that reads another number is found by it alone.
@Suite struct PayloadTests {
    /// A link that plays a recording of a level, on `driver`.
    private func run(_ quantity: Int, _ driver: any Driver) throws {
        let kernel = Kernel(driver: driver)
        kernel.onLog = { _ in }
        let time = WallTime(microseconds: 1_307_350_320_123_456)
        var bytes: [UInt8] = []
        for line in [
            RecordingLine.head(
                RecordingHead(venue: "fake", url: "ws://a:80/", instruments: ["BTCUSD"])),
            .up(1, at: time),
            .frame(
                Frame(.received, .text, Array("d b 100 \(quantity) 17".utf8)),
                at: time + .seconds(1)),
            .down("x", at: time + .seconds(2)),
        ] { line.write(to: &bytes) }
        let link = try Link.open(
            FakeVenue(), on: kernel,
            from: .recording(
                try Recording(bytes), http: try VenueURL("http://recording.invalid/"), speed: 1),
            instruments: [.btcusd])
        let witness = Witness(link, FakeMarket())
        kernel.start(witness)
        _ = kernel.run { witness.count("disconnected: the recording ends") == 1 }
        kernel.stop()
        try kernel.finish()
    }

    @Test func aChangeOfDepthIsCompared() throws {
        let journal = JournalMemory()
        try run(5, Recorder(Simulation(seed: 1), into: journal))
        let same = Replay(journal)
        try run(5, same)
        #expect(same.end == .identical)
        // As long, read from memory, and written nowhere.
        let other = Replay(journal)
        try run(6, other)
        guard case .different(let difference) = other.end else {
            Issue.record("expected a difference, found \(String(describing: other.end))")
            return
        }
        #expect(difference.recorded.hasPrefix("depth from "), "\(difference)")
        #expect(difference.recorded.contains(" to all, its payload "), "\(difference)")
        #expect(difference.recorded != difference.replayed)
    }
}
