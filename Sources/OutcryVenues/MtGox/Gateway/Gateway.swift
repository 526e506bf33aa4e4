public import OutcryComponents
public import OutcryKernel
import OutcryMarket
public import OutcryWire

/// What makes the calls of a link to Mt. Gox, over the stream or HTTP, and keeps track of them. Where the link
/// has an account it keeps the account's channel, too, and tells an order desk what happens.
///
/// A call goes out once; what has been refused before anything was done (a nonce, a tonce, a signature that
/// came in the wrong moment) goes once more with a new stamp, and what changes nothing goes again until there
/// is an answer or its time is up, after the wait that the venue asks for where that is short. An order that has
/// no answer is told as uncertain.
public final class MtGoxGateway: Session {
    let link: Link
    let url: VenueURL
    let options: MtGoxGatewayOptions
    private let settlesAfter: Duration
    /// The options' timeout in nanoseconds: a `Duration` takes a division of 128 bits to say.
    private let timeout: Int64
    /// There is a signer.
    private let hasAccount: Bool
    // A gateway is used on its kernel's thread, one event after the other: see ARCHITECTURE.md on exclusivity.
    @safe @exclusivity(unchecked) private var flights: FlightTable
    @safe @exclusivity(unchecked) private var alarm: KernelTime?
    /// Calls that wait for their turn.
    private var wishes: [UInt64: Wish] = [:]
    private var lastWish: UInt64 = 0

    private struct Wish {
        let call: MtGoxRawCall
        let purpose: CallInFlight.Purpose
        let tries: Int
        let overHTTP: Bool
        let permit: PermitWish
    }

    @safe @exclusivity(unchecked) private(set) var streamIsUp = false
    /// How many times the stream has come up.
    @safe @exclusivity(unchecked) private var connections = 0
    @safe @exclusivity(unchecked) var channel = AccountChannel()
    @safe @exclusivity(unchecked) var executions = ExecutionPieces()

    /// So many gateways of the link have failed before this one.
    private let restarts: Int

    /// Makes the gateway of a link.
    ///
    /// - Parameters:
    ///   - url: Where the HTTP calls go.
    ///   - settlesAfter: The venue's ``OutcryComponents/VenueRules/settlesAfter``.
    ///   - hasAccount: There is a signer; without one it makes public calls only.
    ///   - restarts: So many gateways have failed before this one: it takes the place of the last. Its calls have
    ///     other numbers than theirs had, whose answers may still come.
    public init(
        _ link: Link, url: VenueURL, _ options: MtGoxGatewayOptions = MtGoxGatewayOptions(),
        settlesAfter: Duration = VenueRules().settlesAfter, hasAccount: Bool = true,
        restarts: Int = 0
    ) {
        self.restarts = restarts
        flights = FlightTable(after: UInt64(restarts) << 48)
        self.settlesAfter = settlesAfter
        timeout = min(options.timeout.nanoseconds, 1 << 61)
        self.hasAccount = hasAccount
        self.link = link
        self.url = url
        self.options = options
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<MtGoxGateway>) {
        on(.started) { me, _, my in me.start(my) }
        on(.connected) { me, _, my in me.streamCameUp(my) }
        on(.disconnected) { me, _, my in me.streamWentDown(my) }
        on(.subscribed) { me, channel, my in me.joined(copy channel, my) }
        on(.notice) { me, notice, my in me.hear(copy notice, my) }
        on(.mtgoxResult) { me, result, my in me.hear(result, my) }
        on(.mtgoxWallet) { me, news, my in me.hear(copy news, my) }
        on(.mtgoxOwnTrade) { me, trade, my in me.hear(copy trade, my) }
        on(.ticker) { me, ticker, my in
            guard ticker.stamp != 0 else { return }
            my.post(
                .mtgoxClock, to: me.link.signer,
                MtGoxClockReading(venueMicroseconds: ticker.stamp, resolution: .microseconds(1)))
        }
        on(.gatewayPlace) { me, placement, my in me.place(copy placement, my) }
        on(.gatewayCancel) { me, cancellation, my in me.cancel(copy cancellation, my) }
        on(.mtgoxCall) { me, ask, my in
            me.begin(ask.question, .answer(copy ask), my)
        }
        on(.askAccount) { me, ask, my in
            let ask = copy ask
            my.task { my in
                let answer = try await me.answer(ask.question, my)
                my.answer(ask, answer)
            }
        }
        on(.permitGranted) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.go(wish.call, wish.purpose, tries: wish.tries, overHTTP: wish.overHTTP, my)
        }
        on(.permitLate) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.finish(
                wish.purpose,
                .failure(.notSent("its turn did not come within \(me.options.patience)")),
                my)
        }
        on(.limitsRestarted) { me, _, my in
            for wish in me.wishes.values.sorted(by: { $0.permit.number < $1.permit.number }) {
                me.ask(wish.permit, my)
            }
        }
        on(.mtgoxSealed) { me, sealed, my in me.send(sealed, my) }
        on(.mtgoxNotSealed) { me, failure, my in
            if let flight = me.flights.end(failure.number) {
                me.finish(flight.purpose, .failure(.notSent(failure.reason)), my)
            }
        }
        on(.gatewayDeadlines) { me, _, my in me.expire(my) }
        on(.gatewayJoin) { me, _, my in me.join(my) }
        on(.gatewayJoinLate) { me, _, my in me.joinFailed("no answer", my) }
        on(.gatewayRenew) { me, _, my in me.join(my) }
        on(.gatewayRenewStream) { me, _, my in me.renewStream(my) }
        on(.renewAccountChannel) { me, _, my in me.join(my) }
    }

    private func start(_ my: Context) {
        my.register(
            link.connected, link.disconnected, link.subscribed, link.notice,
            Topic(.limitsRestarted, from: link.limits),
            Topic(.mtgoxResult, from: link.connection), Topic(.mtgoxWallet, from: link.connection),
            Topic(.mtgoxOwnTrade, from: link.connection))
        // For the clock of the signer.
        if hasAccount { my.register(link.ticker) }
        if hasAccount, restarts > 0 { takeOver(my) }
    }

    // MARK: The stream

    /// Nobody hears the answers to what the gateway before this one had sent, nor knows whether the stream is up:
    /// what was unanswered is uncertain, and another connection is made.
    private func takeOver(_ my: Context) {
        my.publish(.accountChannel, false)
        tell(.gatewayRestarted, (), my)
        renewStream(my)
    }

    /// Has another connection made until one has come up; while the link is down it comes by itself.
    private func renewStream(_ my: Context) {
        guard !streamIsUp else { return }
        my.post(.renewConnection, to: link.connection)
        my.after(.seconds(5), .gatewayRenewStream, named: "renew stream")
    }

    private func streamCameUp(_ my: Context) {
        // Another connection may have taken the place of one that was up.
        if streamIsUp { streamWentDown(my) }
        streamIsUp = true
        connections += 1
        if hasAccount { join(my) }
    }

    private func streamWentDown(_ my: Context) {
        streamIsUp = false
        leave(my)
        for flight in flights.all {
            // What goes over HTTP goes on.
            guard flight.isOfStream else { continue }
            _ = end(flight.number, my)
            if flight.isOut {
                retry(flight, or: .uncertain("the connection ended before the answer came"), my)
            } else {
                finish(flight.purpose, .failure(.notSent("the connection ended")), my)
            }
        }
    }

    // MARK: Calls

    /// Begins a call: in its turn it is signed and goes out.
    ///
    /// - Parameter overHTTP: Not over the stream, though it is up.
    func begin(
        _ call: MtGoxRawCall, _ purpose: CallInFlight.Purpose, tries: Int = 0,
        overHTTP: Bool = false, _ my: Context
    ) {
        guard hasAccount || !call.isPrivate else {
            let reason = "the link has no API key: it makes public calls only"
            return finish(purpose, .failure(.notSent(reason)), my)
        }
        guard options.isLimited else {
            return go(call, purpose, tries: tries, overHTTP: overHTTP, my)
        }
        lastWish += 1
        let permit = PermitWish(
            number: lastWish, kind: call.kind, overHTTP: overHTTP || !goesByStream(call),
            deadline: my.now + options.patience, asker: my.id)
        wishes[lastWish] = Wish(
            call: call, purpose: purpose, tries: tries, overHTTP: overHTTP, permit: permit)
        ask(permit, my)
    }

    private func ask(_ permit: PermitWish, _ my: Context) {
        guard my.post(.permitWish, to: link.limits, permit) != .taken,
            let wish = wishes.removeValue(forKey: permit.number)
        else { return }
        finish(wish.purpose, .failure(.notSent("the link's rate limiter is not there")), my)
    }

    private func goesByStream(_ call: MtGoxRawCall) -> Bool {
        streamIsUp && options.carrier == .streamFirst && call.isPrivate && call.streamName != nil
    }

    /// It is a call's turn.
    private func go(
        _ call: MtGoxRawCall, _ purpose: CallInFlight.Purpose, tries: Int, overHTTP: Bool,
        _ my: Context
    ) {
        let flight = CallInFlight(
            flights.next, purpose, call,
            deadline: KernelTime(nanoseconds: my.now.nanoseconds &+ timeout), tries: tries,
            isOfStream: !overHTTP && goesByStream(call), connection: connections)
        flights.begin(flight)
        if alarm == nil { watch(until: flight.deadline, my) }
        guard call.isPrivate else { return fetch(flight, my) }
        let number = flight.number
        let carrier: MtGoxCarrier = flight.isOfStream ? .stream(id: .number(number)) : .http
        let job = MtGoxSealJob(number: number, call: call, carrier: carrier)
        if my.post(.mtgoxSeal, to: link.signer, job) != .taken {
            _ = flights.end(number)
            finish(purpose, .failure(.notSent("the link's signer is not there")), my)
        }
    }

    private func watch(until deadline: KernelTime, _ my: Context) {
        alarm = deadline
        my.at(deadline, .gatewayDeadlines, named: "deadlines")
    }

    private func expire(_ my: Context) {
        alarm = nil
        for flight in flights.expire(at: my.now) {
            release(flight, my)
            let reason = "no answer within \(options.timeout)"
            if flight.isOut {
                retry(flight, or: .uncertain(reason), my)
            } else {
                finish(
                    flight.purpose, .failure(.notSent("not signed within \(options.timeout)")), my)
            }
        }
        if let next = flights.nextDeadline { watch(until: next, my) }
    }

    private func send(_ sealed: borrowing MtGoxSealed, _ my: Context) {
        let number = sealed.number
        guard let flight = flights[number] else {
            // Nobody waits for it any more, and it has not gone.
            my.post(.mtgoxSealDone, to: link.signer, number)
            return
        }
        if case .tonce = sealed.stamp { flight.isAtSigner = false }
        switch sealed.message {
        case .stream(let text):
            guard streamIsUp, flight.connection == connections else {
                _ = end(number, my)
                return finish(flight.purpose, .failure(.notSent("the connection ended")), my)
            }
            flight.isOut = true
            my.post(.send, to: link.connection, text)
        case .http(let target, let fields, let body):
            flight.isOut = true
            fetch(
                number,
                HTTPCall(
                    url: url,
                    request: HTTPRequestHead(method: "POST", target: target, fields: fields),
                    body: body), my)
        }
    }

    /// Makes a public call.
    private func fetch(_ flight: CallInFlight, _ my: Context) {
        flight.isOut = true
        fetch(flight.number, HTTPCall(get: flight.call.httpTarget, at: url), my)
    }

    private func fetch(_ number: UInt64, _ call: HTTPCall, _ my: Context) {
        let http = link.http
        let timeout = options.timeout
        let asked = my.now
        my.task { [self] my in
            let outcome: Outcome<HTTPReply, HTTPFailure>
            do {
                outcome = try await my.ask(.httpCall, to: http, call, timeout: timeout * 2)
            } catch AskError.cancelled {
                throw CancellationError()
            } catch { outcome = .failure(.connection("the link's HTTP client is gone")) }
            guard let flight = end(number, my) else { return }
            switch outcome {
            case .success(let reply):
                // A public one may be a cache's.
                if flight.call.isPrivate { noteTime(of: reply, after: my.now - asked, my) }
                settle(flight, MtGoxRawReply(body: reply.body, status: reply.head.status), my)
            case .failure(let problem):
                let words = "\(problem)"
                retry(flight, or: problem.isBeforeSending ? .notSent(words) : .uncertain(words), my)
            }
        }
    }

    // MARK: Answers

    private func hear(_ result: borrowing MtGoxResult, _ my: Context) {
        guard let number = result.number, let flight = end(number, my) else { return }
        switch (flight.purpose, result.body) {
        case (.place(let id), .name(let name)): tell(.gatewayReport, .placed(id, venueID: name), my)
        case (.cancel(let id), .cancellation): tell(.gatewayReport, .cancelTaken(id), my)
        default: settle(flight, MtGoxRawReply(body: result.json, status: nil), my)
        }
    }

    private func hear(_ notice: Notice, _ my: Context) {
        guard !notice.isSuccess else { return }
        guard let id = notice.request else { return refusedToJoin(notice, my) }
        guard let number = MtGoxResult.number(id.utf8.span), let flight = end(number, my) else {
            return
        }
        settle(flight, refused: MtGoxError(refusal: notice), nil, my)
    }

    /// Ends a call; nil for one that has ended.
    private func end(_ number: UInt64, _ my: Context) -> CallInFlight? {
        guard let flight = flights.end(number) else { return nil }
        release(flight, my)
        return flight
    }

    /// Tells the signer that a call is over, where that is something to it.
    private func release(_ flight: CallInFlight, _ my: Context) {
        guard flight.isAtSigner else { return }
        flight.isAtSigner = false
        my.post(.mtgoxSealDone, to: link.signer, flight.number)
    }

    /// Takes what has come for a call.
    private func settle(_ flight: CallInFlight, _ reply: MtGoxRawReply, _ my: Context) {
        switch flight.purpose {
        case .place(let id):
            do {
                let name = try MtGoxReply.orderID(reply.body.span, status: reply.status)
                tell(.gatewayReport, .placed(id, venueID: name), my)
            } catch { settle(flight, refused: error, nil, my) }
        case .cancel(let id):
            do {
                _ = try MtGoxReply.cancellation(reply.body.span, status: reply.status)
                tell(.gatewayReport, .cancelTaken(id), my)
            } catch { settle(flight, refused: error, nil, my) }
        case .answer:
            // A page of an overloaded server is no answer, and a refusal of the stamp is none either. The
            // stream says so in remarks.
            if reply.status != nil, let error = MtGoxReply.refusal(of: reply) {
                settle(flight, refused: error, reply, my)
            } else {
                finish(flight.purpose, .success(reply), my)
            }
        }
    }

    /// Takes a refusal.
    private func settle(
        _ flight: CallInFlight, refused error: MtGoxError, _ reply: MtGoxRawReply?,
        _ my: Context
    ) {
        switch error.reason {
        case .invalidNonce, .invalidTonce, .invalidCall:
            guard flight.tries < options.stampTries else { break }
            // At once, for that is nearly always enough; then after pauses. The stream never says how late it is, so
            // that a clock that is ahead is found out by the `Date` of HTTP alone, which a refusal has, too.
            return flight.tries == 0
                ? again(flight, my) : againLater(flight, overHTTP: flight.tries == 1, my)
        case .tooManyRequests(let wait)
        where flight.call.isRepeatable && flight.tries < options.retries
            && wait ?? .zero <= options.timeout:
            return againLater(flight, after: wait ?? .zero, my)
        case .overloaded: return retry(flight, or: .uncertain("\(error)"), my)
        case nil: return retry(flight, or: .uncertain("\(error)"), my)
        default: break
        }
        switch flight.purpose {
        case .place(let id):
            report(
                error.isOutcomeUnknown
                    ? .uncertain(id, reason: "\(error)", settled: my.now + settlesAfter)
                    : .refused(id, reason: error.words), my)
        case .cancel(let id):
            report(
                error.reason == .orderNotFound
                    ? .cancelPointless(id, reason: error.words)
                    : .cancelRefused(id, reason: error.words), my)
        case .answer:
            finish(
                flight.purpose, reply.map { .success($0) } ?? .failure(.refused(error.words)), my)
        }
    }

    /// Tries a call again that changes nothing by that; for any other this is how it ends.
    private func retry(_ flight: CallInFlight, or failure: CallFailure, _ my: Context) {
        guard flight.call.isRepeatable, flight.tries < options.retries else {
            return finish(flight.purpose, .failure(failure), my)
        }
        againLater(flight, my)
    }

    private func againLater(
        _ flight: CallInFlight, after wait: Duration = .zero, overHTTP: Bool = false,
        _ my: Context
    ) {
        let pause = max(wait, options.retryPause * (1 << min(flight.tries, 10)))
        my.task { [self] my in
            try await my.sleep(pause)
            again(flight, overHTTP: overHTTP, my)
        }
    }

    private func again(_ flight: CallInFlight, overHTTP: Bool = false, _ my: Context) {
        begin(flight.call, flight.purpose, tries: flight.tries + 1, overHTTP: overHTTP, my)
    }

    /// Tells what became of a call.
    private func finish(
        _ purpose: CallInFlight.Purpose, _ outcome: Outcome<MtGoxRawReply, CallFailure>,
        _ my: Context
    ) {
        switch (purpose, outcome) {
        case (.answer(let ask), _): my.answer(ask, outcome)
        case (.place(let id), .failure(.uncertain(let reason))):
            report(
                .uncertain(id, reason: reason, settled: my.now + settlesAfter), my)
        case (.place(let id), .failure(let failure)):
            report(.refused(id, reason: "\(failure)"), my)
        case (.cancel(let id), .failure(.uncertain(let reason))):
            report(.cancelUncertain(id, reason: reason), my)
        case (.cancel(let id), .failure(let failure)):
            report(.cancelRefused(id, reason: "\(failure)"), my)
        case (.place, .success), (.cancel, .success): break
        }
    }

    private func report(_ report: GatewayReport, _ my: Context) {
        my.post(.gatewayReport, to: link.desk, report)
    }

    /// Tells the desk at once: the news of an order that come right behind its name, or behind its trades, go from
    /// the connection to the desk, and would be there before.
    func tell<News>(_ event: Event<News>, _ news: News, _ my: Context) {
        do {
            if try my.call(event, to: link.desk, news) != .taken {
                my.log.error("news of an order were lost: the link's desk is not there")
            }
        } catch { my.log.error("news of an order were lost at the desk", error) }
    }

    // MARK: Orders

    private func place(_ placement: OrderPlacement, _ my: Context) {
        guard streamIsUp || options.carrier == .http else {
            return report(.refused(placement.id, reason: "the link is down"), my)
        }
        do {
            let call = try MtGoxCall.addOrder(
                placement.request, prefersFiatFee: options.prefersFiatFee)
            begin(call.raw, .place(placement.id), my)
        } catch {
            report(.refused(placement.id, reason: "\(error)"), my)
        }
    }

    private func cancel(_ cancellation: OrderCancellation, _ my: Context) {
        begin(MtGoxCall.cancelOrder(cancellation.venueID).raw, .cancel(cancellation.id), my)
    }

    /// Tells the signer what the venue's clock shows.
    private func noteTime(of reply: HTTPReply, after roundTrip: Duration, _ my: Context) {
        guard let text = reply.head.fields["Date"],
            let seconds = HTTPDate.seconds(text)
        else { return }
        my.post(
            .mtgoxClock, to: link.signer,
            MtGoxClockReading(
                venueMicroseconds: seconds * 1_000_000, resolution: .seconds(1), age: roundTrip))
    }
}

extension MtGoxReply {
    /// What a reply says instead of a value; nil where it has one.
    static func refusal(of reply: MtGoxRawReply) -> MtGoxError? {
        do throws(MtGoxError) {
            try read(reply.body.span, status: reply.status) { (_, _) throws(Stop) in }
            return nil
        } catch { return error }
    }
}

extension MtGoxError {
    /// The venue's words where it has said some, otherwise all there is to say.
    var words: String {
        if case .refused(let text, _) = self { text } else { "\(self)" }
    }
}
