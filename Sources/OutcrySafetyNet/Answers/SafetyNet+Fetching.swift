import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues
import OutcryWire

/// What is asked upstream by a call of its own.
enum KeptQuestion: Hashable {
    case ticker(Instrument)
    case lag
    case currency(Currency)
    case cancelledTrades(Instrument)

    /// The call.
    var call: MtGoxRawCall {
        switch self {
        case .ticker(let market): MtGoxCall.ticker(market).raw
        case .lag: MtGoxCall.lag.raw
        case .currency(let currency): MtGoxCall.currency(currency).raw
        case .cancelledTrades(let market): MtGoxCall.cancelledTrades(market).raw
        }
    }
}

/// What a call told.
struct KeptValue {
    /// The value without its envelope.
    let bytes: [UInt8]
    /// The venue's own refusal, in the place of a value.
    let refusal: CallRefusal?
    /// When it was asked for.
    let asked: KernelTime
}

/// A value that is kept, who waits for a newer one, and when the upstream may be asked again.
struct KeptEntry {
    typealias Asker = (SafetyNet, _ failure: String?, _ isLate: Bool, Context) -> Void
    var value: KeptValue?
    var askers: [Asker] = []
    var isAsked = false
    /// Not before.
    var retryAt = KernelTime.zero
    /// Why the last call brought nothing.
    var failure: String?
    /// Calls in a row that brought nothing.
    var failures = 0
}

extension SafetyNet {
    /// Entries beyond these are not kept: `currency` has as many questions as there are currencies.
    private static let mostKept = 500

    /// Asks the upstream for something, once for all who want it, and not again right after a failure.
    ///
    /// - Parameter then: what to do then: the value is in ``kept``, or in the market for a ticker.
    func fetch(_ what: KeptQuestion, _ my: Context, _ then: @escaping KeptEntry.Asker) {
        var entry = kept[what] ?? KeptEntry()
        guard entry.isAsked || entry.retryAt <= my.now else {
            return then(self, entry.failure ?? "the upstream has just failed", false, my)
        }
        entry.askers.append(then)
        let isFirst = !entry.isAsked
        entry.isAsked = true
        kept[what] = entry
        guard isFirst else { return }
        counters.fetches += 1
        let asked = my.now
        let gateway = link.gateway
        my.task { my in
            var failure: String?
            do throws(AskError) {
                let answer = try await my.ask(
                    .mtgoxCall, to: gateway, what.call, timeout: .seconds(20))
                switch answer {
                case .success(let reply): failure = self.take(reply, what, asked, my)
                case .failure(let reason): failure = "\(reason)"
                }
            } catch { failure = "no answer of the upstream (\(error))" }
            self.settle(what, failure, my)
        }
    }

    private func settle(_ what: KeptQuestion, _ failure: String?, _ my: Context) {
        guard var entry = kept[what] else { return }
        let askers = entry.askers
        entry.askers = []
        entry.isAsked = false
        entry.failure = failure
        entry.failures = failure == nil ? 0 : entry.failures + 1
        // 2 s, 4, 8 … a minute.
        let pause = min(60, 1 << min(entry.failures, 6))
        entry.retryAt = failure == nil ? my.now : my.now + .seconds(pause)
        kept[what] = entry
        for asker in askers { asker(self, failure, true, my) }
        if kept.count > Self.mostKept { kept = kept.filter { $0.value.isAsked } }
    }

    /// - Returns: Why it cannot be used.
    private func take(
        _ reply: MtGoxRawReply, _ what: KeptQuestion, _ asked: KernelTime, _ my: Context
    ) -> String? {
        if case .ticker(let market) = what {
            guard let place = place(of: market) else { return "no such market" }
            do throws(MtGoxError) {
                let ticker = try MtGoxReply.ticker(
                    reply.body.span, of: market, status: reply.status)
                // The stream may have told a newer one meanwhile.
                if markets[place].tickerTrust == .live { return nil }
                take(ticker, place, asked: asked)
                markets[place].tickerTrust = .old(since: asked)
                return nil
            } catch { return "\(error)" }
        }
        // Who is overloaded or has no data yet says nothing about the question: what was known stays.
        if let status = reply.status, status == 429 || status >= 500 { return "status \(status)" }
        guard let envelope = ReplyEnvelope(reply.body) else { return "no JSON came" }
        switch envelope {
        case .value(let bytes):
            kept[what]?.value = KeptValue(bytes: bytes, refusal: nil, asked: asked)
        case .error(let message, let token):
            let refusal = CallRefusal(
                status: reply.status ?? 400, message: message, token: token)
            kept[what]?.value = KeptValue(bytes: [], refusal: refusal, asked: asked)
        }
        return nil
    }
}

/// A reply of version 1 out of its envelope.
enum ReplyEnvelope: Equatable {
    case value([UInt8])
    case error(String, token: String?)

    /// Nil for what is no JSON.
    init?(_ body: [UInt8]) {
        do throws(JSONError) {
            var json = JSONReader(body.span, depthLimit: 32)
            guard try json.peek() == .object else {
                let value = try json.raw().count
                self = .value(Array(body[json.offset - value..<json.offset]))
                return
            }
            var (value, message, token, isEnvelope) = (
                Range<Int>?.none, String?.none, String?.none, false
            )
            try json.beginObject()
            while let key = try json.nextKey() {
                switch key {
                case "result" where try json.peek() == .string:
                    isEnvelope = true
                    try json.skip()
                case "return", "data":
                    let count = try json.raw().count
                    value = json.offset - count..<json.offset
                case "error" where try json.peek() == .string: message = try json.string().string
                case "token" where try json.peek() == .string: token = try json.string().string
                default: try json.skip()
                }
            }
            try json.finish()
            if let message, isEnvelope {
                self = .error(message, token: token)
            } else if isEnvelope, let value {
                self = .value(Array(body[value]))
            } else {
                self = .value(body)
            }
        } catch { return nil }
    }
}
