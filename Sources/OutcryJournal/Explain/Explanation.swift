import OutcryKernel

/// Why something with a name came to be, and what became of it: lines for people.
package struct Explanation {
    /// Not found: the names that events are about, the last twenty.
    package struct NotFound: Error, CustomStringConvertible {
        package let name: String
        package let known: [String]
        package var description: String {
            "expected an order of this run, found none that is called \(name)"
                + (known.isEmpty
                    ? ": it has no orders" : "; the last ones are \(known.joined(separator: ", "))")
        }
    }

    private let story: Story
    private let about: [Story.Event]
    /// All names of the thing: the program's, the venue's.
    private let aliases: [String]

    /// Looks for what is called `name`.
    package init(_ name: String, in story: Story) throws(NotFound) {
        self.story = story
        var names: Set = [name]
        // An event that tells two names of one order joins what is told of either.
        var count = 0
        while count != names.count {
            count = names.count
            for event in story.events {
                guard let own = event.words?.names, own.contains(where: { names.contains($0) })
                else { continue }
                names.formUnion(own)
            }
        }
        about = story.events.filter { event in
            event.words?.names.contains { names.contains($0) } == true
        }
        aliases = names.subtracting([name]).sorted()
        guard !about.isEmpty else {
            var known: [String] = []
            for event in story.events {
                guard let first = event.words?.names.first, !known.contains(first) else { continue }
                known.append(first)
            }
            throw NotFound(name: name, known: known.suffix(20))
        }
        self.name = name
    }

    private let name: String

    /// The explanation, line by line.
    package var lines: [String] {
        guard let first = about.first else { return [] }
        let (chain, end) = chain(to: first)
        let zero = end.time ?? chain.first?.time ?? first.time
        var lines = [
            "order \(name)"
                + (aliases.isEmpty ? "" : ", also \(aliases.joined(separator: ", "))"),
            "",
            "why it was placed: from what came to the order",
            Self.head,
        ]
        lines += end.lines(zero, story)
        var last = zero
        for event in chain {
            lines.append(line(event, zero, last))
            last = event.time
        }
        lines += ["", "what became of it", Self.head]
        for event in after(first) {
            lines.append(line(event, zero, last))
            last = event.time
        }
        return lines
    }

    private static let head =
        "time s".padded(14) + "since us".padded(12) + "all us".padded(12)
        + "in turn us".padded(12) + "  event"

    private func line(_ event: Story.Event, _ zero: KernelTime, _ last: KernelTime) -> String {
        let route =
            "\(story.sessionNames[event.source]) > "
            + (event.isPublished ? "all" : story.sessionNames[event.destination])
        let words = event.words.map { ": \($0.text)" } ?? ""
        return columns(event.time, zero, last) + "\(event.inTurn / 1000)".padded(12)
            + "  \(story.name(of: event)) #\(event.sequence), \(route)\(words)"
    }

    private func columns(_ time: KernelTime, _ zero: KernelTime, _ last: KernelTime) -> String {
        Self.columns(time, zero, last, story)
    }

    fileprivate static func columns(
        _ time: KernelTime, _ zero: KernelTime, _ last: KernelTime, _ story: Story
    ) -> String {
        let since = time - (story.start ?? .zero)
        return seconds(since).padded(14) + "\((time - last).nanoseconds / 1000)".padded(12)
            + "\((time - zero).nanoseconds / 1000)".padded(12)
    }

    private static func seconds(_ time: Duration) -> String {
        let micros = time.nanoseconds / 1000
        let rest = "\(micros % 1_000_000)"
        return "\(micros / 1_000_000).\(String(repeating: "0", count: 6 - rest.count))\(rest)"
    }

    // MARK: Back

    /// Where a chain of causes begins.
    private struct Beginning {
        var time: KernelTime?
        var text: [String] = []

        func lines(_ zero: KernelTime, _ story: Story) -> [String] {
            guard let first = text.first else { return [] }
            return [
                Explanation.columns(time ?? zero, zero, time ?? zero, story)
                    + String(repeating: " ", count: 14) + first
            ] + text.dropFirst().map { String(repeating: " ", count: 52) + $0 }
        }
    }

    /// The events from the first to `event`, each the cause of the next, and what the first came of.
    private func chain(to event: Story.Event) -> ([Story.Event], Beginning) {
        var chain = [event]
        var at = event
        // Causes have smaller numbers; a chain that is longer than this says nothing to anybody.
        while chain.count < 1000 {
            switch at.origin {
            case .input(let number):
                guard let input = story.input(number) else { break }
                if input.bytes != nil { return (chain.reversed(), beginning(input, at)) }
                if at.cause == 0 {
                    return (chain.reversed(), Beginning(time: input.time, text: [input.words]))
                }
            case .letter where at.cause == 0:
                return (
                    chain.reversed(),
                    Beginning(time: at.time, text: ["a letter of another thread"])
                )
            default: break
            }
            guard let cause = cause(of: at) else {
                var text = "the program itself"
                if case .workflow = at.origin {
                    text =
                        "a workflow of \(story.sessionNames[at.source]) went on: it had slept, or "
                        + "waited for something outside"
                }
                return (chain.reversed(), Beginning(time: at.time, text: [text]))
            }
            chain.append(cause)
            at = cause
        }
        return (chain.reversed(), Beginning())
    }

    private func cause(of event: Story.Event) -> Story.Event? {
        if event.cause > 0 { return story.event(event.cause) }
        if case .workflow(let waker) = event.origin, waker > 0 { return story.event(waker) }
        return nil
    }

    private func beginning(_ input: Story.Input, _ event: Story.Event) -> Beginning {
        guard let bytes = input.bytes else { return Beginning() }
        let end = bytes.offset + UInt64(bytes.count)
        let text = story.reading(of: event, in: input) ?? input.text
        return Beginning(
            time: input.time,
            text: [
                "transport \(bytes.transport & 0xffff_ffff): bytes \(bytes.offset) to \(end) came, input "
                    + "\(input.number)", text,
            ])
    }

    // MARK: Forward

    /// Everything else that was told of it, and what left for it: the events that it caused and that go to the
    /// connection or over HTTP.
    private func after(_ first: Story.Event) -> [Story.Event] {
        var wanted = Set(about.map(\.sequence))
        var caused = Set(about.filter { !$0.isPublished }.map(\.sequence))
        for event in story.events where event.sequence > first.sequence {
            guard caused.contains(event.cause) else { continue }
            let name = story.name(of: event)
            // What others make of news of the order is theirs.
            if wanted.contains(event.sequence), event.isPublished { continue }
            caused.insert(event.sequence)
            if Self.leaving.contains(name) { wanted.insert(event.sequence) }
        }
        wanted.remove(first.sequence)
        return story.events.filter { wanted.contains($0.sequence) }
    }

    /// What leaves by a stream, or over HTTP.
    private static let leaving: Set = ["send", "http.call"]
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
