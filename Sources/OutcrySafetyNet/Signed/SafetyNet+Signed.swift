import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

/// A signed call on its way through.
struct SignedCall {
    let key: String
    let head: HTTPRequestHead
    let body: [UInt8]
    let version: APIVersion
    let kind: RequestKind
    let connection: ServerConnection
}

// Signed calls: passed through byte for byte, never kept, never logged.

extension SafetyNet {
    /// Fields that are about one connection, not about the call.
    private static let ofConnection = [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Host", "Content-Length", "Expect", Admission.field,
    ]

    /// Takes a signed call.
    func passThrough(
        _ head: HTTPRequestHead, _ body: [UInt8], _ endpoint: SignedKind,
        _ connection: ServerConnection, _ my: Context
    ) throws(CallRefusal) {
        guard let key = head.fields["Rest-Key"], !key.isEmpty else {
            throw .notIdentified(head.path)
        }
        let call = SignedCall(
            key: key, head: head, body: body, version: APIVersion(path: head.path),
            kind: endpoint.kind, connection: connection)
        counters.signed += 1
        switch signed.add(call, key: key) {
        case .now: begin(call, my)
        case .waiting: break
        case .refused:
            counters.signedRefused += 1
            throw .tooManyRequests(wait: 1)
        }
    }

    /// Asks the budget, then the upstream. What is over the budget is refused at once.
    private func begin(_ call: SignedCall, _ my: Context) {
        guard let calls, isUp || upstreamURLs.count == 1 else {
            return end(call, .failure(.unreachable("no upstream is up")), my)
        }
        let limits = link.limits
        my.task { my in
            var wait: Int?
            do throws(AskError) {
                let permit = try await my.ask(.permit, to: limits, call.kind, timeout: .seconds(5))
                if case .spent(let until) = permit {
                    wait = max(1, Int((until - my.now).components.seconds) + 1)
                }
            } catch { wait = 1 }
            if let wait { return self.refuse(call, wait: wait, my) }
            var head = call.head
            for name in Self.ofConnection { head.fields.remove(name) }
            self.admission.hideToken(in: &head)
            for field in self.upstreamFields { head.fields.append(field.name, field.value) }
            // A field of its own: the reply's coding is the client's business.
            if head.fields["Accept-Encoding"] == nil {
                head.fields.append("Accept-Encoding", "identity")
            }
            let question = HTTPCall(url: calls, request: head, body: call.body)
            do throws(AskError) {
                self.end(
                    call,
                    try await my.ask(
                        .httpCall, to: self.signedHTTP, question, timeout: .seconds(60)), my)
            } catch { self.end(call, .failure(.timedOut(.seconds(60))), my) }
        }
    }

    private func refuse(_ call: SignedCall, wait: Int, _ my: Context) {
        counters.signedRefused += 1
        let refusal =
            call.kind == .place
            ? CallRefusal.tooManyOrders(wait: wait) : CallRefusal.tooManyRequests(wait: wait)
        answer(call, refusal, my)
        next(call.key, my)
    }

    private func answer(_ call: SignedCall, _ refusal: CallRefusal, _ my: Context) {
        text.setRefusal(call.version, refusal)
        let fields = HTTPFields(Array(Self.json) + Array(refusal.fields))
        reply(refusal.status, fields, text.bytes, on: call.connection, isLate: true)
    }

    /// The answer as it came, without what is about the connection.
    private func end(
        _ call: SignedCall, _ outcome: Outcome<HTTPReply, HTTPFailure>, _ my: Context
    ) {
        switch outcome {
        case .success(let reply):
            var fields = reply.head.fields
            for name in Self.ofConnection { fields.remove(name) }
            self.reply(reply.head.status, fields, reply.body, on: call.connection, isLate: true)
        case .failure(let failure):
            counters.signedFailed += 1
            answer(call, .noUpstream(isUnsent: failure.isBeforeSending), my)
        }
        next(call.key, my)
    }

    private func next(_ key: String, _ my: Context) {
        while let call = signed.finish(key) {
            // Whoever has hung up does not want it any more: it has not left.
            guard connections[call.connection.number] === call.connection else { continue }
            return begin(call, my)
        }
    }
}

extension CallRefusal {
    /// No key on a call that needs one, in the words of the dialect.
    static func notIdentified(_ path: some StringProtocol) -> Self {
        APIVersion(path: path) == .v0
            ? Self(status: 403, message: "Not logged in.", token: nil)
            : Self(
                status: 403, message: "Identification required to access private API",
                token: "login_error_missing_rest_key")
    }

    /// The upstream did not answer.
    ///
    /// - Parameter isUnsent: Nothing of the call has left, for certain.
    static func noUpstream(isUnsent: Bool) -> Self {
        isUnsent
            ? Self(
                status: 503, message: "No upstream; the call was not sent",
                token: "safetynet_not_sent")
            : Self(
                status: 504,
                message: "No answer of the upstream; what became of the call is unknown",
                token: "safetynet_unknown")
    }
}
