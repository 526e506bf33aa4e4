// Who wants to know why: each input and each event in words, for explanations and pictures. A program that nobody
// watches has one look at a flag for it, where a message is read.

/// Is shown what a kernel learns and what it does of it, while it does it.
package protocol KernelWatcher: AnyObject {
    /// A turn begins, or goes on.
    func timeIs(_ time: TurnTime)

    /// The kernel is about to act on an input: what it posts then has its number for an origin.
    func learning(_ input: borrowing Input, _ kernel: Kernel) -> UInt64

    /// A text in the bytes of the input is about to be acted on.
    func reading(_ text: Span<UInt8>, _ kernel: Kernel)

    /// An event is about to be delivered.
    ///
    /// - Parameters:
    ///   - origin: What it was posted in, if in no handler: a ``KernelOrigin``.
    ///   - words: Its payload, where somebody has told how to put it into words.
    func dispatching(
        _ record: TraceRecord, origin: UInt64, words: EventWords?, _ kernel: Kernel)

    /// Its handlers are through.
    func delivered()
}

/// What an event was posted in, if in no handler.
package enum KernelOrigin: Equatable {
    /// In a handler.
    case handler
    /// While the kernel acted on the input of this number, by the watcher's count.
    case input(UInt64)
    /// By an alarm that was due then.
    case alarm(KernelTime)
    /// By a workflow that the event of this number let go on; 0 where that was none: it had slept, or waited for
    /// something else.
    case workflow(by: UInt64)
    /// By a letter of another thread, or the outcome of work that was offloaded.
    case letter

    package init(word: UInt64) {
        let number = word & 0x0fff_ffff_ffff_ffff
        switch word &>> 60 {
        case 1: self = .input(number)
        case 2: self = .alarm(KernelTime(nanoseconds: Int64(number)))
        case 3: self = .workflow(by: number)
        case 4: self = .letter
        default: self = .handler
        }
    }

    var word: UInt64 {
        switch self {
        case .handler: 0
        case .input(let number): 1 << 60 | number
        case .alarm(let due): 2 << 60 | UInt64(max(0, due.nanoseconds)) & 0x0fff_ffff_ffff_ffff
        case .workflow(let event): 3 << 60 | event & 0x0fff_ffff_ffff_ffff
        case .letter: 4 << 60
        }
    }
}

/// A payload in words.
public struct EventWords: Sendable, ExpressibleByStringInterpolation {
    /// What a person reads, in one line. No secrets.
    public var text: String
    /// The names of the things that the event is about, such as an order's: whoever asks for one finds the event.
    public var names: [String]

    /// Puts the parts together.
    public init(_ text: String, about names: [String] = []) {
        self.text = text
        self.names = names
    }

    /// Words about nothing with a name.
    public init(stringLiteral text: String) { self.init(text) }
}

/// Puts the payload of one event into words.
@safe struct Describer {
    let run: (UnsafeMutableRawPointer) -> EventWords
}

extension Kernel {
    /// Somebody wants to know why: a replay that explains.
    @inlinable public var isExplained: Bool { core.isWatched }

    /// Says how the payload of `event` is put into words, where somebody wants to know (``isExplained``); does
    /// nothing else.
    public func describe<P: ~Copyable>(
        _ event: Event<P>, _ words: @escaping (borrowing P) -> EventWords
    ) {
        guard watcher != nil else { return }
        describers[UInt64(event.id)] = unsafe Describer { raw in
            unsafe words(Payload<P>.find(raw).pointee)
        }
    }

    /// Says which text of the bytes that have come is acted on next.
    package func noteReading(_ text: Span<UInt8>) { watcher?.reading(text, self) }

    /// How many events were posted so far: the number of the last.
    package var postedCount: UInt64 { core.sequence &+ UInt64(core.pending) }

    /// What one calls a session: its alias, or else its type and id.
    package func watchedName(of id: SessionID) -> String { name(of: id) }

    /// Has `watcher` shown everything from here on; nil: nobody.
    package func setWatcher(_ watcher: (any KernelWatcher)?) {
        self.watcher = watcher
        setWatching()
    }
}

extension Core {
    @inlinable var isWatched: Bool { unsafe s.pointee.isWatched }
}
