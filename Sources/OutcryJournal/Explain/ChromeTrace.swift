import Glibc
package import OutcryKernel
import OutcryWire

/// Writes a ``Story`` in the Trace Event Format that Chrome's and Perfetto's viewers read: a track a session, a
/// slice an event, an arrow from each cause to its effect.
///
/// A slice begins at the time of its turn, or where the one before it ended, and is as long as its handlers took in
/// the replay. Published events stand on their publisher's track. What came from outside has a track of its own.
///
/// - Source: Trace Event Format, Google, 2016: an object with `traceEvents`; phases X, s, f and M; `ts` and `dur` in
///   microseconds.
package struct ChromeTrace {
    private let story: Story
    private var buffer: [UInt8] = []
    private var isFirst = true
    private var begins: [Int64] = []

    package init(_ story: Story) { self.story = story }

    /// Writes the document by `write`, piece by piece.
    ///
    /// - Returns: How many slices there are.
    package mutating func write(_ write: ([UInt8]) throws(SystemError) -> Void) throws(SystemError)
        -> Int
    {
        buffer = Array("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[".utf8)
        name("process_name", 0, "kernel")
        name("thread_name", 0, "from outside")
        for place in story.sessionNames.indices {
            name("thread_name", place + 1, story.sessionNames[place])
        }
        layOut()
        var toldInputs = Set<UInt64>()
        for place in story.events.indices {
            let event = story.events[place]
            slice(event, at: begins[place])
            if case .input(let number) = event.origin, let input = story.input(number) {
                if toldInputs.insert(number).inserted { slice(input) }
                arrow(event.sequence, from: (0, moment(input.time)), to: event, begins[place])
            } else if event.cause > 0, let cause = index(of: event.cause) {
                let other = story.events[cause]
                arrow(
                    event.sequence, from: (track(of: other), begins[cause]), to: event,
                    begins[place])
            }
            if buffer.count > 1 << 16 {
                try write(buffer)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        buffer += Array("]}\n".utf8)
        try write(buffer)
        return story.events.count + toldInputs.count
    }

    // MARK: Times

    private func moment(_ time: KernelTime) -> Int64 {
        (time - (story.start ?? .zero)).nanoseconds
    }

    /// When each event begins: on one thread nothing overlaps.
    private mutating func layOut() {
        var end: Int64 = 0
        for event in story.events {
            let begin = max(moment(event.time), end)
            begins.append(begin)
            end = begin + event.taken
        }
    }

    private func index(of sequence: UInt64) -> Int? {
        guard let first = story.events.first?.sequence, sequence >= first else { return nil }
        // Numbers have few holes: an event is where its number says, or a little before.
        var place = min(Int(sequence - first), story.events.count - 1)
        while place >= 0, story.events[place].sequence > sequence { place -= 1 }
        return place >= 0 && story.events[place].sequence == sequence ? place : nil
    }

    private func track(of event: Story.Event) -> Int { event.destination + 1 }

    // MARK: Records

    private mutating func add(_ fill: (inout JSONObjectWriter) -> Void) {
        if !isFirst { buffer.append(0x2C) }
        isFirst = false
        JSONWriter.appendObject(to: &buffer, escaping: .ascii) { fill(&$0) }
    }

    private mutating func name(_ kind: String, _ track: Int, _ text: String) {
        add {
            $0.field("ph", "M")
            $0.field("name", kind)
            $0.field("pid", 1)
            $0.field("tid", track)
            $0.object("args") { $0.field("name", text) }
        }
    }

    private mutating func slice(_ event: Story.Event, at begin: Int64) {
        let (story, track) = (story, track(of: event))
        add {
            $0.field("ph", "X")
            $0.field("name", story.name(of: event))
            $0.field("cat", event.isPublished ? "published" : "posted")
            $0.field("pid", 1)
            $0.field("tid", track)
            Self.micros("ts", begin, &$0)
            Self.micros("dur", event.taken, &$0)
            $0.object("args") { arguments in
                arguments.field("event", Int64(event.sequence))
                arguments.field("from", story.sessionNames[event.source])
                if let words = event.words { arguments.field("payload", words.text) }
            }
        }
    }

    private mutating func slice(_ input: Story.Input) {
        let begin = moment(input.time)
        add {
            $0.field("ph", "X")
            $0.field("name", input.bytes == nil ? input.words : "bytes")
            $0.field("cat", "input")
            $0.field("pid", 1)
            $0.field("tid", 0)
            Self.micros("ts", begin, &$0)
            Self.micros("dur", 0, &$0)
            $0.object("args") { arguments in
                arguments.field("input", Int64(input.number))
                if let bytes = input.bytes {
                    arguments.field("transport", Int64(bytes.transport & 0xffff_ffff))
                    arguments.field("offset", Int64(bytes.offset))
                    arguments.field("count", bytes.count)
                }
            }
        }
    }

    private mutating func arrow(
        _ number: UInt64, from: (track: Int, time: Int64), to event: Story.Event, _ begin: Int64
    ) {
        for (phase, track, time) in [
            ("s", from.track, from.time), ("f", track(of: event), begin),
        ] {
            add {
                $0.field("ph", phase)
                $0.field("id", Int64(number))
                $0.field("name", "cause")
                $0.field("cat", "cause")
                if phase == "f" { $0.field("bp", "e") }
                $0.field("pid", 1)
                $0.field("tid", track)
                Self.micros("ts", time, &$0)
            }
        }
    }

    /// Nanoseconds as microseconds with three digits.
    private static func micros(_ key: String, _ time: Int64, _ object: inout JSONObjectWriter) {
        let rest = "\(time % 1000)"
        let text = "\(time / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
        // Sound: these are the digits of a number that is not negative.
        try? object.field(key, number: text)
    }
}
