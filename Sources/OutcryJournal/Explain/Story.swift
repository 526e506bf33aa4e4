import Glibc
package import OutcryKernel

/// What a kernel learned and did, kept while a journal is played back: for whoever asks why. All of it is in
/// memory, some 150 bytes an event and 200 an input, with the texts beside.
package final class Story: KernelWatcher {
    /// One dispatched event.
    package struct Event {
        /// Its number, and that of the event whose handler posted it.
        package let sequence: UInt64
        package let cause: UInt64
        package let origin: KernelOrigin
        package let time: KernelTime
        /// Places in ``Story/names``.
        let name: Int
        let source: Int
        let destination: Int
        package let isPublished: Bool
        package let words: EventWords?
        /// When it was delivered in the replay, from the beginning of its turn there, and how long its handlers
        /// took, ns.
        let inTurn: Int64
        let began: Int64
        var taken: Int64 = 0
    }

    /// Something that the kernel learned.
    struct Input {
        let number: UInt64
        let time: KernelTime
        let words: String
        /// Of bytes: the transport, where they begin in all that it brought, and how many they are.
        var bytes: (transport: UInt64, offset: UInt64, count: Int)?
        /// The beginning of bytes, in clear.
        var text = ""
        /// The messages that were read of them, and how many events had been posted before each.
        var readings: [(posted: UInt64, text: String)] = []
    }

    package private(set) var events: [Event] = []
    private(set) var inputs: [Input] = []
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]
    private var sessions: [SessionID: (number: Int, name: Int)] = [:]
    private var brought: [UInt64: UInt64] = [:]
    private var now = KernelTime.zero
    /// The system's clock when the turn began in the replay.
    private var turnBegan: Int64 = 0
    /// The time of the first turn.
    private(set) var start: KernelTime?
    /// The calendar then, µs since 1970.
    private(set) var wall: Int64 = 0
    /// Whether texts of inputs are kept.
    private let keepsTexts: Bool

    package init(keepsTexts: Bool) { self.keepsTexts = keepsTexts }

    // MARK: Watching

    package func timeIs(_ time: TurnTime) {
        now = time.now
        turnBegan = Self.clock
        guard start == nil else { return }
        start = time.now
        wall = time.wall.microseconds
    }

    package func learning(_ input: borrowing OutcryKernel.Input, _ kernel: Kernel) -> UInt64 {
        let input = copy input
        let number = UInt64(inputs.count + 1)
        var kept = Input(number: number, time: now, words: input.words)
        if case .received(let id, let count) = input {
            let offset = brought[id.number] ?? 0
            brought[id.number] = offset + UInt64(count)
            kept.bytes = (id.number, offset, count)
            if keepsTexts {
                kept.text = kernel.withReceived(id, count: count) { Redaction.shown($0) } ?? ""
            }
        }
        inputs.append(kept)
        return number
    }

    package func reading(_ text: Span<UInt8>, _ kernel: Kernel) {
        guard keepsTexts, !inputs.isEmpty else { return }
        inputs[inputs.count - 1].readings.append((kernel.postedCount, Redaction.shown(text)))
    }

    package func dispatching(
        _ record: TraceRecord, origin: UInt64, words: EventWords?, _ kernel: Kernel
    ) {
        let clock = Self.clock
        events.append(
            Event(
                sequence: record.sequence, cause: record.cause, origin: KernelOrigin(word: origin),
                time: record.time, name: intern(kernel.traceName(record.event)),
                source: session(record.source, kernel),
                destination: session(record.destination, kernel),
                isPublished: record.isPublished, words: words, inTurn: clock - turnBegan,
                began: clock))
    }

    package func delivered() {
        guard let last = events.indices.last else { return }
        events[last].taken = Self.clock - events[last].began
    }

    private static var clock: Int64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }

    private func intern(_ text: String) -> Int {
        if let number = numbers[text] { return number }
        names.append(text)
        numbers[text] = names.count - 1
        return names.count - 1
    }

    /// The place of a session in ``sessionNames``.
    private func session(_ id: SessionID, _ kernel: Kernel) -> Int {
        if let known = sessions[id] { return known.number }
        let name = id == .none ? "outside" : kernel.watchedName(of: id)
        sessions[id] = (sessionNames.count, intern(name))
        sessionNames.append(name)
        return sessionNames.count - 1
    }

    /// The sessions, in the order in which events met them: `outside` is what is none, or none any more.
    private(set) var sessionNames: [String] = []

    // MARK: Asking

    func name(of event: Event) -> String { names[event.name] }

    /// The event of a number; nil for one that was taken back.
    func event(_ sequence: UInt64) -> Event? {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < events.count && events[low].sequence == sequence ? events[low] : nil
    }

    func input(_ number: UInt64) -> Input? {
        number > 0 && number <= UInt64(inputs.count) ? inputs[Int(number) - 1] : nil
    }

    /// What was read last before an event was posted, of the bytes that it came of.
    func reading(of event: Event, in input: Input) -> String? {
        input.readings.last { $0.posted < event.sequence }?.text
    }
}
