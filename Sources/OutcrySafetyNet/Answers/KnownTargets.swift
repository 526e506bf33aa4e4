import OutcryServing
import OutcryWire

/// What was asked before, by the target as it stood in the request: a fifth of a call's work is to find out
/// what it means.
struct KnownTargets {
    /// More are forgotten at once: `since` has as many values as one likes.
    private static let most = 1_000

    /// Only looked up.
    private var questions: [String: ReplyQuestion] = [:]
    /// The host that was asked last, where it serves calls.
    private var host: String?

    /// The question of a plain GET that was asked before.
    func question(_ head: HTTPRequestHead) -> ReplyQuestion? {
        guard let host, head.method == "GET", head.fields["Host"] == host,
            head.fields["Upgrade"] == nil
        else { return nil }
        return questions[head.target]
    }

    /// A question was understood.
    mutating func note(_ question: ReplyQuestion, _ head: HTTPRequestHead) {
        guard head.method == "GET", let host = head.fields["Host"] else { return }
        if questions.count >= Self.most || host != self.host { questions.removeAll() }
        self.host = host
        questions[head.target] = question
    }
}
