import OutcryKernel
import OutcryServing

/// How long HTTP's public replies stay as they were, as at the venue.
///
/// - Source: the protocol reference, section 13.1: 10 s, the ticker 30 s.
public struct ReplyCacheRules: Hashable, Sendable {
    /// All but the ticker.
    public var time: Duration
    /// The ticker.
    public var tickerTime: Duration

    /// Times for all, and for the ticker where that has another one.
    ///
    /// - Precondition: both are above zero.
    public init(_ time: Duration, ticker: Duration? = nil) {
        precondition(time > .zero && ticker ?? time > .zero, "a cache keeps for some time")
        self.time = time
        tickerTime = ticker ?? time
    }

    /// As documented.
    public static let mtGox = Self(.seconds(10), ticker: .seconds(30))
}

/// HTTP's public replies, each for as long as it may be told again.
struct ReplyCache {
    /// What was asked: the market is part of the call.
    struct Question: Hashable {
        let version: APIVersion
        let call: ServedCall
        let isRaw: Bool
    }

    /// More are not kept: `trades?since=` has as many questions as one likes.
    static let most = 1_000
    /// Nor more bytes of replies, or one that is longer.
    static let mostBytes = 16 << 20

    private let rules: ReplyCacheRules?
    /// Only looked up.
    private var replies: [Question: (body: [UInt8], end: KernelTime)] = [:]
    /// Of all replies together.
    private(set) var bytes = 0

    init(_ rules: ReplyCacheRules?) { self.rules = rules }

    /// A reply that is still good.
    func reply(_ question: Question, at now: KernelTime) -> [UInt8]? {
        guard let reply = replies[question], now < reply.end else { return nil }
        return reply.body
    }

    /// Keeps a reply.
    mutating func keep(_ body: [UInt8], for question: Question, at now: KernelTime) {
        guard let rules, body.count <= Self.mostBytes else { return }
        if let old = replies.removeValue(forKey: question) { bytes -= old.body.count }
        if isFull(body) {
            replies = replies.filter { now < $0.value.end }
            bytes = replies.values.reduce(0) { $0 + $1.body.count }
            if isFull(body) {
                replies.removeAll()
                bytes = 0
            }
        }
        bytes += body.count
        var time = rules.time
        if case .ticker = question.call { time = rules.tickerTime }
        replies[question] = (body, now + time)
    }

    private func isFull(_ body: [UInt8]) -> Bool {
        replies.count >= Self.most || bytes + body.count > Self.mostBytes
    }
}
