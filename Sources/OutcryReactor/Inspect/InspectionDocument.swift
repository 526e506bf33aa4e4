import Glibc
import OutcryKernel
import OutcryWire

/// What a look at a running program gives: one JSON object. Times are whole microseconds of the kernel's clock,
/// durations of events whole nanoseconds.
struct InspectionDocument {
    private let inspection: KernelInspection
    private let sinceLast: (time: Duration, events: UInt64)

    init(_ inspection: KernelInspection, sinceLast: (time: Duration, events: UInt64)) {
        self.inspection = inspection
        self.sinceLast = sinceLast
    }

    var bytes: [UInt8] {
        var writer = JSONWriter(escaping: .ascii, capacity: 16_384)
        writer.object { document in
            document.field("program", Self.program)
            document.field("pid", Int64(getpid()))
            document.field("time_us", Self.micros(inspection.snapshot.time))
            document.object("since_last_look") { look in
                look.field("us", sinceLast.time.nanoseconds / 1000)
                look.field("events", Int64(sinceLast.events))
            }
            counters(&document)
            sessions(&document)
            document.array("handlers") { list in
                for table in inspection.handlers {
                    list.object { one in
                        one.field("type", table.type)
                        one.array("events") { for event in table.events { $0.append(event) } }
                    }
                }
            }
            counts("queue", inspection.snapshot.queue, &document)
            counts("dead_letters", inspection.snapshot.deadLetters, &document)
            alarms(&document)
            failures(&document)
            states(&document)
            measures(&document)
        }
        return writer.bytes
    }

    private static var program: String {
        guard let whole = CommandLine.arguments.first else { return "" }
        return whole.split(separator: "/").last.map { String($0) } ?? whole
    }

    private static func micros(_ time: KernelTime) -> Int64 { time.nanoseconds / 1000 }

    private func counters(_ document: inout JSONObjectWriter) {
        let state = inspection.snapshot
        document.object("counters") { all in
            all.field("dispatched", Int64(state.dispatched))
            all.field("turns", Int64(state.turns))
            all.field("polls", Int64(state.polls))
            all.field("full_turns", state.fullTurns)
            all.field("peak_queue", state.peakQueue)
            all.field("sessions", inspection.sessionCount)
            all.field("started", Int64(state.started))
            all.field("stopped", Int64(state.stopped))
            all.field("failed", state.failed)
            all.field("restarted", state.restarted)
            all.field("undelivered", state.undelivered)
            all.field("refused", state.refused)
            all.field("tombstones", state.tombstones)
            all.field("alarms", state.alarms)
            all.field("alarms_fired", state.alarmsFired)
            all.field("latest_alarm_us", state.latestAlarm.nanoseconds / 1000)
            all.field("stalls", state.stalls)
            all.field("longest_turn_us", state.longestTurn.nanoseconds / 1000)
        }
    }

    private func sessions(_ document: inout JSONObjectWriter) {
        document.array("sessions") { list in
            for session in inspection.snapshot.sessions {
                list.object { one in
                    one.field("id", "\(session.id)")
                    one.field("type", session.type)
                    Self.text("alias", session.alias, &one)
                    Self.text("parent", session.parent.map { "\($0)" }, &one)
                    one.field("pending", session.pending)
                    one.field("dispatched", Int64(session.dispatched))
                    one.field("refused", session.refused)
                    one.field("dropped", session.dropped)
                    one.field("failures", session.failures)
                    Self.text("last_failure", session.lastFailure, &one)
                    one.array("why_alive") { reasons in
                        for reason in session.whyAlive.prefix(16) { reasons.append(reason) }
                        let more = session.whyAlive.count - 16
                        if more > 0 { reasons.append("\(more) more reasons") }
                    }
                }
            }
        }
    }

    private func alarms(_ document: inout JSONObjectWriter) {
        document.array("alarms") { list in
            for alarm in inspection.alarms {
                list.object { one in
                    Self.text("session", alarm.session.map { "\($0)" }, &one)
                    Self.text("name", alarm.name, &one)
                    Self.text("event", alarm.event, &one)
                    one.field("due_us", Self.micros(alarm.due))
                    if let period = alarm.period {
                        one.field("period_us", period.nanoseconds / 1000)
                    } else {
                        one.null("period_us")
                    }
                }
            }
        }
    }

    private func failures(_ document: inout JSONObjectWriter) {
        document.array("failures") { list in
            for failure in inspection.snapshot.failures {
                list.object { one in
                    one.field("time_us", Self.micros(failure.time))
                    one.field("session", failure.session)
                    one.field("reason", failure.reason)
                }
            }
        }
    }

    /// What the sessions say of themselves: books, connections, desks.
    private func states(_ document: inout JSONObjectWriter) {
        document.array("states") { list in
            for statement in inspection.statements {
                for entry in statement.entries {
                    list.object { one in
                        one.field("session", "\(statement.session)")
                        one.field("kind", entry.kind)
                        one.object("facts") { facts in
                            for (name, value) in entry.facts {
                                switch value {
                                case .text(let text): facts.field(name, text)
                                case .number(let number): facts.field(name, number)
                                case .flag(let flag): facts.field(name, flag)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Where events are measured: times in handlers, and in the queue.
    private func measures(_ document: inout JSONObjectWriter) {
        document.array("events") { list in
            for measure in inspection.measures {
                list.object { one in
                    one.field("event", measure.event)
                    one.field("count", measure.taken.count)
                    for (name, times) in [("taken", measure.taken), ("queued", measure.queued)] {
                        one.field("\(name)_p50_ns", times.quantile(0.5) ?? 0)
                        one.field("\(name)_p90_ns", times.quantile(0.9) ?? 0)
                        one.field("\(name)_p99_ns", times.quantile(0.99) ?? 0)
                        one.field("\(name)_max_ns", times.most)
                    }
                }
            }
        }
    }

    private func counts(
        _ name: String, _ counts: [KernelSnapshot.Count], _ document: inout JSONObjectWriter
    ) {
        document.array(name) { list in
            for count in counts {
                list.object { one in
                    one.field("event", count.event)
                    one.field("count", count.count)
                }
            }
        }
    }

    private static func text(_ name: String, _ text: String?, _ one: inout JSONObjectWriter) {
        if let text { one.field(name, text) } else { one.null(name) }
    }
}
