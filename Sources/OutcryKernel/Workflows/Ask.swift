/// A question on its way: the payload of an event that expects an answer.
///
/// ```swift
/// extension Event where Payload == Ask<Pair, Quote> { static let quote = Self("quote") }
/// on(.quote) { me, ask, my in my.answer(ask, me.quote(for: ask.question)) }
/// let quote = try await my.ask(.quote, to: "desk", pair, timeout: .seconds(5))
/// ```
public struct Ask<Question, Reply> {
    /// What is asked.
    public let question: Question
    let ticket: UInt64
}

extension Ask: Sendable where Question: Sendable {}

/// What became of a question.
public enum Answer<Reply> {
    /// It was answered.
    case reply(Reply)
    /// It was not answered in time.
    case timedOut
    /// There was nobody to ask, its mailbox was full, or it stopped before it answered.
    case gone
}

extension Answer: Sendable where Reply: Sendable {}

/// Why a question has no answer.
public enum AskError: Error, Sendable {
    /// It was not answered in time.
    case timedOut
    /// There was nobody to ask, its mailbox was full, or it stopped before it answered.
    case gone
    /// The session that asked stopped.
    case cancelled
}

/// An open question of whatever type.
class AnyQuestion {
    let asker: SessionID
    let target: SessionID
    var alarm: AlarmID?

    init(_ asker: SessionID, _ target: SessionID) {
        self.asker = asker
        self.target = target
    }
    /// Notes that there will be no answer.
    func fail(_ timedOut: Bool) {}
    /// Gives the answer to whoever waits for it.
    func deliver(_ kernel: Kernel) {}
}

final class Question<Reply>: AnyQuestion {
    var answer: Answer<Reply>?
    var then: ((Kernel, Answer<Reply>) -> Void)?

    override func fail(_ timedOut: Bool) {
        if answer == nil { answer = timedOut ? .timedOut : .gone }
    }
    override func deliver(_ kernel: Kernel) {
        if let answer { then?(kernel, answer) }
    }
}

extension Kernel {
    func ask<Q, R>(
        _ event: Event<Ask<Q, R>>, from asker: SessionID, to target: SessionID, _ question: Q,
        timeout: Duration, then: @escaping (Kernel, Answer<R>) -> Void
    ) {
        guard core.isAlive(asker) else { return }
        let ticket = nextTicket
        nextTicket += 1
        let open = Question<R>(asker, target)
        open.then = then
        questions[ticket] = open
        let posted = core.post(
            event, to: target, from: asker, Ask(question: question, ticket: ticket))
        guard posted == .taken else { return settle(ticket, timedOut: false) }
        open.alarm = arm(at: now + timeout, period: nil, owner: asker) { kernel in
            open.alarm = nil
            kernel.settle(ticket, timedOut: true)
        }
    }

    func answer<R>(_ ticket: UInt64, _ reply: R) -> Bool {
        guard let question = questions[ticket] as? Question<R>, question.answer == nil else {
            return false
        }
        question.answer = .reply(reply)
        if let alarm = question.alarm { disarm(alarm) }
        question.alarm = nil
        core.postAnyway(.answered, to: question.asker, ticket)
        return true
    }

    private func settle(_ ticket: UInt64, timedOut: Bool) {
        guard let question = questions[ticket] else { return }
        if let alarm = question.alarm { disarm(alarm) }
        question.alarm = nil
        question.fail(timedOut)
        core.postAnyway(.answered, to: question.asker, ticket)
    }

    /// The answer has come to its turn in the queue.
    func answered(_ ticket: UInt64, by asker: SessionID) {
        questions.removeValue(forKey: ticket)?.deliver(self)
    }

    /// `id` stops: what it asked is forgotten, and who asked it is told.
    func abandonQuestions(of id: SessionID) {
        guard !questions.isEmpty else { return }
        for ticket in questions.numbers {
            guard let question = questions[ticket] else { continue }
            if question.asker == id {
                questions[ticket] = nil  // a workflow that waits for it is cancelled
            } else if question.target == id {
                settle(ticket, timedOut: false)
            }
        }
    }
}

extension Context {
    /// Asks `target`, and gets what becomes of it as `then`, in this session's order of events.
    public func ask<Q, R>(
        _ event: Event<Ask<Q, R>>, to target: SessionID, _ question: Q, timeout: Duration,
        then: Event<Answer<R>>
    ) { ask(event, to: target, question, timeout: timeout, then: then) { $0 } }

    /// Asks `target`, and gets as `then` what `read` makes of what becomes of it.
    public func ask<Q, R, P>(
        _ event: Event<Ask<Q, R>>, to target: SessionID, _ question: Q, timeout: Duration,
        then: Event<P>, _ read: @escaping (Answer<R>) -> P
    ) {
        let asker = id
        core.kernel.ask(event, from: id, to: target, question, timeout: timeout) {
            kernel, answer in
            if !kernel.core.handles(then.id, asker), !kernel.core.awaits(then.id, asker) {
                kernel.missed(then.id, by: asker)
            }
            kernel.core.notify(then, asker, read(answer))
        }
    }

    /// Asks the session that bears `alias` now.
    public func ask<Q, R>(
        _ event: Event<Ask<Q, R>>, to alias: Alias, _ question: Q, timeout: Duration,
        then: Event<Answer<R>>
    ) { ask(event, to: core.find(alias), question, timeout: timeout, then: then) }

    /// Asks the session that bears `alias` now, and gets as `then` what `read` makes of what becomes of it.
    public func ask<Q, R, P>(
        _ event: Event<Ask<Q, R>>, to alias: Alias, _ question: Q, timeout: Duration,
        then: Event<P>, _ read: @escaping (Answer<R>) -> P
    ) { ask(event, to: core.find(alias), question, timeout: timeout, then: then, read) }

    /// Asks `target` and waits for the answer.
    public nonisolated(nonsending) func ask<Q, R>(
        _ event: Event<Ask<Q, R>>, to target: SessionID, _ question: Q, timeout: Duration
    ) async throws(AskError) -> R {
        let inbox = Inbox<Answer<R>>(Event.wake.id, id, core.kernel)
        core.kernel.openInbox(inbox)
        core.kernel.ask(event, from: id, to: target, question, timeout: timeout) { _, answer in
            inbox.accept(answer)
        }
        let answer: Answer<R>
        do { answer = try await inbox.next() } catch { throw .cancelled }
        switch answer {
        case .reply(let reply): return reply
        case .timedOut: throw .timedOut
        case .gone: throw .gone
        }
    }

    /// Asks the session that bears `alias` now and waits for the answer.
    public nonisolated(nonsending) func ask<Q, R>(
        _ event: Event<Ask<Q, R>>, to alias: Alias, _ question: Q, timeout: Duration
    ) async throws(AskError) -> R {
        try await ask(event, to: core.find(alias), question, timeout: timeout)
    }

    /// Answers a question. It may be kept and answered later.
    ///
    /// - Returns: False when nobody waits for it any more.
    @discardableResult public func answer<Q, R>(_ ask: Ask<Q, R>, _ reply: R) -> Bool {
        core.kernel.answer(ask.ticket, reply)
    }
}
