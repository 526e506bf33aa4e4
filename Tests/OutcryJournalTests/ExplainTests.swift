import OutcryJournal
import OutcryKernel
import OutcrySimulation
import Testing

extension Event where Payload == Void { fileprivate static let wake = Self("explain.wake") }
extension Event where Payload == String {
    fileprivate static let wish = Self("explain.wish")
    fileprivate static let done = Self("explain.done")
}

/// Wishes for something, by an alarm, and in a workflow.
private final class Wisher: Session {
    static func handlers(_ on: inout Handlers<Wisher>) {
        on(.started) { _, _, my in
            my.kernel.describe(.wish) { name in
                EventWords("wish for \(copy name)", about: [copy name])
            }
            my.kernel.describe(.done) { name in EventWords("got it", about: [copy name, "other"]) }
            my.after(.seconds(2), .wake)
            my.task { my in
                let news = try await my.next(.done)
                my.post(.wish, to: "giver", news + "-again")
            }
        }
        on(.wake) { _, _, my in my.post(.wish, to: "giver", "a") }
        on(.done) { _, _, _ in }
    }
}

private final class Giver: Session {
    static func handlers(_ on: inout Handlers<Giver>) {
        on(.wish) { _, name, my in
            my.after(.milliseconds(5), .done, copy name)
        }
        on(.done) { _, name, my in my.post(.done, to: "wisher", copy name) }
    }
}

@Suite struct ExplainTests {
    private func story() throws -> Story {
        func run(_ driver: any Driver) throws {
            let kernel = Kernel(driver: driver)
            kernel.start(Giver(), alias: "giver")
            kernel.start(Wisher(), alias: "wisher")
            _ = kernel.run { kernel.now >= KernelTime(nanoseconds: 4_000_000_000) }
            try kernel.finish()
        }
        let journal = JournalMemory()
        try run(Recorder(Simulation(seed: 1), into: journal))
        let replay = Replay(journal)
        let story = Story(keepsTexts: true)
        replay.story = story
        try run(replay)
        #expect(replay.end == .identical)
        return story
    }

    /// The lines without times and numbers.
    private func lines(_ name: String, _ story: Story) throws -> [String] {
        try Explanation(name, in: story).lines.compactMap { line -> String? in
            guard let start = line.firstRange(of: " #") else { return nil }
            let event = line[..<start.lowerBound].split(separator: " ").last ?? ""
            let rest = line[start.upperBound...].drop { $0 != "," }
            return "\(event)\(rest)"
        }
    }

    @Test func alarmsAreCauses() throws {
        let story = try story()
        #expect(
            try lines("a", story).prefix(4) == [
                "explain.wake, wisher > wisher", "explain.wish, wisher > giver: wish for a",
                "explain.done, giver > giver: got it", "explain.done, giver > wisher: got it",
            ])
        // The name that news of it has beside.
        #expect(try Explanation("other", in: story).lines[0].contains("also a, a-again"))
    }

    @Test func aWorkflowGoesOnBehindWhatItWaitedFor() throws {
        // `other` binds all names here, so the wish is looked for by its words.
        let story = try story()
        let all = try Explanation("a-again", in: story).lines
        #expect(all.contains { $0.contains("explain.wish") && $0.contains("wish for a-again") })
        let event = try #require(
            story.events.last { $0.words?.text == "wish for a-again" })
        #expect(event.origin == .workflow(by: 4))
    }

    @Test func timesAreTold() throws {
        let lines = try Explanation("a", in: story()).lines
        let wish = try #require(lines.first { $0.contains("explain.wish") })
        #expect(wish.split(separator: " ").first == "2.000000")
        let done = try #require(lines.first { $0.contains("giver > wisher: got it") })
        #expect(done.split(separator: " ").prefix(3) == ["2.005000", "0", "5000"])
    }

    @Test func whatThereIsNot() throws {
        let story = try story()
        #expect(throws: Explanation.NotFound.self) { try Explanation("b", in: story) }
    }

    /// A watched run does what one does that nobody watches.
    @Test func nobodyIsDescribedWhereNobodyAsks() {
        let kernel = Kernel(driver: Simulation(seed: 1))
        #expect(!kernel.isExplained)
        kernel.describe(.wish) { name in
            Issue.record("nobody asked for \(copy name)")
            return ""
        }
        kernel.start(Giver(), alias: "giver")
        kernel.post(.wish, to: "giver", "a")
        _ = kernel.runOnce()
        #expect(kernel.snapshot().dispatched == 1)
        kernel.stop()
        #expect(throws: Never.self) { try kernel.run() }
    }

    @Test(arguments: [
        (#"{"op":"x","idkey":"abc==","price":"1"}"#, #"{"op":"x","idkey":"(hidden)","price":"1"}"#),
        ("Rest-Sign: abcdef==\r\nAge: 1", "Rest-Sign: (hidden) Age: 1"),
        ("nonce=12&amount=3", "nonce=(hidden)&amount=3"), ("monkey business", "monkey business"),
        (
            #"{"user_order":{"oid":"1"},"secrets":["a"]}"#,
            #"{"user_order":{"oid":"1"},"secrets":["a"]}"#
        ),
        (
            #"{"user":"me","login":"m","rest-key":"k"}"#,
            #"{"user":"(hidden)","login":"(hidden)","rest-key":"(hidden)"}"#
        ),
        (#"{"password" : "x \" y"}"#, #"{"password" : "(hidden)"}"#),
        ("Authorization: Basic abc\nAge: 1", "Authorization: (hidden) Age: 1"),
        (#"{"token":12,"b":1}"#, #"{"token":(hidden),"b":1}"#), ("a\u{1}b", "a.b"), ("", ""),
    ])
    func secretsAreNotShown(_ text: String, _ shown: String) {
        let bytes = Array(text.utf8)
        #expect(Redaction.shown(bytes.span) == shown)
    }

    @Test func longTextsAreCut() {
        let bytes = [UInt8](repeating: 65, count: 5000)
        #expect(
            Redaction.shown(bytes.span) == String(repeating: "A", count: 400) + "... (5000 bytes)")
    }
}
