import Glibc
import OutcryBytes
import OutcryKernel

/// Leads a kernel through a journal.
@safe final class ReplayTap: KernelTap {
    weak var kernel: Kernel?
    let options: ReplayOptions
    private var reader: TapeReader
    /// The record that comes next; nil at the journal's end.
    private(set) var next: TapeRecord?
    private(set) var nextDepth = 0
    private var depth = 0
    /// The replay itself is giving the kernel an input.
    private var isFeeding = false
    private(set) var end: ReplayEnd?
    var onEnd: ((ReplayEnd) -> Void)?

    private(set) var inputs: UInt64 = 0
    private(set) var events: UInt64 = 0
    private(set) var hash: UInt64 = 0
    private var time = TurnTime(now: .zero, wall: WallTime(microseconds: 0))
    private var began: KernelTime?
    var played: Duration { began.map { time.now - $0 } ?? .zero }
    private var pace = Pace()

    /// By the journal's number: the name of an event.
    private var names: [String] = []
    /// By the process's number of an event's name: the journal's, from 0.
    private var numbers: [UInt32: Int] = [:]
    private var numberCount = 0
    private var recent = RecentEvents()

    /// Work that was offloaded, by its number less 1; nil when it was done.
    var works: [(@Sendable () -> Void)?] = []
    private var own: [MailItem] = []
    private var abroad: [MailItem] = []

    init(_ source: any BlockSource, _ options: ReplayOptions) {
        self.options = options
        reader = TapeReader(source)
        advance()
    }

    // MARK: The journal

    /// Goes on to the next record but names.
    private func advance() {
        repeat {
            next = reader.next()
            nextDepth = reader.depth
            if case .name(let name) = next { names.append(name) } else { return }
        } while true
    }

    /// Ends the replay; the first end counts.
    func finish(_ end: ReplayEnd) {
        guard self.end == nil else { return }
        self.end = end
        kernel?.stop()
        onEnd?(end)
    }

    /// The journal has no record where the program does something.
    private func journalEnded() {
        switch reader.end {
        case .torn(let block, let what):
            finish(.journalEnded("its last block, \(block), is torn (\(what)) and was cut off"))
        case .damaged(let block, let what):
            finish(.unreadable("\(reader.source.name): block \(block) is damaged: \(what)"))
        case .malformed(let place, let what):
            finish(.unreadable("\(reader.source.name): \(place): \(what)"))
        case .ended, nil:
            finish(.journalEnded("it ends within the run"))
        }
    }

    // MARK: Differences

    /// Something else was done than what comes next in the journal.
    ///
    /// - Parameter isTurnOver: All that the turn dispatched is known.
    func differ(_ replayed: String, isTurnOver: Bool = false) {
        guard end == nil else { return }
        guard let next else { return journalEnded() }
        let recorded = words(next)
        // What was dispatched before may tell more than what was asked of the driver.
        if let kernel { compareDispatched(kernel, ahead: true, isTurnOver) }
        guard end == nil else { return }
        finish(
            .different(
                ReplayDifference(
                    input: inputs, event: events, time: time.now, recorded: recorded,
                    replayed: replayed, before: recent.lines)))
    }

    // MARK: Dispatch

    func dispatched(_ kernel: Kernel) { compareDispatched(kernel, ahead: false) }

    /// Compares what was dispatched with the events that come next.
    ///
    /// - Parameter ahead: Looks for them behind other records, where a difference was found in these.
    private func compareDispatched(
        _ kernel: Kernel, ahead: Bool, _ isTurnOver: Bool = false
    ) {
        var mine: [TapeEvent] = []
        var mineNames: [String] = []
        kernel.takeTape { event in
            guard event.event != 0 else { return }
            if numbers[event.event] == nil {
                numbers[event.event] = numberCount
                numberCount += 1
            }
            mine.append(
                TapeEvent(
                    name: numbers[event.event] ?? 0, isPublished: event.isPublished,
                    destination: event.destination, source: event.source, digest: event.digest))
            mineNames.append(kernel.tapeName(event.event))
        }
        guard end == nil, ahead || !mine.isEmpty else { return }
        var theirs: [TapeEvent] = []
        if case .events(let found) = next {
            theirs = found
            if !ahead { advance() }
        } else if ahead {
            theirs = eventsAhead()
        } else if next == nil {
            return journalEnded()
        }
        for place in 0..<max(mine.count, ahead && !isTurnOver ? 0 : theirs.count) {
            let my = place < mine.count ? mine[place] : nil
            let their = place < theirs.count ? theirs[place] : nil
            guard let my, let their, isSame(my, mineNames[place], their) else {
                return finish(
                    .different(
                        ReplayDifference(
                            input: inputs, event: events + 1, time: time.now,
                            recorded: words(their, nil, my, kernel),
                            replayed: words(my, mineNames.dropFirst(place).first, their, kernel),
                            before: recent.lines)))
            }
            events += 1
            hash = BlockHash.step(hash, my.word)
            recent.add(events, my, kernel, mineNames[place])
        }
    }

    private func isSame(_ my: TapeEvent, _ name: String, _ their: TapeEvent) -> Bool {
        my.isLike(their) && their.name < names.count && names[their.name] == name
    }

    /// The events of this turn, which lie behind the record that differs.
    private func eventsAhead() -> [TapeEvent] {
        var ahead = reader
        while let record = ahead.next() {
            if case .name(let name) = record { names.append(name) }
            if case .events(let events) = record { return events }
            if case .poll = record { return [] }
        }
        return []
    }

    /// - Parameter other: What is on the other side: where only the payloads differ, that is said.
    private func words(
        _ event: TapeEvent?, _ name: String?, _ other: TapeEvent?, _ kernel: Kernel
    ) -> String {
        guard let event else { return "no event" }
        let name = name ?? (event.name < names.count ? names[event.name] : "event \(event.name)")
        let words = Self.words(event, name, kernel)
        guard let other, event.word == other.word, event.hasOtherPayload(than: other) else {
            return words
        }
        return "\(words), its payload \(String(event.digest, radix: 16))"
    }

    static func words(_ event: TapeEvent, _ name: String, _ kernel: Kernel) -> String {
        let source = kernel.sessionName(slot: event.source)
        return event.isPublished
            ? "\(name) from \(source) to all"
            : "\(name) from \(source) to \(kernel.sessionName(slot: event.destination))"
    }

    // MARK: Calls

    /// What the driver said when it was asked the same.
    func answer(_ call: TapeCall) -> TapeAnswer {
        guard end == nil else { return Self.over(call) }
        feed(depth + 1)
        guard case .call(let recorded, let answer) = next, nextDepth == min(depth, 7),
            isSame(recorded, call)
        else {
            differ("\(call.words)")
            return Self.over(call)
        }
        advance()
        return answer
    }

    func answered(_ call: TapeCall) throws(SystemError) -> TapeAnswer {
        let answer = answer(call)
        if let error = answer.error { throw error }
        return answer
    }

    private func isSame(_ recorded: TapeCall, _ call: TapeCall) -> Bool {
        if recorded == call { return true }
        guard !options.comparesBytes else { return false }
        var alike = call
        alike.hash = recorded.hash
        return recorded == alike
    }

    /// What is answered when the replay is over: nothing works any more, and nothing fails.
    private static func over(_ call: TapeCall) -> TapeAnswer {
        var answer = TapeAnswer(value: call.kind == .write ? call.count : 1)
        if call.kind == .connect || call.kind == .listen {
            answer.error = SystemError(
                call: "replay", code: ECANCELED, message: "the replay is over")
        }
        return answer
    }

    // MARK: Input

    func nextTime() -> TurnTime {
        if case .input(.time(let time), _) = next { return time }
        return time
    }

    func nextRandom() -> UInt64 {
        if case .input(.random(let word), _) = next { return word }
        if end == nil { differ("a random word") }
        return 0
    }

    /// Nothing is learned any more when the replay is over.
    func known(_ name: String) -> (isKnown: Bool, bytes: [UInt8]?) {
        guard end == nil else { return (true, nil) }
        if case .input(.outside(name, let bytes), _) = next { return (true, bytes) }
        differ("\"\(name)\" from outside")
        return (true, nil)
    }

    func input(_ given: borrowing Input, _ kernel: Kernel) {
        guard end == nil else { return }
        let input = copy given
        if case .mail = input { return }
        if isFeeding {
            isFeeding = false
        } else {
            guard case .input(let recorded, _) = next, recorded.isSame(as: input) else {
                return differ(input.words)
            }
            advance()
        }
        inputs += 1
        if case .time(let now) = input {
            time = now
            if began == nil { began = now.now }
        }
    }

    /// Gives the kernel the inputs that came at this depth.
    private func feed(_ level: Int) {
        depth += 1
        while end == nil, case .input(let input, let bytes) = next, nextDepth == min(level, 7) {
            if case .time(let time) = input, !mayCome(time.now) { break }
            advance()
            give(input, bytes)
        }
        depth -= 1
    }

    private func give(_ input: Input, _ bytes: [UInt8]) {
        guard let kernel else { return }
        if case .received(let id, let count) = input, count > 0 {
            let taken = kernel.withSpace(for: id) { space in
                guard space.freeCapacity >= count else { return 0 }
                for byte in bytes { space.append(byte) }
                return count
            }
            guard taken == count else {
                return finish(
                    .different(
                        ReplayDifference(
                            input: inputs, event: events, time: time.now,
                            recorded: "\(count) bytes came for \(id)",
                            replayed: "that stream takes no bytes now", before: recent.lines)))
            }
        }
        isFeeding = true
        kernel.receive(input)
        isFeeding = false
    }

    func poll() {
        guard let kernel else { return }
        dispatched(kernel)
        guard end == nil else { return kernel.runDry() }
        guard case .poll = next else {
            differ("the turn ended", isTurnOver: true)
            return kernel.runDry()
        }
        advance()
        if let step = options.step, !step(upcoming) {
            finish(.reached(time.now))
            return kernel.runDry()
        }
        let before = inputs
        feed(depth + 1)
        // What came last is acted on: the program may have died of it.
        if end == nil, next == nil, inputs == before { journalEnded() }
        if end != nil { kernel.runDry() }
    }

    /// Whether it is to become so late; waits until it may.
    private func mayCome(_ ahead: KernelTime) -> Bool {
        if let until = options.until, let began, ahead - began > until {
            finish(.reached(time.now))
            return false
        }
        if let speed = options.speed { pace.wait(until: ahead, speed) }
        return true
    }

    /// What comes, in one line.
    private var upcoming: String {
        var ahead = reader
        var lines: [String] = next.map { [words($0)] } ?? []
        while lines.count < 8, let record = ahead.next(), case .input = record {
            lines.append(words(record))
        }
        return "input \(inputs + 1), event \(events): " + lines.joined(separator: "; ")
    }

    // MARK: Letters

    func hasMail(_ mail: Mail) -> Bool {
        guard end == nil else { return false }
        if case .letter = next { return true }
        return false
    }

    func takeMail(_ mail: Mail, _ kernel: Kernel) {
        while end == nil, case .letter(let letter) = next {
            advance()
            inputs += 1
            open(letter, mail, kernel)
        }
        guard end != nil else { return }
        // The run ends: its own letters and jobs are let through, so that everybody comes to an end.
        sort(mail)
        for item in own + abroad { kernel.opened(item) }
        own = []
        abroad = []
    }

    private func open(_ letter: TapeLetter, _ mail: Mail, _ kernel: Kernel) {
        switch letter {
        case .here:
            sort(mail)
            guard !own.isEmpty else {
                return finish(different("a letter from the kernel's own thread", "none"))
            }
            kernel.opened(own.removeFirst())
        case .job, .clock:
            guard waitAbroad(mail) else {
                return finish(
                    different(
                        "a workflow went on that had waited for another thread",
                        "it did not within \(options.patience)"))
            }
            kernel.opened(abroad.removeFirst())
        case .offload(let number):
            guard number > 0, number <= UInt64(works.count), let work = works[Int(number) - 1]
            else {
                return finish(different("the outcome of offloaded work \(number)", "no such work"))
            }
            works[Int(number) - 1] = nil
            // What it sends by a mailbox came from another thread, and is in the journal as such.
            sort(mail)
            let kept = own.count
            work()
            sort(mail)
            own.removeLast(own.count - kept)
            guard let outcome = outcomes.popLast() else {
                return finish(different("the outcome of offloaded work \(number)", "it had none"))
            }
            kernel.opened(outcome)
        case .mailbox(let number, let event, let bytes):
            guard let bytes else {
                return finish(
                    .unreadable(
                        "\"\(event)\" came from another thread, by a mailbox without a codec "
                            + "(mailbox(…, recordedBy:)): what was in it is not in the journal"))
            }
            do {
                if try kernel.openRecorded(mailbox: number, bytes) { return }
                finish(different("a letter by mailbox \(number), \"\(event)\"", "it has no codec"))
            } catch { finish(.unreadable("\"\(event)\" from another thread: \(error)")) }
        }
    }

    private var outcomes: [MailItem] = []

    private func sort(_ mail: Mail) {
        mail.takeAll { item in
            switch item {
            case .letter(.here, _): own.append(item)
            case .letter(.offload, _): outcomes.append(item)
            case .letter(.mailbox, _): break  // the journal has it
            case .job, .letter(.clock, _): abroad.append(item)
            }
        }
    }

    private func waitAbroad(_ mail: Mail) -> Bool {
        var tries = options.patience.nanoseconds / 50_000
        while true {
            sort(mail)
            if !abroad.isEmpty { return true }
            guard tries > 0 else { return false }
            tries -= 1
            _ = usleep(50)
        }
    }

    private func different(_ recorded: String, _ replayed: String) -> ReplayEnd {
        .different(
            ReplayDifference(
                input: inputs, event: events, time: time.now, recorded: recorded,
                replayed: replayed, before: recent.lines))
    }

    // MARK: The end

    func runEnded(_ kernel: Kernel, isFinished: Bool) {
        guard end == nil else { return }
        dispatched(kernel)
        guard end == nil else { return }
        guard case .runEnded(let count, let sum) = next else { return differ("the run ended") }
        guard count == events, sum == hash else {
            return finish(
                different("\(count) events, hash \(sum)", "\(events) events, hash \(hash)"))
        }
        advance()
        guard next == nil else { return }
        if case .ended = reader.end { finish(.identical) } else { journalEnded() }
    }
}
