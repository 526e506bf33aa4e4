public import OutcryComponents
public import OutcryKernel

// The venue's calls, asked of a link: in its turn, signed where that is needed, over the carrier that is there.

extension Link {
    /// Makes a call; what becomes of it comes as `then`.
    ///
    /// ```swift
    /// extension Event where Payload == MtGoxAnswer<MtGoxAccount> { static let account = Self("bot.account") }
    /// gox.call(.info, my, then: .account)
    /// ```
    ///
    /// A call that changes nothing is tried again until it has an answer; a public one needs no key.
    ///
    /// - Parameter timeout: After this time the outcome is told as unknown, though an answer may still come.
    /// - Precondition: The link is one to Mt. Gox.
    public func call<Reply>(
        _ call: MtGoxCall<Reply>, _ my: Context, timeout: Duration = .seconds(120),
        then: Event<MtGoxAnswer<Reply>>
    ) {
        requireMtGox()
        let isThere = my.kernel.find(calls) != nil
        my.ask(.mtgoxCall, to: calls, call.raw, timeout: timeout, then: then) { answer in
            call.answer(to: answer, isThere: isThere, timeout: timeout)
        }
    }

    /// Makes a call and waits for its answer.
    ///
    /// ```swift
    /// my.task { my in
    ///     let ticker = try await gox.call(.ticker(.btcusd))
    /// ```
    ///
    /// A call that changes nothing is tried again until it has an answer; a public one needs no key.
    ///
    /// - Parameter timeout: After this time the outcome is unknown, though an answer may still come.
    /// - Throws: ``MtGoxCallFailure``, and `CancellationError` when the session stops.
    /// - Precondition: The link is one to Mt. Gox, and it is called in a workflow.
    public nonisolated(nonsending) func call<Reply>(
        _ call: MtGoxCall<Reply>, timeout: Duration = .seconds(120)
    ) async throws -> Reply {
        requireMtGox()
        let answer: MtGoxAnswer<Reply> = try await Context.inWorkflow { my in
            let isThere = my.kernel.find(calls) != nil
            do throws(AskError) {
                let reply = try await my.ask(.mtgoxCall, to: calls, call.raw, timeout: timeout)
                return call.answer(to: .reply(reply), isThere: isThere, timeout: timeout)
            } catch {
                switch error {
                case .cancelled: throw CancellationError()
                case .timedOut:
                    return call.answer(to: .timedOut, isThere: isThere, timeout: timeout)
                case .gone: return call.answer(to: .gone, isThere: isThere, timeout: timeout)
                }
            }
        }
        switch answer {
        case .success(let reply): return reply
        case .failure(let failure): throw failure
        }
    }

    private func requireMtGox() {
        precondition(venue == .mtgox, "a call of Mt. Gox goes over a link to Mt. Gox")
    }
}

extension MtGoxCall {
    /// Reads what has become of this call at a gateway.
    ///
    /// - Parameters:
    ///   - isThere: There was a gateway when it was asked.
    ///   - timeout: How long it was waited for.
    func answer(
        to answer: Answer<Outcome<MtGoxRawReply, CallFailure>>, isThere: Bool, timeout: Duration
    ) -> MtGoxAnswer<Reply> {
        switch answer {
        case .reply(let reply): self.answer(to: reply)
        case .timedOut: .failure(.uncertain("no answer within \(timeout)"))
        case .gone where !isThere: .failure(.notSent("the link makes no calls"))
        case .gone: .failure(.uncertain("what makes the link's calls was started anew"))
        }
    }
}
