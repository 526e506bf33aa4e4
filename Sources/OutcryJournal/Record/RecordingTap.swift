import OutcryBytes
import OutcryKernel

/// Writes everything that a kernel learns into a journal.
@safe final class RecordingTap: KernelTap {
    let writer: TapeWriter
    /// How deep the kernel is in its driver's calls.
    @safe @exclusivity(unchecked) var depth = 0
    @safe @exclusivity(unchecked) weak var kernel: Kernel?
    @safe @exclusivity(unchecked) private var last = TurnTime(
        now: .zero, wall: WallTime(microseconds: 0))
    /// By the process's number of an event's name: the journal's, from 0.
    @safe @exclusivity(unchecked) private var names: [Int] = []
    private var nameCount = 0
    @safe @exclusivity(unchecked) private var events: [TapeEvent] = []
    private let warn: (String) -> Void
    private var hasWarned = false
    /// Called when everybody has stopped.
    var onRest: (() -> Void)?

    init(_ writer: TapeWriter, warn: @escaping (String) -> Void) {
        self.writer = writer
        self.warn = warn
    }

    // MARK: Input

    func input(_ input: borrowing Input, _ kernel: Kernel) {
        switch input {
        case .mail: return  // the letter says more
        case .time(let time): put(time)
        case .received(let id, let count):
            writer.begin(.received, depth)
            writer.put(id)
            let isThere: Void? = kernel.withReceived(id, count: count) { writer.put($0) }
            // Nobody has the stream any more: what came for it is of no use.
            if isThere == nil { writer.put(0 as UInt64) }
            // Its owner looks at it at once.
            writer.publish()
        case .wrote(let id, let count):
            writer.begin(.wrote, depth)
            writer.put(id)
            writer.put(UInt64(count))
        case .writable(let id):
            writer.begin(.writable, depth)
            writer.put(id)
        default: putRare(input)
        }
        writer.countInput()
    }

    private func put(_ time: TurnTime) {
        writer.begin(.time, depth)
        let now = time.now.nanoseconds &- last.now.nanoseconds
        writer.put(now)
        writer.put(time.wall.microseconds &- last.wall.microseconds &- now / 1000)
        last = time
    }

    private func putRare(_ input: borrowing Input) {
        switch input {
        case .mail, .time, .received, .wrote, .writable: break
        case .connected(let id): put(.connected, id)
        case .accepted(let listener, let id, let peer):
            put(.accepted, listener)
            writer.put(id)
            writer.put(peer)
        case .ended(let id): put(.ended, id)
        case .failed(let id, let error):
            put(.failed, id)
            writer.put(error)
        case .secured(let id, let facts):
            put(.secured, id)
            writer.put(facts)
        case .insecure(let id, let failure):
            put(.insecure, id)
            writer.put(failure)
        case .completed(let request, let result):
            writer.begin(.completed, depth)
            writer.put(request.number)
            writer.put(result)
        case .signal(let signal):
            writer.begin(.signal, depth)
            switch signal {
            case .interrupt: writer.put(1 as UInt8)
            case .terminate: writer.put(2 as UInt8)
            case .hangup: writer.put(3 as UInt8)
            }
        case .random(let word):
            writer.begin(.random, depth)
            writer.putWord(word)
        case .outside(let name, let bytes):
            writer.begin(.outside, depth)
            writer.put(name)
            writer.put(bytes == nil ? 0 : 1 as UInt8)
            if let bytes { writer.put(bytes.span) }
        case .clockStep(let microseconds):
            writer.begin(.clockStep, depth)
            writer.put(microseconds)
        }
    }

    private func put(_ kind: TapeKind, _ id: TransportID) {
        writer.begin(kind, depth)
        writer.put(id)
    }

    // MARK: Turns

    /// A turn is over: notes what it dispatched, and makes the journal good up to here.
    func poll(_ kernel: Kernel) {
        if kernel.tapeCount > 0 { dispatched(kernel) }
        writer.begin(.poll, depth)
        writer.publish()
        if writer.isOver, !hasWarned {
            hasWarned = true
            let why = writer.failure.map { "\($0)" } ?? "there is no room for more"
            warn("the journal ends here: \(why)")
        }
    }

    func dispatched(_ kernel: Kernel) {
        guard kernel.tapeCount > 0 else { return }
        events.removeAll(keepingCapacity: true)
        var areTold = false
        kernel.takeTape { event in
            guard event.event != 0 else { return }
            if event.digest != 0 { areTold = true }
            events.append(
                TapeEvent(
                    name: number(event.event, kernel), isPublished: event.isPublished,
                    destination: event.destination, source: event.source, digest: event.digest))
        }
        guard !events.isEmpty else { return }
        writer.begin(areTold ? .told : .events, depth)
        writer.put(UInt64(events.count))
        for event in events {
            writer.putEvent(event)
            if areTold { writer.putHalf(event.digest) }
        }
    }

    @inline(__always) private func number(_ event: UInt32, _ kernel: Kernel) -> Int {
        if Int(event) < names.count {
            let number = names[Int(event)]
            if number >= 0 { return number }
        }
        return newNumber(event, kernel)
    }

    @inline(never) private func newNumber(_ event: UInt32, _ kernel: Kernel) -> Int {
        while names.count <= Int(event) { names.append(-1) }
        names[Int(event)] = nameCount
        nameCount += 1
        writer.begin(.name, depth)
        writer.put(kernel.tapeName(event))
        return nameCount - 1
    }

    // MARK: Letters

    func takeMail(_ mail: Mail, _ kernel: Kernel) {
        mail.takeAll { item in
            writer.put(letter(item, kernel), depth)
            writer.countInput()
            kernel.opened(item)
        }
    }

    private func letter(_ item: MailItem, _ kernel: Kernel) -> TapeLetter {
        switch item {
        case .job: .job
        case .letter(.here, _): .here
        case .letter(.clock, _): .clock
        case .letter(.offload(let number), _): .offload(number)
        case .letter(.mailbox(let number, let event, let encode), _):
            .mailbox(number, event: kernel.tapeName(event), bytes: encode?())
        }
    }

    // MARK: The end

    func runEnded(_ kernel: Kernel, isFinished: Bool) {
        dispatched(kernel)
        writer.begin(.runEnded, depth)
        writer.put(writer.events)
        writer.putWord(writer.dispatchHash)
        guard isFinished else { return writer.publish() }
        writer.rest()
        onRest?()
    }

    func kernelGone() { writer.rest() }
}
