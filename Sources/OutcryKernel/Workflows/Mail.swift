import Glibc
import Synchronization

/// What other threads leave for a kernel.
package enum MailItem {
    /// A piece of a workflow that can go on.
    case job(UnownedJob)
    /// Something to be done on the kernel's thread.
    case letter(LetterOrigin, @Sendable (Kernel) -> Void)
}

/// Where a letter comes from: what a journal keeps of it.
package enum LetterOrigin: Sendable {
    /// The kernel's own thread: whoever runs the same code writes it again.
    case here
    /// Another thread, by a mailbox; its number, its event, and its bytes where they can be had.
    case mailbox(Int, event: UInt32, encode: (@Sendable () -> [UInt8])?)
    /// Work that was offloaded, by its number.
    case offload(UInt64)
    /// A task on another thread that uses the kernel's clock.
    case clock
}

/// The one door from other threads: a stack without locks, which the kernel takes whole and turns round.
///
/// A sender that finds the kernel asleep wakes it; one that does not pays two atomic operations.
@safe package final class Mail: Sendable {
    private final class Node {
        let item: MailItem
        let next: UInt
        init(_ item: MailItem, _ next: UInt) {
            self.item = item
            self.next = next
        }
    }

    /// The bits of a retained node's address; 0 is the end.
    private let head = Atomic<UInt>(0)
    private let isAsleep = Atomic<Bool>(false)
    private let tickets = Atomic<UInt64>(0)
    private let nanoseconds = Atomic<Int64>(0)
    private let waker: @Sendable () -> Void
    /// The kernel's thread.
    private let thread = Atomic<UInt>(0)

    /// Makes the calling thread the kernel's.
    func bind() { thread.store(UInt(pthread_self()), ordering: .releasing) }

    /// Whether the calling thread is the kernel's.
    var isHere: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    init(waker: @escaping @Sendable () -> Void) { self.waker = waker }

    /// The time of the kernel's turn, for clocks on other threads.
    var time: KernelTime {
        get { KernelTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
        set { nanoseconds.store(newValue.nanoseconds, ordering: .relaxed) }
    }

    func nextTicket() -> UInt64 { tickets.add(1, ordering: .relaxed).newValue }

    package var isEmpty: Bool { head.load(ordering: .relaxed) == 0 }

    func push(_ item: MailItem) {
        var seen = head.load(ordering: .relaxed)
        while true {
            let node = Node(item, seen)
            let bits = unsafe UInt(bitPattern: Unmanaged.passRetained(node).toOpaque())
            let (done, now) = head.compareExchange(
                expected: seen, desired: bits, ordering: .sequentiallyConsistent)
            if done { break }
            unsafe Unmanaged.passUnretained(node).release()
            seen = now
        }
        wake()
    }

    func wake() {
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { waker() }
    }

    /// Says that the kernel is about to wait.
    ///
    /// - Returns: False when there is mail: then it must not.
    func fallAsleep() -> Bool {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        if head.load(ordering: .sequentiallyConsistent) == 0 { return true }
        isAsleep.store(false, ordering: .relaxed)
        return false
    }

    func isAwake() { isAsleep.store(false, ordering: .relaxed) }

    /// Takes everything, the oldest first.
    package func takeAll(_ body: (MailItem) -> Void) {
        var bits = head.exchange(0, ordering: .sequentiallyConsistent)
        var nodes: [Node] = []
        while let pointer = unsafe UnsafeRawPointer(bitPattern: bits) {
            let node = unsafe Unmanaged<Node>.fromOpaque(pointer).takeRetainedValue()
            bits = node.next
            nodes.append(node)
        }
        for node in nodes.reversed() { body(node.item) }
    }

    deinit { takeAll { _ in } }
}

/// A door for other threads to one session's event.
public struct Mailbox<P>: Sendable {
    let mail: Mail
    let event: Event<P>
    let alias: Alias
    let number: Int
    let encode: (@Sendable (P) -> [UInt8])?

    /// Sends `payload`. It arrives at the session that bears the alias when the kernel takes its mail;
    /// where there is none then, it is counted as undelivered, and where the mailbox is full, that session
    /// is told by `overflow`.
    ///
    /// The payload need not be `Sendable`: the sender lets go of it.
    public func send(_ payload: sending P) {
        let event = event
        let alias = alias
        // Sound: nobody but the letter has it, and the letter is opened once, on the kernel's thread.
        let parcel = unsafe Parcel(payload)
        let bytes = encode.map { encode in { @Sendable in encode(parcel.value) } }
        mail.push(
            .letter(
                mail.isHere ? .here : .mailbox(number, event: event.id, encode: bytes)
            ) { kernel in kernel.deliver(event, to: alias, parcel.value) })
    }
}

/// How the letters of a mailbox are written into a journal, and read again at a replay.
public struct MailCodec<P>: Sendable {
    let encode: @Sendable (P) -> [UInt8]
    let decode: @Sendable ([UInt8]) throws -> P

    /// Makes a codec of its two halves; each is called on the kernel's thread.
    public init(
        encode: @escaping @Sendable (P) -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> P
    ) {
        self.encode = encode
        self.decode = decode
    }
}

extension Kernel {
    /// Puts the content of a letter into the queue.
    func deliver<P>(_ event: Event<P>, to alias: Alias, _ payload: P) {
        switch post(event, to: alias, payload) {
        case .taken: break
        case .gone: counters.undelivered += 1
        case .full: overflowed(event.id, core.find(alias))
        }
    }
}
