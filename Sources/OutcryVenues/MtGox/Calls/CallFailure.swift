public import OutcryComponents

/// What became of a call.
public typealias MtGoxAnswer<Reply> = Outcome<Reply, MtGoxCallFailure>

/// Why a call has no value.
public enum MtGoxCallFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing has left: the reason in words.
    case notSent(String)
    /// The venue refused it, in these words: nothing was done.
    case refused(MtGoxRefusal, words: String)
    /// It may have been done: no answer came, or none that tells.
    case uncertain(String)
    /// An answer came that is not what the call is answered with; the call may have been done.
    case unreadable(MtGoxError)

    /// In words.
    public var description: String {
        switch self {
        case .notSent(let reason): "not sent: \(reason)"
        case .refused(_, let words): "refused: \(words)"
        case .uncertain(let reason): "outcome unknown: \(reason)"
        case .unreadable(let error): "answer not understood: \(error)"
        }
    }

    /// Whether the call may have been carried out all the same. An order is looked for then, before it is sent
    /// again.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .notSent, .refused: false
        case .uncertain, .unreadable: true
        }
    }
}

extension MtGoxCall {
    /// Reads what a gateway has answered to this call.
    public func answer(
        to reply: Outcome<MtGoxRawReply, CallFailure>
    ) -> MtGoxAnswer<Reply> {
        switch reply {
        case .failure(.notSent(let reason)): return .failure(.notSent(reason))
        case .failure(.uncertain(let reason)): return .failure(.uncertain(reason))
        case .failure(.refused(let words)):
            return .failure(failure(.refused(text: words, token: nil)))
        case .success(let reply):
            do { return .success(try read(reply)) } catch { return .failure(failure(error)) }
        }
    }

    private func failure(_ error: MtGoxError) -> MtGoxCallFailure {
        guard let reason = error.reason else { return .unreadable(error) }
        // What asks only has done nothing by being refused, whatever the words.
        let isCertain = raw.isRepeatable && raw.kind != .cancel || reason.didNothing
        guard isCertain else { return .uncertain(error.words) }
        return .refused(reason, words: error.words)
    }
}
