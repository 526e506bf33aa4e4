/// What somebody sees who looks at a running kernel: ``KernelSnapshot``, and what that leaves out.
public struct KernelInspection: Sendable {
    /// A session type and the events that it has handlers for.
    public struct Handlers: Sendable {
        /// The type's name.
        public let type: String
        /// The events' names, in alphabetical order.
        public let events: [String]
    }
    /// An alarm that is set.
    public struct Alarm: Sendable {
        /// Whose it is; nil for one of the kernel's own.
        public let session: SessionID?
        /// The name under which it was set, if it has one.
        public let name: String?
        /// The event that it posts; nil where it does something else.
        public let event: String?
        /// When it is due.
        public let due: KernelTime
        /// How often it beats; nil for once.
        public let period: Duration?
    }
    /// What a session says of itself.
    public struct Statement: Sendable {
        /// The session.
        public let session: SessionID
        /// What it says.
        public let entries: [InspectionSheet.Entry]
    }

    /// The kernel's state, of the first ``Kernel/inspectionLimit`` sessions.
    public let snapshot: KernelSnapshot
    /// How many sessions there are.
    public let sessionCount: Int
    /// The session types that have been started.
    public let handlers: [Handlers]
    /// The next alarms, in the order in which they are due; ``Kernel/inspectionLimit`` at most.
    public let alarms: [Alarm]
    /// What the sessions say of themselves, in the order of their start.
    public let statements: [Statement]
    /// The times of events, where they are measured.
    public let measures: [EventMeasure]
}

/// What a session says of itself: filled by ``Session/inspect(_:)``.
public struct InspectionSheet: Sendable {
    /// One thing, such as a book, and what there is to say of it.
    public struct Entry: Sendable {
        /// What kind of thing it is.
        public let kind: String
        /// Names and values, in their order.
        public let facts: [(name: String, value: Value)]
    }
    /// A value that is shown.
    public enum Value: Sendable, Hashable, CustomStringConvertible {
        /// A text.
        case text(String)
        /// A whole number.
        case number(Int64)
        /// Yes or no.
        case flag(Bool)

        /// The value as text.
        public var description: String {
            switch self {
            case .text(let text): text
            case .number(let number): "\(number)"
            case .flag(let flag): flag ? "yes" : "no"
            }
        }
    }

    /// The time of the turn.
    public let now: KernelTime
    /// What was said so far.
    public private(set) var entries: [Entry] = []

    init(now: KernelTime) { self.now = now }

    /// Says something of one thing. A fact without a value is left out.
    public mutating func add(_ kind: String, _ facts: KeyValuePairs<String, Value?>) {
        var said: [(name: String, value: Value)] = []
        for (name, value) in facts { if let value { said.append((name, value)) } }
        entries.append(Entry(kind: kind, facts: said))
    }
}

extension Kernel {
    /// The most sessions, and the most alarms, that ``inspection()`` lists.
    public static var inspectionLimit: Int { 400 }

    /// The kernel's state now, with what the sessions say of themselves. Changes nothing.
    public func inspection() -> KernelInspection {
        let living = living()
        let listed = Array(living.prefix(Self.inspectionLimit))
        return KernelInspection(
            snapshot: snapshot(of: listed), sessionCount: living.count,
            handlers: tables.map { table in
                .init(
                    type: table.typeName, events: table.events.map { entry($0).name }.sorted())
            },
            alarms: alarmList(), statements: listed.compactMap(statement),
            measures: eventMeasures())
    }

    private func alarmList() -> [KernelInspection.Alarm] {
        alarms.inOrder { _ in true }.prefix(Self.inspectionLimit).compactMap {
            (id) -> KernelInspection.Alarm? in
            guard let due = alarms.due(id) else { return nil }
            let alarm = alarms.alarms[Int(id.slot)]
            let event = alarm.event != 0 ? alarm.event : alarm.fire?.plain.event
            return .init(
                session: alarm.owner == .none ? nil : alarm.owner,
                name: alarm.isNamed
                    ? existingExtras(of: alarm.owner)?.namedAlarms.text { $0 == id } : nil,
                event: event.map { entry($0).name }, due: due,
                period: alarm.period > 0 ? .nanoseconds(alarm.period) : nil)
        }
    }

    private func statement(_ id: SessionID) -> KernelInspection.Statement? {
        var sheet = InspectionSheet(now: now)
        core.inspect(id, tables, &sheet)
        return sheet.entries.isEmpty ? nil : .init(session: id, entries: sheet.entries)
    }
}

extension Core {
    /// Has a session say what it has to say.
    func inspect(_ id: SessionID, _ tables: [Table], _ sheet: inout InspectionSheet) {
        guard isAlive(id) else { return }
        let row = unsafe row(id)
        guard let object = unsafe s.pointee.slots[Int(id.slot)].object else { return }
        for table in tables where unsafe UnsafeRawPointer(table.row) == row {
            unsafe table.inspect(object, &sheet)
        }
    }
}
