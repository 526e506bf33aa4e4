import Glibc
import OutcryKernel

// Records in words, for reports.

extension TapeCall {
    var words: String {
        let sum = String(hash, radix: 16)
        switch kind {
        case .connect: return "connect to \(text)"
        case .listen: return "listen on \(text)"
        case .limitSystemBuffer: return "limit the buffers of transport \(number) to \(count) bytes"
        case .setReading: return "reading \(count == 1 ? "on" : "off") for transport \(number)"
        case .write: return "\(count) bytes (\(sum)) written to transport \(number)"
        case .writeToMany: return "\(count) bytes (\(sum)) written to \(number) transports"
        case .endWriting: return "writing ended for transport \(number)"
        case .prepare: return "certificate and key looked at"
        case .secure: return "transport \(number) made secret \(text)"
        case .close: return "transport \(number) closed"
        case .resolve: return "look up \(text), port \(count)"
        case .read: return "read \(text)"
        case .append: return "append \(count) bytes (\(sum)) to \(text)"
        case .replace: return "replace \(text) with \(count) bytes (\(sum))"
        case .advance: return "take \(count) numbers (\(sum)) from \(text)"
        case .lock: return "lock \(text)"
        case .unlock: return "unlock \(text)"
        case .offload: return "work offloaded"
        }
    }
}

extension ReplayTap {
    func words(_ record: TapeRecord) -> String {
        switch record {
        case .input(let input, _): input.words
        case .poll: "the turn ended"
        case .call(let call, _): call.words
        case .letter(.here): "a letter from the kernel's own thread"
        case .letter(.mailbox(_, let event, _)): "\"\(event)\" from another thread"
        case .letter(.offload(let number)): "the outcome of offloaded work \(number)"
        case .letter(.job), .letter(.clock): "a workflow went on that had waited for another thread"
        case .events(let events): "\(events.count) more events in the turn"
        case .name(let name): "the name \(name)"
        case .runEnded: "the run ended"
        }
    }
}

extension Input {
    var words: String {
        switch self {
        case .time(let time): "the time \(time.now)"
        case .connected(let id): "\(id) connected"
        case .accepted(_, let id, let peer): "\(id) accepted from \(peer)"
        case .received(let id, let count): "\(count) bytes came for \(id)"
        case .ended(let id): "\(id) ended by the other side"
        case .failed(let id, let error): "\(id) failed: \(error)"
        case .secured(let id, _): "\(id) secret"
        case .insecure(let id, let failure): "\(id) not secret: \(failure)"
        case .writable(let id): "\(id) writable"
        case .wrote(let id, let count): "\(count) bytes taken by \(id)"
        case .completed(let request, _): "request \(request.number) done"
        case .signal(let signal): "signal \(signal)"
        case .mail: "a letter"
        case .random: "a random word"
        case .outside(let name, _): "\"\(name)\" from outside"
        case .clockStep(let microseconds): "the calendar was set by \(microseconds) µs"
        }
    }

    /// Whether the kernel gave itself what the journal has.
    func isSame(as other: borrowing Input) -> Bool {
        switch (self, copy other) {
        case (.time(let a), .time(let b)): a == b
        case (.wrote(let a, let x), .wrote(let b, let y)): a == b && x == y
        case (.failed(let a, let x), .failed(let b, let y)): a == b && x == y
        case (.random(let a), .random(let b)): a == b
        case (.outside(let a, let x), .outside(let b, let y)): a == b && x == y
        default: false
        }
    }
}

/// The last events that were alike.
struct RecentEvents {
    private var ring: [(number: UInt64, event: TapeEvent, name: String)] = []
    private var at = 0
    private static let most = 8
    private var text: (TapeEvent, String) -> String = { _, name in name }

    mutating func add(_ number: UInt64, _ event: TapeEvent, _ kernel: Kernel, _ name: String) {
        if ring.isEmpty {
            text = { [weak kernel] event, name in
                kernel.map { ReplayTap.words(event, name, $0) } ?? name
            }
        }
        if ring.count < Self.most {
            ring.append((number, event, name))
        } else {
            ring[at] = (number, event, name)
            at = (at + 1) % Self.most
        }
    }

    /// One line each, the oldest first.
    var lines: [String] {
        (ring[at...] + ring[..<at]).map { "\($0.number) \(text($0.event, $0.name))" }
    }
}

/// Keeps to a multiple of the recorded speed.
struct Pace {
    private var start: (real: Int64, played: KernelTime)?

    mutating func wait(until time: KernelTime, _ speed: Double) {
        let real = Self.clock()
        guard let start else { return start = (real, time) }
        let slow = Double((time - start.played).nanoseconds) / speed
        let due = slow < 1e18 ? Int64(slow) : 1_000_000_000_000_000_000
        let left = due - (real - start.real)
        if left > 0 {
            var span = timespec(
                tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            _ = unsafe nanosleep(&span, nil)
        }
    }

    private static func clock() -> Int64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
