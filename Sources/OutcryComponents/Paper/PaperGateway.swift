import OutcryKernel
import OutcryMarket

/// What outlives the gateway of a simulated account: the account.
final class PaperAccount {
    /// The exchange that is simulated.
    var machine: PaperMachine
    /// The link is up, as far as its connection has told.
    var isUp = false
    /// Gateways that have been there.
    var gateways = 0

    init(_ machine: PaperMachine) { self.machine = machine }
}

/// Stands in the place of a venue's gateway, under the order desk: no order goes further. It tells a ``PaperMachine``
/// what the link's market does, and the desk, the portfolio and whoever asks what that makes of their orders.
///
/// Orders go in their turn by the venue's limits, as they would. While the link is down the account's channel is, too:
/// news are lost, and the desk finds out about them as ever.
final class PaperGateway: Session {
    /// A request whose turn does not come within this time does not go.
    private static let patience = Duration.seconds(60)

    private let link: Link
    private let account: PaperAccount
    private let isRestarted: Bool
    private var wishes: [UInt64: Wish] = [:]
    private var lastWish: UInt64 = 0
    private var asks: [Int: Ask<AccountQuestion, Outcome<AccountAnswer, CallFailure>>] = [:]
    private var lastAsk: Int
    private var alarm: KernelTime?

    private enum Request {
        case place(OrderPlacement)
        case cancel(OrderCancellation)
        case question(Int)
    }

    private struct Wish {
        let request: Request
        let permit: PermitWish
    }

    init(_ link: Link, _ account: PaperAccount) {
        self.link = link
        self.account = account
        isRestarted = account.gateways > 0
        // What still comes for one before has another number.
        lastAsk = account.gateways << 40
        lastWish = UInt64(account.gateways) << 40
        account.gateways += 1
    }

    static func handlers(_ on: inout Handlers<PaperGateway>) {
        on(.started) { me, _, my in me.start(my) }
        on(.connected) { me, _, my in
            me.account.isUp = true
            my.publish(.accountChannel, true)
        }
        on(.disconnected) { me, _, my in
            guard me.account.isUp else { return }
            me.account.isUp = false
            my.publish(.accountChannel, false)
        }
        on(.renewAccountChannel) { me, _, my in
            if me.account.isUp { my.publish(.accountChannel, true) }
        }
        on(.bookChanged) { me, change, my in
            me.hear(change, my)
            me.goOn(my)
        }
        on(.trade) { me, trade, my in
            me.update(my)
            me.account.machine.apply(copy trade, at: my.now)
            me.goOn(my)
        }
        on(.gatewayPlace) { me, placement, my in me.wish(.place(copy placement), .place, my) }
        on(.gatewayCancel) { me, cancellation, my in
            me.wish(.cancel(copy cancellation), .cancel, my)
        }
        on(.askAccount) { me, ask, my in
            me.lastAsk += 1
            me.asks[me.lastAsk] = copy ask
            me.wish(.question(me.lastAsk), .query, my)
        }
        on(.permitGranted) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.send(wish.request, my)
        }
        on(.permitLate) { me, number, my in
            guard let wish = me.wishes.removeValue(forKey: copy number) else { return }
            me.fail(wish.request, "its turn did not come within \(Self.patience)", my)
        }
        on(.limitsRestarted) { me, _, my in
            for wish in me.wishes.values.sorted(by: { $0.permit.number < $1.permit.number }) {
                me.ask(wish.permit, my)
            }
        }
        on(.paperBookTold) { me, told, my in
            guard let reading = told.reading, reading.evidence.isTrusted else { return }
            let book = Book(told.instrument)
            guard (try? book.load(bids: reading.book.bids, asks: reading.book.asks)) != nil else {
                return
            }
            me.update(my)
            me.account.machine.load(book, at: my.now)
            me.goOn(my)
        }
        on(.paperDue) { me, _, my in
            me.alarm = nil
            me.goOn(my)
        }
        on(.stopped) { me, _, my in
            guard my.kernel.wantsToStop else { return }
            me.update(my)
            me.account.machine.advance(to: my.now)
            let report = PaperReport(me.account.machine, of: me.link)
            my.kernel.report(me.account.machine.options.reportsJSON ? report.json : report.text)
        }
    }

    private func start(_ my: Context) {
        my.register(
            link.connected, link.disconnected, link.bookChanged, link.trade,
            Topic(.limitsRestarted, from: link.limits))
        update(my)
        guard isRestarted else { return }
        my.publish(.accountChannel, false)
        my.post(.gatewayRestarted, to: link.desk)
        if account.isUp { my.publish(.accountChannel, true) }
        // What the market did meanwhile was not heard.
        for instrument in link.instruments {
            account.machine.lose(instrument, at: my.now)
            my.ask(
                .copyBook, to: link.books, instrument, timeout: .seconds(5), then: .paperBookTold
            ) {
                guard case .reply(let copy) = $0 else {
                    return BookCopy(instrument: instrument, reading: nil)
                }
                return copy
            }
        }
        goOn(my)
    }

    // MARK: The market

    private func hear(_ change: borrowing BookChange, _ my: Context) {
        update(my)
        guard change.evidence.isTrusted else {
            return account.machine.lose(change.instrument, at: my.now)
        }
        // A book that comes by the stream alone is not told as a whole, but level by level; all that came with the
        // first of them are in the live book.
        if let level = change.change, account.machine.knows(change.instrument) {
            account.machine.apply(level, at: my.now)
        } else {
            account.machine.load(change.book, at: my.now)
        }
    }

    private func update(_ my: Context) {
        account.machine.wallOffset = my.wallNow.microseconds - my.now.nanoseconds / 1_000
    }

    // MARK: Requests

    private func wish(_ request: Request, _ kind: RequestKind, _ my: Context) {
        lastWish += 1
        let permit = PermitWish(
            number: lastWish, kind: kind, overHTTP: !account.isUp,
            deadline: my.now + Self.patience, asker: my.id)
        wishes[lastWish] = Wish(request: request, permit: permit)
        ask(permit, my)
    }

    private func ask(_ permit: PermitWish, _ my: Context) {
        guard my.post(.permitWish, to: link.limits, permit) != .taken,
            let wish = wishes.removeValue(forKey: permit.number)
        else { return }
        fail(wish.request, "the link's rate limiter is not there", my)
    }

    private func send(_ request: Request, _ my: Context) {
        update(my)
        switch request {
        case .place(let placement):
            guard account.isUp else { return fail(request, "the link is down", my) }
            account.machine.place(placement, at: my.now)
        case .cancel(let cancellation): account.machine.cancel(cancellation, at: my.now)
        case .question(let number):
            guard let ask = asks[number] else { return }
            account.machine.ask(ask.question, number, at: my.now)
        }
        goOn(my)
    }

    private func fail(_ request: Request, _ reason: String, _ my: Context) {
        let failure = CallFailure.notSent(reason)
        switch request {
        case .place(let placement):
            my.post(
                .gatewayReport, to: link.desk, .refused(placement.id, reason: "\(failure)"))
        case .cancel(let cancellation):
            my.post(
                .gatewayReport, to: link.desk,
                .cancelRefused(cancellation.id, reason: "\(failure)"))
        case .question(let number):
            if let ask = asks.removeValue(forKey: number) { my.answer(ask, .failure(failure)) }
        }
    }

    // MARK: News

    /// Tells what is due, and waits for what is not.
    private func goOn(_ my: Context) {
        account.machine.advance(to: my.now)
        while let news = account.machine.nextNews(at: my.now) { tell(news, my) }
        guard let due = account.machine.nextDue, due < alarm ?? .init(nanoseconds: .max) else {
            return
        }
        alarm = due
        my.at(due, .paperDue, named: "due")
    }

    private func tell(_ news: PaperNews, _ my: Context) {
        switch news {
        case .report(let report): my.post(.gatewayReport, to: link.desk, report)
        case .answer(let number, let answer):
            if let ask = asks.removeValue(forKey: number) { my.answer(ask, .success(answer)) }
        case .order(let order): if account.isUp { my.publish(.orderNews, order) }
        case .execution(let execution): if account.isUp { my.publish(.execution, execution) }
        case .wallet(let change): if account.isUp { my.publish(.walletChange, change) }
        }
    }
}

extension Event where Payload == Void {
    static let paperDue = Self("paper.due")
}
extension Event where Payload == BookCopy {
    static let paperBookTold = Self("paper.book")
}
