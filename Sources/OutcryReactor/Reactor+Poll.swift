import COutcrySystem
import Glibc
public import OutcryKernel

// One wait, and what it brings.

extension Reactor {
    /// Nanoseconds after which listeners without a descriptor are tried again.
    static let starvation: Int64 = 100_000_000
    /// Nanoseconds below which a deadline goes with the wait, and not into the timer.
    static let near: Int64 = 1_000_000

    /// Waits until there is input, `deadline` is reached or ``waker`` was called, and hands the kernel what
    /// came: the time first.
    public func poll(until deadline: KernelTime?) {
        guard let kernel else { return }
        // Whoever has work to do now may have room when that is done.
        let isIdle = deadline.map { $0 > kernel.now } ?? true
        if !muted.isEmpty { listenAgain(kernel, isIdle: isIdle) }
        let count = wait(until: deadline, kernel)
        kernel.receive(.time(time()))
        if let step = calendar.takeStep() { kernel.receive(.clockStep(microseconds: step)) }
        if !outcomes.isEmpty { tellOutcomes(kernel) }
        if spins { tellEarly(kernel) }
        if !leftovers.isEmpty { readLeftovers(kernel) }
        if count == 0, !starving.isEmpty { acceptAgain() }
        if !departing.isEmpty { closeDeparted() }
        for i in 0..<count {
            let (word, flags) = epoll.event(i)
            switch word {
            case Word.waker:
                alarmClock.reset()
                completions.takeAll { complete($0, kernel) }
            case Word.signals:
                while let signal = signals?.next() { kernel.receive(.signal(signal)) }
            case Word.calendar: calendarWasSet(kernel)
            case Word.deadline: deadlineTimer.reset()
            case Word.inspection: inspection?.ready(word, kernel)
            default: ready(TransportID(number: word), flags, kernel)
            }
        }
    }

    private func wait(until deadline: KernelTime?, _ kernel: Kernel) -> Int {
        if let deadline, deadline <= kernel.now { return epoll.wait(nanoseconds: 0) }
        guard outcomes.isEmpty, leftovers.isEmpty, kernel.mayFallAsleep() else {
            return epoll.wait(nanoseconds: 0)
        }
        defer { kernel.isAwake() }
        // On the system's clock; a deadline beyond its end is none.
        var end: Int64?
        if let (sum, isBeyond) = deadline?.nanoseconds.addingReportingOverflow(origin), !isBeyond {
            end = sum
        }
        if spins {
            let count = spin(until: end, kernel)
            if count > 0 || early != nil { return count }
        }
        var most: Int64 = starving.isEmpty ? -1 : Self.starvation
        if let first = departing.first {
            let left = max(0, first.end - outcry_monotonic())
            most = most < 0 ? left : min(left, most)
        }
        return sleep(until: end, atMost: most)
    }

    /// Waits until something comes or `end` is reached, at most `most` nanoseconds, without a limit when
    /// negative.
    private func sleep(until end: Int64?, atMost most: Int64) -> Int {
        while true {
            var most = most
            if let end, deadlineTimer.moment.map({ $0 > end }) ?? true {
                // The turn may have taken long: the kernel's time is not good enough to sleep by.
                let left = max(0, end - outcry_monotonic())
                if left < Self.near || !deadlineTimer.ring(by: end) {
                    most = most < 0 ? left : min(left, most)
                }
            }
            let count = epoll.wait(nanoseconds: most)
            // The deadline of an earlier wait may have gone, or moved: that makes no turn.
            guard count == 1, epoll.event(0).word == Word.deadline else { return count }
            deadlineTimer.reset()
            if let end, end <= outcry_monotonic() { return 0 }
        }
    }

    /// Looks again and again, for a bounded time: at everything, then some times at the stream that brought
    /// the last bytes, which spares the way through epoll when more are there.
    private func spin(until end: Int64?, _ kernel: Kernel) -> Int {
        var now = outcry_monotonic()
        var last = now &+ options.busyPoll.nanoseconds
        if let end, end < last { last = end }
        let hot = hottest.flatMap { socket($0) }
        while now < last {
            let count = epoll.wait(nanoseconds: 0)
            if count > 0 { return count }
            if let hot, hot.isReading {
                for _ in 0..<8 {
                    // No room: the kernel has to make a turn first, or the stream is closing.
                    guard let taken = take(hot, kernel) else { break }
                    guard taken == -Int(EAGAIN) else {
                        early = (hot, taken)
                        return 0
                    }
                }
            }
            now = outcry_monotonic()
        }
        return 0
    }

    private func tellEarly(_ kernel: Kernel) {
        guard let (socket, taken) = early.take() else { return }
        tell(socket, taken, kernel)
    }

    /// Reads on from streams for which the kernel has room again.
    ///
    /// Called once a turn: room is only made by turns, so nothing is missed and nothing spins.
    private func listenAgain(_ kernel: Kernel, isIdle: Bool) {
        var i = 0
        while i < muted.count {
            let id = muted[i]
            guard let socket = socket(id) else {
                muted.remove(at: i)
                continue
            }
            guard kernel.withSpace(for: id, { _ in 0 }) != nil else {
                if isIdle, !socket.isMuted {
                    socket.isMuted = true
                    watch(socket)
                }
                i += 1
                continue
            }
            muted.remove(at: i)
            socket.isFull = false
            socket.isMuted = false
            watch(socket)
            listAgain(socket)
        }
    }

    private func tellOutcomes(_ kernel: Kernel) {
        let now = outcomes
        outcomes.removeAll()
        for outcome in now { kernel.receive(.completed(outcome.request, outcome.result)) }
    }

    private func complete(_ completion: Completion, _ kernel: Kernel) {
        switch completion {
        case .outcome(let request, let result): kernel.receive(.completed(request, result))
        case .lock(let outcome):
            settle(outcome)
            tellOutcomes(kernel)
        }
    }

    private func calendarWasSet(_ kernel: Kernel) {
        calendar.measure()
        guard let step = calendar.takeStep() else { return }
        kernel.receive(.time(time()))
        kernel.receive(.clockStep(microseconds: step))
    }
}
