import Glibc
package import OutcryKernel
import Synchronization

/// What a live driver is to do about journals: what its options say, or what the environment says, which
/// `outcry record` and `outcry replay` set.
package enum JournalDoor {
    /// Nothing.
    case closed
    /// Write one.
    case record(JournalFileWriter, isTold: Bool)
    /// Play one back.
    case replay(JournalFiles, ReplayOptions)

    /// The file to record into.
    package static let recordVariable = "OUTCRY_RECORD"
    /// The file to play back.
    package static let replayVariable = "OUTCRY_REPLAY"
    /// Seconds after which to stop.
    package static let untilVariable = "OUTCRY_REPLAY_UNTIL"
    /// How many times as fast as recorded.
    package static let speedVariable = "OUTCRY_REPLAY_SPEED"
    /// Set: turn by turn.
    package static let stepVariable = "OUTCRY_REPLAY_STEP"
    /// Set: written bytes are compared by their number alone.
    package static let looseVariable = "OUTCRY_REPLAY_LOOSE"

    /// What the replay is to explain: an order's name.
    package static let explainVariable = StoryTeller.explainVariable
    /// Where a trace of the replay is to be written.
    package static let traceVariable = StoryTeller.traceVariable

    /// The file with the key of either.
    package static let keyVariable = "OUTCRY_JOURNAL_KEY"

    private static let replays = Atomic<Int>(0)

    /// Looks at the environment, which counts more, and then at a driver's options.
    ///
    /// - Parameter key: Reads a key from a file.
    /// - Throws: When the journal cannot be made, or read.
    package static func open(
        _ options: JournalFileOptions?, key: (String) throws(SystemError) -> JournalKey
    ) throws(SystemError) -> JournalDoor {
        var found: JournalKey?
        if variable(replayVariable) != nil || variable(recordVariable) != nil,
            let path = variable(keyVariable)
        {
            found = try key(path)
        }
        if let path = variable(replayVariable) {
            // A program that makes several drivers had a journal for each.
            let number = replays.add(1, ordering: .relaxed).newValue
            let files = try JournalFiles(
                reading: number == 1 ? path : "\(path)-\(number)", key: found ?? options?.key)
            return .replay(files, try replayOptions())
        }
        if let path = variable(recordVariable) {
            // A program that encrypts its journals does so here too.
            let own = options?.key
            var options = JournalFileOptions(path: path)
            options.name = programName
            options.key = found ?? own
            return .record(try JournalFileWriter(options), isTold: true)
        }
        guard var options else { return .closed }
        if options.name.isEmpty { options.name = programName }
        return .record(try JournalFileWriter(options), isTold: false)
    }

    /// The driver to use in the place of `base`.
    package func driver(for base: any Driver) -> any Driver {
        switch self {
        case .closed: return base
        case .record(let file, let isTold):
            let recorder = Recorder(base, into: file)
            if isTold {
                recorder.tap.onRest = { [unowned recorder] in
                    Self.say(
                        "recorded \(recorder.inputs) inputs and \(recorder.events) events, hash "
                            + "\(String(recorder.dispatchHash, radix: 16)), in \(file.path)")
                }
            }
            return recorder
        case .replay(let files, let options):
            let replay = Replay(files, options) { Self.write($0) }
            let start = Self.seconds
            replay.onReport = { Self.write($0, to: STDOUT_FILENO) }
            guard let teller = Self.teller else {
                replay.onEnd = { [unowned replay] end in Self.tell(replay, end, start) }
                return replay
            }
            let story = teller.story
            replay.story = story
            let output = StoryTeller.takeOutput()
            replay.onEnd = { [unowned replay] end in
                Self.say("replayed \(replay.inputs) inputs and \(replay.events) events: \(end)")
                exit(teller.tell(story, to: output))
            }
            return replay
        }
    }

    private static func tell(_ replay: Replay, _ end: ReplayEnd, _ start: Double) {
        let taken = max(1e-6, seconds - start)
        let played = Double(replay.played.nanoseconds) / 1e9
        say(
            "replayed \(replay.inputs) inputs and \(replay.events) events, hash "
                + "\(String(replay.dispatchHash, radix: 16)): \(end)")
        say("\(rounded(played)) s in \(rounded(taken)) s, \(rounded(played / taken)) x real time")
        switch end {
        case .identical: break  // the program goes on to its own end
        case .journalEnded, .reached: exit(0)
        case .different, .unreadable: exit(4)
        }
    }

    private static func rounded(_ value: Double) -> String {
        let tenths = Int64(value * 1000)
        let rest = String(tenths % 1000)
        return "\(tenths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    // MARK: The process

    /// What is asked for besides.
    private static var teller: StoryTeller? {
        if let name = variable(StoryTeller.explainVariable) { return .explanation(of: name) }
        return variable(StoryTeller.traceVariable).map { .trace(path: $0) }
    }

    static func variable(_ name: String) -> String? {
        // Sound: the bytes are copied before anybody can change the variable.
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }

    private static func replayOptions() throws(SystemError) -> ReplayOptions {
        var options = ReplayOptions()
        if let until = try number(untilVariable) {
            options.until = .nanoseconds(Int64(until * 1e9))
        }
        options.speed = try number(speedVariable)
        options.comparesBytes = variable(looseVariable) == nil
        if variable(stepVariable) != nil { options.step = { step($0) } }
        return options
    }

    private static func number(_ name: String) throws(SystemError) -> Double? {
        guard let text = variable(name) else { return nil }
        guard let value = Double(text), value > 0, value < 1e9 else {
            throw SystemError(
                call: name, code: EINVAL,
                message: "expected a positive number below 1e9, found \"\(text)\"")
        }
        return value
    }

    private static var programName: String {
        guard let whole = CommandLine.arguments.first else { return "" }
        return whole.split(separator: "/").last.map { String($0) } ?? whole
    }

    /// Shows what comes and waits for a line at the terminal; `q` ends.
    private static func step(_ line: String) -> Bool {
        write(line)
        var byte: UInt8 = 0
        var first: UInt8 = 0
        while unsafe read(STDIN_FILENO, &byte, 1) == 1 {
            if first == 0 { first = byte }
            if byte == UInt8(ascii: "\n") { return first != UInt8(ascii: "q") }
        }
        return false
    }

    private static func say(_ line: String) { write("outcry: \(line)") }

    private static func write(_ line: String, to descriptor: Int32 = STDERR_FILENO) {
        // What the program itself has printed comes first.
        if descriptor == STDOUT_FILENO { _ = fflush(nil) }
        var text = line + "\n"
        text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return }
            _ = unsafe Glibc.write(descriptor, base, bytes.count)
        }
    }

    private static var seconds: Double {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
