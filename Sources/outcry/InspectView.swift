import Outcry

/// What `outcry inspect` shows of the documents of a process: the most important first, so that what does not fit
/// on a screen is what matters least.
struct InspectView {
    private let now: JSONAnswer
    private let before: JSONAnswer?

    /// - Parameter last: An earlier look, for the rates; where there is none they count from the program's own last.
    static func lines(_ documents: [JSONAnswer], since last: [JSONAnswer]) -> [String] {
        var lines: [String] = []
        for place in documents.indices {
            if place > 0 { lines.append("") }
            let view = InspectView(
                now: documents[place], before: place < last.count ? last[place] : nil)
            lines += view.all
        }
        return lines
    }

    private var all: [String] {
        var lines = head
        lines += states
        lines += sessions
        lines += alarms
        lines += measures
        lines += rest
        return lines
    }

    // MARK: Numbers

    private static func number(_ text: String) -> Int { Int(text) ?? 0 }

    private func counter(_ name: String, of answer: JSONAnswer) -> Int {
        guard case .object(let counters) = answer["counters"] else { return 0 }
        return Self.number(counters.text(name))
    }

    private func counter(_ name: String) -> Int { counter(name, of: now) }

    private var time: Int { Self.number(now.text("time_us")) }

    /// Seconds since the earlier look.
    private var span: Double? {
        guard let before else { return nil }
        let span = Double(time - Self.number(before.text("time_us"))) / 1e6
        return span > 0 ? span : nil
    }

    private func rate(_ count: Int, _ old: Int) -> String {
        guard let span else { return "" }
        return Show.count(Int((Double(count - old) / span).rounded()))
    }

    // MARK: Parts

    private var head: [String] {
        var rate = "no earlier look"
        if let before {
            rate =
                self.rate(counter("dispatched"), counter("dispatched", of: before))
                + " events a second, "
                + self.rate(counter("turns"), counter("turns", of: before)) + " turns"
        }
        var troubles: [String] = []
        for (name, words) in [
            ("failed", "failures"), ("restarted", "restarts"), ("refused", "refused"),
            ("undelivered", "undelivered"), ("stalls", "stalls"),
        ] where counter(name) > 0 { troubles.append("\(Show.count(counter(name))) \(words)") }
        return [
            "\(now.text("program")), process \(now.text("pid")), up \(Self.seconds(time)): \(rate)",
            "\(Show.count(counter("dispatched"))) events in \(Show.count(counter("turns"))) turns, "
                + "\(Show.count(counter("sessions"))) sessions, "
                + "\(Show.count(counter("alarms"))) alarms; the longest queue "
                + "\(Show.count(counter("peak_queue"))), the latest alarm "
                + Show.micros(Int64(counter("latest_alarm_us")))
                + (troubles.isEmpty ? "" : "; " + troubles.joined(separator: ", ")),
        ]
    }

    /// Books and whatever else sessions say of themselves, a line each.
    private var states: [String] {
        let names = Dictionary(
            now.list("sessions").map { ($0.text("id"), Self.name($0)) }, uniquingKeysWith: { $1 })
        let states = now.list("states")
        guard !states.isEmpty else { return [] }
        return [""]
            + states.map { state in
                var facts = ""
                if case .object(let all) = state["facts"] {
                    facts = all.fields.map { "\($0.name) \($0.value.text)" }.joined(separator: ", ")
                }
                let id = state.text("session")
                return "\(state.text("kind")) of \(names[id] ?? id): \(facts)"
            }
    }

    private static func name(_ session: JSONAnswer) -> String {
        let alias = session.text("alias")
        return alias.isEmpty ? "\(session.text("type")) \(session.text("id"))" : alias
    }

    private var sessions: [String] {
        let all = now.list("sessions")
        var table = Table([
            "session", "type", "id", "#events", "#/s",
            "#waiting", "#refused", "#dropped", "alive by",
        ])
        let old = Dictionary(
            (before?.list("sessions") ?? []).map {
                ($0.text("id"), Self.number($0.text("dispatched")))
            }, uniquingKeysWith: { $1 })
        let known = Set(all.map { $0.text("id") })
        func add(_ session: JSONAnswer, _ depth: Int) {
            let id = session.text("id")
            let events = Self.number(session.text("dispatched"))
            var reasons: [String] = []
            if case .list(let list) = session["why_alive"] { reasons = list.map(\.text) }
            let failures = Self.number(session.text("failures"))
            let failure =
                failures == 0 ? "" : "; \(failures) failures, last: \(session.text("last_failure"))"
            table.add([
                String(repeating: "  ", count: depth) + Self.name(session), session.text("type"),
                id, Show.count(events), rate(events, old[id] ?? 0), session.text("pending"),
                session.text("refused"), session.text("dropped"),
                reasons.joined(separator: ", ") + failure,
            ])
            for child in all where child.text("parent") == id { add(child, depth + 1) }
        }
        for session in all where !known.contains(session.text("parent")) { add(session, 0) }
        let more = counter("sessions") - all.count
        return [""] + table.lines + (more > 0 ? ["and \(Show.count(more)) more sessions"] : [])
    }

    private var alarms: [String] {
        let names = Dictionary(
            now.list("sessions").map { ($0.text("id"), Self.name($0)) }, uniquingKeysWith: { $1 })
        let all = now.list("alarms")
        guard !all.isEmpty else { return [] }
        var table = Table([
            "alarm of", "event", "name", "#due in",
            "#every",
        ])
        for alarm in all.prefix(20) {
            let id = alarm.text("session")
            let period = alarm.text("period_us")
            table.add([
                id.isEmpty ? "the kernel" : names[id] ?? id, alarm.text("event"),
                alarm.text("name"), Self.seconds(Self.number(alarm.text("due_us")) - time),
                period.isEmpty ? "" : Self.seconds(Self.number(period)),
            ])
        }
        let more = counter("alarms") - min(20, all.count)
        return [""] + table.lines + (more > 0 ? ["and \(Show.count(more)) more alarms"] : [])
    }

    /// The slowest handlers first, where the program measures.
    private var measures: [String] {
        let all = now.list("events").sorted {
            Self.number($0.text("taken_p99_ns")) > Self.number($1.text("taken_p99_ns"))
        }
        guard !all.isEmpty else {
            return ["", "handlers are not measured; OUTCRY_MEASURE=1 has the program do that"]
        }
        var table = Table([
            "event", "#count", "#p50", "#p90", "#p99",
            "#max", "#queued p50", "#p99", "#max",
        ])
        for event in all {
            table.add([
                event.text("event"), Show.count(Self.number(event.text("count"))),
                nanos(event, "taken_p50_ns"), nanos(event, "taken_p90_ns"),
                nanos(event, "taken_p99_ns"), nanos(event, "taken_max_ns"),
                nanos(event, "queued_p50_ns"), nanos(event, "queued_p99_ns"),
                nanos(event, "queued_max_ns"),
            ])
        }
        return ["", "times in handlers, and in the queue before"] + table.lines
    }

    private func nanos(_ event: JSONAnswer, _ name: String) -> String {
        Show.nanos(Int64(Self.number(event.text(name))))
    }

    /// The queue, dead letters, failures, and which handlers there are.
    private var rest: [String] {
        var lines: [String] = []
        for (name, words) in [("queue", "queued"), ("dead_letters", "without a handler")] {
            let counts = now.list(name).map { "\($0.text("event")) \($0.text("count"))" }
            if !counts.isEmpty { lines.append("\(words): \(counts.joined(separator: ", "))") }
        }
        for failure in now.list("failures") {
            lines.append(
                "failed at \(Self.seconds(Self.number(failure.text("time_us")))): "
                    + "\(failure.text("session")): \(failure.text("reason"))")
        }
        for table in now.list("handlers") {
            lines.append("\(table.text("type")) handles \(table["events"]?.text ?? "")")
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    /// Microseconds as seconds with three digits.
    private static func seconds(_ micros: Int) -> String {
        let sign = micros < 0 ? "-" : ""
        let millis = abs(micros) / 1000
        let rest = "\(millis % 1000)"
        return "\(sign)\(millis / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
    }
}
