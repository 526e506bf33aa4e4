import OutcryKernel
import OutcrySimulation
import Testing

/// Says something of itself to those who look.
private final class Talker: Session {
    var beats = 0
    static func handlers(_ on: inout Handlers<Talker>) {
        on(.started) { _, _, my in
            my.every(.seconds(2), .beat)
            my.after(.seconds(7), .line, "late", named: "once")
        }
        on(.beat) { me, _, my in
            me.beats += 1
            my.post(.number, to: my.id, me.beats)
        }
        on(.number) { _, _, _ in }
        on(.line) { _, _, _ in }
    }

    func inspect(_ sheet: inout InspectionSheet) {
        sheet.add(
            "talker",
            [
                "beats": .number(Int64(beats)), "is young": .flag(beats < 3), "nothing": nil,
                "mood": .text("good"),
            ])
    }
}

@Suite struct InspectionTests {
    @Test func whatIsSeen() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let id = kernel.start(Talker(), alias: "talker")
        _ = kernel.run { kernel.now >= KernelTime(nanoseconds: 5_000_000_000) }
        let seen = kernel.inspection()
        #expect(seen.sessionCount == 1)
        #expect(seen.handlers.map(\.type) == ["Talker"])
        #expect(
            seen.handlers[0].events == ["started", "test.beat", "test.line", "test.number"])
        #expect(
            seen.alarms.map {
                "\($0.session == id) \($0.event ?? "") \($0.name ?? "") \($0.due) "
                    + "\($0.period.map { "\($0)" } ?? "")"
            } == [
                "true test.beat  6.0 seconds 2.0 seconds", "true test.line once 7.0 seconds ",
            ])
        let said = try #require(seen.statements.first)
        #expect(said.session == id && said.entries.map(\.kind) == ["talker"])
        #expect(
            said.entries[0].facts.map { "\($0.name) \($0.value)" } == [
                "beats 2", "is young yes", "mood good",
            ])
        #expect(seen.measures.isEmpty)
        #expect(seen.snapshot.dispatched == kernel.snapshot().dispatched)
        kernel.stop()
        try kernel.run()
    }

    /// Who looks changes nothing.
    @Test func theSameIsDone() throws {
        func hash(_ looks: Bool) throws -> UInt64 {
            let kernel = Kernel(driver: Simulation(seed: 3))
            let hash = DispatchHash(kernel)
            if looks { kernel.measuresEvents = true }
            kernel.start(Chatter("b"), alias: "a")
            kernel.start(Chatter("a"), alias: "b")
            _ = kernel.run {
                if looks { _ = kernel.inspection() }
                return false
            }
            try kernel.finish()
            return hash.value
        }
        #expect(try hash(true) == hash(false))
    }

    @Test func eventsAreMeasured() throws {
        let kernel = Kernel(driver: Simulation(seed: 1))
        kernel.measuresEvents = true
        kernel.start(Talker(), alias: "talker")
        _ = kernel.run { kernel.now >= KernelTime(nanoseconds: 9_000_000_000) }
        let measures = kernel.eventMeasures()
        #expect(
            measures.map { "\($0.event) \($0.taken.count)" }.sorted() == [
                "test.beat 4", "test.line 1", "test.number 4",
            ])
        // Virtual time stands still in a turn.
        #expect(measures.allSatisfy { $0.taken.most == 0 && $0.queued.most == 0 })
        kernel.measuresEvents = false
        kernel.post(.number, to: "talker", 1)
        _ = kernel.runOnce()
        #expect(kernel.eventMeasures().reduce(0) { $0 + $1.taken.count } == 9)
        kernel.stop()
        try kernel.run()
    }

    @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 1000, 123_456, 1 << 39, (1 << 40) - 1] as [Int64])
    func aHistogramIsExactToThreePercent(_ value: Int64) {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        histogram.add(value)
        // So that the upper end of its bucket is told, and not the greatest.
        histogram.add(1 << 45)
        let told = histogram.quantile(0.5) ?? -1
        #expect(told >= value && told <= value + value / 32, "\(told) for \(value)")
        #expect(histogram.count == 2 && histogram.most == 1 << 45)
    }

    @Test func quantiles() {
        var histogram = LatencyHistogram()
        for value in 1...1000 { histogram.add(Int64(value)) }
        histogram.add(-5)
        for (part, truth) in [(0.5, 500), (0.9, 900), (0.99, 990), (1.0, 1000)] {
            let told = Double(histogram.quantile(part) ?? 0)
            #expect(abs(told - Double(truth)) <= Double(truth) * 0.04, "\(part): \(told)")
        }
        #expect(histogram.quantile(0) == 0)
    }
}
