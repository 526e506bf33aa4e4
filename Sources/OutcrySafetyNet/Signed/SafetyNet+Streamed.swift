import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryVenues
import OutcryWire

/// A signed call over the stream (`op:call`), as its client sent it.
struct StreamedCall {
    /// The message.
    let bytes: [UInt8]
    /// By what its answer is known: the message's id, then that of the call inside.
    let ids: [String]
}

/// A call over the stream that has been sent and not answered.
struct SentCall {
    let number: UInt64
    let key: String
    let ids: [String]
}

/// Which call it has taken too long to answer.
struct OverdueCall: Sendable {
    let client: UInt64
    let call: UInt64
}

extension Event where Payload == OverdueCall {
    static let netCallOverdue = Self("safetyNet.callOverdue")
}

// Signed calls over the stream: they wait with the HTTP calls of their key, and count as the venue counts.

extension SafetyNet {
    /// How long a call may have no answer before the next of its key goes.
    private static let callTimeout = Duration.seconds(60)

    /// Takes a call over the stream.
    func passCall(_ request: StreamRequest, _ bytes: [UInt8], _ client: NetClient, _ my: Context) {
        let sealed = request.call.flatMap { try? MtGoxSealedCall(base64: $0) }
        let body = sealed.flatMap { try? MtGoxCallBody($0.body.span) }
        let route = body.flatMap { try? CallRoute($0, markets: configuration.instruments) }
        // What cannot be read the upstream refuses; it waits for nobody else's.
        let key = sealed.map { "\($0.key)" } ?? "client \(client.number)"
        let ids = [request.id, body?.id].compactMap { $0 }
        guard !isDraining else {
            text.setRefusal(.stream, .ending, id: ids.last)
            return put(text.bytes, to: client, my)
        }
        enqueue(
            SignedCall(
                key: key, version: .stream, kind: SignedKind(route?.endpoint).kind,
                way: .stream(StreamedCall(bytes: bytes, ids: ids), client)), my)
    }

    /// Sends a call whose turn it is.
    func send(
        _ streamed: StreamedCall, _ call: SignedCall, of client: NetClient, _ my: Context
    ) {
        guard !client.isGone, passUp(streamed.bytes, client, my), !streamed.ids.isEmpty else {
            // Without an id nobody would know its answer.
            return next(call.key, my)
        }
        callsSent += 1
        client.line?.sent.append(SentCall(number: callsSent, key: call.key, ids: streamed.ids))
        my.after(
            Self.callTimeout, .netCallOverdue,
            OverdueCall(client: client.number, call: callsSent))
    }

    /// A client's own connection has said something: perhaps the answer to a call.
    func noteAnswer(_ text: [UInt8], _ client: NetClient, _ my: Context) {
        guard let line = client.line, !line.sent.isEmpty, let id = Self.answered(text),
            let place = line.sent.firstIndex(where: { $0.ids.contains(id) })
        else { return }
        next(line.sent.remove(at: place).key, my)
    }

    func overdue(_ overdue: OverdueCall, _ my: Context) {
        guard let line = lines[overdue.client]?.line,
            let place = line.sent.firstIndex(where: { $0.number == overdue.call })
        else { return }
        counters.signedFailed += 1
        next(line.sent.remove(at: place).key, my)
    }

    /// A client's own connection is no more: what became of its calls nobody knows.
    func forgetCalls(on line: OwnLine, _ my: Context) {
        let sent = line.sent
        line.sent = []
        counters.signedFailed += sent.count
        for call in sent { next(call.key, my) }
    }

    /// The id of the call that a message answers.
    private static func answered(_ text: [UInt8]) -> String? {
        guard let request = try? StreamRequest(text.span),
            request.op == "result" || request.op == "remark"
        else { return nil }
        return request.id
    }
}
