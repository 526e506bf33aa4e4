public import OutcryComponents
public import OutcryKernel
import OutcryMarket

/// What makes the requests of a link to MidChains, over its one stream, and tells an order desk what becomes of
/// them and what the venue pushes.
///
/// A request goes out once. Its answer is known as ``MidChainsFlights`` says; where one without any name in it is
/// late, nobody could tell the next answers apart, so that the connection is given up for another one.
public final class MidChainsGateway: Session {
    /// How far it is with the login.
    enum Phase: Equatable {
        case down
        case challenged
        case loggingIn
        case up
        /// The venue has refused too often.
        case barred
    }

    let link: Link
    let access: MidChainsAccess
    let settlesAfter: Duration
    // A gateway is used on its kernel's thread, one event after the other: see ARCHITECTURE.md on exclusivity.
    @safe @exclusivity(unchecked) var phase = Phase.down
    @safe @exclusivity(unchecked) var refusedLogins = 0
    @safe @exclusivity(unchecked) var flights = MidChainsFlights()
    @safe @exclusivity(unchecked) private var alarm: KernelTime?
    /// The venue repeats an order's own name in its answers.
    @safe @exclusivity(unchecked) private var echoesClientIDs = false
    /// Requests that wait for their turn.
    private var wishes: [UInt64: Wish] = [:]
    private var lastWish: UInt64 = 0

    private struct Wish {
        let call: MidChainsCall
        let purpose: MidChainsFlight.Purpose
        let permit: PermitWish
    }

    /// The orders that it has heard of.
    @safe @exclusivity(unchecked) var known = MidChainsKnownOrders()
    /// What the account has, as it was told last.
    @safe @exclusivity(unchecked) var positions: [(security: String, quantity: Quantity)] = []

    var options: MidChainsGatewayOptions { access.gateway }

    private let isRestarted: Bool

    /// Makes the gateway of a link.
    ///
    /// - Parameters:
    ///   - settlesAfter: The venue's ``OutcryComponents/VenueRules/settlesAfter``.
    ///   - isRestarted: It takes the place of one that failed.
    public init(
        _ link: Link, _ access: MidChainsAccess,
        settlesAfter: Duration = MidChainsOptions().settlesAfter, isRestarted: Bool = false
    ) {
        self.isRestarted = isRestarted
        self.link = link
        self.access = access
        self.settlesAfter = settlesAfter
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<MidChainsGateway>) {
        on(.started) { me, _, my in
            my.register(
                me.link.connected, me.link.disconnected,
                Topic(.limitsRestarted, from: me.link.limits),
                Topic(.midchainsReply, from: me.link.connection))
            if me.isRestarted { me.takeOver(my) }
        }
        on(.connected) { me, _, my in
            me.leave("another connection was made", my)
            me.begin(my)
        }
        on(.disconnected) { me, _, my in me.leave("the connection ended", my) }
        on(.midchainsReply) { me, reply, my in me.hear(copy reply, my) }
        on(.gatewayPlace) { me, placement, my in me.place(copy placement, my) }
        on(.gatewayCancel) { me, cancellation, my in me.cancel(copy cancellation, my) }
        on(.midchainsCall) { me, ask, my in me.request(ask.question, .answer(copy ask), my) }
        on(.askAccount) { me, ask, my in
            let ask = copy ask
            my.task { my in
                let answer = await me.answer(ask.question, my)
                my.answer(ask, answer)
            }
        }
        on(.permitGranted) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.go(wish.call, wish.purpose, my)
        }
        on(.permitLate) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.finish(
                wish.purpose,
                .notSent("its turn did not come within \(me.options.patience)"), my)
        }
        on(.limitsRestarted) { me, _, my in
            for wish in me.wishes.values.sorted(by: { $0.permit.number < $1.permit.number }) {
                me.ask(wish.permit, my)
            }
        }
        on(.midchainsDeadlines) { me, _, my in me.expire(my) }
        on(.midchainsRenewStream) { me, _, my in me.renewStream(my) }
        on(.renewAccountChannel) { me, _, my in
            my.post(.renewConnection, to: me.link.connection)
        }
    }

    // MARK: Beginning anew

    /// Nobody hears the answers to what the gateway before this one had sent, nor knows whether the stream is up:
    /// what was unanswered is uncertain, and another connection is made.
    private func takeOver(_ my: Context) {
        my.publish(.accountChannel, false)
        my.post(.gatewayRestarted, to: link.desk)
        renewStream(my)
    }

    /// Has another connection made until one has come up; while the link is down it comes by itself.
    private func renewStream(_ my: Context) {
        guard phase == .down else { return }
        my.post(.renewConnection, to: link.connection)
        my.after(.seconds(5), .midchainsRenewStream, named: "renew stream")
    }

    // MARK: Requests

    /// Begins a request: in its turn it goes out.
    func request(_ call: MidChainsCall, _ purpose: MidChainsFlight.Purpose, _ my: Context) {
        guard phase == .up else { return finish(purpose, .notSent("not logged in"), my) }
        guard options.isLimited else { return go(call, purpose, my) }
        lastWish += 1
        let permit = PermitWish(
            number: lastWish, kind: call.cost, overHTTP: false,
            deadline: my.now + options.patience, asker: my.id)
        wishes[lastWish] = Wish(call: call, purpose: purpose, permit: permit)
        ask(permit, my)
    }

    private func ask(_ permit: PermitWish, _ my: Context) {
        guard my.post(.permitWish, to: link.limits, permit) != .taken,
            let wish = wishes.removeValue(forKey: permit.number)
        else { return }
        finish(wish.purpose, .notSent("the link's rate limiter is not there"), my)
    }

    private func go(_ call: MidChainsCall, _ purpose: MidChainsFlight.Purpose, _ my: Context) {
        guard phase == .up else { return finish(purpose, .notSent("not logged in"), my) }
        send(call, purpose, my)
    }

    /// Sends a request, which is in flight then.
    func send(_ call: MidChainsCall, _ purpose: MidChainsFlight.Purpose, _ my: Context) {
        let flight = MidChainsFlight(
            call: call, purpose: purpose, deadline: my.now + options.timeout)
        flights.begin(flight)
        my.post(.send, to: link.connection, call.json)
        if alarm == nil { watch(until: flight.deadline, my) }
    }

    /// Whether the answer to a request can be told from those to others of its type.
    private func isTold(_ call: MidChainsCall) -> Bool {
        call.kind == .addOrder ? echoesClientIDs && call.clientID != nil : call.reference != nil
    }

    private func watch(until deadline: KernelTime, _ my: Context) {
        alarm = deadline
        my.at(deadline, .midchainsDeadlines, named: "deadlines")
    }

    private func expire(_ my: Context) {
        alarm = nil
        let late = flights.expire(at: my.now)
        for flight in late {
            finish(flight.purpose, .uncertain("no answer within \(options.timeout)"), my)
        }
        if late.contains(where: { !isTold($0.call) }) {
            my.log.warning("an answer is missing that no other can be told from: connecting anew")
            leave("another answer was missing", my)
            my.post(.renewConnection, to: link.connection)
        }
        if let next = flights.nextDeadline { watch(until: next, my) }
    }

    /// What is in flight is uncertain, what waits for its turn does not go.
    func leave(_ reason: String, _ my: Context) {
        let wasUp = phase == .up
        if phase != .barred { phase = .down }
        for flight in flights.removeAll() {
            finish(flight.purpose, .uncertain("\(reason) before the answer came"), my)
        }
        for number in wishes.keys.sorted() {
            guard let wish = wishes.removeValue(forKey: number) else { continue }
            finish(wish.purpose, .notSent(reason), my)
        }
        if wasUp { my.publish(.accountChannel, false) }
    }

    /// Tells how a request ended that has no answer.
    func finish(
        _ purpose: MidChainsFlight.Purpose, _ failure: CallFailure, _ my: Context
    ) {
        switch (purpose, failure) {
        case (.challenge, _), (.login, _): loginFailed("\(failure)", my)
        case (.answer(let ask), _): my.answer(ask, .failure(failure))
        case (.place(let placement), .uncertain(let reason)):
            report(
                .uncertain(placement.id, reason: reason, settled: my.now + settlesAfter), my)
        case (.place(let placement), _):
            report(.refused(placement.id, reason: "\(failure)"), my)
        case (.cancel(let id), .uncertain(let reason)):
            report(.cancelUncertain(id, reason: reason), my)
        case (.cancel(let id), _): report(.cancelRefused(id, reason: "\(failure)"), my)
        }
    }

    func report(_ report: GatewayReport, _ my: Context) {
        my.post(.gatewayReport, to: link.desk, report)
    }

    // MARK: Answers

    private func hear(_ reply: MidChainsReply, _ my: Context) {
        do throws(MidChainsFault) {
            switch reply.kind {
            case .order: hear(try reply.record(MidChainsOrderRecord.init), my)
            case .sale: hear(try reply.record(MidChainsSaleRecord.init), my)
            case .position: hear(try reply.record(MidChainsPositionRecord.init), my)
            case .book, .trade: return
            default: try settle(MidChainsAnswer(reply), reply, my)
            }
        } catch { my.log.warning("the account's news cannot be read", error) }
    }

    private func settle(
        _ answer: MidChainsAnswer, _ reply: MidChainsReply, _ my: Context
    ) throws(MidChainsFault) {
        if answer.kind == .addOrder, answer.clientID != nil { echoesClientIDs = true }
        guard let place = flights.place(of: answer) else {
            return my.log.info("an answer to nothing", reply.kind.rawValue, answer.result)
        }
        if let total = answer.total, answer.isOK {
            // Pages of a hundred: all of them are one answer.
            flights[place].pages.append(reply)
            flights[place].records += try reply.records { (_, _) throws(Stop) in }.count
            guard flights[place].records >= total else { return }
        }
        let flight = flights.end(place)
        switch flight.purpose {
        case .challenge: logIn(answer, my)
        case .login: loggedIn(answer, my)
        case .place(let placement): placed(placement, flight.call, answer, my)
        case .cancel(let id):
            if answer.isOK {
                report(.cancelTaken(id), my)
            } else if answer.result == "order not found" {
                report(.cancelPointless(id, reason: answer.result), my)
            } else {
                report(.cancelRefused(id, reason: answer.result), my)
            }
        case .answer(let ask):
            let isKnownAbsence = answer.result == "no position"
            my.answer(
                ask,
                answer.isOK || isKnownAbsence
                    ? .success(flight.pages.isEmpty ? [reply] : flight.pages)
                    : .failure(.refused(answer.result)))
        }
    }
}
