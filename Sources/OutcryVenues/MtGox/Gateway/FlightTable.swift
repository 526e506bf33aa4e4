import OutcryComponents
import OutcryKernel
import OutcryMarket

/// A call on its way.
final class CallInFlight {
    /// Who wants to know what becomes of it.
    enum Purpose {
        case place(OrderID)
        case cancel(OrderID)
        case answer(Ask<MtGoxRawCall, Outcome<MtGoxRawReply, CallFailure>>)
    }

    let number: UInt64
    let purpose: Purpose
    let call: MtGoxRawCall
    let deadline: KernelTime
    /// So many times it had been tried before.
    let tries: Int
    /// It goes over the stream, not over HTTP.
    let isOfStream: Bool
    /// The connection that it goes over, counted.
    let connection: Int
    /// It may be out: what becomes of it is not certain without an answer.
    @safe @exclusivity(unchecked) var isOut = false
    /// The signer keeps it, to be signed, or until the reply to its nonce has come: it is to be told the end.
    @safe @exclusivity(unchecked) var isAtSigner: Bool

    init(
        _ number: UInt64, _ purpose: Purpose, _ call: MtGoxRawCall, deadline: KernelTime,
        tries: Int,
        isOfStream: Bool, connection: Int
    ) {
        self.number = number
        self.purpose = purpose
        self.call = call
        self.deadline = deadline
        self.tries = tries
        self.isOfStream = isOfStream
        self.connection = connection
        isAtSigner = call.isPrivate
    }
}

/// The calls on their way, by number: numbers and deadlines both go up, so that all is done by counting.
struct FlightTable {
    private var ring: [CallInFlight?] = Array(repeating: nil, count: 64)
    /// The lowest number that can be there.
    private var first: UInt64
    /// The last number that was given.
    private(set) var last: UInt64

    /// No calls; the first will have the number behind `last`.
    init(after last: UInt64 = 0) {
        self.last = last
        first = last + 1
    }

    /// The number of the next call.
    var next: UInt64 { last + 1 }

    /// Begins a call, which bears the next number; its deadline is not before that of the last one.
    mutating func begin(_ flight: CallInFlight) {
        precondition(flight.number == next, "calls are numbered one after the other")
        if Int(next - first) >= ring.count { grow() }
        last = flight.number
        ring[place(last)] = flight
    }

    private func place(_ number: UInt64) -> Int {
        Int(truncatingIfNeeded: number) & (ring.count - 1)
    }

    private mutating func grow() {
        pass()
        guard Int(next - first) >= ring.count else { return }
        var bigger = [CallInFlight?](repeating: nil, count: ring.count * 2)
        for number in first...last {
            bigger[Int(truncatingIfNeeded: number) & (bigger.count - 1)] = ring[place(number)]
        }
        ring = bigger
    }

    /// Moves on over those that have ended.
    private mutating func pass() {
        while first <= last, ring[place(first)] == nil { first += 1 }
    }

    /// A call that has not ended.
    subscript(number: UInt64) -> CallInFlight? {
        number >= first && number <= last ? ring[place(number)] : nil
    }

    /// Ends a call; nil for one that has ended, or was never begun.
    mutating func end(_ number: UInt64) -> CallInFlight? {
        guard number >= first, number <= last, let flight = ring[place(number)] else { return nil }
        ring[place(number)] = nil
        if number == first { pass() }
        return flight
    }

    /// When the next call is late; nil if there is none.
    var nextDeadline: KernelTime? { self[first]?.deadline }

    /// Ends what is late, the oldest first.
    mutating func expire(at now: KernelTime) -> [CallInFlight] {
        var late: [CallInFlight] = []
        while let flight = self[first], flight.deadline <= now {
            late.append(flight)
            _ = end(first)
        }
        return late
    }

    /// All of them, the oldest first.
    var all: [CallInFlight] { first > last ? [] : (first...last).compactMap { self[$0] } }
}
