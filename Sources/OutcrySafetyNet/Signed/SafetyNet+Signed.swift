import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryVenues
import OutcryWire

/// A signed call on its way through.
struct SignedCall {
    /// How it came, and how its answer goes.
    enum Way {
        case http(HTTPRequestHead, body: [UInt8], ServerConnection)
        case stream(StreamedCall, NetClient)
    }

    let key: String
    let version: APIVersion
    let kind: RequestKind
    let way: Way
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
        enqueue(
            SignedCall(
                key: MtGoxGUID(key)?.description ?? key, version: APIVersion(path: head.path),
                kind: endpoint.kind, way: .http(head, body: body, connection)), my)
    }

    /// Has a call wait for those of its key that came before.
    func enqueue(_ call: SignedCall, _ my: Context) {
        counters.signed += 1
        switch signed.add(call, key: call.key) {
        case .now: begin(call, my)
        case .waiting: break
        case .refused:
            counters.signedRefused += 1
            answer(call, .tooManyRequests(wait: 1), isLate: false, my)
        }
    }

    /// Asks the budget, then the upstream. What is over the budget is refused at once.
    private func begin(_ call: SignedCall, _ my: Context) {
        guard let calls, isUp || upstreamURLs.count == 1 else {
            return end(call, .failure(.unreachable("no upstream is up")), my)
        }
        let limits = link.limits
        let event: Event<Ask<RequestKind, Permit>> =
            if case .stream = call.way { .streamPermit } else { .permit }
        // Of this upstream: its turn may be over when the call goes.
        let fields = upstreamFields
        my.task { my in
            var wait: Int?
            do throws(AskError) {
                let permit = try await my.ask(event, to: limits, call.kind, timeout: .seconds(5))
                if case .spent(let until) = permit {
                    wait = max(1, Int((until - my.now).components.seconds) + 1)
                }
            } catch { wait = 1 }
            if let wait { return self.refuse(call, wait: wait, my) }
            switch call.way {
            case .stream(let streamed, let client): self.send(streamed, call, of: client, my)
            case .http(let head, let body, _):
                let question = HTTPCall(
                    url: calls, request: self.outgoing(head, fields), body: body)
                do throws(AskError) {
                    self.end(
                        call,
                        try await my.ask(
                            .httpCall, to: self.signedHTTP, question, timeout: .seconds(60)), my)
                } catch { self.end(call, .failure(.timedOut(.seconds(60))), my) }
            }
        }
    }

    /// The head as it goes upstream.
    private func outgoing(_ incoming: HTTPRequestHead, _ fields: HTTPFields) -> HTTPRequestHead {
        var head = incoming
        for name in Self.ofConnection { head.fields.remove(name) }
        admission.hideToken(in: &head)
        for field in fields { head.fields.append(field.name, field.value) }
        // A field of its own: the reply's coding is the client's business.
        if head.fields["Accept-Encoding"] == nil {
            head.fields.append("Accept-Encoding", "identity")
        }
        return head
    }

    private func refuse(_ call: SignedCall, wait: Int, _ my: Context) {
        counters.signedRefused += 1
        let refusal =
            call.kind == .place
            ? CallRefusal.tooManyOrders(wait: wait) : CallRefusal.tooManyRequests(wait: wait)
        answer(call, refusal, isLate: true, my)
        next(call.key, my)
    }

    private func answer(
        _ call: SignedCall, _ refusal: CallRefusal, isLate: Bool, _ my: Context
    ) {
        switch call.way {
        case .http(_, _, let connection):
            text.setRefusal(call.version, refusal)
            let fields = HTTPFields(Array(Self.json) + Array(refusal.fields))
            reply(refusal.status, fields, text.bytes, on: connection, isLate: isLate)
        case .stream(let streamed, let client):
            text.setRefusal(.stream, refusal, id: streamed.ids.last)
            put(text.bytes, to: client, my)
        }
    }

    /// The answer as it came, without what is about the connection.
    private func end(
        _ call: SignedCall, _ outcome: Outcome<HTTPReply, HTTPFailure>, _ my: Context
    ) {
        switch outcome {
        case .success(let reply):
            var fields = reply.head.fields
            for name in Self.ofConnection { fields.remove(name) }
            if case .http(_, _, let connection) = call.way {
                self.reply(reply.head.status, fields, reply.body, on: connection, isLate: true)
            }
        case .failure(let failure):
            counters.signedFailed += 1
            answer(call, .noUpstream(isUnsent: failure.isBeforeSending), isLate: true, my)
        }
        next(call.key, my)
    }

    /// A call of a key is done: the next one goes.
    func next(_ key: String, _ my: Context) {
        while let call = signed.finish(key) {
            // Whoever has hung up does not want it any more: it has not left.
            guard isThere(call) else { continue }
            return begin(call, my)
        }
    }

    private func isThere(_ call: SignedCall) -> Bool {
        switch call.way {
        case .http(_, _, let connection): connections[connection.number] === connection
        case .stream(_, let client): !client.isGone
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
